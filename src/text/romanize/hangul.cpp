// Revised Romanization of Korean (Ministry of Culture, 2000), with the assimilation that it prescribes between
// syllables.

#include <array>
#include <string_view>

#include "text/romanize/scripts.h"

namespace dragoman {
namespace {

constexpr char32_t kFirstSyllable = 0xAC00, kLastSyllable = 0xD7A3;

constexpr std::array<std::string_view, 19> kInitials = {"g",  "kk", "n", "d",  "tt", "r", "m", "b", "pp", "s",
                                                        "ss", "",   "j", "jj", "ch", "k", "t", "p", "h"};
constexpr std::array<std::string_view, 21> kVowels = {"a",  "ae", "ya", "yae", "eo", "e",  "yeo",
                                                      "ye", "o",  "wa", "wae", "oe", "yo", "u",
                                                      "wo", "we", "wi", "yu",  "eu", "ui", "i"};
/// Finals as they sound before a consonant or at the end.
constexpr std::array<std::string_view, 28> kFinals = {"",  "k",  "k", "k", "n", "n", "n", "t", "l", "k",
                                                      "m", "l",  "l", "l", "p", "l", "m", "p", "p", "t",
                                                      "t", "ng", "t", "t", "k", "t", "p", "t"};
/// Before a vowel: what stays with the syllable, and what goes over to the next one.
struct Liaison {
  std::string_view stays, goes;
};
constexpr std::array<Liaison, 28> kLiaisons = {{{"", ""},   {"", "g"},  {"", "kk"}, {"k", "s"}, {"", "n"},  {"n", "j"},
                                                {"", "n"},  {"", "d"},  {"", "r"},  {"l", "g"}, {"l", "m"}, {"l", "b"},
                                                {"l", "s"}, {"l", "t"}, {"l", "p"}, {"", "r"},  {"", "m"},  {"", "b"},
                                                {"p", "s"}, {"", "s"},  {"", "ss"}, {"ng", ""}, {"", "j"},  {"", "ch"},
                                                {"", "k"},  {"", "t"},  {"", "p"},  {"", ""}}};

constexpr std::size_t kInitialG = 0, kInitialN = 2, kInitialD = 3, kInitialR = 5, kInitialM = 6, kSilent = 11,
                      kInitialJ = 12, kVowelI = 20, kFinalD = 7, kFinalT = 25, kFinalH = 27, kFinalNh = 6,
                      kFinalLh = 15;

struct Syllable {
  std::size_t initial, vowel, final;
};

bool is_syllable(char32_t c) { return c >= kFirstSyllable && c <= kLastSyllable; }

Syllable take_apart(char32_t c) {
  const std::size_t index = c - kFirstSyllable;
  return {index / 588, index % 588 / 28, index % 28};
}

/// The end of one syllable and the beginning of the next, as they sound together.
void join(std::size_t final, const Syllable& next, std::string& out) {
  if (next.initial == kSilent) {
    const bool palatal = next.vowel == kVowelI;
    out += kLiaisons[final].stays;
    out += palatal && final == kFinalD ? "j" : palatal && final == kFinalT ? "ch" : kLiaisons[final].goes;
    return;
  }
  if (final == kFinalH || final == kFinalNh || final == kFinalLh) {
    // A final h makes the next consonant strong and is not heard elsewhere.
    if (final != kFinalH) out += final == kFinalNh ? "n" : "l";
    out += next.initial == kInitialG   ? "k"
           : next.initial == kInitialD ? "t"
           : next.initial == kInitialJ ? "ch"
                                       : kInitials[next.initial];
    return;
  }
  const std::string_view sound = kFinals[final];
  const bool nasal = next.initial == kInitialN || next.initial == kInitialM;
  if (next.initial == kInitialR) {
    if (sound == "l" || sound == "n") {
      out += "ll";
    } else if (sound.empty()) {
      out += "r";
    } else {
      out += sound == "k" ? "ng" : sound == "p" ? "m" : sound == "t" ? "n" : sound;
      out += "n";
    }
  } else if (sound == "l" && next.initial == kInitialN) {
    out += "ll";
  } else {
    out += !nasal ? sound : sound == "k" ? "ng" : sound == "p" ? "m" : sound == "t" ? "n" : sound;
    out += kInitials[next.initial];
  }
}

}  // namespace

void romanize_hangul(std::u32string_view word, std::string_view, std::string& out) {
  std::size_t final = 0;
  bool open = false;  // A syllable whose final is still to be written.
  for (const char32_t c : word) {
    if (!is_syllable(c)) continue;  // Letters that stand alone, as in laughter, are no words.
    const Syllable syllable = take_apart(c);
    if (open) {
      join(final, syllable, out);
    } else {
      out += kInitials[syllable.initial];
    }
    out += kVowels[syllable.vowel];
    final = syllable.final;
    open = true;
  }
  if (open) out += kFinals[final];
}

}  // namespace dragoman
