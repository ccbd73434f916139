#include "dragoman/text/skeleton.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "dragoman/text/romanize.h"
#include "text/icu.h"
#include "text/romanize/letter_table.h"
#include "text/romanize/skeleton_keys.h"

namespace dragoman {
namespace {

/// Latin letters with the sounds of their diacritics; others lose theirs.
constexpr std::string_view kDiacritics =
    "š=sh ŝ=shch č=ch ž=zh ć=ch đ=dj ś=sh ź=z ż=zh ł=l ş=sh ș=sh ţ=ts ț=ts ğ=g ı=i ß=ss æ=e œ=e ø=o þ=th ð=d ə=a ħ=h "
    "ŋ=ng ñ=n "
    "ṣ=s ḍ=d ṭ=t ẓ=z ḥ=h ḫ=kh ḵ=kh ġ=gh ʃ=sh ʒ=zh";

/// One letter for each sound, out of those that spellings differ in. Vowels are a, i, u.
constexpr std::string_view kSounds =
    "a=a e=i i=i o=u u=u y=i b=b c=k d=d f=f g=g h=h j=j k=k l=l m=m n=n p=p q=k r=r s=s t=t v=v w=w x=ks z=z "
    "ce=si ci=si cy=si ck=k cq=k qu=kv ^x=s "
    "ch=c tch=c tsh=c chh=c cch=c tsch=c cz=c sh=x sch=x ssh=x shch=x zh=j dzh=j dj=j dzj=j ts=s tz=s dz=z "
    "kh=q gh=g ph=f th=t dh=d bh=b jh=j rh=r lh=l wh=w nh=n mh=m vh=v "
    "np=mp nb=mb np=mp "
    "ce$=s ^ps=ps ks=ks kx=ks";

bool is_vowel(char c) { return c == 'a' || c == 'i' || c == 'u'; }

bool is_one_of(std::string_view language, std::initializer_list<std::string_view> languages) {
  return std::ranges::find(languages, language) != languages.end();
}

/// Languages that write ts as c, or are transliterated so by scholars (ISO 9).
bool c_is_ts(std::string_view language) {
  return is_one_of(language, {"sr", "hr", "bs", "sl", "cs", "sk", "pl", "lt", "lv", "ru", "uk", "be", "bg"});
}

/// Languages whose j is the y of English.
bool j_is_y(std::string_view language) {
  return is_one_of(language, {"sr", "hr", "bs", "sl", "cs", "pl", "de", "ru", "uk", "be", "bg"});
}

/// Languages whose ç is ch, not s.
bool c_cedilla_is_ch(std::string_view language) { return is_one_of(language, {"tr", "az", "ku", "sq"}); }

}  // namespace

std::string plain_latin(std::string_view word, const Language& language) {
  static const LetterTable diacritics(kDiacritics);
  UErrorCode status = U_ZERO_ERROR;
  static const icu::Normalizer2* const nfd = icu::Normalizer2::getNFDInstance(status);
  std::u32string lower;
  for (const char32_t c : decode_utf8(romanize(word, language))) {
    lower += static_cast<char32_t>(u_tolower(static_cast<UChar32>(c)));
  }
  std::string plain;
  const std::string_view primary = language.primary();
  for (std::size_t at = 0; at < lower.size(); ++at) {
    const char32_t c = lower[at];
    if (c < 0x80) {
      if (c == 'c' && c_is_ts(primary) && !(at + 1 < lower.size() && lower[at + 1] == 'h')) {
        plain += "ts";
      } else if (c == 'j' && j_is_y(primary)) {
        plain += 'y';
      } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
        plain += static_cast<char>(c);
      }
      continue;
    }
    if (c == U'ç') {
      plain += c_cedilla_is_ch(primary) ? "ch" : "s";
      continue;
    }
    if (diacritics.convert_one(lower, at, plain) != 0) continue;
    icu::UnicodeString decomposed;
    if (nfd != nullptr && nfd->getDecomposition(static_cast<UChar32>(c), decomposed)) {
      // What is left of letters such as ế, which have two marks.
      while (nfd->getDecomposition(decomposed.char32At(0), decomposed)) {
      }
      const UChar32 base = decomposed.char32At(0);
      if (base < 0x80 && u_isalnum(base) != 0) plain += static_cast<char>(base);
    }
  }
  return plain;
}

