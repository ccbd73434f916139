#pragma once

#include <memory>
#include <vector>

#include "dragoman/encode/encoder.h"

namespace dragoman {

struct InputObserver;

/// Any embedding model that llama.cpp runs, in 32 bits over the matrices as its file has them; dense vectors alone.
std::unique_ptr<Encoder> open_llama_encoder(const Model& model, const EncoderOptions& options);

/// Encoders of the BERT family by our own forward pass, with all heads that the file has; null for other architectures.
/// @param observer if given it sees what goes through the model, which then runs on one thread; it must live as long.
std::unique_ptr<Encoder> open_transformer_encoder(const Model& model, const EncoderOptions& options,
                                                  InputObserver* observer = nullptr);

/// The precision that the forward pass takes where none is asked for: what the model was measured to stand, as far as
/// this processor gains by it.
Precision default_precision(const Model& model);

/// Are all of `some` among `all`?
bool covers(const Heads& all, const Heads& some);

/// @throws InvalidArgument if the encoder cannot do what the options ask.
void check_encode_options(const Encoder& encoder, const EncodeOptions& options);

/// Cuts a vector to the first `dimension` (0: all) and scales it to unit L2 norm. A vector of zeros stays as it is.
void finish_dense(std::vector<float>& vector, std::size_t dimension);

}  // namespace dragoman
