// Burmese as it is spelled on maps (near to BGN/PCGN): a syllable is an onset and a rhyme, and a rhyme is read as a
// whole.

#include <algorithm>
#include <array>

#include "text/romanize/scripts.h"

namespace dragoman {
namespace {

constexpr char32_t kFirst = 0x1000, kLast = 0x1021, kNga = 0x1004, kGreatSa = 0x103F, kVirama = 0x1039, kAsat = 0x103A,
                   kMedialY = 0x103B, kMedialR = 0x103C, kMedialW = 0x103D, kMedialH = 0x103E, kAnusvara = 0x1036;

constexpr std::array<std::string_view, 34> kOnsets = {"k",  "kh", "g", "g", "ng", "s",  "s",  "z", "z", "ny", "ny", "t",
                                                      "ht", "d",  "d", "n", "t",  "ht", "d",  "d", "n", "p",  "ph", "b",
                                                      "b",  "m",  "y", "y", "l",  "w",  "th", "h", "l", ""};

struct Named {
  char32_t letter;
  std::string_view latin;
};
/// Vowels that stand by themselves, and the four signs that are words.
constexpr std::array<Named, 11> kIndependent = {{{0x1023, "i"},
                                                 {0x1024, "i"},
                                                 {0x1025, "u"},
                                                 {0x1026, "u"},
                                                 {0x1027, "e"},
                                                 {0x1029, "aw"},
                                                 {0x102A, "aw"},
                                                 {0x104C, "hnaik"},
                                                 {0x104D, "ywe"},
                                                 {0x104E, "lagaung"},
                                                 {0x104F, "i"}}};

bool is_consonant(char32_t c) { return (c >= kFirst && c <= kLast) || c == kGreatSa; }

class Reader {
 public:
  Reader(std::u32string_view word, std::string& out) : word_(word), out_(out) {}

  void read() && {
    while (at_ < word_.size()) {
      const char32_t c = word_[at_];
      if (is_consonant(c)) {
        syllable();
        continue;
      }
      ++at_;
      const auto named = std::ranges::find(kIndependent, c, &Named::letter);
      if (named == kIndependent.end()) continue;
      out_ += named->latin;
      rhyme(named->latin == "u" ? "u" : "", true, false);
    }
  }

 private:
  char32_t peek(std::size_t ahead = 0) const { return at_ + ahead < word_.size() ? word_[at_ + ahead] : 0; }

  void syllable() {
    const char32_t base = word_[at_++];
    std::string medials;
    bool aspirated = false, rounded = false;
    for (; peek() >= kMedialY && peek() <= kMedialH; ++at_) {
      if (peek() == kMedialY || peek() == kMedialR) medials += "y";
      if (peek() == kMedialW) rounded = true;
      if (peek() == kMedialH) aspirated = true;
    }
    if (aspirated) out_ += "h";
    out_ += base == kGreatSa ? "tth" : kOnsets[base - kFirst];
    out_ += medials;
    rhyme(vowel_signs(), false, rounded);
  }

  /// Vowel signs, by the name of the vowel: "" for none, "aw" for the two signs around the consonant.
  std::string_view vowel_signs() {
    bool e = false, a = false, i = false, u = false, ai = false;
    for (;; ++at_) {
      const char32_t c = peek();
      if (c == 0x1031) {
        e = true;
      } else if (c == 0x102B || c == 0x102C) {
        a = true;
      } else if (c == 0x102D || c == 0x102E) {
        i = true;
      } else if (c == 0x102F || c == 0x1030) {
        u = true;
      } else if (c == 0x1032) {
        ai = true;
      } else if (c == 0x1037 || c == 0x1038 || (c == kAsat && e && a)) {  // Tones.
      } else {
        break;
      }
    }
    return e && a ? "aw" : e || ai ? "e" : i && u ? "o" : i ? "i" : u ? "u" : a ? "a" : "";
  }

  /// The consonant that closes the syllable: killed by an asat, or standing over the next one.
  char32_t take_final() {
    std::size_t ahead = 0;
    const char32_t c = peek();
    if (c == kAnusvara) {
      ++at_;
      skip_tones();
      return c;
    }
    if (!is_consonant(c)) return 0;
    while (peek(ahead + 1) == 0x1037 || peek(ahead + 1) == 0x1038) ++ahead;
    if (peek(ahead + 1) == kAsat) {
      at_ += ahead + 2;
      skip_tones();
      if (peek() == kVirama) ++at_;  // Kinzi.
      return c;
    }
    if (peek(1) == kVirama && is_consonant(peek(2))) {
      at_ += 2;
      return c;
    }
    return 0;
  }

  void skip_tones() {
    while (peek() == 0x1037 || peek() == 0x1038) ++at_;
  }

  void rhyme(std::string_view vowel, bool written, bool rounded) {
    const char32_t final = take_final();
    const bool velar = final == 0x1000 || final == 0x1001 || final == 0x1002;
    const bool nasal = final == 0x1014 || final == 0x100F || final == 0x1019 || final == kAnusvara;
    const bool stop = (final >= 0x1010 && final <= 0x1013) || (final >= 0x1015 && final <= 0x1018) ||
                      (final >= 0x100B && final <= 0x100E) || final == 0x101E || final == 0x1005 || final == 0x1007;
    const auto say = [&](std::string_view rounded_rhyme, std::string_view plain) {
      if (!written)
        out_ += rounded && !rounded_rhyme.empty() ? rounded_rhyme : rounded ? "w" + std::string(plain) : plain;
    };
    if (written) {  // The vowel is out already; only what closes it is left.
      if (nasal) out_ += "n";
      if (stop || velar) out_ += velar ? "k" : "t";
    } else if (vowel.empty() || vowel == "a") {
      if (velar) return say("wet", "et");
      if (final == kNga || final == 0x1009) return say("win", "in");
      if (final == 0x1005 || final == 0x1007) return say("", "it");
      if (final == 0x100A) return say("", "i");
      if (final == 0x101A) return say("we", "e");
      if (nasal) return say("un", "an");
      if (stop) return say("ut", "at");
      say("wa", "a");
    } else if (vowel == "aw") {
      say("", velar ? "auk" : final == kNga ? "aung" : "aw");
    } else if (vowel == "o") {
      say("", velar ? "aik" : final == kNga ? "aing" : "o");
    } else if (vowel == "i") {
      say("", stop ? "eik" : nasal ? "ein" : "i");
    } else if (vowel == "u") {
      say("", stop ? "ok" : nasal ? "on" : "u");
    } else {
      say("", "e");
    }
  }

  std::u32string_view word_;
  std::string& out_;
  std::size_t at_ = 0;
};

}  // namespace

void romanize_burmese(std::u32string_view word, std::string_view, std::string& out) { Reader(word, out).read(); }

}  // namespace dragoman
