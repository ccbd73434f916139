#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/base/progress.h"
#include "dragoman/translate/translator_registry.h"

namespace dragoman {

/// So many pairs of sentences, spread evenly over all that a place of parallel text has (read_parallel_text()), in its
/// order. @param most > 0. @throws as read_parallel_text(), InvalidData if there is none.
std::vector<std::pair<std::string, std::string>> sample_sentences(const std::string& place, const Language& from,
                                                                  const Language& to, std::size_t most);

/// Translates the first of each pair and holds it against the second: corpus chrF and BLEU, in which a sentence without
/// a translation counts as an empty one, and sentences a second by the clock. Nothing is taken from a cache.
/// @param route of the registry, for this pair. @throws as the provider does.
TranslationQuality evaluate_translation(const TranslatorRegistry& registry, const TranslationRoute& route,
                                        const Language& from, const Language& to,
                                        std::span<const std::pair<std::string, std::string>> sentences,
                                        std::string source, const ProgressCallback& progress = {});

}  // namespace dragoman
