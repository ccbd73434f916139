#pragma once

#include <memory>
#include <string>

#include "dragoman/encode/encoder.h"
#include "encode/encoding_database.h"

namespace dragoman {

/// An encoder that asks `inner` only for what `database` has not, and computes a text that stands twice in a call once.
/// What comes from the database has the bits that were computed when the text was first encoded. All that one call
/// computes is written in one transaction a head, so a run that is killed loses at most the call it was in.
///
/// A cache never stops the work: what cannot be read is computed, what cannot be written is given back all the same,
/// and notices() tells of it once.
///
/// @param model  Name of the model, for people who look into the cache.
std::unique_ptr<Encoder> make_cached_encoder(std::unique_ptr<Encoder> inner, std::shared_ptr<EncodingDatabase> database,
                                             std::string model);

/// With the cache that the options name, if they name one. A cache that cannot be opened for want of space or rights is
/// done without, and notices() says so. @throws InvalidData if it is damaged or none of ours.
std::unique_ptr<Encoder> with_cache(std::unique_ptr<Encoder> inner, const EncoderOptions& options, std::string model);

}  // namespace dragoman
