#include "dragoman/retrieve/language_bias.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "dragoman/base/error.h"
#include "dragoman/base/parallel.h"
#include "dragoman/dense/flat_index.h"
#include "retrieve/language_section.h"
#include "text/language_key.h"

namespace dragoman {
namespace {

// Measured on a pool of 12 parallel languages, and on pools of 5 and 12 that share no topic (docs/language-bias.md).
constexpr float kQuestionShare = 0.5f;  // Of the centre, that questions share with passages.
constexpr float kLeastStrength = 0.5f;  // Where no language says what another says.
constexpr double kParallelFrom = 0.4;   // From here on all of the means is taken away, ...
constexpr double kParallelFully = 0.6;  // ... and here languages are levelled in full.
constexpr float kLevel = 0.9f;

// Passages that are compared with all others, and how many comparisons may be made for more than the fewest.
constexpr std::size_t kMostSample = 512, kLeastSample = 64, kComparisons = std::size_t{1} << 28;
constexpr std::size_t kBlock = 1024;
// Nearest passages of a language: the one that may be a translation, and those it is compared with.
constexpr std::size_t kNearest = 5;
constexpr double kMarginDeviations = 2;

void subtract(std::span<float> vector, std::span<const float> what, float times = 1) {
  for (std::size_t i = 0; i < vector.size(); ++i) vector[i] -= times * what[i];
}

void normalize(std::span<float> vector) {
  const float length = std::sqrt(inner_product(vector, vector));
  if (length > 0) {
    for (float& x : vector) x /= length;
  }
}

/// Means by language, of documents as the means of their passages: those of one document are alike for other reasons.
struct Means {
  std::vector<std::size_t> documents;  ///< By language.
  std::vector<double> vectors;         ///< [languages, dimension].
  double within = 0;                   ///< Variance of documents around their language's mean, without bias.
};

Means means_of(const VectorSource& vectors, std::span<const std::uint16_t> languages, std::size_t language_count,
               std::size_t dimension) {
  Means means{std::vector<std::size_t>(language_count), std::vector<double>(language_count * dimension), 0};
  std::vector<double> document_sum(dimension);
  std::size_t i = 0, passages = 0, documents = 0;
  DocumentNumber current = 0;
  double squares = 0;
  const auto end_document = [&] {
    if (passages == 0) return;
    const std::size_t language = languages[i - 1];
    ++means.documents[language];
    ++documents;
    for (std::size_t x = 0; x < dimension; ++x) {
      const double value = document_sum[x] / static_cast<double>(passages);
      means.vectors[language * dimension + x] += value;
      squares += value * value;
      document_sum[x] = 0;
    }
    passages = 0;
  };
  vectors([&](DocumentNumber document, std::span<const float> vector) {
    if (document != current) end_document();
    current = document;
    ++passages;
    ++i;
    for (std::size_t x = 0; x < dimension; ++x) document_sum[x] += static_cast<double>(vector[x]);
  });
  end_document();
  for (std::size_t l = 0; l < language_count; ++l) {
    const auto count = static_cast<double>(means.documents[l]);
    double square = 0;
    for (std::size_t x = 0; x < dimension; ++x) {
      double& value = means.vectors[l * dimension + x];
      value /= count;
      square += value * value;
    }
    squares -= count * square;
  }
  // A language of one document says nothing of how far documents are apart.
  means.within = documents > language_count ? std::max(squares, 0.0) / static_cast<double>(documents - language_count)
                                            : std::numeric_limits<double>::infinity();
  return means;
}

/// The nearest passages of each language to each passage of a sample, gathered block by block.
class Neighbours {
 public:
  Neighbours(std::size_t samples, std::size_t languages)
      : languages_(languages), nearest_(samples * languages), statistics_(samples * languages) {
    for (auto& list : nearest_) list.fill(-2);
  }

  /// One similarity; calls for different samples may come from different threads.
  void add(std::size_t sample, std::size_t language, float similarity) {
    auto& list = nearest_[sample * languages_ + language];
    if (similarity > list.back()) {
      const auto place = std::ranges::upper_bound(list, similarity, std::greater{});
      std::move_backward(place, list.end() - 1, list.end());
      *place = similarity;
    }
    Statistics& statistics = statistics_[sample * languages_ + language];
    statistics.sum += similarity;
    statistics.squares += static_cast<double>(similarity) * similarity;
    ++statistics.count;
  }

