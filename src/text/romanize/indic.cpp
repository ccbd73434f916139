// The scripts of India whose blocks in Unicode follow one plan (that of ISCII, 1991): a letter has the same place in
// each, so that one table reads them all. A consonant has the vowel a unless a sign says otherwise; whether that a is
// spoken is left to the reader in the north, and always written out in the south.
//
// Deletion after Ohala, "Aspects of Hindi Phonology", 1983: a -> nothing / VC_CV, from right to left, and at the end.

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "text/romanize/letter_table.h"
#include "text/romanize/scripts.h"

namespace dragoman {
namespace {

enum Block : char32_t {
  devanagari = 0x0900,
  bengali = 0x0980,
  gurmukhi = 0x0A00,
  gujarati = 0x0A80,
  oriya = 0x0B00,
  tamil = 0x0B80,
  telugu = 0x0C00,
  kannada = 0x0C80,
  malayalam = 0x0D00,
};

constexpr std::size_t kFirstVowel = 0x05, kFirstConsonant = 0x15, kFirstSign = 0x3E;
constexpr std::array<std::string_view, 16> kVowels = {"a", "a", "i", "i",  "u", "u", "ri", "l",
                                                      "e", "e", "e", "ai", "o", "o", "o",  "au"};
constexpr std::array<std::string_view, 37> kConsonants = {
    "k", "kh", "g", "gh", "n", "ch", "chh", "j", "jh", "n", "t", "th", "d",  "dh", "n",  "t",  "th", "d", "dh",
    "n", "n",  "p", "ph", "b", "bh", "m",   "y", "r",  "r", "l", "l",  "zh", "v",  "sh", "sh", "s",  "h"};
constexpr std::array<std::string_view, 15> kSigns = {"a", "i", "i",  "u", "u", "ri", "ri", "e",
                                                     "e", "e", "ai", "o", "o", "o",  "au"};
constexpr std::size_t kCandrabindu = 0x01, kAnusvara = 0x02, kVisarga = 0x03, kKha = 0x16, kNya = 0x1E, kNnna = 0x29,
                      kJa = 0x1C, kYa = 0x2F, kRra = 0x31, kNukta = 0x3C, kVirama = 0x4D, kOm = 0x50, kTippi = 0x70,
                      kAddak = 0x71;

/// A syllable as it is written: consonants, a vowel, and what closes it.
struct Akshara {
  std::vector<std::string> consonants;
  std::string vowel;
  std::string coda;
  bool inherent = false;  ///< The vowel is the unwritten a, or o in Bengali.
  bool deleted = false;   ///< It is not spoken.
};

struct Convention {
  Block block;
  bool deletes = false;  ///< Unwritten vowels may be silent.
  std::string inherent = "a";
  bool hindi = false;
  bool bengali_letters = false, tamil_letters = false;
};

Convention convention_of(char32_t block, std::string_view language) {
  Convention convention{static_cast<Block>(block)};
  const bool sanskrit = language == "sa" || language == "pi";
  switch (block) {
    case Block::devanagari:
      convention.hindi = !sanskrit && language != "mr" && language != "ne" && language != "kok";
      [[fallthrough]];
    case Block::gurmukhi:
    case Block::gujarati:
      convention.deletes = !sanskrit;
      break;
    case Block::bengali:
      convention.deletes = !sanskrit;
      convention.bengali_letters = !sanskrit;
      if (!sanskrit) convention.inherent = "o";
      break;
    case Block::tamil:
      convention.tamil_letters = true;
      break;
    default:
      break;
  }
  return convention;
}

/// Letters with a dot below, which stand for sounds of Persian and for the flapped r.
std::string with_nukta(std::string_view consonant) {
  if (consonant == "k") return "q";
  if (consonant == "j" || consonant == "jh") return "z";
  if (consonant == "d") return "r";
  if (consonant == "dh") return "rh";
  if (consonant == "ph") return "f";
  return std::string(consonant);
}

class Reader {
 public:
  Reader(std::u32string_view word, const Convention& convention) : word_(word), convention_(convention) {}

  std::vector<Akshara> read() && {
    for (at_ = 0; at_ < word_.size(); ++at_) take(word_[at_]);
    return std::move(aksharas_);
  }

