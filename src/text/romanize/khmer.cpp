// Khmer, near to the system of the United Nations' experts (UNGEGN, 1972) without its diacritics. A consonant belongs
// to one of two series, which tell how the vowel that follows is spoken.

#include <array>

#include "text/romanize/scripts.h"

namespace dragoman {
namespace {

constexpr char32_t kFirst = 0x1780, kLastConsonant = 0x17A2, kFirstIndependent = 0x17A3, kLastIndependent = 0x17B3,
                   kFirstVowel = 0x17B6, kLastVowel = 0x17C5, kNikahit = 0x17C6, kReahmuk = 0x17C7,
                   kYuukaleapintu = 0x17C8, kToFirst = 0x17C9, kToSecond = 0x17CA, kToandakhiat = 0x17CD,
                   kCoeng = 0x17D2;

struct Consonant {
  std::string_view latin;
  int series;
  bool sonorant = false;  ///< Takes the series of the consonant above it.
};
constexpr std::array<Consonant, 35> kConsonants = {{
    {"k", 1},       {"kh", 1},  {"k", 2},        {"kh", 2},      {"ng", 2, true}, {"ch", 1},      {"chh", 1},
    {"ch", 2},      {"chh", 2}, {"nh", 2, true}, {"d", 1},       {"th", 1},       {"d", 2},       {"th", 2},
    {"n", 1, true}, {"t", 1},   {"th", 1},       {"t", 2},       {"th", 2},       {"n", 2, true}, {"b", 1},
    {"ph", 1},      {"p", 2},   {"ph", 2},       {"m", 2, true}, {"y", 2, true},  {"r", 2, true}, {"l", 2, true},
    {"v", 2, true}, {"s", 1},   {"s", 1},        {"s", 1},       {"h", 1},        {"l", 1, true}, {"", 1},
}};

struct Vowel {
  std::string_view first, second;
};
constexpr std::array<Vowel, 16> kVowels = {{{"a", "ea"},
                                            {"e", "i"},
                                            {"ei", "i"},
                                            {"oe", "ue"},
                                            {"eu", "ueu"},
                                            {"o", "u"},
                                            {"ou", "u"},
                                            {"uo", "uo"},
                                            {"aeu", "eu"},
                                            {"eua", "eua"},
                                            {"ie", "ie"},
                                            {"e", "e"},
                                            {"e", "e"},
                                            {"ai", "ey"},
                                            {"ao", "ou"},
                                            {"au", "ov"}}};
constexpr std::array<std::string_view, 17> kIndependent = {"a",    "a",   "e",    "ei", "o",  "ok", "ou", "ov", "rue",
                                                           "rueu", "lue", "lueu", "ae", "ai", "ao", "ao", "au"};

bool is_consonant(char32_t c) { return c >= kFirst && c <= kLastConsonant; }

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
      if (c >= kFirstIndependent && c <= kLastIndependent) {
        out_ += kIndependent[c - kFirstIndependent];
        open_ = true;
      }
      ++at_;
    }
  }

 private:
  char32_t peek(std::size_t ahead = 0) const { return at_ + ahead < word_.size() ? word_[at_ + ahead] : 0; }

  void syllable() {
    const Consonant& base = kConsonants[word_[at_++] - kFirst];
    std::string onset(base.latin);
    int series = base.series;
    bool subscript = false, silent = false;
    for (;; ++at_) {
      const char32_t c = peek();
      if (c == kCoeng && is_consonant(peek(1))) {
        const Consonant& below = kConsonants[peek(1) - kFirst];
        onset += below.latin;
        if (!below.sonorant) series = below.series;
        subscript = true;
        ++at_;
      } else if (c == kToFirst) {
        series = 1;
      } else if (c == kToSecond) {
        series = 2;
      } else if (c == kToandakhiat) {
        silent = true;
      } else if (!(c > kYuukaleapintu && c <= 0x17D1)) {  // Marks that do not change the sound.
        break;
      }
    }
    if (silent) return;
    const bool has_vowel = peek() >= kFirstVowel && peek() <= kYuukaleapintu;
    // A bare consonant closes the syllable before it, if that is open.
    if (!has_vowel && open_ && !subscript) {
      out_ += onset;
      open_ = false;
      return;
    }
    out_ += onset;
    if (!has_vowel) {
      const bool last = at_ == word_.size();
      if (!last || out_.size() == onset.size()) out_ += series == 1 ? "a" : "o";
      open_ = true;
      return;
    }
    vowel(series);
  }

  void vowel(int series) {
    open_ = true;
    if (const char32_t c = peek(); c >= kFirstVowel && c <= kLastVowel) {
      const Vowel& vowel = kVowels[c - kFirstVowel];
      ++at_;
      // The nasal takes the place of half of some vowels: ុំ, ាំ.
      out_ += peek() == kNikahit && c == kFirstVowel ? (series == 1 ? "a" : "oa")
              : series == 1                          ? vowel.first
                                                     : vowel.second;
      if (peek() == kNikahit) {
        out_ += "m";
        ++at_;
        open_ = false;
      }
    } else if (c == kNikahit) {
      out_ += series == 1 ? "am" : "um";
      ++at_;
      open_ = false;
    } else if (c == kReahmuk || c == kYuukaleapintu) {
      out_ += series == 1 ? "a" : "ea";
    }
    if (peek() == kReahmuk) {
      out_ += "h";
      ++at_;
      open_ = false;
    } else if (peek() == kYuukaleapintu) {
      ++at_;
    }
  }

  std::u32string_view word_;
  std::string& out_;
  std::size_t at_ = 0;
  bool open_ = false;  // The last syllable ends in a vowel.
};

}  // namespace

void romanize_khmer(std::u32string_view word, std::string_view, std::string& out) { Reader(word, out).read(); }

}  // namespace dragoman
