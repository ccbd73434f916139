#include "translate/marian/decoder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <optional>

namespace dragoman::marian {
namespace {

/// What a decoder's layer sees of a source sentence.
struct Memory {
  AlignedVector<float> keys;    ///< [width][padded]
  AlignedVector<float> values;  ///< [tokens][width]
};

/// A beginning of a translation. The state of its recurrent cells is in the row of the same number.
struct Hypothesis {
  std::size_t sentence = 0;
  std::vector<std::int32_t> tokens;
  double score = 0;  ///< Sum of log probabilities less word penalties; 0 throughout a search with a beam of one.
};

struct Source {
  std::size_t tokens = 0, padded = 0, most_tokens = 0;
  std::vector<Memory> memories;           ///< One a layer.
  std::vector<std::uint32_t> candidates;  ///< The targets that may follow, ascending.
  Affine output;
  std::vector<std::int32_t> best;
  double best_score = -INFINITY;
  std::size_t finished = 0;
};

/// One step from a hypothesis.
struct Continuation {
  std::size_t row = 0;
  std::int32_t token = 0;
  double score = 0;
};

class Decoder {
 public:
  Decoder(const Model& model, std::span<const std::vector<std::int32_t>> sentences, const Shortlist* shortlist,
          const Search& search, Workspace& workspace)
      : model_(model), search_(search), workspace_(workspace), width_(model.config().width) {
    std::vector<char> seen(shortlist ? model.config().target_vocabulary : 0, 0);
    const float* states = workspace.states.data();
    for (const auto& sentence : sentences) {
      sources_.push_back(read_source(sentence, states, shortlist, seen));
      states += sentence.size() * width_;
      Hypothesis nothing;
      nothing.sentence = sources_.size() - 1;
      rows_.push_back(std::move(nothing));
    }
    cells_.resize(model.decoder().size());
    for (auto& cells : cells_) cells.assign(rows_.size() * width_, 0);
  }

  std::vector<std::vector<std::int32_t>> run() {
    for (std::size_t position = 0; !rows_.empty(); ++position) {
      advance(position);
      continue_rows();
    }
    std::vector<std::vector<std::int32_t>> found;
    for (Source& source : sources_) found.push_back(std::move(source.best));
    return found;
  }

 private:
  Source read_source(const std::vector<std::int32_t>& sentence, const float* states, const Shortlist* shortlist,
                     std::vector<char>& seen) {
    Source source;
    source.tokens = sentence.size();
    source.padded = round_up(sentence.size(), kTokenStep);
    source.most_tokens =
        static_cast<std::size_t>(std::ceil(search_.max_length_factor * static_cast<float>(sentence.size())));
    source.most_tokens = std::max<std::size_t>(source.most_tokens, 1);
    for (const DecoderLayer& layer : model_.decoder()) {
      source.memories.push_back(remember(layer.attention, states, source));
    }
    if (shortlist) {
      source.candidates = shortlist->candidates(sentence, seen);
    } else {
      source.candidates.resize(model_.config().target_vocabulary);
      std::iota(source.candidates.begin(), source.candidates.end(), 0u);
    }
    source.output = model_.output(source.candidates);
    return source;
  }

  Memory remember(const SelfAttention& attention, const float* states, const Source& source) {
    Memory memory;
    // Inputs in f32 are rectified in place, if at all, and these are not.
    auto* from = const_cast<float*>(states);
    grown(workspace_.branch, source.tokens * width_);
    workspace_.inputs.assign(model_.precision(), from, source.tokens, width_, attention.key.input_multiplier());
    attention.key.apply(workspace_.inputs, workspace_.branch.data(), width_);
    memory.keys.assign(width_ * source.padded, 0);
    for (std::size_t j = 0; j < source.tokens; ++j) {
      for (std::size_t k = 0; k < width_; ++k) {
        memory.keys[k * source.padded + j] = workspace_.branch[j * width_ + k];
      }
    }
    workspace_.inputs.assign(model_.precision(), from, source.tokens, width_, attention.value.input_multiplier());
    memory.values.resize(source.tokens * width_);
    attention.value.apply(workspace_.inputs, memory.values.data(), width_);
    return memory;
  }

  /// From the rows' last tokens to their states behind the last layer.
  void advance(std::size_t position) {
    const std::size_t count = rows_.size();
    grown(states_, count * width_);
    for (std::size_t row = 0; row < count; ++row) {
      const auto& tokens = rows_[row].tokens;
      model_.embed_target(tokens.empty() ? -1 : tokens.back(), position, states_.data() + row * width_);
    }
    for (std::size_t layer = 0; layer < model_.decoder().size(); ++layer) {
      const DecoderLayer& weights = model_.decoder()[layer];
      recur_rows(weights, cells_[layer].data());
      attend_rows(weights.attention, layer);
      run_feed_forward(model_, weights.feed_forward, count, states_.data(), workspace_);
    }
  }

  void recur_rows(const DecoderLayer& layer, float* cells) {
    const std::size_t count = rows_.size();
    grown(values_, count * width_);
    grown(forgets_, count * width_);
    auto& inputs = workspace_.inputs;
    inputs.assign(model_.precision(), states_.data(), count, width_, layer.cell_value.input_multiplier());
    layer.cell_value.apply(inputs, values_.data(), width_);
    if (layer.cell_forget.input_multiplier() != inputs.multiplier()) {
      inputs.assign(model_.precision(), states_.data(), count, width_, layer.cell_forget.input_multiplier());
    }
    layer.cell_forget.apply(inputs, forgets_.data(), width_);
    recur(values_.data(), forgets_.data(), count * width_, cells, states_.data());
    for (std::size_t row = 0; row < count; ++row) normalise(layer.cell_norm, states_.data() + row * width_);
  }

