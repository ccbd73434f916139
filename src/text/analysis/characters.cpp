#include "text/analysis/characters.h"

#include <fmt/format.h>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <utility>

#include "dragoman/base/error.h"
#include "text/icu.h"

namespace dragoman {
namespace {

bool in_category(UChar32 code_point, std::uint32_t mask) { return (U_GET_GC_MASK(code_point) & mask) != 0; }

const icu::Normalizer2& casefold() {
  static const icu::Normalizer2& instance = [&]() -> const icu::Normalizer2& {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* found = icu::Normalizer2::getNFKCCasefoldInstance(status);
    if (U_FAILURE(status)) {
      throw Unavailable(fmt::format("ICU cannot normalise text ({}); install its data", u_errorName(status)));
    }
    return *found;
  }();
  return instance;
}

bool is_content(UChar32 code_point) {
  if (code_point == 0xFFFD) return false;  // Stands for bytes that could not be read.
  return in_category(code_point, U_GC_L_MASK | U_GC_N_MASK | U_GC_M_MASK | U_GC_S_MASK) ||
         // A few emoji are punctuation (U+203C, U+3030); ASCII "#" and "*" only start keycap emoji.
         (code_point > 0x7F && u_hasBinaryProperty(code_point, UCHAR_EMOJI));
}

/// A character that Chinese and Japanese are written with, without spaces between words.
bool is_cjk(UChar32 code_point) {
  if (code_point < 0x2E80) return false;  // CJK Radicals; nearly all text stops here.
  // Script extensions, because the prolonged sound mark of kana is of script Common.
  return in_category(code_point, U_GC_L_MASK | U_GC_NL_MASK) &&
         (uscript_hasScript(code_point, USCRIPT_HAN) || uscript_hasScript(code_point, USCRIPT_HIRAGANA) ||
          uscript_hasScript(code_point, USCRIPT_KATAKANA));
}

UScriptCode script_of(UChar32 code_point) {
  UErrorCode status = U_ZERO_ERROR;
  return uscript_getScript(code_point, &status);
}

WordBreak word_break_of(UChar32 code_point) {
  // As word.txt of ICU has it: "@" is a letter, colons are not inside words, and what dictionaries know is apart.
  if (code_point >= 0xAC00 && code_point <= 0xD7A3) return WordBreak::hangul;
  const auto property = u_getIntPropertyValue(code_point, UCHAR_WORD_BREAK);
  const UScriptCode script = script_of(code_point);
  if (property == U_WB_KATAKANA) return WordBreak::katakana;
  if (script == USCRIPT_HAN || script == USCRIPT_HIRAGANA) return WordBreak::kana_kanji;
  if (code_point == '@') return WordBreak::letter;
  if (code_point == ':' || code_point == 0xFE55 || code_point == 0xFF1A) return WordBreak::other;
  switch (property) {
    case U_WB_CR:
    case U_WB_LF:
    case U_WB_NEWLINE:
      return WordBreak::newline;
    case U_WB_EXTEND:
    case U_WB_FORMAT:
      return WordBreak::extend;
    case U_WB_ZWJ:
      return WordBreak::zwj;
    case U_WB_ALETTER:
      return WordBreak::letter;
    case U_WB_HEBREW_LETTER:
      return WordBreak::hebrew_letter;
    case U_WB_NUMERIC:
      return WordBreak::numeric;
    case U_WB_EXTENDNUMLET:
      return WordBreak::connector;
    case U_WB_MIDLETTER:
      return WordBreak::mid_letter;
    case U_WB_MIDNUM:
      return WordBreak::mid_number;
    case U_WB_MIDNUMLET:
      return WordBreak::mid_number_letter;
    case U_WB_SINGLE_QUOTE:
      return WordBreak::single_quote;
    case U_WB_DOUBLE_QUOTE:
      return WordBreak::double_quote;
    case U_WB_WSEGSPACE:
      return WordBreak::space;
    case U_WB_REGIONAL_INDICATOR:
      return WordBreak::regional_indicator;
    default:
      break;
  }
  if (u_getIntPropertyValue(code_point, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT) return WordBreak::letter;
  if (u_hasBinaryProperty(code_point, UCHAR_EXTENDED_PICTOGRAPHIC)) return WordBreak::pictograph;
  return WordBreak::other;
}

std::uint8_t flags_of(UChar32 code_point, WordBreak word_break) {
  std::uint8_t flags = 0;
  if (is_content(code_point)) flags |= Character::content;
  if (is_apostrophe(static_cast<char32_t>(code_point))) flags |= Character::apostrophe;
  const bool cjk = is_cjk(code_point);
  if (cjk) flags |= Character::cjk;
  if (in_category(code_point, U_GC_M_MASK) || u_hasBinaryProperty(code_point, UCHAR_GRAPHEME_EXTEND)) {
    flags |= Character::extends;
  }
  // Chinese and Japanese characters are cut apart in any case; what else ICU gives to their dictionary is left to it.
  const bool in_cjk_dictionary = word_break == WordBreak::katakana || word_break == WordBreak::kana_kanji;
  if (u_getIntPropertyValue(code_point, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT || (in_cjk_dictionary && !cjk)) {
    flags |= Character::dictionary;
  }
  return flags;
}

}  // namespace

CharacterTable::~CharacterTable() {
  for (auto& page : pages_) delete page.load(std::memory_order_relaxed);
}

const CharacterTable::Page* CharacterTable::make_page(std::size_t number) const {
  auto page = std::make_unique<Page>();
  const icu::Normalizer2& normalizer = casefold();
  std::string alone, normalised, folded;
  for (std::size_t i = 0; i < page->size(); ++i) {
    const auto code_point = static_cast<UChar32>(number << 8 | i);
    Character& character = (*page)[i];
    character.word_break = word_break_of(code_point);
    character.flags = flags_of(code_point, character.word_break);
    if (U_IS_SURROGATE(code_point)) continue;

    alone.clear();
    append_code_point(static_cast<char32_t>(code_point), alone);
    normalised = nfkc_casefold(alone);
    // Where no character touches the one before it, a word is normalised by normalising its characters.
    bool independent = normalizer.hasBoundaryBefore(code_point);
    if (!independent && normalised == alone && u_getCombiningClass(code_point) != 0 &&
        u_getIntPropertyValue(code_point, UCHAR_NFC_QUICK_CHECK) == UNORM_YES) {
      character.flags |= Character::lone_mark;
      independent = true;
    }
    if (!independent) continue;
    char32_t end = 0;
    for (std::size_t at = 0; at < normalised.size();) end = next_code_point(normalised, at);
    if (u_getCombiningClass(static_cast<UChar32>(end)) != 0) character.flags |= Character::ends_in_mark;
    for (std::size_t at = 0; at < normalised.size();) independent &= !parts_tokens(next_code_point(normalised, at));
    if (!independent) continue;
    folded.clear();
    fold_(static_cast<char32_t>(code_point), normalised, folded);
    if (folded.size() > character.folded.size()) continue;
    character.folded_size = static_cast<std::uint8_t>(folded.size());
    std::ranges::copy(folded, character.folded.begin());
  }
  const Page* expected = nullptr;
  if (pages_[number].compare_exchange_strong(expected, page.get(), std::memory_order_acq_rel)) return page.release();
  return expected;  // Another thread was first.
}

std::string nfkc_casefold(std::string_view word) {
  std::string folded;
  UErrorCode status = U_ZERO_ERROR;
  icu::StringByteSink<std::string> sink(&folded);
  casefold().normalizeUTF8(0, icu::StringPiece(word.data(), static_cast<std::int32_t>(word.size())), sink, nullptr,
                           status);
  if (U_FAILURE(status)) throw Unavailable(fmt::format("ICU cannot normalise text: {}", u_errorName(status)));
  return folded;
}

bool is_apostrophe(char32_t code_point) {
  switch (code_point) {
    case U'\'':
    case 0x02BB:  // Modifier letter turned comma: Uzbek, Hawaiian.
    case 0x02BC:  // Modifier letter apostrophe: Ukrainian, Hausa.
    case 0x05F3:  // Hebrew geresh.
    case 0x2018:
    case 0x2019:
    case 0xFF07:
      return true;
    default:
      return false;
  }
}

bool parts_tokens(char32_t code_point) {
  const auto value = static_cast<UChar32>(code_point);
  return u_isUWhiteSpace(value) || is_apostrophe(code_point) || in_category(value, U_GC_PS_MASK | U_GC_PE_MASK);
}

}  // namespace dragoman
