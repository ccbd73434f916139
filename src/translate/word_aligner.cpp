#include "translate/word_aligner.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "dragoman/base/parallel.h"

namespace dragoman {
namespace {

// Sums of floating-point numbers depend on their order, and so on which thread comes first; sums of whole numbers do
// not.
constexpr double kUnit = 4294967296.0;  // 2^32.

std::uint64_t to_units(float count) { return static_cast<std::uint64_t>(static_cast<double>(count) * kUnit + 0.5); }
double to_number(std::uint64_t count) { return static_cast<double>(count) / kUnit; }

void add_shared(std::uint64_t& sum, std::uint64_t count) {
  if (count != 0) std::atomic_ref(sum).fetch_add(count, std::memory_order_relaxed);
}

constexpr std::size_t kPairsAtOnce = 64;
constexpr float kLeastProbability = 1e-12f;

}  // namespace

/// Of one sentence pair: [source][target] for the product, the rest by place.
struct WordAligner::Posteriors {
  std::vector<float> target_emissions, source_emissions;  // [target][source], [source][target]
  std::vector<float> target_from_none, source_from_none;
  std::vector<float> target_posteriors, source_posteriors;  // As the emissions.
  std::vector<float> target_none, source_none;
  ForwardBackward forward_backward;
  JumpModel::Counts forward_jumps = {}, backward_jumps = {};
  double log_probability = 0;

