#include "encode/http_exchange.h"

#include <algorithm>
#include <charconv>
#include <random>
#include <thread>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

constexpr std::chrono::seconds kLongestPause{60};

std::chrono::milliseconds jittered(std::chrono::milliseconds pause) {
  thread_local std::minstd_rand random(std::random_device{}());
  return std::chrono::milliseconds(pause.count() / 2 +
                                   static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(pause.count() + 1)));
}

}  // namespace

std::size_t HttpExchange::take_header(char* data, std::size_t size, std::size_t count, void* into) noexcept {
  auto& headers = static_cast<HttpExchange*>(into)->headers_;
  std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) headers.clear();
  if (const auto colon = line.find(':'); colon != line.npos) {
    std::string name(line.substr(0, colon));
    std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && (value.back() == '\r' || value.back() == '\n' || value.back() == ' ')) {
      value.remove_suffix(1);
    }
    headers.insert_or_assign(std::move(name), std::string(value));
  }
  return size * count;
}

HttpExchange::HttpExchange(const HttpOptions& options) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  handle_.reset(started == CURLE_OK ? curl_easy_init() : nullptr);
  if (handle_ == nullptr) throw Unavailable("libcurl cannot be started");
  set(CURLOPT_ERRORBUFFER, error_);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_USERAGENT, "dragoman");
  set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(options.connect.count()));
  set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.stall.count()));
  set(CURLOPT_HEADERFUNCTION, take_header);
  set(CURLOPT_HEADERDATA, this);
#if LIBCURL_VERSION_NUM >= 0x075500
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, options.secure ? "https" : "http,https");
#else
  set(CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
  set(CURLOPT_REDIR_PROTOCOLS, static_cast<long>(options.secure ? CURLPROTO_HTTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
  if (!options.token.empty()) {
    // libcurl keeps a bearer to the host, port and scheme it was given for.
    set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
    set(CURLOPT_XOAUTH2_BEARER, options.token.c_str());
  }
}

CURLcode HttpExchange::perform(const std::string& url) {
  headers_.clear();
  error_[0] = '\0';
  set(CURLOPT_URL, url.c_str());
  return curl_easy_perform(handle_.get());
}

long HttpExchange::status() const {
  long status = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  return status;
}

std::string HttpExchange::redirect() const {
  char* url = nullptr;
  curl_easy_getinfo(handle_.get(), CURLINFO_REDIRECT_URL, &url);
  return url == nullptr ? "" : url;
}

std::string HttpExchange::effective_url() const {
  char* url = nullptr;
  curl_easy_getinfo(handle_.get(), CURLINFO_EFFECTIVE_URL, &url);
  return url == nullptr ? "" : url;
}

std::string_view HttpExchange::header(std::string_view name) const {
  const auto found = headers_.find(name);
  return found == headers_.end() ? std::string_view() : found->second;
}

std::chrono::seconds HttpExchange::retry_after() const {
  curl_off_t seconds = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RETRY_AFTER, &seconds);
  return std::chrono::seconds(seconds);
}

std::string HttpExchange::reason(CURLcode code) const {
  return printable(error_[0] == '\0' ? curl_easy_strerror(code) : error_, 200);
}

void check_busy(const HttpExchange& exchange, const std::string& reason) {
  const long code = exchange.status();
  if (code != 408 && code != 429 && code < 500) return;
  throw TryAgain{reason, std::min<std::chrono::seconds>(exchange.retry_after(), kLongestPause)};
}

void BackOff::sleep(std::chrono::milliseconds least) {
  std::this_thread::sleep_for(std::max(jitter_ == Jitter::half ? jittered(next_) : next_, least));
  next_ = std::min<std::chrono::milliseconds>(next_ * 2, kLongestPause);
}

bool broke_off(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return true;
    default:
      return false;
  }
}

std::string origin(const std::string& url) {
  const std::unique_ptr<CURLU, CurlDeleter> parsed(curl_url());
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return "";
  std::string text;
  for (const CURLUPart part : {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT}) {
    char* value = nullptr;
    if (curl_url_get(parsed.get(), part, &value, CURLU_DEFAULT_PORT) != CURLUE_OK) return "";
    text.append(value).append(" ");
    curl_free(value);
  }
  return text;
}

std::optional<std::uint64_t> http_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace dragoman
