#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "encode/tokenize/pattern.h"

namespace dragoman {

/// A text and the pieces it is cut into, ascending and not empty; what lies between them is left out.
struct PieceList {
  struct Piece {
    std::size_t begin = 0, end = 0;
  };
  std::string text;
  std::vector<Piece> pieces;
  bool at_start = true;  ///< Whether the text is where the whole input begins.

  std::string_view view(const Piece& piece) const {
    return std::string_view(text).substr(piece.begin, piece.end - piece.begin);
  }
};

/// A step that cuts pieces into smaller ones. Thread-safe.
using SplitStep = std::function<void(PieceList& list)>;

/// What becomes of the matches of a pattern; the names are Hugging Face's.
enum class MatchBehavior { removed, isolated, merged_with_previous, merged_with_next, contiguous };

/// @param invert  What lies between the matches are the matches.
SplitStep pattern_splitter(Pattern pattern, MatchBehavior behavior, bool invert);

/// At white space, which goes.
SplitStep white_space_splitter();
/// Hugging Face's Whitespace: runs of \w, runs of anything else, without white space.
SplitStep word_splitter();
/// BERT's: at white space, which goes, and around every punctuation character.
SplitStep bert_splitter();
SplitStep punctuation_splitter(MatchBehavior behavior);
/// Around runs of numbers, or around every one.
SplitStep digit_splitter(bool each);

enum class PrependScheme { always, first, never };
/// Spaces become `sign`, one is put before the text, and unless told otherwise every one begins a piece.
SplitStep metaspace_splitter(std::string sign, PrependScheme scheme, bool split);

/// Puts a space before pieces that do not begin with one.
SplitStep space_prepender();

}  // namespace dragoman
