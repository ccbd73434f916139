#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// A byte range of a text, half-open.
struct TextRange {
  std::size_t begin = 0;
  std::size_t end = 0;

  std::string_view of(std::string_view text) const { return text.substr(begin, end - begin); }
  bool operator==(const TextRange&) const = default;
};

/// Splits a text into passages that a model can read whole.
///
/// Passages follow one another without overlap and cover the text but for white space at their ends. They are filled
/// greedily with whole sentences (UAX #29, ICU); a sentence that is itself too long is cut between words, so that no
/// passage begins with a comma or ends in an opening bracket, and a word that is too long between grapheme clusters. A
/// single cluster that is too long is a passage nevertheless. A text that fits is one passage; an empty or blank text
/// gives none.
///
/// @param text    well-formed UTF-8, up to 2 GiB.
/// @param budget  what one passage may measure, > 0, in the units of `measure` (tokens, as a rule).
/// @param measure size of a text; need not be additive, but must not shrink when text is appended.
/// @throws InvalidArgument if budget is 0 or the text is too long.
///
/// O(passages * log(units in a passage)) calls of `measure`, each with at most about two passages of text.
/// Thread-safe if `measure` is.
std::vector<TextRange> split_passages(std::string_view text, std::size_t budget,
                                      const std::function<std::size_t(std::string_view)>& measure);

/// The beginning of a text, cut where a sentence or else a word ends, with " …" behind if it was cut.
/// @param code_points  at most so many, > 0, the mark aside. Else as split_passages().
std::string beginning_of(std::string_view text, std::size_t code_points);

}  // namespace dragoman
