#include "encode/embeddings_client.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/environment.h"
#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "encode/http_exchange.h"

namespace dragoman {
namespace {

constexpr long kMaxRedirects = 5;
constexpr std::size_t kMessageBytes = 200;

/// Room for the numbers of 16,384 dimensions, each written out in full, and for what stands around them.
constexpr std::size_t kAnswerBytesPerText = std::size_t{512} << 10;
constexpr std::size_t kAnswerBytes = std::size_t{1} << 20;

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

EmbeddingsClient::EmbeddingsClient(std::string endpoint, std::string model, const RemoteOptions& options)
    : url_(endpoint + "/embeddings"),
      model_(std::move(model)),
      key_(key_for(endpoint)),
      place_(fmt::format("{} (model '{}')", endpoint, printable(model_))),
      options_(options) {}

EmbeddingsClient::~EmbeddingsClient() = default;

EmbeddingsAnswer EmbeddingsClient::ask(std::span<const std::string_view> texts, std::size_t dimensions) const {
  Json request = {{"model", model_}, {"encoding_format", "float"}, {"input", Json::array()}};
  for (const std::string_view text : texts) request["input"].push_back(text);
  if (dimensions != 0) request["dimensions"] = dimensions;
  const std::string body = to_line(request);
  const std::size_t limit = kAnswerBytes + texts.size() * kAnswerBytesPerText;
  BackOff pauses(options_.pause, Jitter::half);
  for (int failures = 0;;) {
    try {
      return read_embeddings_answer(ask_once(body, limit), texts.size(), place_);
    } catch (const TryAgain& failure) {
      if (++failures >= options_.attempts) {
        throw Unavailable(
            fmt::format("{}: {}, {} times in a row; see whether the endpoint is up, and run the same "
                        "command again",
                        place_, failure.reason, failures));
      }
      pauses.sleep(failure.least_pause);
    }
  }
}

std::unique_ptr<HttpExchange> EmbeddingsClient::take_exchange() const {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto exchange = std::move(idle_.back());
      idle_.pop_back();
      return exchange;
    }
  }
  auto exchange = std::make_unique<HttpExchange>(
      HttpOptions{.secure = url_.starts_with("https:"), .token = key_, .stall = options_.stall});
  exchange->set(CURLOPT_FOLLOWLOCATION, 1L);
  exchange->set(CURLOPT_MAXREDIRS, kMaxRedirects);
  exchange->set(CURLOPT_POSTREDIR, static_cast<long>(CURL_REDIR_POST_ALL));
  exchange->set(CURLOPT_ACCEPT_ENCODING, "");
  exchange->set(CURLOPT_WRITEFUNCTION, take_body);
  return exchange;
}

std::string EmbeddingsClient::ask_once(const std::string& body, std::size_t limit) const {
  auto exchange = take_exchange();
  // "Expect" would make a server that does not know it wait for a second.
  std::unique_ptr<curl_slist, CurlDeleter> headers;
  for (const char* line : {"Content-Type: application/json", "Accept: application/json", "Expect:"}) {
    headers.reset(curl_slist_append(headers.release(), line));
  }
  Sink sink{.body = {}, .limit = limit};
  exchange->set(CURLOPT_HTTPHEADER, headers.get());
  exchange->set(CURLOPT_POSTFIELDS, body.c_str());
  exchange->set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  exchange->set(CURLOPT_WRITEDATA, &sink);
  const CURLcode code = exchange->perform(url_);
  if (sink.overflown) {
    throw InvalidData(fmt::format("{}: the answer has more than {} bytes, more than vectors for the texts could have",
                                  place_, limit));
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

std::string EmbeddingsClient::said(std::string_view body) const {
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

void EmbeddingsClient::check_status(const HttpExchange& exchange, std::string_view body) const {
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
    throw Unavailable(
        fmt::format("{}: {}; if the texts are too long for it, install it with a smaller --max-tokens "
                    "(dragoman model add --endpoint)",
                    place_, what));
  }
  throw Unavailable(fmt::format("{}: {}; check the address", place_, what));
}

}  // namespace dragoman
