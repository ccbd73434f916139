#include "dragoman/text/romanize.h"

#include <fmt/format.h>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <unordered_map>

#include "dragoman/base/error.h"
#include "text/icu.h"
#include "text/romanize/letter_table.h"
#include "text/romanize/scripts.h"

namespace dragoman {
namespace {

/// Words that a thread keeps of the scripts that ICU serves; then it begins anew.
constexpr std::size_t kCachedWords = 4096;
constexpr std::int32_t kMaxIcuWord = 200;  // Code points; longer ones are cut, as ICU's rules are slow.

/// Scripts without tables of our own. ICU compiles its rules at the first use; a thread keeps them, and what they gave.
void romanize_by_icu(std::u32string_view word, std::string_view, std::string& out) {
  thread_local std::unique_ptr<icu::Transliterator> any_latin;
  thread_local std::unordered_map<std::u32string, std::string> cache;
  UErrorCode status = U_ZERO_ERROR;
  if (any_latin == nullptr) {
    any_latin.reset(icu::Transliterator::createInstance("Any-Latin", UTRANS_FORWARD, status));
    if (U_FAILURE(status) || any_latin == nullptr) {
      throw Unavailable(
          fmt::format("ICU cannot romanise text ({}); install its data (package libicu)", u_errorName(status)));
    }
  }
  for (std::size_t at = 0; at < word.size(); at += kMaxIcuWord) {
    const std::u32string part(word.substr(at, kMaxIcuWord));
    auto found = cache.find(part);
    if (found == cache.end()) {
      icu::UnicodeString text;
      for (const char32_t c : part) text.append(static_cast<UChar32>(c));
      const icu::UnicodeString original = text;
      any_latin->transliterate(text);
      if (text != original) {
        const icu::Normalizer2* nfd = icu::Normalizer2::getNFDInstance(status);
        icu::UnicodeString plain;
        const icu::UnicodeString decomposed = nfd->normalize(text, status);
        for (std::int32_t i = 0; i < decomposed.length(); ++i) {
          if (u_charType(decomposed.charAt(i)) != U_NON_SPACING_MARK) plain.append(decomposed.charAt(i));
        }
        text = plain;
      }
      std::string latin;
      text.toUTF8String(latin);
      if (cache.size() == kCachedWords) cache.clear();
      found = cache.emplace(part, std::move(latin)).first;
    }
    out += found->second;
  }
}

struct ScriptEntry {
  UScriptCode script;
  ScriptRomanizer romanizer;
  bool spaced = true;  ///< Words have spaces between them.
};
constexpr std::array<ScriptEntry, 23> kScripts = {{
    {USCRIPT_CYRILLIC, romanize_cyrillic},
    {USCRIPT_GREEK, romanize_greek},
    {USCRIPT_ARMENIAN, romanize_armenian},
    {USCRIPT_GEORGIAN, romanize_georgian},
    {USCRIPT_ETHIOPIC, romanize_ethiopic},
    {USCRIPT_HEBREW, romanize_hebrew},
    {USCRIPT_ARABIC, romanize_arabic},
    {USCRIPT_DEVANAGARI, romanize_indic},
    {USCRIPT_BENGALI, romanize_indic},
    {USCRIPT_GURMUKHI, romanize_indic},
    {USCRIPT_GUJARATI, romanize_indic},
    {USCRIPT_ORIYA, romanize_indic},
    {USCRIPT_TAMIL, romanize_indic},
    {USCRIPT_TELUGU, romanize_indic},
    {USCRIPT_KANNADA, romanize_indic},
    {USCRIPT_MALAYALAM, romanize_indic},
    {USCRIPT_SINHALA, romanize_sinhala},
    {USCRIPT_THAI, romanize_thai, false},
    {USCRIPT_LAO, romanize_lao, false},
    {USCRIPT_KHMER, romanize_khmer, false},
    {USCRIPT_MYANMAR, romanize_burmese, false},
    {USCRIPT_HANGUL, romanize_hangul},
    {USCRIPT_HAN, romanize_han_and_kana, false},  // script_of() says so of kana, too.
}};

UScriptCode script_of(char32_t c) {
  UErrorCode status = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(static_cast<UChar32>(c), &status);
  if (script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA || c == 0x30FC || c == 0x3005) return USCRIPT_HAN;
  return script;
}

bool is_mark_or_joiner(char32_t c) {
  return (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_M_MASK) != 0 || c == 0x200C || c == 0x200D;
}

/// Punctuation that Latin text writes otherwise; empty for what stays.
std::string_view plain_punctuation(char32_t c) {
  switch (c) {
    case 0x060C:  // Arabic comma.
    case 0x3001:
      return ",";
    case 0x061B:
      return ";";
    case 0x061F:
      return "?";
    case 0x06D4:
    case 0x0964:  // Danda.
    case 0x0965:
    case 0x3002:
    case 0x1362:
    case 0x0589:
    case 0x17D4:
    case 0x104B:
      return ".";
    case 0x104A:
      return ",";
    case 0x30FB:  // Between the parts of a name in katakana.
    case 0x3000:
      return " ";
    case 0x066B:
      return ".";
    case 0x066C:
      return ",";
    default:
      return {};
  }
}

/// Is it katakana that lies at this place, on three bytes?
bool is_katakana(std::string_view text, std::size_t at) {
  if (at + 3 > text.size()) return false;
  const char32_t c = next_code_point(text, at);
  return c >= 0x30A1 && c <= 0x30FF;
}

class Romanizer {
 public:
  Romanizer(std::string_view text, std::string_view language) : text_(text), language_(language) {}

