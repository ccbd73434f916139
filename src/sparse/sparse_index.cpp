#include "dragoman/sparse/sparse_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
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

}  // namespace

SparseIndex::SparseIndex(std::vector<std::shared_ptr<const SparseSegment>> segments)
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
  const auto passages = static_cast<double>(size_);
  for (const SparseWeight& part : query) {
    if (!(std::isfinite(part.weight) && part.weight >= 0)) {
      throw InvalidArgument(fmt::format("sparse: dimension {} of the query weighs {}, must be finite and not negative",
                                        part.dimension, part.weight));
    }
    if (part.weight == 0) continue;
    words.emplace_back(part.dimension);
    double frequency = 0;
    for (const auto& segment : segments_) frequency += segment->words()->content().find(words.back().view()).size;
    if (frequency == 0) continue;
    const double idf =
        options.weighting == SparseWeighting::idf ? std::log1p((passages - frequency + 0.5) / (frequency + 0.5)) : 1;
    terms.push_back(
        {words.back().view(),
         static_cast<float>(part.weight * idf * (segments_[0]->scale() / static_cast<float>(kMostImpact)))});
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
