#pragma once

#include <chrono>
#include <memory>

#include "dragoman/encode/encoder.h"

namespace dragoman {

struct RemoteOptions {
  std::size_t batch_texts = 64;          ///< In one request, at most.
  std::size_t batch_tokens = 8192;       ///< In one request, as estimated; a longer text goes alone.
  std::size_t in_flight = 4;             ///< Requests at the same time.
  int attempts = 5;                      ///< For one request.
  std::chrono::milliseconds pause{500};  ///< Before the second attempt; doubled each time, and up to half more or less.
  std::chrono::seconds stall{300};       ///< Without a byte for so long, an attempt has failed: long batches take time.
};

/// A model behind POST ENDPOINT/embeddings, OpenAI-compatible: dense vectors alone, scaled to unit length.
///
/// Nothing is known of its tokenizer: count_tokens() and passage_budget() estimate (encode/token_estimate.h), texts
/// that are estimated longer than the model reads are cut before they are sent, and tokens_read is the server's own
/// count, shared out over the texts of a request by their estimates, where the server gives one.
///
/// Connection errors, 408, 429 and 5xx are tried again; all else ends with one line that holds URL, status and what the
/// server says.
/// @throws InvalidArgument for a precision, or an address or key that cannot be.
std::unique_ptr<Encoder> open_remote_encoder(const Model& model, const EncoderOptions& options,
                                             const RemoteOptions& remote = {});

}  // namespace dragoman