 private:
  void take(char32_t c) {
    if (c < convention_.block || c >= convention_.block + 0x80) return;  // Joiners.
    const std::size_t place = c - convention_.block;
    if (place >= kFirstConsonant && place < kFirstConsonant + kConsonants.size()) return add_consonant(place);
    if (add_special(c)) return;
    if (place >= kFirstSign && place < kFirstSign + kSigns.size()) return set_vowel(kSigns[place - kFirstSign]);
    if (place >= kFirstVowel && place < kFirstVowel + kVowels.size()) {
      joined_ = false;
      aksharas_.push_back({{}, std::string(kVowels[place - kFirstVowel]), {}});
    } else if (place == 0x60 || place == 0x61) {
      aksharas_.push_back({{}, "ri", {}});
    } else if (place == kOm && convention_.block != Block::gurmukhi) {
      aksharas_.push_back({{}, "om", {}});
    } else if (place == kVirama && !aksharas_.empty() && !aksharas_.back().consonants.empty()) {
      aksharas_.back().vowel.clear();
      aksharas_.back().inherent = false;
      joined_ = true;
    } else if (place == kNukta && !aksharas_.empty() && !aksharas_.back().consonants.empty()) {
      std::string& last = aksharas_.back().consonants.back();
      last = convention_.bengali_letters && last == "j" ? "y" : with_nukta(last);
    } else if (place == kVisarga && !aksharas_.empty()) {
      if (!convention_.tamil_letters) aksharas_.back().coda += "h";
    } else if (place == kCandrabindu || place == kAnusvara ||
               (place == kTippi && convention_.block == Block::gurmukhi)) {
      if (!aksharas_.empty()) aksharas_.back().coda += nasal(place);
    } else if (place == kAddak && convention_.block == Block::gurmukhi) {
      double_next_ = true;
    }
  }

  void add_consonant(std::size_t place) {
    std::string consonant(kConsonants[place - kFirstConsonant]);
    if (convention_.bengali_letters) {
      if (place == kYa) consonant = joined_ ? "y" : "j";
      if (place == 0x35) consonant = "b";
    }
    if (convention_.block == Block::oriya && place == kYa && !joined_) consonant = "j";
    if (convention_.tamil_letters) consonant = tamil(place);
    const bool doubled = std::exchange(double_next_, false);
    if (joined_ && !aksharas_.empty()) {
      Akshara& akshara = aksharas_.back();
      // jñ is spoken gy in Hindi.
      if (place == kNya && convention_.hindi && akshara.consonants.back() == "j") {
        akshara.consonants.back() = "g";
        consonant = "y";
      }
      // Malayalam writes its long t as two of the hard r.
      if (convention_.block == Block::malayalam && place == kRra) {
        if (akshara.consonants.back() == "r") akshara.consonants.back() = "t";
        consonant = "t";
      }
      akshara.consonants.push_back(std::move(consonant));
      akshara.vowel = convention_.inherent;
      akshara.inherent = true;
      joined_ = false;
      return;
    }
    Akshara akshara{{consonant}, convention_.inherent, {}, true};
    if (doubled) akshara.consonants.insert(akshara.consonants.begin(), consonant.substr(0, 1));
    aksharas_.push_back(std::move(akshara));
  }

  /// Tamil does not write voice: k, t, p are g, d, b between vowels and after a nasal, and ch is s.
  std::string tamil(std::size_t place) const {
    const std::string plain(place == 0x24 ? "t" : place == kNnna ? "n" : kConsonants[place - kFirstConsonant]);
    const bool initial = aksharas_.empty();
    const std::string before = joined_ && !initial ? aksharas_.back().consonants.back() : "";
    const bool geminate = (at_ + 1 < word_.size() && word_[at_ + 1] == Block::tamil + kVirama) ||
                          (!before.empty() && before != "n" && before != "m");
    if (initial || geminate) return place == 0x24 ? "th" : plain;
    const bool after_nasal = !before.empty();
    if (place == 0x15) return "g";
    if (place == 0x1A) return after_nasal ? "j" : "s";
    if (place == 0x1F) return "d";
    if (place == 0x24) return "dh";
    if (place == 0x2A) return "b";
    return plain;
  }

  /// Letters that one of the scripts has beyond the plan.
  bool add_special(char32_t c) {
    struct Special {
      char32_t letter;
      std::string_view latin;
      bool vowel;  ///< Has the unwritten vowel.
    };
    constexpr std::array<Special, 16> kSpecials = {{{0x09CE, "t", false},
                                                    {0x09F0, "r", true},
                                                    {0x09F1, "w", true},
                                                    {0x0B71, "w", true},
                                                    {0x0B5F, "y", true},
                                                    {0x0D7A, "n", false},
                                                    {0x0D7B, "n", false},
                                                    {0x0D7C, "r", false},
                                                    {0x0D7D, "l", false},
                                                    {0x0D7E, "l", false},
                                                    {0x0D7F, "k", false},
                                                    {0x0A5E, "f", true},
                                                    {0x0A5C, "r", true},
                                                    {0x0C58, "ts", true},
                                                    {0x0C59, "dz", true},
                                                    {0x0CDE, "l", true}}};
    const auto found = std::ranges::find(kSpecials, c, &Special::letter);
    if (found == kSpecials.end()) return false;
    joined_ = false;
    aksharas_.push_back({{std::string(found->latin)}, found->vowel ? convention_.inherent : "", {}, found->vowel});
    return true;
  }

  void set_vowel(std::string_view vowel) {
    if (aksharas_.empty()) return;
    Akshara& last = aksharas_.back();
    // Vowels of two signs: Tamil and Malayalam write o around the consonant, which NFC composes.
    last.vowel = last.inherent || last.vowel.empty() ? std::string(vowel) : last.vowel + std::string(vowel);
    last.inherent = false;
    joined_ = false;
  }

