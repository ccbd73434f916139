// Thai after the Royal Thai General System of 1999, and Lao by the same rules: the two scripts have one plan, vowels
// stand before, behind, above and below the consonant they are spoken after, and some are not written.

#include <array>
#include <string>

#include "text/romanize/scripts.h"

namespace dragoman {
namespace {

/// Lao letters as the Thai ones in the same place, 0x80 below; those that have no such place are put where Thai has
/// none.
constexpr char32_t kLaoShift = 0x80;

struct Consonant {
  std::string_view initial, final;
};

/// Consonants from U+0E01 on.
constexpr std::array<Consonant, 46> kThai = {{
    {"k", "k"},  {"kh", "k"}, {"kh", "k"}, {"kh", "k"}, {"kh", "k"}, {"kh", "k"}, {"ng", "ng"}, {"ch", "t"},
    {"ch", "t"}, {"ch", "t"}, {"s", "t"},  {"ch", "t"}, {"y", "n"},  {"d", "t"},  {"t", "t"},   {"th", "t"},
    {"th", "t"}, {"th", "t"}, {"n", "n"},  {"d", "t"},  {"t", "t"},  {"th", "t"}, {"th", "t"},  {"th", "t"},
    {"n", "n"},  {"b", "p"},  {"p", "p"},  {"ph", "p"}, {"f", "p"},  {"ph", "p"}, {"f", "p"},   {"ph", "p"},
    {"m", "m"},  {"y", "i"},  {"r", "n"},  {"rue", ""}, {"l", "n"},  {"lue", ""}, {"w", "o"},   {"s", "t"},
    {"s", "t"},  {"s", "t"},  {"h", ""},   {"l", "n"},  {"", ""},    {"h", ""},
}};
constexpr char32_t kFirst = 0x0E01, kRo = 0x0E23, kRu = 0x0E24, kLo = 0x0E25, kLu = 0x0E26, kWo = 0x0E27, kHo = 0x0E2B,
                   kO = 0x0E2D, kYo = 0x0E22, kSaraA = 0x0E30, kMaiHanAkat = 0x0E31, kSaraAa = 0x0E32, kSaraAm = 0x0E33,
                   kSaraI = 0x0E34, kSaraIi = 0x0E35, kSaraUe = 0x0E36, kSaraUee = 0x0E37, kSaraU = 0x0E38,
                   kSaraUu = 0x0E39, kPhinthu = 0x0E3A, kLaoMaiKon = 0x0E3B, kLaoSemivowelL = 0x0E3C, kLaoNyo = 0x0E3D,
                   kSaraE = 0x0E40, kSaraAe = 0x0E41, kSaraO = 0x0E42, kSaraAiMuan = 0x0E43, kSaraAiMalai = 0x0E44,
                   kLakkhangyao = 0x0E45, kMaiTaikhu = 0x0E47, kFirstTone = 0x0E48, kLastTone = 0x0E4B,
                   kThanthakhat = 0x0E4C, kNikhahit = 0x0E4D, kLaoHoNo = 0x0E5C, kLaoHoMo = 0x0E5D;

bool is_consonant(char32_t c) { return (c >= kFirst && c < kFirst + kThai.size()) || c == kLaoHoNo || c == kLaoHoMo; }
bool is_preposed(char32_t c) { return c >= kSaraE && c <= kSaraAiMalai; }
/// A vowel that stands behind, above or below its consonant.
bool is_following(char32_t c) {
  return (c >= kSaraA && c <= kLaoNyo && c != kPhinthu) || c == kNikhahit || c == kMaiTaikhu;
}

class Reader {
 public:
  Reader(std::u32string_view word, bool lao, std::string& out) : lao_(lao), out_(out) {
    for (char32_t c : word) {
      if (lao && c >= 0x0E80 && c < 0x0F00) c -= kLaoShift;
      if (c >= kFirstTone && c <= kLastTone) continue;
      if (c == kThanthakhat) {
        // What it crosses out: a consonant, and a vowel sign on it.
        while (!letters_.empty() && is_following(letters_.back())) letters_.pop_back();
        const bool ro = letters_.ends_with(kRo);
        if (!letters_.empty()) letters_.pop_back();
        // Of "ntr" and "str" only the first is heard.
        if (ro && letters_.size() > 1 && (letters_.back() == 0x0E17 || letters_.back() == 0x0E15) &&
            is_consonant(letters_[letters_.size() - 2])) {
          letters_.pop_back();
        }
        continue;
      }
      if (c < 0x0E00 || c >= 0x0E60) continue;
      letters_ += c;
    }
  }

  void read() && {
    while (at_ < letters_.size()) syllable();
  }

