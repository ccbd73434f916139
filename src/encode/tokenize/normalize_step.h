#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "encode/character_map.h"
#include "encode/tokenize/pattern.h"

namespace dragoman {

/// A step from a text, well-formed UTF-8, to another. Thread-safe.
using NormalizeStep = std::function<void(std::string& text)>;

struct BertNormalizerOptions {
  bool clean_text = true;            ///< Control characters go, white space becomes spaces.
  bool handle_chinese_chars = true;  ///< Ideographs get spaces around them.
  bool strip_accents = true;         ///< Decompose, and drop nonspacing marks.
  bool lowercase = true;
};

/// What BERT does to a text, as Hugging Face's BertNormalizer does it. Devlin et al., "BERT: Pre-training of Deep
/// Bidirectional Transformers for Language Understanding", NAACL 2019 (its published tokenizer).
NormalizeStep bert_normalizer(const BertNormalizerOptions& options);

enum class UnicodeForm { nfc, nfd, nfkc, nfkd };
/// @throws Unavailable if ICU has no data.
NormalizeStep unicode_normalizer(UnicodeForm form);

/// Character by character, without looking at neighbours: a final sigma is a sigma.
NormalizeStep lowercase_normalizer();

/// Drops marks; decomposes nothing.
NormalizeStep mark_stripper();

/// Drops white space at the ends.
NormalizeStep space_stripper(bool left, bool right);

/// Puts `prefix` before a text that is not empty.
NormalizeStep prepender(std::string prefix);

NormalizeStep replacer(Pattern pattern, std::string replacement);

/// SentencePiece's character map: the longest entry each time; spaces are left alone.
NormalizeStep map_normalizer(CharacterMap map);

}  // namespace dragoman