  void resize(std::size_t sources, std::size_t targets) {
    for (auto* grid : {&target_emissions, &source_emissions, &target_posteriors, &source_posteriors}) {
      grid->resize(sources * targets);
    }
    for (auto* places : {&target_from_none, &target_none}) places->resize(targets);
    for (auto* places : {&source_from_none, &source_none}) places->resize(sources);
  }
};

WordAligner::WordAligner(const Bitext& bitext, const AlignOptions& options) : bitext_(bitext), options_(options) {
  make_cells();
}

std::size_t WordAligner::cell(std::uint32_t source_word, std::uint32_t target_word) const {
  const auto begin = cell_targets_.begin() + static_cast<std::ptrdiff_t>(row_begins_[source_word]);
  const auto end = cell_targets_.begin() + static_cast<std::ptrdiff_t>(row_begins_[source_word + 1]);
  return static_cast<std::size_t>(std::lower_bound(begin, end, target_word) - cell_targets_.begin());
}

void WordAligner::make_cells() {
  const std::size_t pairs = bitext_.source.size(), source_words = bitext_.source_words.size();
  // The pairs in which each source word is, once for each time it is there.
  std::vector<std::size_t> begins(source_words + 1);
  for (std::size_t p = 0; p < pairs; ++p) {
    for (const std::uint32_t word : bitext_.source[p]) ++begins[word + 1];
  }
  std::partial_sum(begins.begin(), begins.end(), begins.begin());
  std::vector<std::uint32_t> pairs_of(begins.back());
  std::vector<std::size_t> next(begins.begin(), begins.end() - 1);
  for (std::size_t p = 0; p < pairs; ++p) {
    for (const std::uint32_t word : bitext_.source[p]) pairs_of[next[word]++] = static_cast<std::uint32_t>(p);
  }
  row_begins_.assign(source_words + 1, 0);
  std::vector<std::uint32_t> row;
  std::vector<std::uint32_t> seen(bitext_.target_words.size(), ~std::uint32_t{0});  // By which source word, last.
  for (std::uint32_t word = 0; word < source_words; ++word) {
    row.clear();
    for (std::size_t i = begins[word]; i < begins[word + 1]; ++i) {
      if (i > begins[word] && pairs_of[i] == pairs_of[i - 1]) continue;
      for (const std::uint32_t target : bitext_.target[pairs_of[i]]) {
        if (seen[target] == word) continue;
        seen[target] = word;
        row.push_back(target);
      }
    }
    std::ranges::sort(row);
    cell_targets_.insert(cell_targets_.end(), row.begin(), row.end());
    row_begins_[word + 1] = cell_targets_.size();
  }

  pair_begins_.assign(pairs + 1, 0);
  for (std::size_t p = 0; p < pairs; ++p) {
    pair_begins_[p + 1] = pair_begins_[p] + bitext_.source[p].size() * bitext_.target[p].size();
  }
  pair_cells_.resize(pair_begins_.back());
  parallel_for((pairs + kPairsAtOnce - 1) / kPairsAtOnce, options_.threads, [&](std::size_t block, std::size_t) {
    for (std::size_t p = block * kPairsAtOnce; p < std::min(pairs, (block + 1) * kPairsAtOnce); ++p) {
      std::size_t at = pair_begins_[p];
      for (const std::uint32_t source : bitext_.source[p]) {
        for (const std::uint32_t target : bitext_.target[p]) {
          pair_cells_[at++] = static_cast<std::uint32_t>(cell(source, target));
        }
      }
    }
  });

  const auto share = [](std::size_t words) { return 1.0f / static_cast<float>(std::max<std::size_t>(words, 1)); };
  target_given_source_.assign(cell_targets_.size(), share(bitext_.target_words.size()));
  source_given_target_.assign(cell_targets_.size(), share(source_words));
  target_given_none_.assign(bitext_.target_words.size(), share(bitext_.target_words.size()));
  source_given_none_.assign(source_words, share(source_words));
  counts_.assign(cell_targets_.size(), 0);
  target_none_counts_.assign(bitext_.target_words.size(), 0);
  source_none_counts_.assign(source_words, 0);
}

void WordAligner::find_posteriors(std::size_t pair, bool hmm, Posteriors& posteriors) const {
  const auto source = bitext_.source[pair], target = bitext_.target[pair];
  const std::size_t sources = source.size(), targets = target.size();
  posteriors.resize(sources, targets);
  const std::uint32_t* cells = &pair_cells_[pair_begins_[pair]];
  for (std::size_t i = 0; i < sources; ++i) {
    for (std::size_t j = 0; j < targets; ++j) {
      posteriors.target_emissions[j * sources + i] = target_given_source_[cells[i * targets + j]];
      posteriors.source_emissions[i * targets + j] = source_given_target_[cells[i * targets + j]];
    }
  }
  for (std::size_t j = 0; j < targets; ++j) posteriors.target_from_none[j] = target_given_none_[target[j]];
  for (std::size_t i = 0; i < sources; ++i) posteriors.source_from_none[i] = source_given_none_[source[i]];
  if (hmm) {
    auto& run = posteriors.forward_backward;
    posteriors.log_probability +=
        run.run(posteriors.target_emissions, posteriors.target_from_none, forward_.transitions(sources), targets,
                sources, posteriors.target_posteriors, posteriors.target_none, &posteriors.forward_jumps);
    run.run(posteriors.source_emissions, posteriors.source_from_none, backward_.transitions(targets), sources, targets,
            posteriors.source_posteriors, posteriors.source_none, &posteriors.backward_jumps);
    return;
  }
  // Model 1: every place is as likely as any other, and as none.
  const auto spread = [](std::span<const float> emissions, std::span<const float> from_none, std::size_t observed,
                         std::size_t states, std::span<float> out, std::span<float> none) {
    double log_probability = 0;
    for (std::size_t j = 0; j < observed; ++j) {
      float sum = from_none[j];
      for (std::size_t i = 0; i < states; ++i) sum += emissions[j * states + i];
      for (std::size_t i = 0; i < states; ++i) out[j * states + i] = emissions[j * states + i] / sum;
      none[j] = from_none[j] / sum;
      log_probability += std::log(static_cast<double>(sum) / static_cast<double>(states + 1));
    }
    return log_probability;
  };
  posteriors.log_probability += spread(posteriors.target_emissions, posteriors.target_from_none, targets, sources,
                                       posteriors.target_posteriors, posteriors.target_none);
  spread(posteriors.source_emissions, posteriors.source_from_none, sources, targets, posteriors.source_posteriors,
         posteriors.source_none);
}

void WordAligner::prepare_jumps() {
  std::set<std::size_t> source_lengths, target_lengths;
  for (std::size_t p = 0; p < bitext_.source.size(); ++p) {
    source_lengths.insert(bitext_.source[p].size());
    target_lengths.insert(bitext_.target[p].size());
  }
  forward_.prepare(std::vector(source_lengths.begin(), source_lengths.end()));
  backward_.prepare(std::vector(target_lengths.begin(), target_lengths.end()));
}

void WordAligner::iterate(bool hmm, bool last) {
  std::ranges::fill(counts_, 0);
  std::ranges::fill(target_none_counts_, 0);
  std::ranges::fill(source_none_counts_, 0);
  const std::size_t pairs = bitext_.source.size(), blocks = (pairs + kPairsAtOnce - 1) / kPairsAtOnce;
  if (hmm) prepare_jumps();
  std::vector<Posteriors> scratch(threads_or_all(options_.threads));
  std::vector<double> log_probabilities(blocks);
  parallel_for(blocks, options_.threads, [&](std::size_t block, std::size_t worker) {
    Posteriors& of = scratch[worker];
    of.log_probability = 0;
    for (std::size_t p = block * kPairsAtOnce; p < std::min(pairs, (block + 1) * kPairsAtOnce); ++p) {
      find_posteriors(p, hmm, of);
      const auto source = bitext_.source[p], target = bitext_.target[p];
      const std::size_t sources = source.size(), targets = target.size();
      const std::uint32_t* cells = &pair_cells_[pair_begins_[p]];
      for (std::size_t i = 0; i < sources; ++i) {
        for (std::size_t j = 0; j < targets; ++j) {
          // Agreement: Liang, Taskar and Klein, NAACL 2006, equation 7.
          float both = of.target_posteriors[j * sources + i] * of.source_posteriors[i * targets + j];
          if (last) both = std::sqrt(both);
          add_shared(counts_[cells[i * targets + j]], to_units(both));
        }
        add_shared(source_none_counts_[source[i]], to_units(of.source_none[i]));
      }
      for (std::size_t j = 0; j < targets; ++j) {
        add_shared(target_none_counts_[target[j]], to_units(of.target_none[j]));
      }
    }
    log_probabilities[block] = of.log_probability;
  });
  double log_probability = 0;
  for (const double of_block : log_probabilities) log_probability += of_block;
  perplexities_.push_back(
      std::exp(-log_probability / static_cast<double>(std::max<std::size_t>(bitext_.target.words(), 1))));
  if (hmm) {
    JumpModel::Counts forward = {}, backward = {};
    for (const Posteriors& of : scratch) {
      for (std::size_t i = 0; i < forward.size(); ++i) {
        forward[i] += of.forward_jumps[i];
        backward[i] += of.backward_jumps[i];
      }
    }
    forward_.maximize(forward);
    backward_.maximize(backward);
  }
}

void WordAligner::maximize() {
  std::vector<std::uint64_t> target_sums(bitext_.target_words.size());
  for (std::uint32_t word = 0; word + 1 < row_begins_.size(); ++word) {
    std::uint64_t sum = 0;
    for (std::size_t c = row_begins_[word]; c < row_begins_[word + 1]; ++c) {
      sum += counts_[c];
      target_sums[cell_targets_[c]] += counts_[c];
    }
    for (std::size_t c = row_begins_[word]; c < row_begins_[word + 1]; ++c) {
      target_given_source_[c] =
          std::max(kLeastProbability, sum == 0 ? 0 : static_cast<float>(to_number(counts_[c]) / to_number(sum)));
    }
  }
  for (std::size_t c = 0; c < counts_.size(); ++c) {
    const std::uint64_t sum = target_sums[cell_targets_[c]];
    source_given_target_[c] =
        std::max(kLeastProbability, sum == 0 ? 0 : static_cast<float>(to_number(counts_[c]) / to_number(sum)));
  }
  const auto from_none = [](std::span<const std::uint64_t> counts, std::span<float> probabilities) {
    double all = 0;
    for (const std::uint64_t count : counts) all += to_number(count);
    for (std::size_t i = 0; i < counts.size(); ++i) {
      probabilities[i] = std::max(kLeastProbability, all == 0 ? 0 : static_cast<float>(to_number(counts[i]) / all));
    }
  };
  from_none(target_none_counts_, target_given_none_);
  from_none(source_none_counts_, source_given_none_);
}

void WordAligner::train(const std::function<void(std::size_t, std::size_t)>& after_iteration) {
  const std::size_t all = options_.model1_iterations + options_.hmm_iterations;
  for (std::size_t i = 0; i < all; ++i) {
    iterate(i >= options_.model1_iterations, i + 1 == all);
    maximize();
    if (after_iteration) after_iteration(i + 1, all);
  }
  prepare_jumps();  // For links().
}

std::vector<std::vector<TableContent::Cell>> WordAligner::rows() const {
  std::vector<std::vector<TableContent::Cell>> rows(row_begins_.size() - 1);
  for (std::size_t word = 0; word < rows.size(); ++word) {
    for (std::size_t c = row_begins_[word]; c < row_begins_[word + 1]; ++c) {
      const double count = to_number(counts_[c]);
      if (count >= 1e-6) rows[word].push_back({cell_targets_[c], count});
    }
  }
  return rows;
}

std::vector<AlignmentLink> WordAligner::links(std::size_t pair, float least) const {
  Posteriors of;
  find_posteriors(pair, options_.hmm_iterations > 0, of);
  const std::size_t sources = bitext_.source[pair].size(), targets = bitext_.target[pair].size();
  std::vector<AlignmentLink> links;
  for (std::uint32_t i = 0; i < sources; ++i) {
    for (std::uint32_t j = 0; j < targets; ++j) {
      const float both = std::sqrt(of.target_posteriors[j * sources + i] * of.source_posteriors[i * targets + j]);
      if (both >= least) links.push_back({i, j, both});
    }
  }
  return links;
}

}  // namespace dragoman
