#include "dragoman/dense/hnsw_segment.h"

#include <algorithm>
#include <mutex>
#include <queue>

#include "dense/all_finite.h"
#include "dense/hnsw_graph.h"
#include "dense/row_codes.h"

namespace dragoman {
namespace {

struct Node {
  float score;
  std::uint32_t passage;

  /// By score, then by number, so that walks are the same wherever they are done.
  bool operator<(const Node& other) const {
    return score != other.score ? score < other.score : passage > other.passage;
  }
};
struct Better {
  bool operator()(const Node& a, const Node& b) const { return b < a; }
};

/// What a walk remembers; kept from one search to the next, as clearing takes as long as some searches.
struct Walk {
  std::vector<std::uint8_t> seen;  ///< By passage: the number of the last walk that was there.
  std::uint8_t number = 0;
  std::vector<std::uint32_t> fresh;
  std::vector<float> scores;

  void begin(std::size_t size) {
    seen.resize(size);
    if (++number == 0) {
      std::ranges::fill(seen, std::uint8_t{0});
      number = 1;
    }
  }
  bool visit(std::uint32_t passage) {
    const bool is_new = seen[passage] != number;
    seen[passage] = number;
    return is_new;
  }
};

void prefetch(const std::uint8_t* row, std::size_t stride) {
  for (std::size_t i = 0; i < stride; i += 64) __builtin_prefetch(row + i);
}

}  // namespace

struct HnswSegment::Graph {
  HnswLinks links;
  RowCodes rows;
  std::mutex mutex;
  std::vector<std::unique_ptr<Walk>> idle;

  std::unique_ptr<Walk> take_walk() {
    const std::lock_guard lock(mutex);
    if (idle.empty()) return std::make_unique<Walk>();
    auto walk = std::move(idle.back());
    idle.pop_back();
    return walk;
  }
  void give_back(std::unique_ptr<Walk> walk) {
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(walk));
  }

  /// Scores of a passage's neighbours that the walk has not seen, into walk.fresh and walk.scores.
  void look(RowQuery& query, Walk& walk, std::span<const std::uint32_t> neighbours) const {
    walk.fresh.clear();
    for (const std::uint32_t neighbour : neighbours) {
      if (neighbour == kNoNeighbour) break;
      if (!walk.visit(neighbour)) continue;
      prefetch(rows.row(neighbour), rows.stride);
      walk.fresh.push_back(neighbour);
    }
    walk.scores.resize(walk.fresh.size());
    query.scores(rows, walk.fresh, walk.scores.data());
  }

  /// From the entry to the nearest passage of level 1, going on as long as a neighbour is nearer.
  Node descend(RowQuery& query, Walk& walk) const {
    Node here{0, links.entry};
    query.scores(rows, std::span(&here.passage, 1), &here.score);
    for (std::size_t level = links.levels - 1; level > 0; --level) {
      for (bool moved = true; moved;) {
        moved = false;
        walk.begin(rows.size());
        look(query, walk, links.neighbours(here.passage, level));
        for (std::size_t i = 0; i < walk.fresh.size(); ++i) {
          const Node there{walk.scores[i], walk.fresh[i]};
          if (here < there) here = there, moved = true;
        }
      }
    }
    return here;
  }
};

HnswSegment::HnswSegment(const std::filesystem::path& path, std::string_view stamp, const DenseVectors& vectors)
    : DerivedSegment(path, "dense_hnsw", stamp, vectors), graph_(std::make_unique<Graph>()) {
  const auto shape = reader_.array<std::uint32_t>("graph");
  HnswLinks& links = graph_->links;
  reader_.check(shape.size() == 3 && shape[0] >= 2 && shape[0] <= 256);
  links.m = shape[0], links.entry = shape[1], links.levels = shape[2];
  links.lowest = reader_.array<std::uint32_t>("lowest");
  links.upper = reader_.array<std::uint32_t>("upper");
  links.links = reader_.array<std::uint32_t>("links");
  graph_->rows = {row_stride(vectors.dimension()), reader_.array<std::uint8_t>("codes"),
                  reader_.array<float>("scales")};
  const RowCodes& rows = graph_->rows;
  const std::size_t size = run_.size;
  reader_.check(links.lowest.size() == size * 2 * links.m && links.upper.size() == size &&
                links.links.size() % links.m == 0 && rows.scales.size() == size &&
                rows.bytes.size() == size * rows.stride && all_finite(rows.scales));
  reader_.check(size == 0 ? links.entry == kNoNeighbour && links.links.empty()
                          : links.entry < size && links.levels >= 1);
  if (size == 0) return;

  // The lists of a passage reach to the first of the next one that has any: so many levels it is on, at most.
  std::vector<std::uint32_t> levels(size, 1);
  std::size_t end = links.links.size() / links.m;
  for (std::size_t i = size; i-- > 0;) {
    if (links.upper[i] == kNoNeighbour) continue;
    reader_.check(links.upper[i] < end);
    levels[i] = static_cast<std::uint32_t>(1 + end - links.upper[i]);
    end = links.upper[i];
  }
  reader_.check(end == 0 && levels[links.entry] >= links.levels);
  const auto on_level = [&](std::span<const std::uint32_t> list, std::size_t level) {
    return std::ranges::all_of(list,
                               [&](std::uint32_t i) { return i == kNoNeighbour || (i < size && levels[i] > level); });
  };
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t level = 0; level < levels[i]; ++level) reader_.check(on_level(links.neighbours(i, level), level));
  }
}

HnswSegment::~HnswSegment() = default;

std::vector<std::uint32_t> HnswSegment::search(std::span<const float> vector, std::size_t ef,
                                               std::span<const std::uint8_t> allowed) const {
  if (run_.size == 0 || ef == 0) return {};
  RowQuery query(graph_->rows.stride);
  query.set(vector);
  auto walk = graph_->take_walk();
  const Node start = graph_->descend(query, *walk);
  walk->begin(run_.size);
  walk->visit(start.passage);

  const auto may = [&](std::uint32_t passage) { return allowed.empty() || allowed[passage] != 0; };
  std::priority_queue<Node> open;                              // To go on from; the best in front.
  std::priority_queue<Node, std::vector<Node>, Better> found;  // That may be returned; the worst in front.
  open.push(start);
  if (may(start.passage)) found.push(start);
  while (!open.empty()) {
    const Node here = open.top();
    if (found.size() == ef && here < found.top()) break;
    open.pop();
    graph_->look(query, *walk, graph_->links.neighbours(here.passage, 0));
    for (std::size_t i = 0; i < walk->fresh.size(); ++i) {
      const Node there{walk->scores[i], walk->fresh[i]};
      if (found.size() == ef && there < found.top()) continue;
      open.push(there);
      if (!may(there.passage)) continue;
      if (found.size() == ef) found.pop();
      found.push(there);
    }
  }
  graph_->give_back(std::move(walk));

  std::vector<std::uint32_t> passages(found.size());
  for (std::size_t i = found.size(); i-- > 0; found.pop()) {
    passages[i] = static_cast<std::uint32_t>(run_.begin) + found.top().passage;
  }
  return passages;
}

}  // namespace dragoman