  /// @param of language of each sample.
  double parallelness(std::span<const std::uint16_t> of) const {
    double deviations = 0;
    std::size_t languages = 0;
    for (std::size_t l = 0; l < languages_; ++l) {
      Statistics all;
      for (std::size_t s = 0; s < of.size(); ++s) {
        if (of[s] == l) continue;
        const Statistics& one = statistics_[s * languages_ + l];
        all.sum += one.sum;
        all.squares += one.squares;
        all.count += one.count;
      }
      if (all.count == 0) continue;
      const auto count = static_cast<double>(all.count);
      deviations += std::sqrt(std::max(all.squares / count - all.sum / count * (all.sum / count), 0.0));
      ++languages;
    }
    if (languages == 0) return 0;
    const double least = kMarginDeviations * deviations / static_cast<double>(languages);
    std::size_t pairs = 0, translations = 0;
    for (std::size_t s = 0; s < of.size(); ++s) {
      for (std::size_t l = 0; l < languages_; ++l) {
        // With fewer passages nothing can stand out from the rest.
        if (of[s] == l || statistics_[s * languages_ + l].count < kNearest) continue;
        const auto& list = nearest_[s * languages_ + l];
        const double others = std::accumulate(list.begin() + 1, list.end(), 0.0) / (kNearest - 1);
        ++pairs;
        translations += list[0] - others > least;
      }
    }
    return pairs == 0 ? 0 : static_cast<double>(translations) / static_cast<double>(pairs);
  }

