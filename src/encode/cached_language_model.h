#pragma once

#include <memory>
#include <string>

#include "dragoman/encode/language_model.h"
#include "encode/encoding_database.h"

namespace dragoman {

/// A language model that asks `inner` only for what `database` has not. What is kept is the answer of a call: the last
/// bits of a logit depend on the prompts before it in the same call, so a call is answered from the cache as a whole or
/// not at all, and gives the bits that an uncached one would. A run that is killed has lost the call it was in.
/// Whole vocabularies (next_token_logits) are not kept.
///
/// A cache never stops the work, as in cached_encoder.h.
std::unique_ptr<LanguageModel> make_cached_language_model(std::unique_ptr<LanguageModel> inner,
                                                          std::shared_ptr<EncodingDatabase> database,
                                                          std::string model);

/// With the cache that the options name, if they name one. @throws InvalidData if it is damaged or none of ours.
std::unique_ptr<LanguageModel> with_cache(std::unique_ptr<LanguageModel> inner, const LanguageModelOptions& options,
                                          std::string model);

}  // namespace dragoman
