// Kana by Hepburn's system without marks of length ("tokyo", as on passports), characters by their readings.

#include <algorithm>
#include <string>

#include "text/romanize/han_readings.h"
#include "text/romanize/letter_table.h"
#include "text/romanize/scripts.h"

namespace dragoman {
namespace {

constexpr std::string_view kHiragana =
    "あ=a い=i う=u え=e お=o か=ka き=ki く=ku け=ke こ=ko さ=sa し=shi す=su せ=se そ=so た=ta ち=chi つ=tsu て=te "
    "と=to "
    "な=na に=ni ぬ=nu ね=ne の=no は=ha ひ=hi ふ=fu へ=he ほ=ho ま=ma み=mi む=mu め=me も=mo や=ya ゆ=yu よ=yo ら=ra "
    "り=ri "
    "る=ru れ=re ろ=ro わ=wa ゐ=i ゑ=e を=o ん=n が=ga ぎ=gi ぐ=gu げ=ge ご=go ざ=za じ=ji ず=zu ぜ=ze ぞ=zo だ=da "
    "ぢ=ji "
    "づ=zu で=de ど=do ば=ba び=bi ぶ=bu べ=be ぼ=bo ぱ=pa ぴ=pi ぷ=pu ぺ=pe ぽ=po ゔ=vu "
    "きゃ=kya きゅ=kyu きょ=kyo しゃ=sha しゅ=shu しょ=sho ちゃ=cha ちゅ=chu ちょ=cho にゃ=nya にゅ=nyu にょ=nyo "
    "ひゃ=hya "
    "ひゅ=hyu ひょ=hyo みゃ=mya みゅ=myu みょ=myo りゃ=rya りゅ=ryu りょ=ryo ぎゃ=gya ぎゅ=gyu ぎょ=gyo じゃ=ja "
    "じゅ=ju "
    "じょ=jo ぢゃ=ja ぢゅ=ju ぢょ=jo びゃ=bya びゅ=byu びょ=byo ぴゃ=pya ぴゅ=pyu ぴょ=pyo "
    // Sounds of other languages.
    "ふぁ=fa ふぃ=fi ふぇ=fe ふぉ=fo ふゅ=fyu てぃ=ti でぃ=di とぅ=tu どぅ=du でゅ=dyu てゅ=tyu しぇ=she ちぇ=che "
    "じぇ=je "
    "うぃ=wi うぇ=we うぉ=wo ゔぁ=va ゔぃ=vi ゔぇ=ve ゔぉ=vo ゔゅ=vyu つぁ=tsa つぃ=tsi つぇ=tse つぉ=tso いぇ=ye "
    "くぁ=kwa "
    "くぃ=kwi くぇ=kwe くぉ=kwo ぐぁ=gwa "
    "ぁ=a ぃ=i ぅ=u ぇ=e ぉ=o ゃ=ya ゅ=yu ょ=yo ゎ=wa ゕ=ka ゖ=ke";

constexpr char32_t kFirstKatakana = 0x30A1, kLastKatakana = 0x30F6, kToHiragana = 0x60, kSmallTsu = 0x3063, kN = 0x3093,
                   kIteration = 0x3005;

bool is_kana(char32_t c) { return c >= 0x3040 && c <= 0x30FF; }

/// Long vowels as one: "toukyou" and "tookyoo" are "tokyo".
void append_without_length(std::string_view kana, std::string& out) {
  for (std::size_t i = 0; i < kana.size(); ++i) {
    const bool lengthens = i > 0 && ((kana[i] == 'u' && (kana[i - 1] == 'o' || kana[i - 1] == 'u')) ||
                                     (kana[i] == 'o' && kana[i - 1] == 'o'));
    if (!lengthens) out += kana[i];
  }
}

void romanize_kana(std::u32string_view kana, std::string& out) {
  static const LetterTable table(kHiragana);
  std::u32string hiragana;
  for (const char32_t c : kana) hiragana += c >= kFirstKatakana && c <= kLastKatakana ? c - kToHiragana : c;
  if (hiragana == U"は") return void(out += "wa");  // A word of its own is the particle.
  if (hiragana == U"へ") return void(out += "e");
  std::string latin;
  bool doubles = false;
  for (std::size_t at = 0; at < hiragana.size();) {
    if (hiragana[at] == kSmallTsu) {
      doubles = true;
      ++at;
      continue;
    }
    std::string sound;
    at += std::max<std::size_t>(table.convert_one(hiragana, at, sound), 1);  // The mark of length is no entry.
    // "n" and a vowel are not "na": Shin'ichi.
    if (!latin.empty() && at >= 2 && hiragana[at - 2] == kN && !sound.empty() &&
        std::string_view("aiueoy").find(sound[0]) != std::string_view::npos) {
      latin += "'";
    }
    if (doubles && !sound.empty()) latin += sound.starts_with("ch") ? 't' : sound[0];
    doubles = false;
    latin += sound;
  }
  append_without_length(latin, out);
}

}  // namespace

void romanize_han_and_kana(std::u32string_view word, std::string_view language, std::string& out) {
  const bool japanese = language == "ja";
  for (std::size_t at = 0; at < word.size();) {
    if (is_kana(word[at])) {
      std::size_t end = at;
      while (end < word.size() && is_kana(word[end])) ++end;
      romanize_kana(word.substr(at, end - at), out);
      at = end;
      continue;
    }
    const HanWord known = japanese ? known_japanese_word(word.substr(at)) : known_chinese_word(word.substr(at));
    if (known.size != 0) {
      out += known.latin;
      at += known.size;
      continue;
    }
    const char32_t character = word[at] == kIteration && at > 0 ? word[at - 1] : word[at];
    const std::string_view syllable = pinyin(character);
    // As Pinyin writes it: xi'an is not xian.
    const bool vowel_first = !syllable.empty() && std::string_view("aeo").find(syllable[0]) != std::string_view::npos;
    if (vowel_first && at > 0 && !japanese) out += "'";
    out += syllable;
    ++at;
  }
}

}  // namespace dragoman
