#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "dragoman/base/progress.h"
#include "dragoman/collection/collection.h"
#include "dragoman/dense/dense_vectors.h"
#include "dragoman/retrieve/language_bias.h"

namespace dragoman {

inline constexpr std::string_view kBiasKind = "bias";

/// The LanguageBias that the collection keeps, if it is of the dense segments and languages that it has.
std::optional<LanguageBias> stored_language_bias(const Collection& collection,
                                                 const Collection::DocumentLanguages& languages);

/// The same if it is of these vectors; else one that is made from them now.
LanguageBias open_language_bias(const Collection& collection, const DenseVectors& vectors,
                                const Collection::DocumentLanguages& languages, std::size_t threads);

/// Brings the collection's LanguageBias up to date with its dense segments, if it has any. Vectors are read only if it
/// is not.
void update_language_bias(Collection& collection, std::size_t threads, const ProgressCallback& progress);

}  // namespace dragoman
