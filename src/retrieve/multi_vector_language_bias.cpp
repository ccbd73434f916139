#include "dragoman/retrieve/multi_vector_language_bias.h"

#include <algorithm>
#include <map>
#include <string>

#include "dense/all_finite.h"
#include "dragoman/base/parallel.h"
#include "dragoman/collection/segment_file.h"
#include "dragoman/multivector/max_sim.h"
#include "dragoman/multivector/multi_vector_segment.h"
#include "retrieve/language_section.h"
#include "text/language_key.h"

namespace dragoman {
namespace {

constexpr std::string_view kKind = "multivector-bias";
constexpr std::size_t kQuestions = 64, kLeastQuestions = 2, kMostQuestions = 16;
constexpr std::size_t kPassages = 128, kLeastPassages = 4, kMostPassages = 32;
// Of a passage that is taken for a question; the first tokens are the model's own, and of its prompt.
constexpr std::size_t kSkippedTokens = 4, kQuestionTokens = 20;
constexpr double kPriorPairs = 4;

struct Sampled {
  DocumentNumber document = 0;
  std::size_t language = 0;
  std::vector<float> vectors;
};

struct Place {
  std::size_t segment = 0, passage = 0;
};

/// So many of them, evenly spaced.
template <class T>
std::vector<T> spaced(const std::vector<T>& all, std::size_t count) {
  count = std::min(count, all.size());
  std::vector<T> some;
  for (std::size_t i = 0; i < count; ++i) some.push_back(all[i * all.size() / count]);
  return some;
}

std::span<const float> question_of(std::span<const float> vectors, std::size_t dimension) {
  const std::size_t tokens = vectors.size() / dimension;
  const std::size_t skipped = tokens > kSkippedTokens ? kSkippedTokens : 0;
  return vectors.subspan(skipped * dimension, std::min(tokens - skipped, kQuestionTokens) * dimension);
}

}  // namespace

MultiVectorLanguageBias MultiVectorLanguageBias::fit(
    std::span<const std::shared_ptr<const MultiVectorSegment>> segments, const Collection::DocumentLanguages& languages,
    std::size_t threads) {
  std::vector<Language> keys;
  for (const Language& language : languages.languages) keys.push_back(language_key(language));
  std::map<Language, std::vector<Place>> passages;
  for (std::size_t s = 0; s < segments.size(); ++s) {
    for (std::size_t p = 0; p < segments[s]->passage_count(); ++p) {
      const DocumentNumber document = segments[s]->passage(p).document;
      if (languages.is_live(document)) passages[keys.at(languages.of.at(document))].push_back({s, p});
    }
  }
  MultiVectorLanguageBias bias;
  const std::size_t count = passages.size();
  for (const auto& [language, places] : passages) bias.languages_.push_back(language);
  bias.heights_.resize(count * count);
  bias.unrelated_.resize(count);
  if (count == 0) return bias;

  const std::size_t dimension = segments.front()->dimension();
  const auto sample = [&](std::size_t size) {
    std::vector<Sampled> sampled;
    std::size_t language = 0;
    for (const auto& [key, places] : passages) {
      for (const Place& place : spaced(places, size)) {
        sampled.push_back({segments[place.segment]->passage(place.passage).document, language,
                           segments[place.segment]->vectors(place.passage)});
        if (sampled.back().vectors.empty()) sampled.pop_back();
      }
      ++language;
    }
    return sampled;
  };
  const auto asked = sample(std::clamp(kQuestions / count, kLeastQuestions, kMostQuestions));
  const auto compared = sample(std::clamp(kPassages / count, kLeastPassages, kMostPassages));

  std::vector<double> scores(asked.size() * compared.size());
  parallel_for(asked.size(), threads, [&](std::size_t q, std::size_t) {
    const auto question = question_of(asked[q].vectors, dimension);
    const std::size_t tokens = question.size() / dimension;
    const MatrixView query{question, tokens, dimension};
    for (std::size_t d = 0; d < compared.size(); ++d) {
      const auto& vectors = compared[d].vectors;
      if (asked[q].document == compared[d].document) continue;
      scores[q * compared.size() + d] =
          static_cast<double>(max_sim(query, {vectors, vectors.size() / dimension, dimension})) /
          static_cast<double>(tokens);
    }
  });
  std::vector<double> sums(count * count), pairs(count * count);
  for (std::size_t q = 0; q < asked.size(); ++q) {
    for (std::size_t d = 0; d < compared.size(); ++d) {
      if (asked[q].document == compared[d].document) continue;
      const std::size_t pair = asked[q].language * count + compared[d].language;
      sums[pair] += scores[q * compared.size() + d];
      pairs[pair] += 1;
    }
  }
  for (std::size_t a = 0; a < count; ++a) {
    double mean = 0, known = 0;
    for (std::size_t pair = a * count; pair < (a + 1) * count; ++pair) {
      if (pairs[pair] == 0) continue;
      mean += sums[pair] / pairs[pair];
      known += 1;
    }
    if (known == 0) continue;
    mean /= known;
    bias.unrelated_[a] = static_cast<float>(mean);
    for (std::size_t pair = a * count; pair < (a + 1) * count; ++pair) {
      if (pairs[pair] == 0) continue;
      const double worth = pairs[pair] / (pairs[pair] + kPriorPairs);
      bias.heights_[pair] = static_cast<float>(worth * (sums[pair] / pairs[pair] - mean));
    }
  }
  return bias;
}

float MultiVectorLanguageBias::height(const Language& query, const Language& document) const {
  const auto of = place_of(languages_, document), by = place_of(languages_, query);
  const std::size_t count = languages_.size();
  if (!of) return 0;
  if (by) return heights_[*by * count + *of];
  if (count < 2) return 0;
  double sum = 0;
  for (std::size_t a = 0; a < count; ++a) sum += a == *of ? 0 : static_cast<double>(heights_[a * count + *of]);
  return static_cast<float>(sum / static_cast<double>(count - 1));
}

float MultiVectorLanguageBias::unrelated(const Language& query) const {
  if (const auto by = place_of(languages_, query)) return unrelated_[*by];
  double sum = 0;
  for (const float score : unrelated_) sum += static_cast<double>(score);
  return unrelated_.empty() ? 0 : static_cast<float>(sum / static_cast<double>(unrelated_.size()));
}

std::uint64_t MultiVectorLanguageBias::write(const std::filesystem::path& path, std::string_view stamp) const {
  SegmentWriter writer(path, std::string(kKind), std::string(stamp));
  write_languages(writer, languages_);
  writer.add_array("heights", std::span(heights_));
  writer.add_array("unrelated", std::span(unrelated_));
  return writer.commit();
}

MultiVectorLanguageBias MultiVectorLanguageBias::read(const std::filesystem::path& path, std::string_view stamp) {
  const SegmentReader reader(path, kKind, stamp);
  MultiVectorLanguageBias bias;
  bias.languages_ = read_languages(reader);
  const auto heights = reader.array<float>("heights");
  bias.heights_.assign(heights.begin(), heights.end());
  const auto unrelated = reader.array<float>("unrelated");
  bias.unrelated_.assign(unrelated.begin(), unrelated.end());
  reader.check(bias.heights_.size() == bias.languages_.size() * bias.languages_.size() && all_finite(bias.heights_) &&
               unrelated.size() == bias.languages_.size() &&
               std::ranges::all_of(unrelated, [](float score) { return score >= -1 && score <= 1; }));
  return bias;
}

}  // namespace dragoman
