#include "dragoman/sparse/sparse_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>

#include "dragoman/base/error.h"
#include "lexical/segment_content.h"
#include "sparse/dimension_word.h"
#include "sparse/heavy_postings.h"

namespace dragoman {
namespace {

std::vector<std::shared_ptr<const LexicalSegment>> words_of(
    std::span<const std::shared_ptr<const SparseSegment>> segments) {
  std::vector<std::shared_ptr<const LexicalSegment>> words;
  for (const auto& segment : segments) words.push_back(segment->words());
  return words;
}

void check(const SparseWeight& part) {
  if (std::isfinite(part.weight) && part.weight >= 0) return;
  throw InvalidArgument(fmt::format("sparse: dimension {} of the query weighs {}, must be finite and not negative",
                                    part.dimension, part.weight));
}

}  // namespace

SparseIndex::SparseIndex(std::vector<std::shared_ptr<const SparseSegment>> segments, std::span<const std::uint8_t> live)
    : segments_(std::move(segments)), impacts_(words_of(segments_)) {
  for (const auto& segment : segments_) {
    if (segment->scale() != segments_[0]->scale()) {
      throw InvalidData(
          fmt::format("sparse segments of scales {} and {} in one index; make them again with: "
                      "dragoman index --rebuild",
                      segments_[0]->scale(), segment->scale()));
    }
    if (segment->first_passage() != size_) {
      throw InvalidData(fmt::format("{}: its first passage is numbered {}, but {} are before it",
                                    segment->words()->path().string(), segment->first_passage(), size_));
    }
    size_ += segment->size();
  }
  std::erase_if(segments_, [](const auto& segment) { return segment->size() == 0; });
  live_size_ = static_cast<double>(size_);
  if (live.empty()) return;
  live_ = allowed_passages(live);
  for (std::uint32_t passage = 0; passage < size_; ++passage) live_size_ -= live_->contains(passage) ? 0 : 1;
}

SparseIndex::~SparseIndex() = default;

std::vector<SparseMatch> SparseIndex::search(std::span<const SparseWeight> query, std::size_t depth,
                                             const SparseOptions& options, const DocumentSet* allowed) const {
  if (options.postings == 0 || options.full_scores == 0) {
    throw InvalidArgument(fmt::format("sparse: {} is 0, must be at least 1",
                                      options.postings == 0 ? "the number of postings" : "full_scores"));
  }
  std::vector<DimensionWord> words;
  std::vector<WeightedTerm> terms;
  words.reserve(query.size());
  for (const SparseWeight& part : query) {
    check(part);
    if (part.weight == 0) continue;
    words.emplace_back(part.dimension);
    const double passages = frequency(words.back().view());
    if (passages == 0) continue;
    const double rarity = options.weighting == SparseWeighting::idf ? idf(passages) : 1;
    terms.push_back(
        {words.back().view(),
         static_cast<float>(part.weight * rarity * (segments_[0]->scale() / static_cast<float>(kMostImpact)))});
  }
  std::vector<SparseMatch> matches;
  if (terms.empty() || depth == 0) return matches;
  // The best passages are those of the best documents; where several are of one document, more are needed.
  for (std::size_t wanted = depth;; wanted *= 2) {
    const auto found = best_passages(terms, wanted, options, allowed);
    matches.clear();
    std::unordered_set<DocumentNumber> seen;
    for (const ScoredDocument& passage : found) {
      const SparseSegment& segment = segment_of(passage.document);
      const std::uint32_t place = passage.document - segment.first_passage();
      if (!seen.insert(segment.document(place)).second) continue;
      matches.push_back({segment.passage(place), passage.score});
      if (matches.size() == depth) break;
    }
    if (matches.size() == depth || found.size() < wanted) return matches;
  }
}

double SparseIndex::full_score(std::span<const SparseWeight> query, SparseWeighting weighting) const {
  const float most = segments_.empty() ? std::numeric_limits<float>::infinity() : segments_[0]->scale();
  double sum = 0;
  for (const SparseWeight& part : query) {
    check(part);
    if (part.weight == 0) continue;
    const double rarity = weighting == SparseWeighting::idf ? idf(frequency(DimensionWord(part.dimension).view())) : 1;
    sum += rarity * part.weight * std::min(part.weight, most);
  }
  return sum;
}

double SparseIndex::idf(double frequency) const {
  return std::log1p((live_size_ - frequency + 0.5) / (frequency + 0.5));
}

double SparseIndex::frequency(std::string_view word) const {
  double count = 0;
  if (!live_) {
    for (const auto& segment : segments_) count += segment->words()->content().find(word).size;
    return count;
  }
  {
    const std::lock_guard lock(frequencies_mutex_);
    const auto known = frequencies_.find(std::string(word));
    if (known != frequencies_.end()) return known->second;
  }
  for (const auto& segment : segments_) {
    for (const std::uint32_t passage : segment->words()->postings(word).documents) count += live_->contains(passage);
  }
  const std::lock_guard lock(frequencies_mutex_);
  return frequencies_.try_emplace(std::string(word), count).first->second;
}

std::vector<ScoredDocument> SparseIndex::best_passages(std::span<const WeightedTerm> query, std::size_t depth,
                                                       const SparseOptions& options, const DocumentSet* allowed) const {
  if (options.method == SparseMethod::approximate) {
    if (auto found = approximate(query, depth, options, allowed)) return std::move(*found);
  }
  const bool exhaustive = options.method == SparseMethod::exhaustive;
  return impacts_.search(query, depth, exhaustive ? TopKMethod::exhaustive : TopKMethod::max_score, allowed);
}

/// None if there are so few candidates that an exact search costs no more.
std::optional<std::vector<ScoredDocument>> SparseIndex::approximate(std::span<const WeightedTerm> query,
                                                                    std::size_t depth, const SparseOptions& options,
                                                                    const DocumentSet* allowed) const {
  std::call_once(heavy_made_, [&] { heavy_ = std::make_unique<const HeavyPostings>(words_of(segments_)); });
  const ImpactQuery asked(query);
  const HeavyPostings::Budget budget{options.postings, std::max(options.full_scores, 2 * depth)};
  TopDocuments top(depth, false);
  if (heavy_->search(asked, budget, allowed, top) < budget.candidates) return std::nullopt;
  return std::move(top).take(asked.unit);
}

DocumentSet SparseIndex::allowed_passages(std::span<const std::uint8_t> allowed) const {
  DocumentSet passages(size_);
  for (const auto& segment : segments_) {
    for (std::size_t i = 0; i < segment->size(); ++i) {
      const DocumentNumber document = segment->document(i);
      if (document < allowed.size() && allowed[document] != 0) {
        passages.insert(static_cast<DocumentNumber>(segment->first_passage() + i));
      }
    }
  }
  return passages;
}

const SparseSegment& SparseIndex::segment_of(std::uint32_t passage) const {
  const auto behind =
      std::ranges::upper_bound(segments_, passage, {}, [](const auto& s) { return s->first_passage(); });
  return **std::prev(behind);
}

}  // namespace dragoman
