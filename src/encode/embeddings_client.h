#pragma once

#include <span>
#include <string>
#include <string_view>

#include "encode/embeddings_answer.h"
#include "encode/endpoint_client.h"
#include "encode/remote_encoder.h"

namespace dragoman {

/// Asks an endpoint for embeddings, as patiently as EndpointClient. Thread-safe.
class EmbeddingsClient {
 public:
  /// @throws InvalidArgument as EndpointClient.
  EmbeddingsClient(const std::string& endpoint, std::string model, const RemoteOptions& options);

  /// @param dimensions  What to ask for; 0 asks for nothing. What comes is up to the server.
  /// @throws Unavailable, NotFound (404), InvalidData (no answer to what was asked).
  EmbeddingsAnswer ask(std::span<const std::string_view> texts, std::size_t dimensions) const;

  const std::string& place() const { return client_.place(); }

 private:
  EndpointClient client_;
  std::string model_;
};

}  // namespace dragoman
