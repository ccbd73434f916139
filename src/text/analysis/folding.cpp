#include "text/analysis/folding.h"

#include <fmt/format.h>
#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <array>
#include <mutex>
#include <utility>

#include "dragoman/base/error.h"
#include "text/icu.h"

namespace dragoman {
namespace {

bool is_ascii(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

/// Vowel signs that Arabic and Hebrew mostly leave out, and that nobody types into a search box.
bool is_optional_vowel(char32_t code_point) {
  const auto is_mark = [&] { return (U_GET_GC_MASK(static_cast<UChar32>(code_point)) & U_GC_M_MASK) != 0; };
  return (code_point >= 0x064B && code_point <= 0x0652) || code_point == 0x0670 ||
         (code_point >= 0x06D6 && code_point <= 0x06ED && is_mark()) ||
         (code_point >= 0x0591 && code_point <= 0x05C7 && is_mark());
}

char32_t fold_arabic(char32_t code_point) {
  switch (code_point) {
    case U'آ':
    case U'أ':
    case U'إ':
    case U'ٱ':
      return U'ا';
    case U'ة':
      return U'ه';
    case U'ى':
      return U'ي';
    default:
      return code_point;
  }
}

char32_t fold_persian(char32_t code_point) {
  switch (code_point) {
    case U'ي':
    case U'ى':
    case U'ئ':
      return U'ی';
    case U'ك':
      return U'ک';
    case U'ة':
    case U'ۀ':
      return U'ه';
    case U'أ':
    case U'إ':
    case U'ٱ':
      return U'ا';
    case U'ؤ':
      return U'و';
    default:
      return code_point;
  }
}

char32_t fold_urdu(char32_t code_point) {
  switch (code_point) {
    case U'ه':
    case U'ة':
    case U'ۃ':
    case U'ۂ':
    case U'ۀ':
      return U'ہ';
    default:
      return fold_persian(code_point);
  }
}

char32_t fold_devanagari(char32_t code_point) {
  switch (code_point) {
    case 0x093C:
      return 0;
    case U'ऩ':
      return U'न';
    case U'ऱ':
      return U'र';
    case U'ऴ':
      return U'ळ';
    case 0x0901:
      return 0x0902;
    default:
      return code_point;
  }
}

char32_t fold_romanian(char32_t code_point) {
  switch (code_point) {
    case U'ș':
      return U'ş';
    case U'ț':
      return U'ţ';
    default:
      return code_point;
  }
}

/// By CLDR's table. Only called while pages are made, a few hundred times for all of Chinese.
char32_t simplified(char32_t code_point) {
  if (!u_hasBinaryProperty(static_cast<UChar32>(code_point), UCHAR_IDEOGRAPHIC)) return code_point;
  // ICU does not say that a transliterator may be shared.
  static std::mutex mutex;
  static const std::unique_ptr<icu::Transliterator> transliterator = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::Transliterator> made(icu::Transliterator::createInstance("Hant-Hans", UTRANS_FORWARD, status));
    if (U_FAILURE(status) || made == nullptr) {
      throw Unavailable(fmt::format("ICU has no table of simplified characters ({})", u_errorName(status)));
    }
    return made;
  }();
  const std::lock_guard lock(mutex);
  icu::UnicodeString text(static_cast<UChar32>(code_point));
  transliterator->transliterate(text);
  return text.countChar32() == 1 ? static_cast<char32_t>(text.char32At(0)) : code_point;
}

/// U+FFFD stands for bytes that could not be read; U+0640, tatweel, only stretches the line.
bool is_dropped(char32_t code_point) {
  return code_point == 0xFFFD || code_point == 0x0640 || is_optional_vowel(code_point);
}

/// What becomes of a code point that NFKC_Casefold has left, whatever stands beside it.
void fold_code_point(Fold folds, char32_t code_point, std::string& out) {
  if (is_dropped(code_point)) return;
  if (code_point == 0x0131 && !has(folds, Fold::turkish_i)) code_point = 'i';
  if (code_point == 0x05F4) code_point = '"';  // Hebrew gershayim, nearly always typed so.
  if (code_point > 0x7F && u_charType(static_cast<UChar32>(code_point)) == U_DECIMAL_DIGIT_NUMBER) {
    code_point = '0' + static_cast<char32_t>(u_charDigitValue(static_cast<UChar32>(code_point)));
  }
  if (has(folds, Fold::arabic_letters)) code_point = fold_arabic(code_point);
  if (has(folds, Fold::persian_letters)) code_point = fold_persian(code_point);
  if (has(folds, Fold::urdu_letters)) code_point = fold_urdu(code_point);
  if (has(folds, Fold::devanagari_marks)) code_point = fold_devanagari(code_point);
  if (has(folds, Fold::simplified_han)) code_point = simplified(code_point);
  if (has(folds, Fold::cyrillic_yo) && code_point == U'ё') code_point = U'е';
  if (has(folds, Fold::romanian_cedilla)) code_point = fold_romanian(code_point);
  if (code_point != 0) append_code_point(code_point, out);
}

/// Casefold makes i of "I" and i with a dot above of "İ"; where both are one letter the dot goes, where they are two
/// Turkish capitals have to be made small before.
std::string with_turkish_i(std::string_view word) {
  std::string out;
  for (std::size_t at = 0; at < word.size(); ++at) {
    if (word[at] == 'I') {
      const bool dotted = word.substr(at + 1).starts_with("\u0307");
      out.append(dotted ? "i" : "ı");
      if (dotted) at += 2;
    } else {
      out += word[at];
    }
  }
  return out;
}

}  // namespace

Folder::Folder(Fold folds) : folds_(folds) {
  characters_ =
      std::make_unique<CharacterTable>([folds](char32_t original, std::string_view normalised, std::string& out) {
        if (has(folds, Fold::turkish_i) && original == U'I') normalised = "ı";
        if (original == U'İ') normalised = "i";
        for (std::size_t at = 0; at < normalised.size();) fold_code_point(folds, next_code_point(normalised, at), out);
      });
}

bool Folder::fold(std::string_view word, std::string& out) const {
  const std::size_t size = out.size();
  if (!has(folds_, Fold::turkish_i) && is_ascii(word)) {
    out.append(word);
    for (std::size_t i = size; i < out.size(); ++i) out[i] += out[i] >= 'A' && out[i] <= 'Z' ? 'a' - 'A' : 0;
    return true;
  }
  bool after_mark = false;
  for (std::size_t at = 0; at < word.size();) {
    const Character& character = characters_->of(next_code_point(word, at));
    // The order of marks is what normalising is about.
    if (character.folded_size == Character::kNotAlone || (after_mark && character.is(Character::lone_mark))) {
      out.resize(size);
      fold_whole(word, out);
      return false;
    }
    after_mark = character.is(Character::ends_in_mark);
    out.append(character.folded.data(), character.folded_size);
  }
  return true;
}

void Folder::fold_whole(std::string_view word, std::string& out) const {
  const std::string normalised =
      has(folds_, Fold::turkish_i) ? nfkc_casefold(with_turkish_i(word)) : nfkc_casefold(word);
  char32_t previous = 0;
  for (std::size_t at = 0; at < normalised.size();) {
    const char32_t code_point = next_code_point(normalised, at);
    if (is_dropped(code_point) || (code_point == 0x0307 && previous == 'i')) continue;
    fold_code_point(folds_, code_point, out);
    previous = code_point == 0x0131 ? 'i' : code_point;
  }
}

void remove_latin_marks(std::string& word) {
  if (is_ascii(word)) return;
  static const icu::Normalizer2& decompose = [&]() -> const icu::Normalizer2& {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* found = icu::Normalizer2::getNFDInstance(status);
    if (U_FAILURE(status)) throw Unavailable(fmt::format("ICU cannot normalise text: {}", u_errorName(status)));
    return *found;
  }();
  std::string out;
  for (std::size_t at = 0; at < word.size();) {
    const std::size_t here = at;
    const char32_t code_point = next_code_point(word, at);
    UErrorCode status = U_ZERO_ERROR;
    const UScriptCode script = uscript_getScript(static_cast<UChar32>(code_point), &status);
    icu::UnicodeString parts;
    if (code_point == U'ł' || code_point == U'đ' || code_point == U'ø') {
      out += code_point == U'ł' ? 'l' : code_point == U'đ' ? 'd' : 'o';  // Letters that Unicode does not take apart.
    } else if ((script == USCRIPT_LATIN || script == USCRIPT_GREEK) &&
               decompose.getDecomposition(static_cast<UChar32>(code_point), parts)) {
      append_code_point(static_cast<char32_t>(parts.char32At(0)), out);
    } else if (code_point >= 0x0300 && code_point <= 0x036F) {
      continue;
    } else {
      out.append(word, here, at - here);
    }
  }
  word = std::move(out);
}

}  // namespace dragoman
