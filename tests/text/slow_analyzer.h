#pragma once

// The analyser "icu" by ICU alone, step by step: what every faster way must agree with.

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/base/utf8.h"
#include "dragoman/text/analyzer.h"
#include "text/icu.h"

namespace dragoman::slow {

inline constexpr std::size_t kMaxTokenBytes = Analyzer::kMaxTokenBytes;

/// A character of Chinese or Japanese with its marks, at most; more is an attack.
inline constexpr std::size_t kMaxClusterBytes = 64;

inline bool in_category(UChar32 code_point, std::uint32_t mask) { return (U_GET_GC_MASK(code_point) & mask) != 0; }

/// Does a token need one of these to exist?
inline bool is_content(UChar32 code_point) {
  if (code_point == 0xFFFD) return false;  // Stands for bytes that could not be read.
  return in_category(code_point, U_GC_L_MASK | U_GC_N_MASK | U_GC_M_MASK | U_GC_S_MASK) ||
         // A few emoji are punctuation (U+203C, U+3030); ASCII "#" and "*" only start keycap emoji.
         (code_point > 0x7F && u_hasBinaryProperty(code_point, UCHAR_EMOJI));
}

/// Apostrophes join, but what they join is searched for apart: "İstanbul'da" and "İstanbul", "l'homme" and "homme".
/// Without the cut BM25 loses 3 points of nDCG@10 on Turkish questions. They are typed in many ways.
inline bool is_apostrophe(UChar32 code_point) {
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

/// A character that Chinese and Japanese are written with, without spaces between words.
inline bool is_cjk(UChar32 code_point) {
  if (code_point < 0x2E80) return false;  // CJK Radicals; nearly all text stops here.
  // Script extensions, because the prolonged sound mark of kana is of script Common.
  return in_category(code_point, U_GC_L_MASK | U_GC_NL_MASK) &&
         (uscript_hasScript(code_point, USCRIPT_HAN) || uscript_hasScript(code_point, USCRIPT_HIRAGANA) ||
          uscript_hasScript(code_point, USCRIPT_KATAKANA));
}

inline bool extends(UChar32 code_point) {
  return in_category(code_point, U_GC_M_MASK) || u_hasBinaryProperty(code_point, UCHAR_GRAPHEME_EXTEND);
}

/// Vowel signs that Arabic and Hebrew mostly leave out, and that nobody types into a search box.
inline bool is_optional_vowel(UChar32 code_point) {
  return (code_point >= 0x064B && code_point <= 0x0652) || code_point == 0x0670 ||
         (code_point >= 0x06D6 && code_point <= 0x06ED && in_category(code_point, U_GC_M_MASK)) ||
         (code_point >= 0x0591 && code_point <= 0x05C7 && in_category(code_point, U_GC_M_MASK));
}

inline void append(UChar32 code_point, std::string& out) {
  std::array<char, U8_MAX_LENGTH> bytes{};
  std::size_t size = 0;
  U8_APPEND_UNSAFE(bytes.data(), size, code_point);
  out.append(bytes.data(), size);
}

inline bool is_ascii(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) > 0x7F) return false;
  }
  return true;
}

/// What NFKC_Casefold leaves different although readers see one word.
inline std::string fold_further(std::string_view text) {
  std::string out;
  UChar32 previous = 0;
  for (std::size_t at = 0; at < text.size();) {
    UChar32 code_point = static_cast<UChar32>(next_code_point(text, at));
    if (code_point == 0xFFFD || code_point == 0x0640) continue;  // U+0640, tatweel, only stretches the line.
    if (is_optional_vowel(code_point)) continue;
    // Casefold turns "İ" into i with a dot above and "I" into i, so that Turkish words would differ by case. The
    // language is not known here; hence all four are one.
    if (code_point == 0x0307 && previous == 'i') continue;
    if (code_point == 0x0131) code_point = 'i';
    if (code_point == 0x05F4) code_point = '"';  // Hebrew gershayim, nearly always typed so.
    if (code_point > 0x7F && u_charType(code_point) == U_DECIMAL_DIGIT_NUMBER) {
      code_point = '0' + u_charDigitValue(code_point);
    }
    append(code_point, out);
    previous = code_point;
  }
  return out;
}

inline std::string fold(std::string_view word, const icu::Normalizer2& casefold) {
  std::string folded;
  if (is_ascii(word)) {
    for (const char c : word) folded += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return folded;
  }
  UErrorCode status = U_ZERO_ERROR;
  icu::StringByteSink<std::string> sink(&folded);
  casefold.normalizeUTF8(0, icu::StringPiece(word.data(), static_cast<std::int32_t>(word.size())), sink, nullptr,
                         status);
  if (U_FAILURE(status)) return {};
  return fold_further(folded);
}

/// One analysis of one text.
class SlowTokenizer {
 public:
  SlowTokenizer(std::string_view text, const icu::Normalizer2& casefold) : text_(text), casefold_(casefold) {}

