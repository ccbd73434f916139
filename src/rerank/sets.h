#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "rerank/aggregate.h"
#include "rerank/judge.h"
#include "rerank/prompt.h"
#include "rerank/sorts.h"

namespace dragoman::reranking {

/// Passages that one prompt can tell apart by letters.
inline constexpr std::size_t kMostLetters = 26;

/// What prompts/setwise.yaml must hold; setwise, tournaments and listwise by first tokens share it.
PromptSchema setwise_schema();

/// Asks which passage of a few is the best, each standing at a letter: how likely each letter is as the first token.
class Sets {
 public:
  /// @param labels of as many letters as sets have passages, or more. @param shuffles further orders in which each set
  ///        is asked. Log-probabilities of the orders are averaged.
  Sets(Judge& judge, std::span<const std::string> labels, std::size_t shuffles, std::uint64_t seed)
      : judge_(judge), labels_(labels), shuffles_(shuffles), random_(seed) {}

  /// log p(member is the best of its set) a member, [sets][members]; nothing for a set whose answers did not all come.
  std::vector<std::optional<std::vector<double>>> ask(const std::vector<Candidates>& sets);

  /// The member of each set that is likeliest the best; of equal ones the earlier candidate.
  std::vector<std::optional<std::size_t>> best_of(const std::vector<Candidates>& sets);

  /// Pairs of one set that were seen in two orders, and of them those that changed places.
  const Agreement& agreement() const { return agreement_; }

 private:
  void compare(const std::vector<double>& one, const std::vector<double>& other);

  Judge& judge_;
  std::span<const std::string> labels_;
  std::size_t shuffles_;
  Random random_;
  Agreement agreement_;
};

}  // namespace dragoman::reranking
