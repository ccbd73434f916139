#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// A sound of a word whose short vowels are not written.
struct AbjadSound {
  std::string latin;
  bool vowel = false;
};

/// Two consonants at the end of a word.
enum class LastCluster {
  keep,   ///< Stay together ("harb"), but for a last r, l, m or n ("hasan").
  split,  ///< Are always parted ("katav").
};

/// Appends the sounds with a vowel wherever the word could not be spoken: no syllable begins with two consonants, and
/// none ends in three.
/// @param vowel what to put in; empty for words that have all their vowels.
void speak_abjad(const std::vector<AbjadSound>& sounds, std::string_view vowel, LastCluster last_cluster,
                 std::string& out);

}  // namespace dragoman
