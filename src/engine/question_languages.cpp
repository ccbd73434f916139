#include "engine/question_languages.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/evaluate/topics.h"
#include "retrieve/encoded_queries.h"
#include "text/language_key.h"

namespace dragoman {
namespace {

// Measured: of questions in one language, 1% then has some part taken for another, and most mixed ones are seen.
constexpr double kSure = 0.5;
constexpr std::size_t kMostBytes = 2048;
constexpr std::size_t kQuestionBlock = 512;

}  // namespace

std::vector<LanguageProbability> languages_within(const Query& query, const LanguageIdentifier& identifier,
                                                  std::span<const Language> known) {
  const std::string_view text = utf8_prefix(query.text, kMostBytes);
  const auto all = static_cast<double>(count_code_points(text));
  const Language own = language_key(query.language);
  std::map<Language, double> parts;
  for (const LanguageSpan& span : identifier.segment(text)) {
    const Language language = language_key(span.language);
    if (span.confidence < kSure || language.undetermined() || language == own) continue;
    if (std::ranges::find(known, language) == known.end()) continue;
    parts[language] += static_cast<double>(count_code_points(span.range.of(text))) / all;
  }
  double rest = 1;
  for (const auto& [language, part] : parts) rest -= part;
  parts[own] += std::max(rest, 0.0);
  std::vector<LanguageProbability> languages;
  for (const auto& [language, part] : parts) languages.push_back({language, part});
  return languages;
}

QuestionMeans means_of_questions(const std::string& file, const Encoder& encoder,
                                 const LanguageIdentifier& identifier) {
  std::vector<Query> queries = read_queries(file);
  if (queries.empty()) throw InvalidData(fmt::format("{}: holds no questions to debias by", file));
  std::vector<float> vectors;
  std::vector<Language> languages;
  for (std::size_t first = 0; first < queries.size(); first += kQuestionBlock) {
    const std::span block(&queries[first], std::min(kQuestionBlock, queries.size() - first));
    for (const Encoding& encoding : encode_queries(encoder, block)) {
      vectors.insert(vectors.end(), encoding.dense.begin(), encoding.dense.end());
    }
  }
  for (const Query& query : queries) {
    languages.push_back(query.language.tag() == "und" ? identifier.posterior(query.text).guess().language
                                                      : query.language);
  }
  return {vectors, languages, encoder.dimension()};
}

}  // namespace dragoman