 private:
  char32_t peek(std::size_t ahead = 0) const { return at_ + ahead < letters_.size() ? letters_[at_ + ahead] : 0; }
  bool take(char32_t c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  const Consonant& sound(char32_t c) const {
    static constexpr Consonant kNothing{"", ""}, kN{"n", "n"}, kM{"m", "m"}, kY{"ny", "i"}, kS{"x", "t"},
        kLaoR{"r", "n"}, kLaoY{"y", "i"}, kLaoV{"v", "o"};
    if (c == kLaoHoNo) return kN;
    if (c == kLaoHoMo) return kM;
    if (lao_) {
      if (c == 0x0E0D) return kY;
      if (c == 0x0E0A) return kS;
      if (c == kRo) return kLaoR;
      if (c == kYo) return kLaoY;
      if (c == kWo) return kLaoV;
    }
    return is_consonant(c) ? kThai[c - kFirst] : kNothing;
  }

  /// The second of two consonants that open a syllable together, or 0: r, l, w after a stop; a sonorant after a mute h.
  char32_t cluster_with(char32_t first, char32_t second) const {
    if (lao_ && second == kLaoSemivowelL) return kLo;
    if (first == kHo && (second == kRo || second == kLo || second == kWo || second == kYo || second == 0x0E07 ||
                         second == 0x0E0D || second == 0x0E19 || second == 0x0E21)) {
      return second;
    }
    const std::u32string_view kOpening = U"กขคตปผพท";
    if ((second == kRo || second == kLo || second == kWo) && kOpening.find(first) != std::u32string_view::npos) {
      if (first == 0x0E17 || first == 0x0E15) return second == kRo ? second : 0;
      if (second == kWo && first != 0x0E01 && first != 0x0E02 && first != 0x0E04) return 0;
      return second;
    }
    return 0;
  }

  /// Consonants that open a syllable. With a preposed vowel a cluster needs nothing behind it; else a sign must follow.
  void initial(bool preposed) {
    const char32_t first = letters_[at_++];
    const char32_t second = cluster_with(first, peek());
    bool clusters = second != 0 && is_consonant(peek());
    if (clusters && !preposed) {
      clusters = is_following(peek(1)) || (peek(1) == kWo && is_consonant(peek(2)) && second != kWo) ||
                 (first == kHo && is_consonant(peek(1))) || (peek(1) == kO && second != kO) ||
                 (peek(1) == kRo && peek(2) == kRo && !is_following(peek(3)));
    }
    if (clusters && preposed) clusters = first == kHo || is_consonant(peek(1)) || is_following(peek(1));
    if (lao_ && peek() == kLaoSemivowelL) clusters = true;
    if (!(clusters && first == kHo)) out_ += sound(first).initial;
    if (clusters) {
      // ทร is s in old words (ทราย), but not where a vowel stands before it.
      if (first == 0x0E17 && second == kRo && !preposed && !lao_) {
        out_.erase(out_.size() - 2);
        out_ += "s";
      } else {
        out_ += sound(second).initial;
      }
      ++at_;
    }
  }

  /// May the consonant here close the syllable, or does it open the next?
  bool closes() const {
    const char32_t c = peek(), next = peek(1);
    if (!is_consonant(c) || c == kO || c == 0x0E2E || c == kHo || c == kRu) return false;
    if (is_following(next)) return false;
    // The first of a cluster with a vowel behind it: ปร in "ประ".
    if (is_consonant(next) && cluster_with(c, next) != 0 && is_following(peek(2)) && c != kHo) return false;
    return true;
  }

  void final() {
    if (!closes()) return;
    out_ += sound(letters_[at_++]).final;
    // ตร and the like at the end are one sound: บัตร.
    if (at_ + 1 == letters_.size() && peek() == kRo) ++at_;
  }

  void syllable() {
    const char32_t c = peek();
    if (is_preposed(c)) {
      ++at_;
      if (is_consonant(peek())) return after_preposed(c);
      return;  // A vowel without a consonant is a slip.
    }
    if (c == kRu || c == kLu) {
      out_ += c == kRu ? "rue" : "lue";
      ++at_;
      take(kLakkhangyao);
      return final();
    }
    if (!is_consonant(c)) {
      ++at_;  // A sign without a consonant.
      return;
    }
    // A consonant alone at the end closes what was before.
    if (at_ + 1 == letters_.size()) {
      out_ += at_ == 0 ? sound(c).initial : sound(c).final;
      ++at_;
      return;
    }
    const std::size_t bare = bare_consonants();
    initial(false);
    if (vowel()) return;
    // No vowel is written: o between two consonants, and a for one that is left over in front of a syllable.
    if (peek() == kRu) {
      return;
    }
    if (bare >= 2 && bare % 2 == 0 && closes()) {
      out_ += "o";
      return final();
    }
    if (take(kO)) {
      out_ += "o";
      return final();
    }
    out_ += "a";
  }

  /// How many consonants stand here without a vowel, the one that has the next vowel not counted.
  std::size_t bare_consonants() const {
    std::size_t count = 0;
    while (is_consonant(peek(count))) ++count;
    if (count > 0 && is_following(peek(count))) {
      --count;
      // A cluster that has the vowel is not bare either.
      if (count > 0 && cluster_with(peek(count - 1), peek(count)) != 0) --count;
    }
    return count;
  }

  /// The vowel signs behind a consonant, with what closes the syllable. False if there are none.
  bool vowel() {
    switch (peek()) {
      case kSaraA:
        ++at_;
        out_ += "a";
        return true;
      case kMaiHanAkat:
        ++at_;
        if (take(kWo)) {
          out_ += "ua";
          take(kSaraA);
          return true;
        }
        out_ += "a";
        final();
        return true;
      case kLaoMaiKon:
        ++at_;
        if (take(kWo)) {
          out_ += "ua";
          return true;
        }
        out_ += "o";
        final();
        return true;
      case kSaraAa:
        return simple("a");
      case kSaraAm:
        ++at_;
        out_ += "am";
        return true;
      case kNikhahit:  // With sara aa it is sara am, which NFKC takes apart; Lao has it alone for o.
        ++at_;
        if (take(kSaraAa)) {
          out_ += "am";
        } else {
          out_ += lao_ ? "o" : "am";
          if (lao_) final();
        }
        return true;
      case kSaraI:
      case kSaraIi:
        return simple("i");
      case kSaraUe:
      case kSaraUee:
        ++at_;
        take(kO);
        out_ += "ue";
        final();
        return true;
      case kSaraU:
      case kSaraUu:
        return simple("u");
      case kLaoNyo:
        return simple("ia");
      case kWo:  // ว between consonants is ua.
        if (is_consonant(peek(1)) && !is_following(peek(2)) && !is_following(peek(1))) {
          ++at_;
          out_ += "ua";
          final();
          return true;
        }
        return false;
      case kO:
        ++at_;
        out_ += "o";
        final();
        return true;
      case kRo:
        if (peek(1) == kRo && !is_following(peek(2))) {  // รร is a, and an at the end.
          at_ += 2;
          out_ += "a";
          if (closes()) {
            final();
          } else {
            out_ += "n";
          }
          return true;
        }
        return false;
      case kMaiTaikhu:
        ++at_;
        out_ += "o";  // ก็.
        take(kO);
        final();
        return true;
      default:
        return false;
    }
  }

  bool simple(std::string_view latin) {
    ++at_;
    out_ += latin;
    final();
    return true;
  }

  void after_preposed(char32_t before) {
    initial(true);
    switch (before) {
      case kSaraE:
        return after_e();
      case kSaraAe:
        take(kMaiTaikhu) || take(kSaraA);
        out_ += "ae";
        return final();
      case kSaraO:
        if (take(kSaraA)) {
          out_ += "o";
          return;
        }
        out_ += "o";
        return final();
      default:
        take(kYo);
        out_ += "ai";
        return;
    }
  }

  /// What stands before the consonant is half of many vowels.
  void after_e() {
    if (take(kSaraIi)) {
      if (take(kYo) || take(kLaoNyo)) {
        out_ += "ia";
        take(kSaraA);
        return final();
      }
      out_ += "oe";
      return final();
    }
    if (take(kSaraUee)) {
      take(kO);
      out_ += "uea";
      take(kSaraA);
      return final();
    }
    if (take(kSaraI)) {
      out_ += "oe";
      return final();
    }
    if (lao_ && take(kMaiHanAkat)) {
      out_ += "e";
      return final();
    }
    if (lao_ && take(kLaoMaiKon)) {
      take(kSaraAa);
      out_ += "ao";
      return;
    }
    if (take(kSaraAa)) {
      out_ += take(kSaraA) ? "o" : "ao";
      return;
    }
    if (take(kSaraA)) {
      out_ += "e";
      return;
    }
    if (peek() == kO && !is_following(peek(1))) {
      ++at_;
      out_ += "oe";
      take(kSaraA);
      return final();
    }
    if (peek() == kYo && !is_following(peek(1))) {
      ++at_;
      out_ += "oei";
      return;
    }
    take(kMaiTaikhu);
    out_ += "e";
    final();
  }

  bool lao_;
  std::string& out_;
  std::u32string letters_;  // Without tones and what is crossed out.
  std::size_t at_ = 0;
};

}  // namespace

void romanize_thai(std::u32string_view word, std::string_view, std::string& out) { Reader(word, false, out).read(); }

void romanize_lao(std::u32string_view word, std::string_view, std::string& out) { Reader(word, true, out).read(); }

}  // namespace dragoman
