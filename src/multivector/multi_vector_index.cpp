#include "dragoman/multivector/multi_vector_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <tuple>
#include <utility>

#include "collection/allowed.h"
#include "dragoman/base/error.h"
#include "dragoman/base/parallel.h"
#include "multivector/panel.h"
#include "multivector/query_scorer.h"
#include "multivector/segment_content.h"

namespace dragoman {
namespace {

constexpr std::size_t kMaxQueryTokens = 4096;
// A search that finds too little looks into so many times as many centroids, ...
constexpr std::size_t kMoreProbes = 4;
// ... and from this part of all of them on into every passage.
constexpr std::size_t kProbedPart = 8;

/// A segment among others, and which codebook it is read by.
struct Part {
  const MultiVectorContent* content = nullptr;
  std::size_t codebook = 0;
  std::size_t first_passage = 0;  ///< Passages of the parts before it.
};

struct Candidate {
  std::uint32_t part = 0, passage = 0;
  float score = 0;

  friend bool operator<(const Candidate& a, const Candidate& b) {  // Better ones first.
    return std::tuple(-a.score, a.part, a.passage) < std::tuple(-b.score, b.part, b.passage);
  }
};

/// What all queries of one search have in common.
struct Plan {
  std::vector<Part> parts;
  std::vector<CodebookView> codebooks;
  std::span<const std::uint8_t> allowed;
  std::size_t passages = 0;
  std::size_t probes = 0, full_scores = 0, depth = 0;
  std::size_t eligible = 0;  ///< Passages with vectors that are allowed, counted until there are more than full_scores.
  MultiVectorMethod method = MultiVectorMethod::pruned;

  bool may_return(const MultiVectorContent& content, std::size_t passage) const {
    return is_allowed(allowed, content.documents[passage]) && content.vectors_of(passage) > 0;
  }
};

/// One query after another, for one thread.
class QuerySearch {
 public:
  explicit QuerySearch(const Plan& plan) : plan_(plan), seen_(plan.passages) {
    for (const CodebookView& codebook : plan.codebooks) scorers_.emplace_back(codebook);
  }

  std::vector<MultiVectorMatch> search(MatrixView query) {
    const bool all = plan_.method == MultiVectorMethod::exhaustive || plan_.eligible <= plan_.full_scores;
    for (QueryScorer& scorer : scorers_) scorer.prepare(query, !all);
    if (all) {
      take_all();
    } else {
      take_probed();
      keep_approximately_best();
    }
    for (Candidate& candidate : candidates_) {
      candidate.score = scorer_of(candidate).full_score(content_of(candidate), candidate.passage);
    }
    return best_documents();
  }

 private:
  const MultiVectorContent& content_of(const Candidate& candidate) const {
    return *plan_.parts[candidate.part].content;
  }
  QueryScorer& scorer_of(const Candidate& candidate) { return scorers_[plan_.parts[candidate.part].codebook]; }

  void take_all() {
    candidates_.clear();
    for (std::uint32_t part = 0; part < plan_.parts.size(); ++part) {
      const MultiVectorContent& content = *plan_.parts[part].content;
      for (std::uint32_t p = 0; p < content.passage_count(); ++p) {
        if (plan_.may_return(content, p)) candidates_.push_back({part, p});
      }
    }
  }

  void take_probed() {
    for (std::size_t probes = plan_.probes;; probes *= kMoreProbes) {
      bool few = true;  // Centroids looked into, of each codebook.
      for (const CodebookView& codebook : plan_.codebooks) few = few && probes < codebook.count / kProbedPart;
      candidates_.clear();
      ++epoch_;
      for (std::size_t codebook = 0; codebook < scorers_.size(); ++codebook) {
        const auto& centroids = scorers_[codebook].probed_centroids(probes);
        for (std::uint32_t part = 0; part < plan_.parts.size(); ++part) {
          if (plan_.parts[part].codebook == codebook) take_lists(part, centroids);
        }
      }
      if (candidates_.size() >= plan_.full_scores) return;
      if (!few) return take_all();
    }
  }

  void take_lists(std::uint32_t part, const std::vector<std::uint16_t>& centroids) {
    const MultiVectorContent& content = *plan_.parts[part].content;
    std::uint32_t* seen = seen_.data() + plan_.parts[part].first_passage;
    for (const std::uint16_t centroid : centroids) {
      for (const std::uint32_t p : content.list(centroid)) {
        if (std::exchange(seen[p], epoch_) != epoch_ && plan_.may_return(content, p)) candidates_.push_back({part, p});
      }
    }
  }

  void keep_approximately_best() {
    if (candidates_.size() <= plan_.full_scores) return;
    for (Candidate& candidate : candidates_) {
      candidate.score = scorer_of(candidate).approximate_score(content_of(candidate), candidate.passage);
    }
    const auto cut = candidates_.begin() + static_cast<std::ptrdiff_t>(plan_.full_scores);
    std::nth_element(candidates_.begin(), cut, candidates_.end());
    candidates_.erase(cut, candidates_.end());
  }