  std::vector<Token> run() && {
    icu::BreakIterator& words = break_iterator(Boundary::word, text_);
    std::size_t begin = 0;
    for (auto end = words.next(); end != icu::BreakIterator::DONE; end = words.next()) {
      add_segment(begin, static_cast<std::size_t>(end));
      begin = static_cast<std::size_t>(end);
    }
    flush_cjk();
    return std::move(tokens_);
  }

 private:
  /// Takes what lies between two word boundaries: white space, punctuation, a word, or several pieces of words.
  void add_segment(std::size_t begin, std::size_t end) {
    std::size_t word_begin = begin;
    std::size_t safe_cut = begin;  // Last place inside the word where no mark follows.
    for (std::size_t at = begin; at < end;) {
      const std::size_t here = at;
      const auto code_point = static_cast<UChar32>(next_code_point(text_, at));
      if (is_apostrophe(code_point)) {
        add_word(word_begin, here);
        word_begin = safe_cut = at;
      } else if (is_cjk(code_point)) {
        add_word(word_begin, here);
        at = cluster_end(at, end);
        add_cjk(here, at);
        word_begin = safe_cut = at;
      } else {
        if (!extends(code_point)) safe_cut = here;
        if (at - word_begin > kMaxTokenBytes) {
          const std::size_t cut = safe_cut > word_begin ? safe_cut : here;
          add_word(word_begin, cut);
          word_begin = safe_cut = cut;
        }
      }
    }
    add_word(word_begin, end);
  }

  std::size_t cluster_end(std::size_t at, std::size_t end) const {
    const std::size_t limit = at + kMaxClusterBytes;
    while (at < end && at < limit) {
      std::size_t next = at;
      if (!extends(static_cast<UChar32>(next_code_point(text_, next)))) break;
      at = next;
    }
    return at;
  }

  void add_word(std::size_t begin, std::size_t end) {
    // White space and punctuation are dropped, and also trimmed: "__init__".
    std::size_t first = end, last = begin;
    for (std::size_t at = begin; at < end;) {
      const std::size_t here = at;
      if (!is_content(static_cast<UChar32>(next_code_point(text_, at)))) continue;
      first = std::min(first, here);
      last = at;
    }
    if (first >= last) return;
    flush_cjk();
    add_folded(fold(text_.substr(first, last - first), casefold_), first, last);
  }

  /// Normalisation may lengthen a word, and make several of one (U+FDFA is a phrase of four).
  void add_folded(std::string_view folded, std::size_t begin, std::size_t end) {
    std::size_t word_begin = 0;
    const auto add = [&](std::size_t word_end) {
      std::string_view word = folded.substr(word_begin, word_end - word_begin);
      while (!word.empty()) {
        const std::string_view piece = utf8_prefix(word, kMaxTokenBytes);
        tokens_.push_back({std::string(piece), begin, end});
        word.remove_prefix(piece.size());
      }
    };
    for (std::size_t at = 0; at < folded.size();) {
      const std::size_t here = at;
      const auto code_point = static_cast<UChar32>(next_code_point(folded, at));
      if (!u_isUWhiteSpace(code_point) && !is_apostrophe(code_point) &&
          !in_category(code_point, U_GC_PS_MASK | U_GC_PE_MASK)) {
        continue;
      }
      add(here);
      word_begin = at;
    }
    add(folded.size());
  }

  void add_cjk(std::size_t begin, std::size_t end) {
    if (!cjk_.empty() && cjk_.back().end != begin) flush_cjk();
    std::string folded = fold(text_.substr(begin, end - begin), casefold_);
    if (!folded.empty()) cjk_.push_back({std::move(folded), begin, end});
  }

  /// Every character, and every two neighbours. ICU's dictionary cuts the same name one way in a question and another
  /// way in a sentence, and then nothing matches. nDCG@10 of BM25, dictionary words / pairs / both / characters and
  /// pairs: Chinese XQuAD .963 / .967 / .966 / .967, XQuAD-R .830 / .822 / .835 / .839, news headlines .911 / .913 /
  /// .917 / .915, Japanese headlines .911 / .917 / .917 / .923. Thai is better off with the dictionary (XQuAD .968,
  /// pairs .960), and so Lao, Khmer and Burmese keep it, too.
  void flush_cjk() {
    for (std::size_t i = 0; i < cjk_.size(); ++i) {
      add_folded(cjk_[i].text, cjk_[i].begin, cjk_[i].end);
      if (i + 1 < cjk_.size()) add_folded(cjk_[i].text + cjk_[i + 1].text, cjk_[i].begin, cjk_[i + 1].end);
    }
    cjk_.clear();
  }

  std::string_view text_;
  const icu::Normalizer2& casefold_;
  std::vector<Token> tokens_;
  std::vector<Token> cjk_;  // Neighbouring characters, folded, that wait for the end of their run.
};

inline std::vector<Token> analyze(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  return SlowTokenizer(text, *icu::Normalizer2::getNFKCCasefoldInstance(status)).run();
}

}  // namespace dragoman::slow