  std::string run() && {
    out_.reserve(text_.size());
    for (std::size_t at = 0; at < text_.size();) {
      if (static_cast<unsigned char>(text_[at]) < 0x80) {
        take_space(text_[at]);
        out_ += text_[at++];
        continue;
      }
      const std::size_t begin = at;
      const char32_t c = next_code_point(text_, at);
      const UScriptCode script = script_of(c);
      if (script == USCRIPT_LATIN) {
        take_space('a');
        out_.append(text_, begin, at - begin);
      } else if (script == USCRIPT_COMMON || script == USCRIPT_INHERITED || script == USCRIPT_UNKNOWN) {
        other(c, begin, at);
      } else {
        at = end_of_run(at, script);
        word_run(script, text_.substr(begin, at - begin));
      }
    }
    return std::move(out_);
  }

 private:
  /// A space between a word of a script without spaces and what comes next, if that is a letter or a digit.
  void take_space(char next) {
    const bool word = u_isalnum(static_cast<UChar32>(static_cast<unsigned char>(next))) != 0;
    if (space_due_ && word) out_ += ' ';
    space_due_ = false;
  }

  std::size_t end_of_run(std::size_t at, UScriptCode script) const {
    while (at < text_.size()) {
      std::size_t next = at;
      const char32_t c = next_code_point(text_, next);
      if (c < 0x80) break;
      const UScriptCode its = script_of(c);
      if (its != script && !((its == USCRIPT_INHERITED || its == USCRIPT_COMMON) && is_mark_or_joiner(c))) break;
      if (its == script && (U_GET_GC_MASK(static_cast<UChar32>(c)) & (U_GC_P_MASK | U_GC_ND_MASK)) != 0) break;
      at = next;
    }
    return at;
  }

  void other(char32_t c, std::size_t begin, std::size_t end) {
    if (u_charType(static_cast<UChar32>(c)) == U_DECIMAL_DIGIT_NUMBER) {
      take_space('0');
      out_ += static_cast<char>('0' + u_charDigitValue(static_cast<UChar32>(c)));
      return;
    }
    if (c == 0x200C || c == 0x200D) return;
    space_due_ = false;
    const std::string_view plain = c == 0xFFFD ? "\xEF\xBF\xBD" : plain_punctuation(c);
    if (plain.empty()) {
      out_.append(text_, begin, end - begin);
    } else {
      out_ += plain;
    }
  }

  void word_run(UScriptCode script, std::string_view run) {
    std::size_t rest = 0;
    const char32_t first = next_code_point(run, rest);
    if ((U_GET_GC_MASK(static_cast<UChar32>(first)) & (U_GC_P_MASK | U_GC_ND_MASK)) != 0) {
      const std::size_t begin = static_cast<std::size_t>(run.data() - text_.data());
      other(first, begin, begin + rest);
      if (rest == run.size()) return;
      run.remove_prefix(rest);
    }
    const auto entry = std::ranges::find(kScripts, script, &ScriptEntry::script);
    if (entry == kScripts.end() || entry->spaced) {
      take_space('a');
      (entry == kScripts.end() ? romanize_by_icu : entry->romanizer)(decode_utf8(run), language_, out_);
      return;
    }
    if (!out_.empty() && u_isalnum(static_cast<UChar32>(static_cast<unsigned char>(out_.back()))) != 0) out_ += ' ';
    std::size_t begin = 0;
    space_due_ = false;
    for (const std::size_t end : unit_ends(Boundary::word, run)) {
      // The dictionary knows few words of katakana, and cuts the others up.
      if (end != run.size() && is_katakana(run, end - 3) && is_katakana(run, end)) continue;
      if (begin != 0) out_ += ' ';
      entry->romanizer(decode_utf8(run.substr(begin, end - begin)), language_, out_);
      begin = end;
    }
    space_due_ = true;
  }

  std::string_view text_;
  std::string_view language_;
  std::string out_;
  bool space_due_ = false;
};

/// NFKC; ill-formed bytes become U+FFFD.
std::string compose_compatible(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(status);
  if (U_FAILURE(status)) throw Unavailable(fmt::format("ICU cannot normalise text: {}", u_errorName(status)));
  std::string composed;
  icu::StringByteSink<std::string> sink(&composed, static_cast<std::int32_t>(text.size()));
  nfkc->normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), sink, nullptr, status);
  if (U_FAILURE(status)) throw Unavailable(fmt::format("ICU cannot normalise text: {}", u_errorName(status)));
  return composed;
}

bool has_kana(std::string_view text) {
  for (std::size_t at = 0; at + 2 < text.size(); ++at) {
    // U+3040 to U+30FF are E3 81 to E3 83.
    if (text[at] == '\xE3' && text[at + 1] >= '\x81' && text[at + 1] <= '\x83') return true;
  }
  return false;
}

}  // namespace

std::string romanize(std::string_view text, const Language& language) {
  if (text.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
    throw InvalidArgument(fmt::format("text has {} bytes; at most {} can be romanised, cut it first", text.size(),
                                      std::numeric_limits<std::int32_t>::max()));
  }
  std::string_view primary = language.primary();
  if (primary == "und" && has_kana(text)) primary = "ja";
  const std::string composed = compose_compatible(text);
  return Romanizer(composed, primary).run();
}

}  // namespace dragoman
