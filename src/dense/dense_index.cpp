#include "dragoman/dense/dense_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "collection/allowed.h"
#include "dense/scored_passages.h"
#include "dragoman/base/error.h"
#include "dragoman/base/parallel.h"

namespace dragoman {
namespace {

// Where a filter leaves fewer than one passage in so many, comparing those exactly takes less than walking a graph
// whose passages mostly may not be returned where there are many queries, and misses none (bench/dense/README.md).
constexpr std::size_t kNarrowFilter = 10;

/// What is compared exactly besides as many passages as are wanted, as codes put some in the wrong order.
constexpr std::size_t kMoreCandidates = 32;

/// The same for codes of four bits, which are much coarser: so many times as many passages. Of more lists than
/// kUsualLists more come between, so that comparing no more of them would be in vain (bench/dense/README.md).
constexpr std::size_t kListCandidates = 12;
constexpr std::size_t kUsualLists = 16;

std::size_t list_candidates(std::size_t passages, std::size_t nprobe) {
  const double more = std::sqrt(static_cast<double>(std::max(nprobe, kUsualLists)) / kUsualLists);
  return static_cast<std::size_t>(std::ceil(kListCandidates * more * static_cast<double>(passages))) + kMoreCandidates;
}

/// So many times as many candidates where they are found by other scores than those that count.
constexpr std::size_t kAdjustedCandidates = 4;

/// Marks what segments hold, each passage once.
template <class Segment>
void mark_covered(std::span<const std::shared_ptr<const Segment>> segments, std::vector<std::uint8_t>& covered) {
  for (const auto& segment : segments) {
    for (std::size_t i = 0; i < segment->run().size; ++i) {
      if (covered[segment->run().begin + i]++ != 0) {
        throw InvalidData(fmt::format("{}: its passages are in another segment as well", segment->path().string()));
      }
    }
  }
}

}  // namespace

DenseIndex::DenseIndex(DenseIndexParts parts) : parts_(std::move(parts)), flat_(parts_.vectors, parts_.compact) {
  std::vector<std::uint8_t> covered(size());
  mark_covered<HnswSegment>(parts_.graphs, covered);
  mark_covered<IvfPqSegment>(parts_.lists, covered);
  for (std::size_t i = 0; i < size(); ++i) {
    if (covered[i] == 0) uncovered_.push_back(static_cast<std::uint32_t>(i));
  }
  const auto documents = parts_.vectors->documents();
  std::size_t different = 0;
  for (std::size_t i = 0; i < documents.size(); ++i) different += i == 0 || documents[i] != documents[i - 1] ? 1 : 0;
  if (different != 0) passages_per_document_ = static_cast<double>(size()) / static_cast<double>(different);
}

std::vector<std::uint32_t> DenseIndex::candidates(std::span<const float> query, std::size_t passages,
                                                  std::span<const std::uint8_t> allowed, double allowed_share,
                                                  const DenseSearchOptions& options) const {
  std::vector<std::uint32_t> all;
  for (const auto& graph : parts_.graphs) {
    const auto own = allowed.empty() ? allowed : allowed.subspan(graph->run().begin, graph->run().size);
    auto found = graph->search(query, std::max(options.ef, passages), own);
    found.resize(std::min(found.size(), 2 * passages + kMoreCandidates));
    all.insert(all.end(), found.begin(), found.end());
  }
  for (const auto& lists : parts_.lists) {
    const auto own = allowed.empty() ? allowed : allowed.subspan(lists->run().begin, lists->run().size);
    // As many passages that may be returned as without a filter.
    const auto nprobe = static_cast<std::size_t>(std::ceil(static_cast<double>(options.nprobe) / allowed_share));
    const auto found = lists->search(query, list_candidates(passages, options.nprobe), nprobe, own);
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

std::vector<std::vector<DenseMatch>> DenseIndex::search(std::span<const float> queries, std::size_t dimension,
                                                        std::size_t depth, std::span<const std::uint8_t> allowed,
                                                        const DenseSearchOptions& options, std::size_t threads,
                                                        const ScoreAdjustment* adjustment) const {
  if (options.ef == 0) throw InvalidArgument("ef is 0, must be at least 1");
  if (options.nprobe == 0) throw InvalidArgument("nprobe is 0, must be at least 1");
  const auto exact = [&] { return flat_.search(queries, dimension, depth, allowed, threads, adjustment); };
  if (options.exact || !approximate()) return exact();
  check_dimension(*parts_.vectors, dimension);
  check_adjustment(adjustment, size(), queries.size() / dimension);

  std::vector<std::uint8_t> allowed_by_passage;
  std::vector<std::uint32_t> rest = uncovered_;
  double allowed_share = 1;
  if (!allowed.empty()) {
    const auto documents = parts_.vectors->documents();
    allowed_by_passage.resize(size());
    std::ranges::transform(documents, allowed_by_passage.begin(), [&](std::uint32_t document) {
      return static_cast<std::uint8_t>(is_allowed(allowed, document) ? 1 : 0);
    });
    const auto left = static_cast<std::size_t>(std::ranges::count(allowed_by_passage, std::uint8_t{1}));
    if (left < size() / kNarrowFilter) return exact();
    allowed_share = static_cast<double>(left) / static_cast<double>(size());
    std::erase_if(rest, [&](std::uint32_t passage) { return allowed_by_passage[passage] == 0; });
  }

  const std::size_t count = queries.size() / dimension;
  std::vector<std::vector<DenseMatch>> results(count);
  if (depth == 0) return results;
  auto passages =
      static_cast<std::size_t>(std::ceil(static_cast<double>(std::min(depth, size())) * passages_per_document_));
  if (adjustment != nullptr) passages = std::min(kAdjustedCandidates * passages, size());
  parallel_for(count, threads, [&](std::size_t q, std::size_t) {
    const auto query = queries.subspan(q * dimension, dimension);
    auto found = candidates(query, passages, allowed_by_passage, allowed_share, options);
    found.insert(found.end(), rest.begin(), rest.end());
    results[q] =
        matches_of(*parts_.vectors, rescore(*parts_.vectors, query, QueryAdjustment(adjustment, q), found, depth));
  });
  return results;
}

}  // namespace dragoman
