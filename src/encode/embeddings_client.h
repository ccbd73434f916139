#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "encode/embeddings_answer.h"
#include "encode/remote_encoder.h"

namespace dragoman {

class HttpExchange;

/// Asks an endpoint for embeddings, patiently. Thread-safe; connections are kept open between requests.
class EmbeddingsClient {
 public:
  /// The key for it: DRAGOMAN_API_KEY, else OPENAI_API_KEY; the latter only over https or to this machine, since it was
  /// set for somebody else. It is sent to the endpoint's own host alone, and is in no message.
  /// @throws InvalidArgument if the key has characters that no header can hold.
  EmbeddingsClient(std::string endpoint, std::string model, const RemoteOptions& options);
  ~EmbeddingsClient();

  /// @param dimensions  What to ask for; 0 asks for nothing. What comes is up to the server.
  /// @throws Unavailable, NotFound (404), InvalidData (no answer to what was asked).
  EmbeddingsAnswer ask(std::span<const std::string_view> texts, std::size_t dimensions) const;

  /// "http://127.0.0.1:8080/v1 (model 'bge-m3')", for messages.
  const std::string& place() const { return place_; }

 private:
  std::string ask_once(const std::string& body, std::size_t limit) const;
  void check_status(const HttpExchange& exchange, std::string_view body) const;
  std::unique_ptr<HttpExchange> take_exchange() const;
  std::string said(std::string_view body) const;

  std::string url_, model_, key_, place_;
  RemoteOptions options_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<HttpExchange>> idle_;
};

}  // namespace dragoman
