#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dragoman/lexical/document_set.h"
#include "dragoman/lexical/lexical_segment.h"
#include "lexical/impact_query.h"
#include "lexical/top_documents.h"

namespace dragoman {

/// The vectors of an index as approximate search wants them, in memory: the heavier half of every dimension's postings,
/// in tiers from heavy to light, and every passage's whole vector.
///
/// Inner products of learned sparse vectors are made by few large products (Bruch et al., "Efficient Inverted Indexes
/// for Approximate Retrieval over Learned Sparse Representations", SIGIR 2024, section 4), so the sum over the postings
/// with the largest ones tells candidates well, and only those are scored whole. Where that paper cuts lists into
/// clusters with summaries, this keeps plain tiers and adds up as many of them as the query's budget allows: they take
/// a tenth of the memory, and are made in a second.
///
/// 9 bytes a posting and 8 a passage. Thread-safe.
class HeavyPostings {
 public:
  /// @param segments in the order of their passages, of impacts up to kMostImpact; passages are numbered from 0.
  /// O(postings * log), 6 bytes a posting beside what is kept.
  explicit HeavyPostings(std::span<const std::shared_ptr<const LexicalSegment>> segments);

  /// What a search may spend.
  struct Budget {
    std::size_t postings = 0;    ///< Added up, in the heaviest tiers by weight in the query times weight in the tier.
    std::size_t candidates = 0;  ///< Scored whole: those with the largest sums.
  };

  /// Offers passages with their whole scores. @return how many candidates there were, Budget::candidates at the most.
  std::size_t search(const ImpactQuery& query, const Budget& budget, const DocumentSet* allowed,
                     TopDocuments& top) const;

 private:
  struct Tier {
    std::uint64_t begin = 0, end = 0;  ///< In documents_ and impacts_, ascending by document.
    float mean = 0;                    ///< Of its impacts.
  };
  struct List {
    std::uint32_t first_tier = 0, tier_count = 0;
  };
  /// A dimension of a query.
  struct Asked {
    std::uint32_t list = 0;
    float weight = 0;  ///< In steps.
  };
  /// What is left of a tier in a search.
  struct Chosen {
    std::uint64_t at = 0, end = 0;
    std::int32_t weight = 0;  ///< Of one of impacts_.
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  void read_vectors(std::span<const std::shared_ptr<const LexicalSegment>> segments);
  void add_list(std::span<const std::uint32_t> documents, std::span<const std::uint16_t> impacts);
  std::vector<Chosen> choose(std::span<const Asked> asked, std::size_t postings) const;

  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> list_of_;  ///< By word.
  std::vector<List> lists_;                                                        ///< By list_of_.
  std::vector<Tier> tiers_;
  std::vector<std::uint32_t> documents_;  ///< Passages.
  std::vector<std::uint8_t> impacts_;     ///< In kCoarse steps: for candidates that is enough.
  // Whole vectors: that of passage i is [vector_begins_[i], vector_begins_[i + 1]).
  std::vector<std::uint64_t> vector_begins_;
  std::vector<std::uint32_t> vector_lists_;
  std::vector<std::uint16_t> vector_impacts_;
};

}  // namespace dragoman
