#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dragoman/lexical/bm25.h"
#include "dragoman/lexical/document_set.h"
#include "lexical/scored_union.h"
#include "lexical/scorer.h"
#include "lexical/segment_content.h"
#include "lexical/top_documents.h"

namespace dragoman {

struct PartPhrase;

/// One segment's share of a search: the query's words that it has, and which documents may be found.
struct PartSearch {
  const SegmentContent& segment;
  std::span<const ScoredList> lists;         ///< Each of at least one posting.
  const DocumentSet* allowed = nullptr;      ///< Of the collection's numbers; null: all.
  bool all_words = false;                    ///< Find only documents that are in every list.
  std::span<const ScoredUnion> unions = {};  ///< In place of lists.
  std::span<const PartPhrase> phrases = {};  ///< Find only documents that have each; see search_phrases().
};

/// Offers the best documents of a segment to `top`, without scoring those that cannot get in.
///
/// MaxScore (Turtle and Flood, "Query Evaluation: Strategies and Optimizations", 1995) with bounds by block (Ding and
/// Suel, "Faster Top-k Document Retrieval Using Block-Max Indexes", SIGIR 2011), a window of documents at a time: words
/// whose bounds together cannot reach the worst score of the list are looked up only for documents that other words
/// have; of these, blocks that cannot reach it are not even unpacked. Few words' whole blocks are added up in an array,
/// which costs less a posting than merging lists by document.
void search_max_score(const PartSearch& part, TopDocuments& top);

/// The same, by scoring every posting: the slow twin.
void search_exhaustive(const PartSearch& part, TopDocuments& top);

/// One of the two, or their likes for phrases.
void search_part(TopKMethod method, const PartSearch& part, TopDocuments& top);

/// The whole numbers that a query's scores are counted in: the best score that it could reach is just below 2^30 steps.
class ScoreSteps {
 public:
  /// @param most that score, above 0.
  explicit ScoreSteps(double most) : exponent_(kScoreBits - 1 - std::ilogb(most)) {}

  double per_unit() const { return std::ldexp(1.0, exponent_); }
  float unit() const { return static_cast<float>(std::ldexp(1.0, -exponent_)); }

 private:
  static constexpr int kScoreBits = 30;

  int exponent_;
};

}  // namespace dragoman
