#include "engine/merge_plan.h"

namespace dragoman {
namespace {

// A segment at most so many times as large as those behind it is written again with them.
constexpr std::uint64_t kGrowth = 8;

bool are_one_kind(const Mergeable& a, const Mergeable& b) {
  return a.group == b.group && a.first / kMergedDocuments == b.first / kMergedDocuments;
}

}  // namespace

std::vector<MergeRun> plan_merges(std::span<const Mergeable> segments, std::size_t memory_bytes) {
  std::vector<MergeRun> runs;
  for (std::size_t end = segments.size(); end > 0;) {
    std::size_t begin = end - 1, memory = segments[begin].memory;
    std::uint64_t documents = segments[begin].count;
    for (; begin > 0; --begin) {
      const Mergeable& before = segments[begin - 1];
      if (!are_one_kind(before, segments[begin]) || before.count > kGrowth * documents) break;
      if (memory > memory_bytes || before.memory > memory_bytes - memory) break;
      memory += before.memory;
      documents += before.count;
    }
    if (end - begin > 1) runs.push_back({begin, end});
    end = begin;
  }
  return runs;
}

}  // namespace dragoman
