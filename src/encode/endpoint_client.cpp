#include "encode/endpoint_client.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/environment.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "encode/embeddings_answer.h"
#include "encode/http_exchange.h"

namespace dragoman {
namespace {

constexpr long kMaxRedirects = 5;
constexpr std::size_t kMessageBytes = 200;

bool on_this_machine(const std::string& url) {
  const std::string where = origin(url);
  return where.starts_with("http 127.0.0.1 ") || where.starts_with("http localhost ") ||
         where.starts_with("http [::1] ");
}

std::string key_for(const std::string& url) {
  std::string key = environment("DRAGOMAN_API_KEY");
  if (key.empty() && (url.starts_with("https://") || on_this_machine(url))) key = environment("OPENAI_API_KEY");
  if (!std::ranges::all_of(key, [](char c) { return c > ' ' && c <= '~'; })) {
    throw InvalidArgument("the API key has white space or characters that no key has; set DRAGOMAN_API_KEY anew");
  }
  return key;
}

struct Sink {
  std::string body;
  std::size_t limit;
  bool overflown = false;
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* into) noexcept {
  auto& sink = *static_cast<Sink*>(into);
  if (size * count > sink.limit - sink.body.size()) {
    sink.overflown = true;
    return 0;
  }
  try {
    sink.body.append(data, size * count);
  } catch (...) {
    return 0;
  }
  return size * count;
}

}  // namespace

EndpointClient::EndpointClient(std::string url, const std::string& endpoint, std::string_view model,
                               std::string too_long, const EndpointPatience& patience)
    : url_(std::move(url)),
      key_(key_for(endpoint)),
      place_(fmt::format("{} (model '{}')", endpoint, printable(model))),
      too_long_(std::move(too_long)),
      patience_(patience) {}

EndpointClient::~EndpointClient() = default;

void EndpointClient::ask(const Request& request, const std::function<void(std::string_view)>& read) const {
  BackOff pauses(patience_.pause, Jitter::half);
  for (int failures = 0;;) {
    try {
      if (request.before) request.before();
      return read(ask_once(request));
    } catch (const TryAgain& failure) {
      ++failures;
      const bool late = std::chrono::steady_clock::now() + failure.least_pause >= request.end;
      if (failures >= patience_.attempts || late) {
        throw EndpointDown{
            fmt::format("{}: {}, {} times in a row; see whether the endpoint is up, and run the same command again",
                        place_, failure.reason, failures)};
      }
      pauses.sleep(failure.least_pause);
    }
  }
}

std::unique_ptr<HttpExchange> EndpointClient::take_exchange() const {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto exchange = std::move(idle_.back());
      idle_.pop_back();
      return exchange;
    }
  }
  auto exchange = std::make_unique<HttpExchange>(
      HttpOptions{.secure = url_.starts_with("https:"), .token = key_, .stall = patience_.stall});
  exchange->set(CURLOPT_FOLLOWLOCATION, 1L);
  exchange->set(CURLOPT_MAXREDIRS, kMaxRedirects);
  exchange->set(CURLOPT_POSTREDIR, static_cast<long>(CURL_REDIR_POST_ALL));
  exchange->set(CURLOPT_ACCEPT_ENCODING, "");
  exchange->set(CURLOPT_WRITEFUNCTION, take_body);
  return exchange;
}

std::string EndpointClient::ask_once(const Request& request) const {
  auto exchange = take_exchange();
  // "Expect" would make a server that does not know it wait for a second.
  std::unique_ptr<curl_slist, CurlDeleter> headers;
  for (const char* line : {"Content-Type: application/json", "Accept: application/json", "Expect:"}) {
    headers.reset(curl_slist_append(headers.release(), line));
  }
  Sink sink{.body = {}, .limit = request.limit};
  exchange->set(CURLOPT_HTTPHEADER, headers.get());
  exchange->set(CURLOPT_POSTFIELDS, request.body.c_str());
  exchange->set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  exchange->set(CURLOPT_WRITEDATA, &sink);
  long most_ms = 0;  // Any time.
  if (request.end != std::chrono::steady_clock::time_point::max()) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(request.end - std::chrono::steady_clock::now());
    if (left.count() <= 0) throw TryAgain{"the time for it is over"};
    most_ms = static_cast<long>(left.count());
  }
  exchange->set(CURLOPT_TIMEOUT_MS, most_ms);
  const CURLcode code = exchange->perform(url_);
  if (sink.overflown) {
    throw InvalidData(fmt::format("{}: the answer has more than {} bytes, more than what was asked for could have",
                                  place_, request.limit));
  }
  if (code != CURLE_OK) {
    const bool may_pass = broke_off(code) || code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST;
    if (may_pass) throw TryAgain{exchange->reason(code)};
    throw Unavailable(fmt::format("{}: {}; check the address", place_, exchange->reason(code)));
  }
  check_status(*exchange, sink.body);
  exchange->set(CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(exchange));
  return std::move(sink.body);
}

std::string EndpointClient::said(std::string_view body) const {
  const std::string whole = refusal_message(body);
  if (whole.empty()) return "";
  // A server may repeat the key that it refuses.
  std::string message;
  std::size_t begin = 0;
  for (std::size_t at; !key_.empty() && (at = whole.find(key_, begin)) != whole.npos; begin = at + key_.size()) {
    message.append(whole, begin, at - begin).append("***");
  }
  message += whole.substr(begin);
  return fmt::format(" (\"{}\")", printable(message, kMessageBytes));
}

void EndpointClient::check_status(const HttpExchange& exchange, std::string_view body) const {
  const long code = exchange.status();
  if (code >= 200 && code < 300) return;
  const std::string what = fmt::format("the server answered {}{}", code, said(body));
  check_busy(exchange, what);
  if (code == 401 || code == 403) {
    throw Unavailable(fmt::format("{}: {}; set DRAGOMAN_API_KEY to {}", place_, what,
                                  key_.empty() ? "a key for it" : "another key, this one is refused"));
  }
  if (code == 404) {
    throw NotFound(
        fmt::format("{}: {}; check the address, which often ends with /v1, and the model's name", place_, what));
  }
  if (code == 400 || code == 413 || code == 422) {
    throw Unavailable(fmt::format("{}: {}; {}", place_, what, too_long_));
  }
  throw Unavailable(fmt::format("{}: {}; check the address", place_, what));
}

}  // namespace dragoman
