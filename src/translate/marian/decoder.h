#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "translate/marian/encoder.h"
#include "translate/marian/model.h"
#include "translate/marian/shortlist.h"

namespace dragoman::marian {

/// How the likeliest translation is looked for.
struct Search {
  std::size_t beam_size = 1;                                     ///< 1 takes the likeliest token every time.
  float normalize = 0, word_penalty = 0, max_length_factor = 3;  ///< As MarianSettings.
  std::int32_t end = 0;                                          ///< Ends a translation.
  /// Never written: the unknown token, as Marian unless told to, and others that are no text.
  std::vector<std::int32_t> never = {1};
  std::vector<std::int32_t> prompt = {-1};  ///< Stands before a translation; -1 is no token, a position alone.
};

/// The translation of each sentence: token ids without the end token. The same for a sentence in any company.
/// @param sentences as encode() takes them; their states must be in `workspace`.
/// @param shortlist null: every target may follow.
std::vector<std::vector<std::int32_t>> decode(const Model& model, std::span<const std::vector<std::int32_t>> sentences,
                                              const Shortlist* shortlist, const Search& search, Workspace& workspace);

}  // namespace dragoman::marian