  void attend_rows(const SelfAttention& attention, std::size_t layer) {
    const std::size_t count = rows_.size(), heads = model_.config().heads;
    auto& inputs = workspace_.inputs;
    inputs.assign(model_.precision(), states_.data(), count, width_, attention.query.input_multiplier());
    attention.query.apply(inputs, values_.data(), width_);
    for (std::size_t row = 0; row < count; ++row) {
      const Source& source = sources_[rows_[row].sentence];
      const Memory& memory = source.memories[layer];
      grown(weights_, source.padded);
      attend({values_.data() + row * width_, memory.keys.data(), memory.values.data(), source.tokens, source.padded,
              heads, width_ / heads},
             weights_.data(), forgets_.data() + row * width_);
    }
    inputs.assign(model_.precision(), forgets_.data(), count, width_, attention.output.input_multiplier());
    attention.output.apply(inputs, values_.data(), width_);
    add_and_normalise(attention.norm, values_.data(), count, states_.data());
  }

  /// From the rows' states to the rows of the next step. The rows of a sentence lie together.
  void continue_rows() {
    workspace_.inputs.assign(model_.precision(), states_.data(), rows_.size(), width_,
                             sources_.front().output.input_multiplier());
    std::vector<Hypothesis> next;
    std::vector<std::size_t> parents;
    for (std::size_t first = 0; first < rows_.size();) {
      std::size_t end = first + 1;
      while (end < rows_.size() && rows_[end].sentence == rows_[first].sentence) ++end;
      Source& source = sources_[rows_[first].sentence];
      const std::size_t targets = source.candidates.size();
      grown(logits_, (end - first) * targets);
      source.output.apply(workspace_.inputs, first, end - first, logits_.data(), targets);
      for (const Continuation& continuation : best_continuations(source, first, end)) {
        extend(source, continuation, next, parents);
      }
      first = end;
    }
    keep_cells(parents);
    rows_ = std::move(next);
  }

  std::vector<Continuation> best_continuations(const Source& source, std::size_t first, std::size_t end) {
    const std::size_t targets = source.candidates.size();
    const std::size_t wanted = search_.beam_size - source.finished;
    if (search_.beam_size == 1) return {{first, likeliest(source, logits_.data()), 0}};
    std::vector<Continuation> all;
    for (std::size_t row = first; row < end; ++row) {
      const float* logits = logits_.data() + (row - first) * targets;
      const double base = rows_[row].score - double{log_sum_exp(logits, targets)} - double{search_.word_penalty};
      for (std::size_t i = 0; i < targets; ++i) {
        const auto token = static_cast<std::int32_t>(source.candidates[i]);
        if (token != search_.unknown) all.push_back({row, token, base + double{logits[i]}});
      }
    }
    const auto better = [](const Continuation& a, const Continuation& b) {
      if (a.score != b.score) return a.score > b.score;
      return a.row != b.row ? a.row < b.row : a.token < b.token;
    };
    const auto count = static_cast<std::ptrdiff_t>(std::min(wanted, all.size()));
    std::partial_sort(all.begin(), all.begin() + count, all.end(), better);
    all.resize(static_cast<std::size_t>(count));
    return all;
  }

  std::int32_t likeliest(const Source& source, const float* logits) const {
    std::size_t best = source.candidates.size();
    for (std::size_t i = 0; i < source.candidates.size(); ++i) {
      if (static_cast<std::int32_t>(source.candidates[i]) == search_.unknown) continue;
      if (best == source.candidates.size() || logits[i] > logits[best]) best = i;
    }
    return best == source.candidates.size() ? search_.end : static_cast<std::int32_t>(source.candidates[best]);
  }

  /// A continuation ends, or becomes a row of the next step.
  void extend(Source& source, const Continuation& continuation, std::vector<Hypothesis>& next,
              std::vector<std::size_t>& parents) {
    const Hypothesis& parent = rows_[continuation.row];
    const bool ends = continuation.token == search_.end;
    const std::size_t length = parent.tokens.size() + 1;
    if (!ends && length < source.most_tokens) {
      Hypothesis longer = parent;
      longer.tokens.push_back(continuation.token);
      longer.score = continuation.score;
      next.push_back(std::move(longer));
      parents.push_back(continuation.row);
      return;
    }
    ++source.finished;
    const double score = continuation.score / std::pow(static_cast<double>(length), double{search_.normalize});
    if (source.best_score >= score) return;
    source.best_score = score;
    source.best = parent.tokens;
    if (!ends) source.best.push_back(continuation.token);
  }

  void keep_cells(const std::vector<std::size_t>& parents) {
    for (auto& cells : cells_) {
      grown(kept_, parents.size() * width_);
      for (std::size_t row = 0; row < parents.size(); ++row) {
        std::copy_n(cells.data() + parents[row] * width_, width_, kept_.data() + row * width_);
      }
      std::swap(cells, kept_);
    }
  }

  const Model& model_;
  const Search& search_;
  Workspace& workspace_;
  std::size_t width_;
  std::vector<Source> sources_;
  std::vector<Hypothesis> rows_;
  std::vector<AlignedVector<float>> cells_;  // Of each layer, [rows, width].
  AlignedVector<float> kept_, states_, values_, forgets_, weights_, logits_;
};

}  // namespace

std::vector<std::vector<std::int32_t>> decode(const Model& model, std::span<const std::vector<std::int32_t>> sentences,
                                              const Shortlist* shortlist, const Search& search, Workspace& workspace) {
  return Decoder(model, sentences, shortlist, search, workspace).run();
}

}  // namespace dragoman::marian
