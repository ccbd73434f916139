#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rerank/judge.h"

namespace dragoman::reranking {

/// The texts of a judge, whoever answers and in whatever unit a token is counted: query and passages in one line each,
/// how short a passage may become, and which of them were cut.
class TextJudge : public Judge {
 public:
  std::size_t size() const final { return passages_.size(); }
  Passage passage(std::size_t candidate) const final { return {candidate, passages_[candidate]}; }
  std::string_view query() const final { return query_; }

 protected:
  TextJudge(const Prompt& prompt, std::string_view query, std::span<const Candidate> candidates,
            const RerankOptions& options);

  const Prompt& prompt() const { return prompt_; }
  static std::vector<std::string_view> texts(const Question& question);

  /// RerankOptions::passage_tokens; without it as many as there may be.
  std::size_t most_tokens() const { return most_tokens_; }
  bool limited() const { return most_tokens_ != std::numeric_limits<std::size_t>::max(); }
  /// Fewer tokens of a passage than these tell a model little; where so much does not fit, fewer passages share a
  /// prompt, or the query is refused. @param longest tokens of the longest candidate.
  std::size_t least(std::size_t longest) const;

  using Count = std::function<std::size_t(std::string_view text)>;
  using Cut = std::function<std::string(std::string_view text, std::size_t tokens)>;
  /// A candidate in so many tokens; where its translation stands behind it, a share for each.
  std::string shortened(std::size_t candidate, std::size_t tokens, const Count& count, const Cut& cut) const;

  /// What is left of a candidate.
  void shorten(std::size_t candidate, std::string text);
  /// Of a candidate not all is in a prompt.
  void mark_truncated(std::size_t candidate) { truncated_[candidate] = true; }
  std::uint64_t truncated() const;

  /// Judge::pieces() of at most `longest`, as `measure` has it.
  std::vector<Passage> split(std::size_t longest, const std::function<std::size_t(std::string_view)>& measure) const;

 private:
  const Prompt& prompt_;
  std::string query_;
  std::size_t most_tokens_;
  std::vector<std::string> passages_;
  /// Original and translation of each, where both are shown.
  std::vector<std::optional<std::pair<std::string, std::string>>> both_;
  std::vector<bool> truncated_;
};

}  // namespace dragoman::reranking
