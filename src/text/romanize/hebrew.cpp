// Hebrew as signs and newspapers spell it (near to the Academy's simple rules of 2006). Vowel points are read where
// they stand; without them vav and yod are vowels by position, and the rest is put in.

#include <algorithm>
#include <utility>

#include "text/romanize/abjad.h"
#include "text/romanize/letter_table.h"
#include "text/romanize/scripts.h"
#include "text/romanize/word_list.h"

namespace dragoman {
namespace {

constexpr char32_t kAlef = 0x05D0, kBet = 0x05D1, kHe = 0x05D4, kVav = 0x05D5, kYod = 0x05D9, kFinalKaf = 0x05DA,
                   kKaf = 0x05DB, kAyin = 0x05E2, kFinalPe = 0x05E3, kPe = 0x05E4, kShin = 0x05E9, kDagesh = 0x05BC,
                   kShinDot = 0x05C1, kSinDot = 0x05C2, kGeresh = 0x05F3, kHolam = 0x05B9;

constexpr std::string_view kConsonants =
    "ב=b ג=g ד=d ה=h ז=z ח=h ט=t כ=k ך=kh ל=l מ=m ם=m נ=n ן=n ס=s פ=p ף=f צ=ts ץ=ts ק=k ר=r ש=sh ת=t װ=v ױ=oy ײ=ey";

/// Names and words that the rules would get wrong.
constexpr std::string_view kWords =
    "ישראל=yisrael ירושלים=yerushalayim תל=tel אביב=aviv חיפה=haifa שלום=shalom תורה=torah שבת=shabbat "
    "ספר=sefer משה=moshe דוד=david יעקב=yaakov יצחק=yitzhak אברהם=avraham שרה=sarah מרים=miriam "
    "ארץ=eretz עברית=ivrit של=shel את=et הוא=hu היא=hi עיר=ir בית=beit";

bool is_point(char32_t c) {
  return c >= 0x0591 && c <= 0x05C7 && c != 0x05BE && c != 0x05C0 && c != 0x05C3 && c != 0x05C6;
}

/// The vowel of a point; empty for none.
std::string_view point_vowel(char32_t c) {
  switch (c) {
    case 0x05B1:
    case 0x05B5:
    case 0x05B6:
      return "e";
    case 0x05B2:
    case 0x05B7:
    case 0x05B8:
      return "a";
    case 0x05B3:
    case kHolam:
    case 0x05BA:
    case 0x05C7:
      return "o";
    case 0x05B4:
      return "i";
    case 0x05BB:
      return "u";
    default:
      return {};
  }
}

class Reader {
 public:
  explicit Reader(std::u32string_view word) : word_(word) {
    pointed_ = std::ranges::any_of(word, [](char32_t c) { return !point_vowel(c).empty(); });
  }

  std::vector<AbjadSound> read() && {
    for (at_ = 0; at_ < word_.size(); ++at_) {
      if (!is_point(word_[at_])) take(word_[at_]);
    }
    return std::move(sounds_);
  }
  bool pointed() const { return pointed_; }

 private:
  bool has_point(char32_t point) const {
    for (std::size_t i = at_ + 1; i < word_.size() && is_point(word_[i]); ++i) {
      if (word_[i] == point) return true;
    }
    return false;
  }
  char32_t next() const {
    std::size_t i = at_ + 1;
    while (i < word_.size() && is_point(word_[i])) ++i;
    return i < word_.size() ? word_[i] : 0;
  }
  bool after_vowel() const { return !sounds_.empty() && sounds_.back().vowel; }
  void vowel(std::string_view latin) { sounds_.push_back({std::string(latin), true}); }
  void consonant(std::string_view latin) { sounds_.push_back({std::string(latin), false}); }

  /// The points under the letter, as a vowel behind it.
  void take_points() {
    for (std::size_t i = at_ + 1; i < word_.size() && is_point(word_[i]); ++i) {
      if (const auto latin = point_vowel(word_[i]); !latin.empty()) vowel(latin);
    }
  }

  void take(char32_t c) {
    const bool first = sounds_.empty(), last = next() == 0;
    if (c == kVav) return take_vav(first);
    if (c == kYod) return take_yod(first);
    if (c == kAlef) {
      if (pointed_) {
        consonant("");
      } else if (first) {
        if (next() == kVav || next() == kYod) {
          consonant("");
        } else {
          vowel("a");
        }
      } else if (!after_vowel()) {
        vowel("a");
      }
      return take_points();
    }
    if (c == kAyin) {
      consonant("");
      return take_points();
    }
    if (c == kHe && last && !first) {
      if (!pointed_ && !after_vowel()) vowel("a");
      return;
    }
    std::string latin;
    if (next() == kGeresh) {  // Sounds of other languages.
      if (c == 0x05D2) latin = "j";
      if (c == 0x05D6) latin = "zh";
      if (c == 0x05E6 || c == 0x05E5) latin = "ch";
    }
    static const LetterTable consonants(kConsonants);
    if (latin.empty() && consonants.convert_one(word_, at_, latin) == 0) return;
    const bool soft = pointed_ ? !has_point(kDagesh) : !first && (after_vowel() || last);
    if (soft && c == kBet) latin = "v";
    if (soft && c == kPe) latin = "f";
    if (soft && c == kKaf) latin = "kh";
    if (c == kShin && has_point(kSinDot)) latin = "s";
    consonant(latin);
    take_points();
  }

  void take_vav(bool first) {
    if (pointed_) {
      if (has_point(kHolam)) return vowel("o");
      if (has_point(kDagesh) && !after_vowel() && !first) return vowel("u");
      consonant("v");
      return take_points();
    }
    if (next() == kVav) {
      ++at_;
      return consonant("v");
    }
    if (first || after_vowel()) return consonant("v");
    vowel("o");
  }

  void take_yod(bool first) {
    if (pointed_) {
      if (after_vowel() && (sounds_.back().latin == "i" || sounds_.back().latin == "e") && !has_vowel_point()) return;
      consonant("y");
      return take_points();
    }
    if (next() == kYod) {
      ++at_;
      consonant("y");
      return;
    }
    if (first || after_vowel() || next() == kAlef) return next() == kAlef && !first ? vowel("i") : consonant("y");
    // Between vowels it is one of them: "Netanyahu".
    if (next() == kVav || (next() == kHe && at_ + 2 < word_.size())) return consonant("y");
    vowel("i");
  }

  bool has_vowel_point() const {
    for (std::size_t i = at_ + 1; i < word_.size() && is_point(word_[i]); ++i) {
      if (!point_vowel(word_[i]).empty()) return true;
    }
    return false;
  }

  std::u32string_view word_;
  std::size_t at_ = 0;
  bool pointed_ = false;
  std::vector<AbjadSound> sounds_;
};

}  // namespace

void romanize_hebrew(std::u32string_view word, std::string_view, std::string& out) {
  static const WordList words(kWords);
  if (const std::string_view known = words.find(word); !known.empty()) {
    out += known;
    return;
  }
  Reader reader(word);
  const bool pointed = reader.pointed();
  speak_abjad(std::move(reader).read(), pointed ? "" : "a", LastCluster::split, out);
}

}  // namespace dragoman