  std::string nasal(std::size_t place) const {
    const bool last = at_ + 1 == word_.size();
    if (convention_.bengali_letters) return place == kCandrabindu ? "" : "ng";
    if (last) return convention_.deletes || place == kCandrabindu ? "n" : "m";
    const std::size_t next = word_[at_ + 1] - convention_.block;
    return next >= 0x2A && next <= 0x2E ? "m" : "n";
  }

  std::u32string_view word_;
  const Convention& convention_;
  std::size_t at_ = 0;
  std::vector<Akshara> aksharas_;
  bool joined_ = false;       // The last letter was a virama: the next consonant belongs to the same syllable.
  bool double_next_ = false;  // Gurmukhi's addak.
};

/// Is the vowel after these last consonants spoken all the same? After "tr" or "jy" there is no way round it.
bool keeps_final_vowel(const std::vector<Akshara>& aksharas) {
  const Akshara& last = aksharas.back();
  const std::string& consonant = last.consonants.back();
  if (last.consonants.size() == 1) {
    return consonant == "y" && aksharas.size() > 1 && aksharas[aksharas.size() - 2].vowel == "i";
  }
  const std::string& before = last.consonants[last.consonants.size() - 2];
  if (consonant == "y") return true;
  return before != "r" && before != "l" && before != consonant &&
         (consonant == "r" || consonant == "l" || consonant == "v" || consonant == "n");
}

void delete_silent_vowels(std::vector<Akshara>& aksharas, const Convention& convention) {
  if (aksharas.size() < 2) return;
  const auto is_deletable = [](const Akshara& a) { return a.inherent && a.coda.empty() && !a.consonants.empty(); };
  Akshara& last = aksharas.back();
  if (is_deletable(last)) {
    last.deleted = !(keeps_final_vowel(aksharas) || (convention.bengali_letters && last.consonants.size() > 1));
  }
  for (std::size_t i = aksharas.size() - 2; i > 0; --i) {
    const Akshara &before = aksharas[i - 1], &after = aksharas[i + 1];
    aksharas[i].deleted = is_deletable(aksharas[i]) && aksharas[i].consonants.size() == 1 && before.coda.empty() &&
                          !before.vowel.empty() && after.consonants.size() == 1 && !after.vowel.empty() &&
                          !after.deleted;
  }
}

}  // namespace

void romanize_indic(std::u32string_view word, std::string_view language, std::string& out) {
  const auto first = std::ranges::find_if(word, [](char32_t c) { return c >= 0x0900 && c < 0x0D80; });
  if (first == word.end()) return;
  const Convention convention = convention_of(*first & ~char32_t{0x7F}, language);
  std::vector<Akshara> aksharas = Reader(word, convention).read();
  if (convention.deletes) delete_silent_vowels(aksharas, convention);
  for (const Akshara& akshara : aksharas) {
    for (const std::string& consonant : akshara.consonants) out += consonant;
    if (!akshara.deleted) out += akshara.vowel;
    out += akshara.coda;
  }
}

void romanize_sinhala(std::u32string_view word, std::string_view, std::string& out) {
  static const LetterTable vowels(
      "අ=a ආ=a ඇ=e ඈ=e ඉ=i ඊ=i උ=u ඌ=u ඍ=ri එ=e ඒ=e ඓ=ai ඔ=o ඕ=o ඖ=au ා=a ැ=e ෑ=e ි=i ී=i ු=u ූ=u ෘ=ru ෙ=e ේ=e ෛ=ai ො=o "
      "ෝ=o ෞ=au ෟ=lu ෲ=ru");
  static const LetterTable consonants(
      "ක=k ඛ=kh ග=g ඝ=gh ඞ=n ඟ=ng ච=ch ඡ=chh ජ=j ඣ=jh ඤ=n ඥ=gn ඦ=nj ට=t ඨ=th ඩ=d ඪ=dh ණ=n ඬ=nd ත=th ථ=th ද=d ධ=dh න=n "
      "ඳ=nd ප=p ඵ=ph බ=b භ=bh ම=m ඹ=mb ය=y ර=r ල=l ව=v ශ=sh ෂ=sh ස=s හ=h ළ=l ෆ=f");
  constexpr char32_t kAlLakuna = 0x0DCA, kBinduva = 0x0D82, kVisargaya = 0x0D83;
  bool waiting = false;  // A consonant whose vowel is still to come.
  for (std::size_t at = 0; at < word.size(); ++at) {
    const char32_t c = word[at];
    if (c == kAlLakuna) {
      waiting = false;
    } else if (vowels.convert_one(word, at, out) != 0) {
      waiting = false;
    } else if (c >= 0x0D80 && c < 0x0E00) {
      if (std::exchange(waiting, false)) out += "a";
      if (c == kBinduva) out += "n";
      if (c == kVisargaya) out += "h";
      waiting = consonants.convert_one(word, at, out) != 0;
    }
  }
  if (waiting) out += "a";
}

}  // namespace dragoman
