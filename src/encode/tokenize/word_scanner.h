#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace dragoman {

/// The regular expressions by which byte-level models cut a text before they merge bytes differ in little:
///
///     contractions | lead? letters | numbers | space? signs lines? | spaces lines | spaces (not before a word) |
///     spaces
///
/// Every byte of a text is in one match. O(n): a run of spaces is looked at once for each alternative.
struct WordScanner {
  enum class Contractions { lower, any_case };
  /// What may stand before letters: one space, or any one character that is no letter, number, CR or LF.
  enum class Lead { space, any };

  Contractions contractions = Contractions::lower;
  Lead lead = Lead::space;
  std::size_t digits = 0;       ///< Numbers are cut after so many digits; 0: never, and a space may stand before them.
  bool lines_after = false;     ///< Signs take line ends behind them.
  bool spaces_to_line = false;  ///< Spaces up to the last line end among them are apart.

  /// The scanner of an expression, if it is one that is known.
  static std::optional<WordScanner> of(std::string_view expression);

  /// Where the match that begins at `at`, inside the text, ends. `text` is well-formed.
  std::size_t next(std::string_view text, std::size_t at) const;
};

}  // namespace dragoman
