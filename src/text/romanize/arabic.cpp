// Arabic, Persian, Urdu and others of the script. Long vowels are letters that are consonants elsewhere, short ones are
// not written: frequent words are in a list (arabic_words.cpp), others are given a vowel where they need one.

#include <algorithm>
#include <array>
#include <utility>

#include "text/romanize/abjad.h"
#include "text/romanize/arabic_words.h"
#include "text/romanize/letter_table.h"
#include "text/romanize/scripts.h"

namespace dragoman {
namespace {

constexpr std::string_view kConsonants =
    "ب=b ت=t ث=th ج=j ح=h خ=kh د=d ذ=dh ر=r ز=z س=s ش=sh ص=s ض=d ط=t ظ=z غ=gh ف=f ق=q ك=k ل=l م=m ن=n ه=h "
    "پ=p چ=ch ژ=zh گ=g ک=k ڤ=v ہ=h ۂ=h ۃ=h ھ=h ٹ=t ڈ=d ڑ=r ں=n "
    "ټ=t ډ=d ړ=r ږ=zh ښ=sh ڼ=n څ=ts ځ=dz ګ=g ڭ=ng ۋ=v ڕ=r ڵ=l ۏ=v ڠ=ng ڽ=ny ڬ=g "
    "ڄ=j ڃ=ny ٻ=b ڀ=bh ٺ=th ٽ=t ٿ=th ڌ=dh ڏ=d ڊ=d ڍ=dh ڦ=ph ڪ=k ڳ=g ڱ=ng ڻ=n ݨ=n ڇ=ch ڙ=r ێ=e";
/// Persian and Urdu have one s, z, t for those of Arabic.
constexpr std::string_view kPersian = "ث=s ذ=z ض=z ظ=z";

constexpr char32_t kAlif = 0x0627, kAlifMadda = 0x0622, kAlifAbove = 0x0623, kAlifBelow = 0x0625, kAlifWasla = 0x0671,
                   kWaw = 0x0648, kYeh = 0x064A, kFarsiYeh = 0x06CC, kAlifMaqsura = 0x0649, kTehMarbuta = 0x0629,
                   kHamza = 0x0621, kHamzaOnYeh = 0x0626, kHamzaOnWaw = 0x0624, kAin = 0x0639, kHeh = 0x0647,
                   kHehGoal = 0x06C1, kHehDoachashmee = 0x06BE, kYehBarree = 0x06D2, kAe = 0x06D5, kTatweel = 0x0640,
                   kLam = 0x0644, kShadda = 0x0651, kDaggerAlif = 0x0670, kFathatan = 0x064B, kDammatan = 0x064C,
                   kKasratan = 0x064D, kFatha = 0x064E, kDamma = 0x064F, kKasra = 0x0650, kUyghurE = 0x06D0,
                   kUyghurOe = 0x06C6, kUyghurU = 0x06C7, kUyghurUe = 0x06C8, kKurdishE = 0x06CE, kKhah = 0x062E;

bool is_yeh(char32_t c) { return c == kYeh || c == kFarsiYeh; }
bool is_alif(char32_t c) {
  return c == kAlif || c == kAlifMadda || c == kAlifAbove || c == kAlifBelow || c == kAlifWasla;
}
bool is_mark(char32_t c) {
  return (c >= 0x064B && c <= 0x065F) || c == kDaggerAlif || (c >= 0x06D6 && c <= 0x06ED && c != 0x06E5);
}
/// A letter that is a vowel and nothing else.
bool is_plain_vowel(char32_t c) {
  return is_alif(c) || c == kAlifMaqsura || c == kTehMarbuta || c == kYehBarree || c == kAe || c == kUyghurE ||
         c == kUyghurOe || c == kUyghurU || c == kUyghurUe || c == kKurdishE;
}

class Reader {
 public:
  Reader(std::u32string_view word, std::string_view language)
      : word_(word),
        persian_(language == "fa" || language == "ps" || language == "tg" || language == "ckb"),
        urdu_(language == "ur" || language == "pa" || language == "sd" || language == "ks" || language == "skr"),
        writes_vowels_(language == "ug" || language == "ckb" || language == "ku" || language == "kk" ||
                       language == "ky") {}

