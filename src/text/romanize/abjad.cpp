#include "text/romanize/abjad.h"

namespace dragoman {

void speak_abjad(const std::vector<AbjadSound>& sounds, std::string_view vowel, LastCluster last_cluster,
                 std::string& out) {
  const auto is_vowel = [&](std::size_t i) { return i < sounds.size() && sounds[i].vowel; };
  bool after_vowel = false;
  for (std::size_t i = 0; i < sounds.size(); ++i) {
    const std::string& latin = sounds[i].latin;
    if (sounds[i].vowel) {
      out += latin;
      after_vowel = true;
      continue;
    }
    const bool last = i + 1 == sounds.size();
    if (is_vowel(i + 1)) {
      out += latin;
    } else if (after_vowel) {
      out += latin;  // Closes the syllable.
      after_vowel = false;
    } else if (last) {
      const bool sonorant = latin == "r" || latin == "l" || latin == "m" || latin == "n";
      if (i > 0 && (sonorant || last_cluster == LastCluster::split)) out += vowel;
      out += latin;
    } else {
      out += latin;
      out += vowel;
      after_vowel = true;
    }
  }
}

}  // namespace dragoman
