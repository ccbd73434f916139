#include "dragoman/retrieve/sparse_language_bias.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <string>

#include "dragoman/collection/segment_file.h"
#include "dragoman/sparse/sparse_index.h"
#include "text/language_key.h"

namespace dragoman {
namespace {

constexpr std::string_view kKind = "sparse-bias";
// Passages of the mean language that every language is given beside its own.
constexpr double kPriorPassages = 20;
constexpr std::uint16_t kRemoved = ~std::uint16_t{0};

/// Of each passage of a segment: which language, or that it was removed.
std::vector<std::uint16_t> languages_of(const SparseSegment& segment, const Collection::DocumentLanguages& languages,
                                        const std::vector<std::uint16_t>& ordinals) {
  std::vector<std::uint16_t> of(segment.size(), kRemoved);
  for (std::size_t i = 0; i < of.size(); ++i) {
    const DocumentNumber document = segment.document(i);
    if (languages.is_live(document)) of[i] = ordinals[languages.of.at(document)];
  }
  return of;
}

/// The part of a dimension's variance that is between languages.
double told(const std::vector<double>& with, const std::vector<double>& passages, double all_passages) {
  double all_with = 0;
  for (const double count : with) all_with += count;
  const double share = all_with / all_passages;
  std::vector<double> rates;
  double mean = 0;
  for (std::size_t l = 0; l < with.size(); ++l) {
    if (passages[l] == 0) continue;
    rates.push_back((with[l] + kPriorPassages * share) / (passages[l] + kPriorPassages));
    mean += rates.back();
  }
  const auto count = static_cast<double>(rates.size());
  mean /= count;
  double between = 0;
  for (const double rate : rates) between += (rate - mean) * (rate - mean) / count;
  const double all = mean * (1 - mean);
  return all > 0 ? std::min(between / all, 1.0) : 0;
}

}  // namespace

SparseLanguageBias SparseLanguageBias::fit(std::span<const std::shared_ptr<const SparseSegment>> segments,
                                           const Collection::DocumentLanguages& languages) {
  std::map<Language, std::uint16_t> keys;
  std::vector<std::uint16_t> ordinals;  // By place in `languages`.
  for (const Language& language : languages.languages) {
    const auto next = static_cast<std::uint16_t>(keys.size());
    ordinals.push_back(keys.try_emplace(language_key(language), next).first->second);
  }

  std::vector<double> passages(keys.size());
  std::map<std::uint32_t, std::vector<double>> counts;  // Of passages with each dimension, by language.
  double all_passages = 0;
  for (const auto& segment : segments) {
    const auto of = languages_of(*segment, languages, ordinals);
    for (const std::uint16_t language : of) {
      if (language == kRemoved) continue;
      passages[language] += 1;
      all_passages += 1;
    }
    for (std::size_t term = 0; term < segment->words()->term_count(); ++term) {
      const std::string word = segment->words()->term(term);
      std::uint32_t dimension = 0;
      std::from_chars(word.data(), word.data() + word.size(), dimension);
      auto& with = counts.try_emplace(dimension, keys.size()).first->second;
      for (const DocumentNumber passage : segment->words()->postings(word).documents) {
        const std::uint16_t language = of[passage - segment->first_passage()];
        if (language != kRemoved) with[language] += 1;
      }
    }
  }
  SparseLanguageBias bias;
  if (all_passages == 0) return bias;
  // In the order of the languages, so that sums do not depend on which came first.
  std::vector<double> sorted_passages;
  for (const auto& [language, ordinal] : keys) sorted_passages.push_back(passages[ordinal]);
  std::vector<double> sorted(keys.size());
  for (const auto& [dimension, with] : counts) {
    std::size_t l = 0;
    for (const auto& [language, ordinal] : keys) sorted[l++] = with[ordinal];
    const auto part = static_cast<float>(told(sorted, sorted_passages, all_passages));
    if (part <= 0) continue;
    bias.dimensions_.push_back(dimension);
    bias.told_.push_back(part);
  }
  return bias;
}

std::uint64_t SparseLanguageBias::write(const std::filesystem::path& path, std::string_view stamp) const {
  SegmentWriter writer(path, std::string(kKind), std::string(stamp));
  writer.add_array("dimensions", std::span(dimensions_));
  writer.add_array("told", std::span(told_));
  return writer.commit();
}

SparseLanguageBias SparseLanguageBias::read(const std::filesystem::path& path, std::string_view stamp) {
  const SegmentReader reader(path, kKind, stamp);
  const auto dimensions = reader.array<std::uint32_t>("dimensions");
  const auto told = reader.array<float>("told");
  reader.check(dimensions.size() == told.size() &&
               std::ranges::adjacent_find(dimensions, std::greater_equal{}) == dimensions.end() &&
               std::ranges::all_of(told, [](float part) { return part > 0 && part <= 1; }));
  SparseLanguageBias bias;
  bias.dimensions_.assign(dimensions.begin(), dimensions.end());
  bias.told_.assign(told.begin(), told.end());
  return bias;
}

float SparseLanguageBias::factor(std::uint32_t dimension, float strength) const {
  const auto found = std::ranges::lower_bound(dimensions_, dimension);
  if (found == dimensions_.end() || *found != dimension) return 1;
  return 1 - strength * told_[static_cast<std::size_t>(found - dimensions_.begin())];
}

}  // namespace dragoman
