#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dragoman/collection/passage.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/lexical/document_set.h"
#include "dragoman/lexical/impact_index.h"
#include "dragoman/lexical/lexical_segment.h"

namespace dragoman {

class HeavyPostings;

/// Collects the sparse vectors of a run of documents' passages and writes them as a segment (docs/formats/sparse.md):
/// an inverted index whose words are dimensions, with weights as whole numbers from 1 to 1020.
class SparseSegmentBuilder {
 public:
  /// @param scale the weight that becomes 1020, finite, > 0; ImpactQuantizer's `most`.
  explicit SparseSegmentBuilder(float scale, LexicalBuildOptions options = {});

  /// Passages come by ascending document, then by ascending range. Weights that are 0 or round to it are left out.
  /// @throws InvalidArgument if the passage does not follow the last one, or a weight is negative or not finite;
  ///         nothing is added then. Unavailable as LexicalSegmentBuilder::add().
  void add(const Passage& passage, std::span<const SparseWeight> weights);

  /// Weights so far that were above the scale, and count as it.
  std::uint64_t clipped() const { return clipped_; }

  /// Writes everything to `path` and returns the file's size.
  std::uint64_t write(const std::filesystem::path& path, std::string_view stamp);

 private:
  float scale_;
  LexicalSegmentBuilder words_;
  std::vector<std::uint32_t> documents_;
  std::vector<std::uint64_t> ranges_;  ///< begin, end of every passage.
  std::uint64_t clipped_ = 0;
};

/// A mapped segment of sparse vectors. Thread-safe.
class SparseSegment {
 public:
  /// @param first_passage the number by which the index is to know the segment's first passage: passages of all
  ///        segments are counted on.
  /// @throws NotFound, InvalidData as LexicalSegment, and where the sections contradict one another.
  SparseSegment(const std::filesystem::path& path, std::string_view stamp, std::uint32_t first_passage);

  std::size_t size() const { return documents_.size(); }
  std::uint32_t first_passage() const { return words_->first_document(); }
  Passage passage(std::size_t i) const;
  DocumentNumber document(std::size_t i) const { return documents_[i]; }
  float scale() const { return scale_; }
  const std::shared_ptr<const LexicalSegment>& words() const { return words_; }

 private:
  std::shared_ptr<const LexicalSegment> words_;
  std::span<const std::uint32_t> documents_;
  std::span<const std::uint64_t> ranges_;
  float scale_ = 1;
};

/// Writes the passages of segments as one, but for those of deleted documents, and returns the file's size. It is, byte
/// for byte, what SparseSegmentBuilder makes of the same passages: searches give the same bits.
/// @param segments by ascending documents, which do not overlap; of one scale.
/// @param live one byte a document number, non-zero for those to keep; empty for all.
/// @param path may be one of the segments' own.
/// @throws InvalidArgument if there is no segment, or they overlap or differ in their scales.
///
/// O(postings). In memory: 32 bytes a passage, and what a segment keeps of its dimensions.
std::uint64_t merge_sparse_segments(std::span<const std::shared_ptr<const SparseSegment>> segments,
                                    std::span<const std::uint8_t> live, const std::filesystem::path& path,
                                    std::string_view stamp);

/// What a dimension of the query counts.
enum class SparseWeighting {
  idf,    ///< The encoder's weight times ln(1 + (n - df + 0.5) / (df + 0.5)), over the index's n passages
          ///< of live documents, df of which have the dimension.
  plain,  ///< The encoder's weight.
};

/// How a search goes about it.
enum class SparseMethod {
  exact,        ///< Top-k by block-max MaxScore.
  exhaustive,   ///< Every posting: the slow twin; finds the same.
  approximate,  ///< The heaviest products tell candidates, which are scored whole. May miss documents; scores are
                ///< right.
};

struct SparseOptions {
  /// Encoders that are trained with an inner product have rarity in their weights already; those that are trained to
  /// rebuild a dense vector have not, and gain by it.
  SparseWeighting weighting = SparseWeighting::idf;
  SparseMethod method = SparseMethod::exact;
  /// approximate: postings added up to find candidates, at least 1. More find more, and cost more.
  std::size_t postings = 65'536;
  /// approximate: candidates that are scored whole, at least 1; never fewer than twice the documents asked for.
  std::size_t full_scores = 128;
};

/// A document with the passage that made it match.
struct SparseMatch {
  Passage passage;
  float score = 0;  ///< Inner product, weighted. Higher is better.
};

/// Learned sparse vectors, searched by inner product:
///
///     score(q, p) = sum over dimensions t of  weight(q, t) * idf(t) * weight(p, t)
///
/// with the passage's weights rounded to 1020 steps of the scale. A document's score is that of its best passage (the
/// first of equals). The inverted engine of ImpactIndex does the work. Thread-safe.
///
/// The first approximate search makes structures of its own in memory, 9 bytes a posting, 100 million postings in some
/// ten seconds. A search that finds fewer candidates than full_scores, as under a narrow filter, is made exactly.
class SparseIndex {
 public:
  /// Segments in the order of their passages. @throws InvalidData if they are not, or differ in their scales.
  /// @param live one byte a document number, 0 for documents that were deleted since: they count in no frequency, so
  /// that
  ///        scores are as if they had never been there; `allowed` must keep them out of searches. Empty: all live.
  explicit SparseIndex(std::vector<std::shared_ptr<const SparseSegment>> segments,
                       std::span<const std::uint8_t> live = {});
  ~SparseIndex();

  /// The `depth` best documents that share a dimension with the query: score descending, then document number
  /// ascending. Weights of 0 are passed over.
  /// @param allowed of allowed_passages(); null for all.
  /// @throws InvalidArgument if a weight is negative or not finite, or an option is 0.
  std::vector<SparseMatch> search(std::span<const SparseWeight> query, std::size_t depth,
                                  const SparseOptions& options = {}, const DocumentSet* allowed = nullptr) const;

  /// What the query itself would score, were it a passage: sum over its dimensions of weight^2 * idf, with weights
  /// above the scale counting as it in the passage. Dimensions that no passage has count as the rarest.
  /// @throws InvalidArgument as search().
  double full_score(std::span<const SparseWeight> query, SparseWeighting weighting) const;

  /// Passages of the documents that may be returned, for many searches.
  /// @param allowed one byte a document number, non-zero where it may be returned. O(passages).
  DocumentSet allowed_passages(std::span<const std::uint8_t> allowed) const;

  std::size_t size() const { return size_; }  ///< Passages.

 private:
  /// Live passages that have the dimension.
  double frequency(std::string_view word) const;
  double idf(double frequency) const;
  std::vector<ScoredDocument> best_passages(std::span<const WeightedTerm> query, std::size_t depth,
                                            const SparseOptions& options, const DocumentSet* allowed) const;
  std::optional<std::vector<ScoredDocument>> approximate(std::span<const WeightedTerm> query, std::size_t depth,
                                                         const SparseOptions& options,
                                                         const DocumentSet* allowed) const;
  const SparseSegment& segment_of(std::uint32_t passage) const;

  std::vector<std::shared_ptr<const SparseSegment>> segments_;
  ImpactIndex impacts_;
  std::size_t size_ = 0;
  std::optional<DocumentSet> live_;  ///< Passages; none if all are.
  double live_size_ = 0;
  mutable std::mutex frequencies_mutex_;
  mutable std::unordered_map<std::string, double> frequencies_;  ///< Of dimensions asked for, if not all live.
  mutable std::once_flag heavy_made_;
  mutable std::unique_ptr<const HeavyPostings> heavy_;
};

}  // namespace dragoman
