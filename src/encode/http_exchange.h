#pragma once

#include <curl/curl.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dragoman {

struct CurlDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct HttpOptions {
  bool secure = false;  ///< The URL is https: then it may redirect to https alone.
  std::string token;    ///< Sent as bearer to the URL's own host, port and scheme, never to another; may be empty.
  std::chrono::seconds connect{15};  ///< For a connection.
  std::chrono::seconds stall{30};    ///< Without a byte for so long, an attempt has failed.
};

/// A handle of libcurl, with the headers of the last answer; a redirect's are forgotten when the next answer begins.
/// TLS is verified, http and https are the only protocols. One thread at a time.
class HttpExchange {
 public:
  /// @throws Unavailable if libcurl cannot be started.
  explicit HttpExchange(const HttpOptions& options);
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  template <typename T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(handle_.get(), option, value);
  }

  CURLcode perform(const std::string& url);

  long status() const;
  /// Where the answer sends on to; empty if nowhere.
  std::string redirect() const;
  /// The URL that answered in the end.
  std::string effective_url() const;
  /// By its lower-case name; empty if absent.
  std::string_view header(std::string_view name) const;
  /// What the server asked to wait, in seconds or until a date; 0 if nothing.
  std::chrono::seconds retry_after() const;
  /// Why libcurl gave up, for messages.
  std::string reason(CURLcode code) const;

 private:
  static std::size_t take_header(char* data, std::size_t size, std::size_t count, void* into) noexcept;

  std::unique_ptr<CURL, CurlDeleter> handle_;
  std::map<std::string, std::string, std::less<>> headers_;
  char error_[CURL_ERROR_SIZE] = "";
};

/// A failure that another attempt may not meet.
struct TryAgain {
  std::string reason;
  std::chrono::milliseconds least_pause{0};  ///< What the server asked for.
};

/// The server is too busy, or failed: another attempt may not meet that. @throws TryAgain with `reason` if so.
void check_busy(const HttpExchange& exchange, const std::string& reason);

/// half: each pause is between half and one and a half times as long, so that many clients do not come back at once.
enum class Jitter { none, half };

/// The pauses between attempts: each twice as long as the one before, a minute at most.
class BackOff {
 public:
  BackOff(std::chrono::milliseconds first, Jitter jitter) : first_(first), next_(first), jitter_(jitter) {}

  /// Sleeps, for `least` at least.
  void sleep(std::chrono::milliseconds least);
  /// Begins with the first pause again.
  void restart() { next_ = first_; }

 private:
  std::chrono::milliseconds first_, next_;
  Jitter jitter_;
};

/// The network was at fault in the middle of things: another attempt may not meet it.
bool broke_off(CURLcode code);

/// Scheme, host and port of a URL, the scheme's own port if it names none; empty if it is none.
std::string origin(const std::string& url);

/// Digits alone. None for anything else.
std::optional<std::uint64_t> http_number(std::string_view text);

}  // namespace dragoman