  /// The best passage of each document, and of these the best.
  std::vector<MultiVectorMatch> best_documents() {
    std::ranges::sort(candidates_, [](const Candidate& a, const Candidate& b) {
      return std::tie(a.part, a.passage) < std::tie(b.part, b.passage);
    });
    std::vector<MultiVectorMatch> matches;
    for (const Candidate& candidate : candidates_) {
      const MultiVectorMatch match{content_of(candidate).passage(candidate.passage), candidate.score};
      if (matches.empty() || matches.back().passage.document != match.passage.document) {
        matches.push_back(match);
      } else if (match.score > matches.back().score) {
        matches.back() = match;
      }
    }
    const auto better = [](const MultiVectorMatch& a, const MultiVectorMatch& b) {
      return a.score != b.score ? a.score > b.score : a.passage.document < b.passage.document;
    };
    const std::size_t depth = std::min(plan_.depth, matches.size());
    std::ranges::partial_sort(matches, matches.begin() + static_cast<std::ptrdiff_t>(depth), better);
    matches.resize(depth);
    return matches;
  }

  const Plan& plan_;
  std::vector<QueryScorer> scorers_;  // One a codebook.
  std::vector<std::uint32_t> seen_;   // By passage: the epoch in which it became a candidate.
  std::uint32_t epoch_ = 0;
  std::vector<Candidate> candidates_;
};

void check(std::span<const MatrixView> queries, std::size_t dimension, const MultiVectorOptions& options) {
  if (options.probes == 0 || options.full_scores == 0) {
    throw InvalidArgument(fmt::format("multivector: probes is {} and full_scores {}, both must be at least 1",
                                      options.probes, options.full_scores));
  }
  for (const MatrixView& query : queries) {
    if (query.rows > kMaxQueryTokens) {
      throw InvalidArgument(
          fmt::format("multivector: a query has {} tokens, at most {} are searched", query.rows, kMaxQueryTokens));
    }
    if (query.rows > 0 && dimension != 0 && query.columns != dimension) {
      throw InvalidArgument(
          fmt::format("multivector: query has {} dimensions, the index {}", query.columns, dimension));
    }
    if (query.values.size() != query.rows * query.columns) {
      throw InvalidArgument(fmt::format("multivector: a query has {} values, which are not {} rows of {}",
                                        query.values.size(), query.rows, query.columns));
    }
    if (!std::ranges::all_of(query.values, [](float x) { return std::fabs(x) <= kLargestValue; })) {
      throw InvalidArgument("multivector: a query holds a value beyond 1e15, or no number");
    }
  }
}

Plan plan_for(std::span<const std::shared_ptr<const MultiVectorSegment>> segments, std::size_t depth,
              const MultiVectorOptions& options, std::span<const std::uint8_t> allowed) {
  Plan plan;
  plan.allowed = allowed;
  plan.probes = options.probes;
  plan.full_scores = std::max(options.full_scores, depth);
  plan.depth = depth;
  plan.method = options.method;
  std::vector<std::uint64_t> ids;
  for (const auto& segment : segments) {
    const MultiVectorContent& content = segment->content();
    const auto found = std::ranges::find(ids, content.codebook_id);
    const auto codebook = static_cast<std::size_t>(found - ids.begin());
    if (found == ids.end()) {
      ids.push_back(content.codebook_id);
      plan.codebooks.push_back(content.codebook);
    }
    plan.parts.push_back({&content, codebook, plan.passages});
    plan.passages += content.passage_count();
    for (std::size_t p = 0; p < content.passage_count() && plan.eligible <= plan.full_scores; ++p) {
      plan.eligible += plan.may_return(content, p);
    }
  }
  return plan;
}

}  // namespace

MultiVectorIndex::MultiVectorIndex(std::vector<std::shared_ptr<const MultiVectorSegment>> segments)
    : segments_(std::move(segments)) {
  std::erase_if(segments_, [this](const auto& segment) {
    if (dimension_ == 0) dimension_ = segment->dimension();
    if (segment->dimension() != dimension_) {
      throw InvalidData(fmt::format("multivector segments of {} and of {} dimensions in one index: {}", dimension_,
                                    segment->dimension(), segment->path().string()));
    }
    return segment->passage_count() == 0;
  });
  std::ranges::sort(segments_, {}, [](const auto& segment) { return segment->passage(0).document; });
  for (std::size_t i = 1; i < segments_.size(); ++i) {
    const MultiVectorSegment &before = *segments_[i - 1], &after = *segments_[i];
    if (after.passage(0).document <= before.passage(before.passage_count() - 1).document) {
      throw InvalidData(
          fmt::format("{} and {} hold the same documents", before.path().string(), after.path().string()));
    }
  }
}

std::size_t MultiVectorIndex::passage_count() const {
  std::size_t total = 0;
  for (const auto& segment : segments_) total += segment->passage_count();
  return total;
}

std::size_t MultiVectorIndex::vector_count() const {
  std::size_t total = 0;
  for (const auto& segment : segments_) total += segment->vector_count();
  return total;
}

std::vector<std::vector<MultiVectorMatch>> MultiVectorIndex::search(std::span<const MatrixView> queries,
                                                                    std::size_t depth,
                                                                    const MultiVectorOptions& options,
                                                                    std::span<const std::uint8_t> allowed,
                                                                    std::size_t threads) const {
  check(queries, dimension_, options);
  std::vector<std::vector<MultiVectorMatch>> results(queries.size());
  const Plan plan = plan_for(segments_, depth, options, allowed);
  if (plan.eligible == 0 || depth == 0) return results;
  std::vector<std::unique_ptr<QuerySearch>> workers(std::min(threads_or_all(threads), queries.size()));
  parallel_for(queries.size(), threads, [&](std::size_t i, std::size_t worker) {
    if (queries[i].rows == 0) return;
    if (!workers[worker]) workers[worker] = std::make_unique<QuerySearch>(plan);
    results[i] = workers[worker]->search(queries[i]);
  });
  return results;
}

}  // namespace dragoman