  std::vector<AbjadSound> read() && {
    for (at_ = 0; at_ < word_.size(); ++at_) take(word_[at_]);
    return std::move(sounds_);
  }
  bool writes_vowels() const { return writes_vowels_; }

 private:
  bool indo_persian() const { return persian_ || urdu_; }
  bool initial() const { return sounds_.empty(); }
  bool after_vowel() const { return !sounds_.empty() && sounds_.back().vowel; }
  /// The next letter, marks aside; 0 at the end.
  char32_t next() const {
    std::size_t i = at_ + 1;
    while (i < word_.size() && (is_mark(word_[i]) || word_[i] == kTatweel)) ++i;
    return i < word_.size() ? word_[i] : 0;
  }
  bool before_vowel() const { return is_plain_vowel(next()); }
  void vowel(std::string_view latin) {
    // A long vowel behind the mark of the short one is the same vowel.
    if (after_vowel() && marked_ && sounds_.back().latin == latin) {
      marked_ = false;
      return;
    }
    sounds_.push_back({std::string(latin), true});
  }
  void consonant(std::string_view latin) {
    sounds_.push_back({std::string(latin), false});
    marked_ = false;
  }

  void take(char32_t c) {
    if (is_mark(c)) return take_mark(c);
    if (is_alif(c)) return take_alif(c);
    if (c == kWaw) return take_waw();
    if (is_yeh(c)) return take_yeh();
    switch (c) {
      case kAlifMaqsura:
        if (indo_persian() || writes_vowels_ || next() != 0) return take_yeh();
        return vowel("a");
      case kTehMarbuta:
      case 0x06C3:
        return vowel("a");
      case kYehBarree:
      case 0x06D3:
        if (after_vowel()) return consonant("y");
        return vowel("e");
      case kAe:
      case kUyghurE:
      case kKurdishE:
        return vowel("e");
      case kUyghurOe:
        return vowel("o");
      case kUyghurU:
      case kUyghurUe:
        return vowel("u");
      case kAin:
        return consonant("");
      case kHamza:
      case kTatweel:
        return;
      case kHamzaOnYeh:
        if (initial() || writes_vowels_) return;
        if (after_vowel() && !before_vowel() && next() != kWaw && !is_yeh(next()) && next() != 0) return vowel("i");
        return;
      case kHamzaOnWaw:
        if (!after_vowel() && next() != kWaw && !before_vowel()) return vowel("u");
        return;
      case kHeh:
      case kHehGoal:
      case 0x06C2:
        if (next() == 0 && !initial() && !after_vowel() && indo_persian()) return vowel(persian_ ? "e" : "a");
        return consonant("h");
      case kHehDoachashmee:
        if (urdu_ && !initial() && !after_vowel()) {
          sounds_.back().latin += "h";
          return;
        }
        return consonant("h");
      default:
        break;
    }
    static const LetterTable arabic(kConsonants);
    static const LetterTable persian(kPersian, &arabic);
    std::string latin;
    if ((indo_persian() ? persian : arabic).convert_one(word_, at_, latin) == 0) return;
    consonant(latin);
    // Persian writes a w after kh that is not spoken.
    if (persian_ && c == kKhah && next() == kWaw && at_ + 2 < word_.size() && word_[at_ + 2] == kAlif) ++at_;
  }

  void take_mark(char32_t c) {
    const auto mark = [&](std::string_view latin) {
      marked_ = false;
      vowel(latin);
      marked_ = true;
    };
    if (c == kFatha || c == kDaggerAlif) mark("a");
    if (c == kKasra) mark("i");
    if (c == kDamma) mark("u");
    // In canonical order the mark of length stands behind that of the vowel.
    if (const std::size_t back = marked_ ? 2 : 1; c == kShadda && sounds_.size() >= back) {
      const auto place = sounds_.end() - static_cast<std::ptrdiff_t>(back);
      if (!place->vowel) sounds_.insert(place, AbjadSound(*place));
    }
    if (c == kFathatan || c == kDammatan || c == kKasratan) {
      if (c == kFathatan && after_vowel()) return consonant("n");
      vowel(c == kFathatan ? "a" : c == kDammatan ? "u" : "i");
      consonant("n");
      if (c == kFathatan && next() == kAlif) ++at_;
    }
  }