namespace {

/// Digits that stand for letters of Arabic in a word of Latin letters: "3arab", "7abibi". "mp3" is too short for one.
void read_chat_digits(std::string& word) {
  std::size_t letters = 0, digits = 0;
  bool neighbours = false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const bool digit = word[i] >= '0' && word[i] <= '9';
    neighbours |= digit && i > 0 && word[i - 1] >= '0' && word[i - 1] <= '9';
    letters += !digit;
    digits += digit;
    if (digit && std::string_view("235679").find(word[i]) == std::string_view::npos) return;
  }
  if (digits == 0 || letters < 3 || neighbours) return;
  std::string read;
  for (const char c : word) {
    switch (c) {
      case '2':
      case '3':
        break;
      case '5':
        read += "kh";
        break;
      case '6':
        read += 't';
        break;
      case '7':
        read += 'h';
        break;
      case '9':
        read += 's';
        break;
      default:
        read += c;
    }
  }
  word = std::move(read);
}

bool is_number(std::string_view word) {
  return std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

/// The word by kSounds; w is still apart from v, and kh is q.
std::string sounds_of(std::string_view plain) {
  std::string word(plain);
  read_chat_digits(word);
  // A last e is silent, or as good as: but not the only vowel. "ce" stays for the table.
  if (word.size() > 3 && word.back() == 'e' && !word.ends_with("ce") &&
      std::string_view("aeiouy").find(word[word.size() - 2]) == std::string_view::npos &&
      word.find_first_of("aeiouy") < word.size() - 1) {
    word.pop_back();
  }
  static const LetterTable table(kSounds);
  std::string sounds;
  table.convert(decode_utf8(word), sounds, [](char32_t c, std::string& out) { append_code_point(c, out); });
  return sounds;
}

/// Drops what is not heard: the second of two equal letters, and an h but before a vowel or between one and a
/// consonant.
std::string without_silent(std::string_view sounds) {
  std::string heard;
  for (std::size_t i = 0; i < sounds.size(); ++i) {
    const char c = sounds[i];
    if (!heard.empty() && c == heard.back()) continue;
    if (c == 'h' && !heard.empty() && (!is_vowel(heard.back()) || i + 1 == sounds.size())) continue;
    heard += c;
  }
  return heard;
}

std::size_t count_consonants(std::string_view key) {
  return static_cast<std::size_t>(std::ranges::count_if(key, [](char c) { return c != 'A' && c != '~'; }));
}

}  // namespace

std::string sound_key(std::string_view plain) {
  if (is_number(plain)) return std::string(plain);
  std::string sounds = sounds_of(plain);
  std::ranges::replace(sounds, 'w', 'v');
  std::ranges::replace(sounds, 'q', 'k');
  return without_silent(sounds);
}

std::string consonant_key(std::string_view plain, ReadW w) {
  if (is_number(plain)) return {};
  std::string sounds = sounds_of(plain);
  std::ranges::replace(sounds, 'w', w == ReadW::vowel ? 'u' : 'v');
  sounds = without_silent(sounds);
  std::string key;
  for (std::size_t i = 0; i < sounds.size(); ++i) {
    const char c = sounds[i];
    if (is_vowel(c)) {
      if (i == 0) key += 'A';
      continue;
    }
    constexpr std::string_view kFolded = "pvjzq", kInto = "BFGSH";
    const std::size_t folded = kFolded.find(c);
    key += folded != std::string_view::npos ? kInto[folded]
           : c >= 'a' && c <= 'z'           ? static_cast<char>(c - 'a' + 'A')
                                            : c;
  }
  return count_consonants(key) < 2 ? std::string() : key;
}

std::string kana_key(std::string_view plain) {
  if (is_number(plain)) return {};
  static const LetterTable table(
      "a=a e=a i=a o=a u=a y=a w= b=B v=B c=K k=K q=K ck=K g=G gh=G f=H ph=H h=H s=S sh=S sch=S th=S x=KS z=Z j=Z zh=Z "
      "dj=Z "
      "dge=Z dzh=Z t=T ch=T tch=T tsch=T ts=T tz=T d=D m=M n=N np=MP nb=MB nm=M p=P l=L r=R ce=Sa ci=Sa cy=Sa chr=KR "
      "wh=H");
  std::string heard;
  table.convert(decode_utf8(plain), heard, [](char32_t, std::string&) {});
  std::string key = "~";
  for (std::size_t i = 0; i < heard.size(); ++i) {
    char c = heard[i];
    const bool before_vowel = i + 1 < heard.size() && heard[i + 1] == 'a';
    if (c == 'a' || ((c == 'R' || c == 'H') && !before_vowel)) continue;
    if (i > 0 && c == heard[i - 1]) continue;
    key += c == 'L' ? 'R' : c;
  }
  return count_consonants(key) < 2 ? std::string() : key;
}

std::string skeleton(std::string_view word, const Language& language) { return sound_key(plain_latin(word, language)); }

std::string consonant_skeleton(std::string_view word, const Language& language) {
  return consonant_key(plain_latin(word, language));
}

}  // namespace dragoman
