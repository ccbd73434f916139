#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "translate/bitext.h"
#include "translate/jump_model.h"

namespace dragoman {

struct AlignOptions {
  std::size_t model1_iterations = 5;
  std::size_t hmm_iterations = 5;
  std::size_t threads = 0;
};

/// A link between the words at two places of a sentence pair, and how sure both directions are of it.
struct AlignmentLink {
  std::uint32_t source = 0, target = 0;
  float posterior = 0;  ///< Geometric mean of both directions', in [0, 1].
};

/// Learns which words of two languages say the same, by the models that learn_translation_tables() names. The bitext
/// must outlive it.
///
/// Lists of "cells", one for each source word and target word that meet in a sentence pair, hold everything: a cell's
/// probability in both directions, and what an iteration counts of it.
class WordAligner {
 public:
  WordAligner(const Bitext& bitext, const AlignOptions& options);

  /// @param after_iteration called with the number of iterations done, of all().
  void train(const std::function<void(std::size_t done, std::size_t all)>& after_iteration = {});

  /// Perplexity by target word, before each iteration.
  const std::vector<double>& perplexities() const { return perplexities_; }

  /// Counts of the last iteration: rows of source words, weights are expected numbers of links. Cells of less than
  /// 1e-6 are left out. Without words: the caller has the vocabularies.
  std::vector<std::vector<TableContent::Cell>> rows() const;

  /// The links of a sentence pair of the bitext that both directions together believe in: a posterior of at least
  /// `least`. In the order of the source. By the trained HMM.
  std::vector<AlignmentLink> links(std::size_t pair, float least = 0.5f) const;

 private:
  struct Posteriors;
  /// One iteration, whose expectations are by model 1 or by the HMM.
  void iterate(bool hmm, bool last);
  void make_cells();
  /// Makes the jumps ready for sentences of every length of the bitext.
  void prepare_jumps();
  void find_posteriors(std::size_t pair, bool hmm, Posteriors& posteriors) const;
  void maximize();

  std::size_t cell(std::uint32_t source_word, std::uint32_t target_word) const;

  const Bitext& bitext_;
  AlignOptions options_;
  std::vector<std::size_t> row_begins_;                           // By source word, into the cells.
  std::vector<std::uint32_t> cell_targets_;                       // Ascending in each row.
  std::vector<std::size_t> pair_begins_;                          // By pair, into pair_cells_.
  std::vector<std::uint32_t> pair_cells_;                         // [source place][target place] of each pair.
  std::vector<float> target_given_source_, source_given_target_;  // By cell.
  std::vector<float> target_given_none_, source_given_none_;      // By word.
  std::vector<std::uint64_t> counts_;                             // By cell, in units of 2^-32.
  std::vector<std::uint64_t> target_none_counts_, source_none_counts_;
  JumpModel forward_, backward_;  // Over source places, and over target places.
  std::vector<double> perplexities_;
};

}  // namespace dragoman
