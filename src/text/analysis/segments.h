#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "text/analysis/characters.h"

namespace dragoman {

/// What lies between two word boundaries: white space, punctuation, a word, or several pieces of words.
struct Segment {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::uint8_t flags = 0;  ///< Character::Flag of any of its characters.
  bool trimmed = false;    ///< Its first and last characters are content. Never said of what a dictionary cut.
};

/// Word boundaries of UAX #29 as ICU's root locale has them, several times as fast as ICU's own iterator, which only
/// gets the parts that need a dictionary. Chinese and Japanese characters, which tokens cut apart in any case, may or
/// may not have boundaries between them.
class Segmenter {
 public:
  /// Both must outlive it. @throws InvalidArgument if the text is longer than 2 GiB.
  Segmenter(std::string_view text, const CharacterTable& characters);

  /// Moves to the next segment; false behind the last. Segments are not empty and cover the text.
  bool next(Segment& segment);

 private:
  bool next_by_rule(Segment& segment);
  bool joined(WordBreak before_that, WordBreak before, WordBreak last, WordBreak current, bool odd_indicators,
              std::size_t here, std::size_t behind) const;
  void cut_by_dictionary(const Segment& segment);

  std::string_view text_;
  const CharacterTable& characters_;
  std::size_t at_ = 0;
  Segment piece_;                    // What a dictionary cut off last.
  std::vector<std::size_t> pieces_;  // Ends of all that it cuts.
  std::size_t next_piece_ = 0;
};

}  // namespace dragoman
