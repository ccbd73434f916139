#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/text/language.h"

namespace dragoman {

/// Translations of sentences, one each; none for a sentence that the translator can say nothing about.
using SaySentences =
    std::function<std::vector<std::optional<std::string>>(std::span<const std::string_view> sentences)>;

struct BySentenceOptions {
  bool split = true;    ///< false: each line is one sentence.
  bool protect = true;  ///< Say a sentence again around its numbers, addresses and tags if some of them were lost.
  /// A longer sentence is cut, at the end of a clause or a word in its second half, else between two characters, but
  /// not within what is protected; each part is a sentence then. 0: never.
  std::size_t most_bytes = 0;
};

/// What translators have in common that know sentences: texts are cut (sentences.h), all their sentences said together,
/// and the texts put together again. A sentence without a translation stays among others that have one, so that nothing
/// that it says is lost; a text of nothing else has none.
std::vector<std::optional<std::string>> translate_by_sentence(std::span<const std::string> texts, const Language& from,
                                                              const Language& to, const BySentenceOptions& options,
                                                              const SaySentences& say);

}  // namespace dragoman