 private:
  struct Statistics {
    double sum = 0, squares = 0;
    std::size_t count = 0;
  };
  std::size_t languages_;
  std::vector<std::array<float, kNearest>> nearest_;
  std::vector<Statistics> statistics_;
};

double parallelness_of(const VectorSource& vectors, std::span<const std::uint16_t> languages,
                       std::size_t language_count, std::span<const float> means, std::size_t dimension,
                       std::size_t threads) {
  if (language_count < 2) return 0;
  const std::size_t size = languages.size();
  // Fewer passages that look for their translations, never fewer among which they look: there would be none to find.
  const std::size_t affordable = kComparisons / std::max<std::size_t>(size, 1);
  const std::size_t samples = std::min(size, std::clamp(affordable, kLeastSample, kMostSample));
  const auto centred = [&](std::size_t i, std::span<const float> vector, float* out) {
    std::ranges::copy(vector, out);
    const std::span<float> row(out, dimension);
    subtract(row, means.subspan(languages[i] * dimension, dimension));
    normalize(row);
  };
  std::vector<std::size_t> chosen(samples);
  std::vector<std::uint16_t> sample_languages(samples);
  for (std::size_t s = 0; s < samples; ++s) {
    chosen[s] = s * size / samples;
    sample_languages[s] = languages[chosen[s]];
  }
  std::vector<float> sample(samples * dimension);
  std::size_t i = 0, next = 0;
  vectors([&](DocumentNumber, std::span<const float> vector) {
    if (next < samples && i == chosen[next]) centred(i, vector, &sample[next++ * dimension]);
    ++i;
  });

  Neighbours neighbours(samples, language_count);
  std::vector<float> block(kBlock * dimension);
  std::size_t begin = 0, filled = 0;
  const auto compare = [&] {
    parallel_for(samples, threads, [&](std::size_t s, std::size_t) {
      const std::span row(&sample[s * dimension], dimension);
      for (std::size_t b = 0; b < filled; ++b) {
        const std::uint16_t language = languages[begin + b];
        if (language == sample_languages[s]) continue;
        neighbours.add(s, language, inner_product(row, std::span(&block[b * dimension], dimension)));
      }
    });
    begin += filled;
    filled = 0;
  };
  vectors([&](DocumentNumber, std::span<const float> vector) {
    centred(begin + filled, vector, &block[filled * dimension]);
    if (++filled == kBlock) compare();
  });
  compare();
  return neighbours.parallelness(sample_languages);
}

}  // namespace

LanguageBias LanguageBias::fit(const VectorSource& all_vectors, const Collection::DocumentLanguages& languages,
                               std::size_t dimension, std::size_t threads) {
  LanguageBias bias;
  bias.dimension_ = dimension;
  bias.center_.resize(dimension);

  // What was removed says nothing, and keeps its place.
  const VectorSource vectors = [&](const auto& visit) {
    all_vectors([&](DocumentNumber document, std::span<const float> vector) {
      if (languages.is_live(document)) visit(document, vector);
    });
  };
  std::map<Language, std::uint16_t> ordinals;
  std::vector<Language> keys;
  for (const Language& language : languages.languages) keys.push_back(language_key(language));
  vectors([&](DocumentNumber document, std::span<const float>) { ordinals[keys.at(languages.of.at(document))] = 0; });
  if (ordinals.empty()) ordinals[Language()] = 0;
  for (auto& [language, ordinal] : ordinals) {
    ordinal = static_cast<std::uint16_t>(bias.languages_.size());
    bias.languages_.push_back(language);
  }
  std::vector<std::uint16_t> live_languages;
  all_vectors([&](DocumentNumber document, std::span<const float>) {
    const bool live = languages.is_live(document);
    bias.passage_languages_.push_back(live ? ordinals.at(keys[languages.of[document]]) : 0);
    if (live) live_languages.push_back(bias.passage_languages_.back());
  });
  const std::size_t count = bias.languages_.size();
  bias.directions_.resize(count * dimension);
  bias.squares_.resize(bias.passage_languages_.size());
  bias.along_.resize(bias.passage_languages_.size());
  if (live_languages.empty()) return bias;

  const Means means = means_of(vectors, live_languages, count, dimension);
  std::vector<float> mean_vectors(means.vectors.begin(), means.vectors.end());

  // How far apart the means are, less what passages chosen by lot would give.
  double between = 0, chance = 0;
  std::vector<double> plain_center(dimension);
  for (std::size_t l = 0; l < count; ++l) {
    for (std::size_t x = 0; x < dimension; ++x) {
      plain_center[x] += means.vectors[l * dimension + x] / static_cast<double>(count);
    }
    chance += means.within / static_cast<double>(means.documents[l]) / static_cast<double>(count);
  }
  for (std::size_t l = 0; l < count; ++l) {
    for (std::size_t x = 0; x < dimension; ++x) {
      const double distance = means.vectors[l * dimension + x] - plain_center[x];
      between += distance * distance / static_cast<double>(count);
    }
  }
  between = std::max(between - chance, 1e-9);
  std::vector<double> worth(count);
  for (std::size_t l = 0; l < count; ++l) {
    const auto n = static_cast<double>(means.documents[l]);
    worth[l] = n / (n + means.within / between);
  }
  const double all_worth = std::accumulate(worth.begin(), worth.end(), 0.0);
  for (std::size_t x = 0; x < dimension; ++x) {
    double sum = 0;
    for (std::size_t l = 0; l < count; ++l) sum += worth[l] * means.vectors[l * dimension + x];
    bias.center_[x] = static_cast<float>(all_worth > 0 ? sum / all_worth : plain_center[x]);
  }
  for (std::size_t l = 0; l < count; ++l) {
    for (std::size_t x = 0; x < dimension; ++x) {
      bias.directions_[l * dimension + x] =
          static_cast<float>(worth[l] * (means.vectors[l * dimension + x] - static_cast<double>(bias.center_[x])));
    }
  }

  std::vector<float> row(dimension);
  std::size_t passage = 0;
  all_vectors([&](DocumentNumber document, std::span<const float> vector) {
    const std::size_t i = passage++;
    if (!languages.is_live(document)) return;
    std::ranges::copy(vector, row.begin());
    subtract(row, bias.center_);
    bias.squares_[i] = inner_product(row, row);
    bias.along_[i] = inner_product(row, bias.direction(bias.passage_languages_[i]));
  });
  bias.parallelness_ = parallelness_of(vectors, live_languages, count, mean_vectors, dimension, threads);
  return bias;
}

float LanguageBias::strength(Debias debias) const {
  if (debias == Debias::none) return 0;
  if (debias == Debias::center) return 1;
  const auto parallel = static_cast<float>(std::min(parallelness_ / kParallelFrom, 1.0));
  return kLeastStrength + (1 - kLeastStrength) * parallel;
}

float LanguageBias::level(Debias debias) const {
  if (debias != Debias::automatic) return 0;
  return kLevel *
         static_cast<float>(std::clamp((parallelness_ - kParallelFrom) / (kParallelFully - kParallelFrom), 0.0, 1.0));
}

std::span<const float> LanguageBias::scales(Debias debias) const {
  const auto kind = static_cast<std::size_t>(debias);
  std::vector<float>& scales = scales_->values.at(kind);
  std::call_once(scales_->made.at(kind), [&] {
    const float s = strength(debias);
    std::vector<float> lengths;
    for (std::size_t l = 0; l < languages_.size(); ++l) lengths.push_back(inner_product(direction(l), direction(l)));
    scales.resize(passages());
    for (std::size_t i = 0; i < scales.size(); ++i) {
      // |d - g - s * direction|^2; a passage that is nothing but its language's mean is like no query.
      const float square = squares_[i] - 2 * s * along_[i] + s * s * lengths[passage_languages_[i]];
      scales[i] = square > 1e-12f ? 1 / std::sqrt(square) : 0;
    }
  });
  return scales;
}

std::vector<float> LanguageBias::common_of_questions(std::span<const LanguageProbability> parts, Debias debias) const {
  const float s = strength(debias);
  std::vector<float> common(dimension_);
  subtract(common, center_, -kQuestionShare);
  for (const LanguageProbability& part : parts) {
    const auto own = place_of(languages_, part.language);
    if (part.language.undetermined() || !own) continue;
    subtract(common, direction(*own), -s * static_cast<float>(part.probability));
  }
  return common;
}

LanguageBias::Query LanguageBias::transform_less(std::span<const float> vector, std::span<const float> common,
                                                 Debias debias) const {
  if (vector.size() != dimension_ || common.size() != dimension_) {
    throw InvalidArgument(fmt::format("language bias: query has {} dimensions, the passages {}",
                                      vector.size() != dimension_ ? vector.size() : common.size(), dimension_));
  }
  const float s = strength(debias);
  Query query{{vector.begin(), vector.end()}, {}};
  subtract(query.vector, common);
  normalize(query.vector);
  const float center = inner_product(query.vector, center_);
  for (std::size_t l = 0; l < languages_.size(); ++l) {
    query.offsets.push_back(center + s * inner_product(query.vector, direction(l)));
  }
  return query;
}

LanguageBias::Query LanguageBias::transform(std::span<const float> vector, const Language& language,
                                            Debias debias) const {
  const LanguageProbability whole{language, 1};
  return transform_less(vector, common_of_questions({&whole, 1}, debias), debias);
}

}  // namespace dragoman
