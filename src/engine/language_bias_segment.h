#pragma once

#include <memory>
#include <optional>
#include <span>

#include "dragoman/collection/collection.h"
#include "dragoman/dense/flat_index.h"
#include "dragoman/retrieve/language_bias.h"

namespace dragoman {

inline constexpr std::string_view kBiasKind = "bias";

/// The LanguageBias that the collection keeps, if it is of the dense segments and languages that it has.
std::optional<LanguageBias> stored_language_bias(const Collection& collection,
                                                 const Collection::DocumentLanguages& languages);

/// The collection's LanguageBias, if it was made from these segments; else it is made from them now.
LanguageBias open_language_bias(const Collection& collection,
                                std::span<const std::shared_ptr<const DenseSegment>> segments,
                                const Collection::DocumentLanguages& languages, std::size_t threads);

/// Brings the collection's LanguageBias up to date with its dense segments, which must be there.
void update_language_bias(Collection& collection, std::span<const std::shared_ptr<const DenseSegment>> segments,
                          std::size_t threads);

}  // namespace dragoman
