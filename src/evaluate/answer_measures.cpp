#include <fmt/format.h>
#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <limits>

#include "dragoman/evaluate/text_measures.h"
#include "dragoman/text/analyzer.h"
#include "evaluate/check_references.h"
#include "evaluate/code_points.h"
#include "evaluate/ngrams.h"

namespace dragoman {
namespace {

std::u32string lower_case(std::string_view text) {
  if (text.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
    throw InvalidArgument(fmt::format("an answer has {} bytes; at most 2 GiB can be compared", text.size()));
  }
  icu::UnicodeString string =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  string.toLower(icu::Locale::getRoot());
  std::string lower;
  string.toUTF8String(lower);
  return to_code_points(lower);
}

bool is_in(std::string_view language, std::initializer_list<std::string_view> languages) {
  return std::find(languages.begin(), languages.end(), language) != languages.end();
}

bool is_punctuation(char32_t c, std::string_view language) {
  if (is_ascii_punctuation(c)) return true;
  return language != "en" && (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_P_MASK) != 0;
}

/// What stands in a word to a regular expression, which is how the scripts find articles.
bool is_word_character(char32_t c) {
  return c == U'_' || (U_GET_GC_MASK(static_cast<UChar32>(c)) & (U_GC_L_MASK | U_GC_N_MASK)) != 0;
}

std::span<const std::u32string_view> articles(std::string_view language) {
  static constexpr std::u32string_view kEnglish[] = {U"a", U"an", U"the"};
  static constexpr std::u32string_view kSpanish[] = {U"un", U"una", U"unos", U"unas", U"el", U"la", U"los", U"las"};
  static constexpr std::u32string_view kVietnamese[] = {U"của", U"là", U"cái", U"chiếc", U"những"};
  static constexpr std::u32string_view kGerman[] = {U"ein", U"eine", U"einen", U"einem", U"eines", U"einer",
                                                    U"der", U"die",  U"das",   U"den",   U"dem",   U"des"};
  if (language == "en") return kEnglish;
  if (language == "es") return kSpanish;
  if (language == "vi") return kVietnamese;
  if (language == "de") return kGerman;
  return {};
}

std::u32string without_articles(std::u32string_view text, std::string_view language) {
  std::u32string result;
  if (language == "ar") {
    constexpr std::u32string_view kArticle = U"ال";
    for (std::size_t at = 0; at < text.size();) {
      const bool is_article = text.substr(at).starts_with(kArticle);
      result += is_article ? U' ' : text[at];
      at += is_article ? kArticle.size() : 1;
    }
    return result;
  }
  const auto known = articles(language);
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_word_character(text[end])) ++end;
    const std::u32string_view word = text.substr(at, end - at);
    if (std::find(known.begin(), known.end(), word) != known.end())
      result += U' ';
    else
      result += word;
    if (end < text.size()) result += text[end++];
    at = end;
  }
  return result;
}

/// Characters that are words by themselves get spaces around them.
std::u32string space_out_characters(std::u32string_view text, std::string_view language) {
  const auto stands_alone = [&](char32_t c) {
    return (c >= 0x4E00 && c <= 0x9FA5) || (language == "ja" && c >= 0x3040 && c <= 0x30FF);
  };
  std::u32string result;
  for (const char32_t c : text) {
    if (stands_alone(c))
      result.append(U" ").append(1, c).append(U" ");
    else
      result += c;
  }
  return result;
}

std::u32string join(const std::vector<std::u32string_view>& words) {
  std::u32string result;
  for (const std::u32string_view word : words) {
    if (!result.empty()) result += U' ';
    result += word;
  }
  return result;
}

/// Words between single spaces.
std::u32string normalize(std::string_view text, const Language& language) {
  const std::string_view primary = language.primary();
  std::u32string rest = lower_case(text);
  std::erase_if(rest, [&](char32_t c) { return is_punctuation(c, primary); });
  rest = without_articles(rest, primary);
  if (is_in(primary, {"zh", "yue", "ja"})) rest = space_out_characters(rest, primary);
  if (is_in(primary, {"th", "lo", "km", "my"})) {
    static const Analyzer kAnalyzer("icu");
    std::u32string words;
    for (const Token& token : kAnalyzer.analyze(to_utf8(rest))) words.append(to_code_points(token.text)).append(U" ");
    rest = std::move(words);
  }
  return join(split_words(rest));
}

double f1(const std::u32string& answer, const std::u32string& right) {
  const auto words = split_words(answer), right_words = split_words(right);
  if (words.empty() || right_words.empty()) return words.empty() && right_words.empty() ? 1 : 0;
  const auto same = static_cast<double>(matches(count_ngrams(words, 1), count_ngrams(right_words, 1)));
  if (same == 0) return 0;
  const double precision = same / static_cast<double>(words.size());
  const double recall = same / static_cast<double>(right_words.size());
  return 2 * precision * recall / (precision + recall);
}

}  // namespace

std::string normalize_answer(std::string_view text, const Language& language) {
  return to_utf8(normalize(text, language));
}

AnswerScore score_answer(std::string_view answer, std::span<const std::string> right_answers,
                         const Language& language) {
  check_references("score_answer", right_answers);
  const std::u32string normalized = normalize(answer, language);
  AnswerScore best;
  for (const std::string& right_answer : right_answers) {
    const std::u32string right = normalize(right_answer, language);
    if (normalized == right) best.exact_match = 1;
    best.f1 = std::max(best.f1, f1(normalized, right));
  }
  return best;
}

}  // namespace dragoman
