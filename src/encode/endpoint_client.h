#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

class HttpExchange;

/// How patiently an endpoint is asked.
struct EndpointPatience {
  int attempts = 5;                      ///< For one request.
  std::chrono::milliseconds pause{500};  ///< Before the second attempt; doubled each time, and up to half more or less.
  std::chrono::seconds stall{300};       ///< Without a byte for so long, an attempt has failed: long batches take time.
};

/// The network or the server failed, as often as it was asked.
struct EndpointDown {
  std::string message;  ///< A whole line for people.
};

/// Posts JSON to an endpoint, patiently. Thread-safe; connections are kept open between requests.
class EndpointClient {
 public:
  /// The key for it: DRAGOMAN_API_KEY, else OPENAI_API_KEY; the latter only over https or to this machine, since it was
  /// set for somebody else. It is sent to the endpoint's own host alone, and is in no message.
  /// @param url what is posted to; @param endpoint and @param model for messages.
  /// @param too_long what to do about a text that the server finds too long, for messages.
  /// @throws InvalidArgument if the key has characters that no header can hold.
  EndpointClient(std::string url, const std::string& endpoint, std::string_view model, std::string too_long,
                 const EndpointPatience& patience);
  ~EndpointClient();

  struct Request {
    std::string body;
    std::size_t limit = 0;  ///< Bytes that an answer may have.
    /// After that no attempt begins and none goes on.
    std::chrono::steady_clock::time_point end = std::chrono::steady_clock::time_point::max();
    /// Called before each attempt, if set: a rate limit may wait in it.
    std::function<void()> before = {};
  };

  /// Posts and has the answer read, again and again until one succeeds. @param read may throw TryAgain
  /// (encode/http_exchange.h): another answer may be better.
  /// @throws EndpointDown if no attempt succeeded; Unavailable (401 and the like), NotFound (404), InvalidData (too
  /// much).
  void ask(const Request& request, const std::function<void(std::string_view body)>& read) const;

  /// "http://127.0.0.1:8080/v1 (model 'bge-m3')", for messages.
  const std::string& place() const { return place_; }

 private:
  std::string ask_once(const Request& request) const;
  void check_status(const HttpExchange& exchange, std::string_view body) const;
  std::unique_ptr<HttpExchange> take_exchange() const;
  std::string said(std::string_view body) const;

  std::string url_, key_, place_, too_long_;
  EndpointPatience patience_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<HttpExchange>> idle_;
};

}  // namespace dragoman
