#include "dragoman/retrieve/fuse.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "dragoman/base/error.h"
#include "retrieve/sort_by_score.h"

namespace dragoman {
namespace {

void check(const FuseOptions& options, std::size_t lists) {
  if (!std::isfinite(options.k) || options.k < 0) {
    throw InvalidArgument(fmt::format("fuse: k is {}, must be finite and not negative", options.k));
  }
  if (!(options.foreign >= 0 && options.foreign <= 1)) {
    throw InvalidArgument(fmt::format("fuse: foreign is {}, must be in [0, 1]", options.foreign));
  }
  if (!options.weights.empty() && options.weights.size() != lists) {
    throw InvalidArgument(fmt::format("fuse: {} weights for {} lists", options.weights.size(), lists));
  }
  double all = 0;
  for (const float weight : options.weights) {
    if (!std::isfinite(weight) || weight < 0) {
      throw InvalidArgument(fmt::format("fuse: a weight is {}, must be finite and not negative", weight));
    }
    all += static_cast<double>(weight);
  }
  if (!options.weights.empty() && lists > 0 && all == 0) throw InvalidArgument("fuse: all weights are 0");
}

/// What the document at `rank`, from 0, of a list has to say, before weights.
double share(const RetrievedList& list, std::size_t rank, const FuseOptions& options) {
  const double score = static_cast<double>(list.documents[rank].score);
  const double most = static_cast<double>(list.documents.front().score);
  switch (options.method) {
    case FuseMethod::rrf:
      return 1 / (static_cast<double>(options.k) + static_cast<double>(rank + 1));
    case FuseMethod::sum: {
      const double least = static_cast<double>(list.documents.back().score);
      return most > least ? (score - least) / (most - least) : 1;
    }
    case FuseMethod::calibrated: {
      const double full = list.full_score > 0 ? static_cast<double>(list.full_score) : std::max(most, 1e-9);
      return score / full;
    }
  }
  return 0;
}

}  // namespace

std::vector<Retrieved> fuse(std::span<const RetrievedList> lists, const FuseOptions& options,
                            const MayJudge& may_judge) {
  check(options, lists.size());
  const bool calibrated = options.method == FuseMethod::calibrated;
  const auto judges = [&](std::size_t list, DocumentNumber document) {
    return !may_judge || may_judge(list, document);
  };
  const auto weight = [&](std::size_t list) {
    return options.weights.empty() ? 1 : static_cast<double>(options.weights[list]);
  };
  // Sums in double, in the order of the lists: the same bits whoever asks.
  struct Sum {
    double score = 0;
    std::optional<TextRange> passage;
  };
  std::map<DocumentNumber, Sum> sums;
  double all_weights = 0;
  for (std::size_t j = 0; j < lists.size(); ++j) {
    all_weights += weight(j);
    for (std::size_t i = 0; i < lists[j].documents.size(); ++i) {
      const Retrieved& found = lists[j].documents[i];
      const bool judged = judges(j, found.document);
      if (!judged && !calibrated) continue;
      Sum& sum = sums[found.document];
      sum.score += weight(j) * (judged ? 1 : static_cast<double>(options.foreign)) * share(lists[j], i, options);
      if (!sum.passage) sum.passage = found.passage;
    }
  }
  std::vector<Retrieved> fused;
  for (const auto& [document, sum] : sums) {
    double scale = 1;
    if (!calibrated) {
      double judging = 0;
      for (std::size_t j = 0; j < lists.size(); ++j) judging += judges(j, document) ? weight(j) : 0;
      scale = judging > 0 ? all_weights / judging : 0;
    }
    fused.push_back({document, static_cast<float>(scale * sum.score), sum.passage});
  }
  sort_by_score(fused);
  return fused;
}

void level_languages(std::vector<Retrieved>& list, std::span<const std::uint16_t> language_of, float weight) {
  if (weight == 0 || list.empty()) return;
  struct Best {
    std::size_t documents = 0;
    float second = 0;
  };
  std::map<std::uint16_t, Best> languages;
  for (const Retrieved& found : list) {
    Best& best = languages[language_of[found.document]];
    if (++best.documents == 2) best.second = found.score;
  }
  const float lowest = list.back().score;
  for (Retrieved& found : list) {
    const Best& best = languages[language_of[found.document]];
    found.score -= weight * (best.documents > 1 ? best.second : lowest);
  }
  sort_by_score(list);
}

}  // namespace dragoman
