#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "text/analysis/characters.h"

namespace dragoman {

/// What is made one although Unicode tells it apart; each is a bit. `Fold::basic` alone is analyser "icu".
enum class Fold : std::uint32_t {
  /// Decimal digits of all scripts are 0-9, i is i with or without a dot, tatweel and the optional vowel signs of
  /// Arabic and Hebrew are dropped, gershayim are quotes.
  basic = 0,
  /// Turkish and Azeri: I is the capital of dotless ı, İ of i. Both are one i only after stemming.
  turkish_i = 1,
  /// Alef with hamza, madda or wasla is alef; teh marbuta is heh; alef maksura is yeh.
  arabic_letters = 2,
  /// Arabic yeh and kaf, which keyboards put for the Persian ones; hamza carriers.
  persian_letters = 4,
  /// Urdu: as Persian, and Arabic heh for heh goal.
  urdu_letters = 8,
  /// Nukta and chandrabindu: क़ is क, ँ is ं.
  devanagari_marks = 16,
  /// Traditional characters are simplified.
  simplified_han = 32,
  /// ё is е.
  cyrillic_yo = 64,
  /// Romanian ș and ț with comma below are those with cedilla, which older keyboards have, and the stemmer.
  romanian_cedilla = 128,
  /// Vietnamese tone marks stand where the old spelling has them: "hoà" is "hòa". Done behind the stem, where a word
  /// ends.
  vietnamese_tones = 256,
};
constexpr Fold operator|(Fold a, Fold b) {
  return static_cast<Fold>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}
constexpr bool has(Fold folds, Fold fold) {
  return (static_cast<std::uint32_t>(folds) & static_cast<std::uint32_t>(fold)) != 0;
}

/// Normalises words: NFKC_Casefold and the folds asked for. Thread-safe.
class Folder {
 public:
  explicit Folder(Fold folds);

  /// Characters with what becomes of each alone; for Segmenter as well.
  const CharacterTable& characters() const { return *characters_; }

  /// Appends what becomes of `word`, character by character where that is all there is to it.
  /// @return whether it was; what it gives then is one token, or nothing.
  /// O(bytes). @throws Unavailable if ICU has no data.
  bool fold(std::string_view word, std::string& out) const;

  /// The same by normalising the whole word: the slow twin.
  void fold_whole(std::string_view word, std::string& out) const;

 private:
  Fold folds_;
  std::unique_ptr<CharacterTable> characters_;
};

/// Takes accents and other marks off the letters of Latin and Greek: "crème" is "creme", "ł" is "l".
void remove_latin_marks(std::string& word);

}  // namespace dragoman
