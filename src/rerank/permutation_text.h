#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace dragoman::reranking {

struct PermutationText {
  std::vector<std::size_t> order;  ///< From 0, each of `count` once.
  bool well_formed = false;        ///< The text named each once and nothing else.
};

/// Reads a ranking that a model wrote freely, "[2] > [1] > [3]". Every number is an identifier, counted from 1, in
/// digits of any script, circled or raised ones too; what stands before the last "</think>" is not looked at. Numbers
/// out of range and repetitions are dropped, and what is missing follows in its old order: the repair of Sun et al.,
/// EMNLP 2023 (RankGPT).
PermutationText read_permutation(std::string_view text, std::size_t count);

}  // namespace dragoman::reranking
