#include "dragoman/retrieve/fuse.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "dragoman/base/error.h"

namespace dragoman {

std::vector<Retrieved> fuse(std::span<const RetrievedList> lists, const FuseOptions& options,
                            const MayJudge& may_judge) {
  if (!std::isfinite(options.k) || options.k < 0) {
    throw InvalidArgument(fmt::format("fuse: k is {}, must be finite and not negative", options.k));
  }
  const auto judges = [&](std::size_t list, DocumentNumber document) {
    return !may_judge || may_judge(list, document);
  };
  // Sums in double, in the order of the lists: the same bits whoever asks.
  struct Sum {
    double score = 0;
    std::optional<TextRange> passage;
  };
  std::map<DocumentNumber, Sum> sums;
  for (std::size_t j = 0; j < lists.size(); ++j) {
    for (std::size_t i = 0; i < lists[j].documents.size(); ++i) {
      const Retrieved& found = lists[j].documents[i];
      if (!judges(j, found.document)) continue;
      Sum& sum = sums[found.document];
      sum.score += 1 / (static_cast<double>(options.k) + static_cast<double>(i + 1));
      if (!sum.passage) sum.passage = found.passage;
    }
  }
  std::vector<Retrieved> fused;
  for (const auto& [document, sum] : sums) {
    std::size_t judging = 0;
    for (std::size_t j = 0; j < lists.size(); ++j) judging += judges(j, document);
    const double scale = static_cast<double>(lists.size()) / static_cast<double>(judging);
    fused.push_back({document, static_cast<float>(scale * sum.score), sum.passage});
  }
  std::ranges::stable_sort(fused, std::greater{}, &Retrieved::score);
  return fused;
}

}  // namespace dragoman
