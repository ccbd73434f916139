#pragma once

#include <memory>

#include "dragoman/encode/encoder.h"

namespace dragoman {

/// An encoder for the retrievers of one search, which ask one after another for the same queries, each for its own
/// representation: the first call computes all `heads` in one forward pass, and the others get theirs from it.
/// Remembers the texts of the last call. Same results as `encoder`'s; thread-safe.
std::shared_ptr<const Encoder> make_one_pass_encoder(std::shared_ptr<const Encoder> encoder, Heads heads);

}  // namespace dragoman