  void take_alif(char32_t c) {
    if (c == kAlifBelow) {
      vowel("i");
      if (is_yeh(next())) ++at_;
      return;
    }
    // At the beginning alif carries the vowel of the letter behind it: "Iran", "Obama".
    if (initial() && c != kAlifMadda) {
      const std::size_t after = at_ + 2;
      const bool carries = after >= word_.size() || !(is_plain_vowel(word_[after]) || is_mark(word_[after]) ||
                                                      word_[after] == kWaw || is_yeh(word_[after]));
      if (next() == kWaw && carries) {
        ++at_;
        return vowel(c == kAlifAbove || indo_persian() ? "o" : "u");
      }
      if (is_yeh(next()) && carries && c == kAlif) {
        ++at_;
        return vowel("i");
      }
    }
    if (after_vowel() && sounds_.back().latin == "a" && !marked_) return;
    vowel("a");
  }

  void take_waw() {
    const std::string_view w = indo_persian() ? "v" : "w";
    if (initial()) return consonant(w);
    if (writes_vowels_) {
      if (next() == kWaw) {
        ++at_;
        return vowel("u");
      }
      return after_vowel() || before_vowel() ? consonant("w") : vowel("u");
    }
    if (marked_ && sounds_.back().latin == "u") return vowel("u");
    // Behind a vowel it is one itself before two consonants at most in diphthongs, which are written with w as well.
    if (after_vowel() || before_vowel()) return consonant(w);
    if (next() == kWaw) return consonant(w);
    if (is_yeh(next())) {
      const std::size_t after = at_ + 2;
      if (after < word_.size() && !is_plain_vowel(word_[after])) return consonant(w);
    }
    vowel(urdu_ ? "o" : "u");
  }

  void take_yeh() {
    if (initial()) return consonant("y");
    if (marked_ && sounds_.back().latin == "i" && !before_vowel()) return vowel("i");
    if (after_vowel()) return consonant("y");
    if (before_vowel() && next() != kAlifMadda) {
      // "Suria" and "Italia", but "hayat".
      if (sounds_.size() > 1) return vowel("i");
      return consonant("y");
    }
    if (next() == kWaw && sounds_.size() == 1) return consonant("y");
    vowel("i");
  }

  std::u32string_view word_;
  bool persian_, urdu_, writes_vowels_;
  std::size_t at_ = 0;
  bool marked_ = false;  // The last vowel came from a mark.
  std::vector<AbjadSound> sounds_;
};

struct Prefix {
  std::u32string_view letters;
  std::string_view latin;
};
/// The article of Arabic, alone and behind the words that are written together with it.
constexpr std::array<Prefix, 6> kArticles = {
    {{U"وال", "wal-"}, {U"بال", "bil-"}, {U"فال", "fal-"}, {U"كال", "kal-"}, {U"لل", "lil-"}, {U"ال", "al-"}}};

/// The article that a word begins with, if enough is left behind it; else null.
const Prefix* article_of(std::u32string_view word) {
  const auto article = std::ranges::find_if(kArticles, [&](const Prefix& known) {
    return word.starts_with(known.letters) && word.size() >= known.letters.size() + 3;
  });
  return article == kArticles.end() ? nullptr : &*article;
}

/// Appends the word if it is in the list.
bool take_known(std::u32string_view word, std::string_view language, std::string& out) {
  const std::string_view known = known_arabic_word(word, language);
  out += known;
  return !known.empty();
}

}  // namespace

std::size_t arabic_article(std::u32string_view word) {
  const Prefix* article = article_of(word);
  return article == nullptr ? 0 : article->letters.size();
}

void romanize_arabic(std::u32string_view word, std::string_view language, std::string& out) {
  if (take_known(word, language, out)) return;
  const Prefix* article = language == "ar" || language == "und" ? article_of(word) : nullptr;
  if (article != nullptr) {
    out += article->latin;
    word.remove_prefix(article->letters.size());
    if (take_known(word, language, out)) return;
  }
  Reader reader(word, language);
  const bool writes_vowels = reader.writes_vowels();
  speak_abjad(std::move(reader).read(), writes_vowels ? "" : "a", LastCluster::keep, out);
}

}  // namespace dragoman
