#include "rerank/sorts.h"

#include <algorithm>
#include <numeric>

namespace dragoman::reranking {
namespace {

std::vector<std::size_t> first_stage_order(std::size_t count) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

class Heap {
 public:
  Heap(std::size_t count, std::size_t children, const BestOf& best_of)
      : nodes_(first_stage_order(count)), children_(children), best_of_(best_of) {}

  bool empty() const { return nodes_.empty(); }
  const std::vector<std::size_t>& nodes() const { return nodes_; }

  /// False when the budget is spent; so are the others.
  bool build() {
    // Level by level from the lowest: subtrees of one level have no node in common.
    for (std::size_t end = nodes_.size(); end > 0;) {
      std::size_t begin = 0;
      while (first_child(begin) < end) begin = first_child(begin);
      std::vector<std::size_t> level(end - begin);
      std::iota(level.begin(), level.end(), begin);
      if (!sift_down(std::move(level))) return false;
      end = begin;
    }
    return true;
  }

  /// Takes the best out of a heap that is one.
  std::size_t take_root() {
    const std::size_t best = nodes_.front();
    nodes_.front() = nodes_.back();
    nodes_.pop_back();
    return best;
  }
  bool restore() { return nodes_.empty() || sift_down({0}); }

 private:
  std::size_t first_child(std::size_t node) const { return node * children_ + 1; }

  /// Nodes whose subtrees are heaps but for themselves, none below another.
  bool sift_down(std::vector<std::size_t> moving) {
    for (;;) {
      std::vector<Candidates> families;
      std::vector<std::size_t> parents;
      for (const std::size_t node : moving) {
        const std::size_t begin = first_child(node), end = std::min(begin + children_, nodes_.size());
        if (begin >= end) continue;
        parents.push_back(node);
        families.push_back({nodes_[node]});
        for (std::size_t child = begin; child < end; ++child) families.back().push_back(nodes_[child]);
      }
      if (families.empty()) return true;
      const auto best = best_of_(families);
      moving.clear();
      for (std::size_t i = 0; i < families.size(); ++i) {
        if (!best[i]) return false;
        if (*best[i] == nodes_[parents[i]]) continue;
        std::size_t child = first_child(parents[i]);
        while (nodes_[child] != *best[i]) ++child;
        std::swap(nodes_[child], nodes_[parents[i]]);
        moving.push_back(child);
      }
    }
  }

  std::vector<std::size_t> nodes_;
  std::size_t children_;
  const BestOf& best_of_;
};

}  // namespace

std::vector<std::size_t> heap_sort(std::size_t count, std::size_t top, std::size_t children, const BestOf& best_of) {
  if (top == 0) top = count;
  Heap heap(count, children, best_of);
  std::vector<std::size_t> order;
  if (heap.build()) {
    while (!heap.empty() && order.size() < top) {
      order.push_back(heap.take_root());
      if (order.size() < top && !heap.restore()) break;
    }
  }
  std::vector<std::size_t> rest = heap.nodes();
  std::sort(rest.begin(), rest.end());
  order.insert(order.end(), rest.begin(), rest.end());
  return order;
}

std::vector<std::size_t> sliding_sort(std::size_t count, std::size_t top, std::size_t width, const BestOf& best_of) {
  if (top == 0) top = count;
  auto order = first_stage_order(count);
  for (std::size_t place = 0; place < top && place + 1 < count; ++place) {
    for (std::size_t end = count; end > place + 1;) {
      const std::size_t begin = end > place + width ? end - width : place;
      const auto at = [&](std::size_t i) { return order.begin() + static_cast<std::ptrdiff_t>(i); };
      const auto best = best_of({Candidates(at(begin), at(end))}).front();
      if (!best) return order;
      const auto found = std::find(at(begin), at(end), *best);
      std::rotate(at(begin), found, found + 1);
      end = begin + 1;
    }
  }
  return order;
}

}  // namespace dragoman::reranking
