#include "translate/marian/decoder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

namespace dragoman::marian {
namespace {

/// What a decoder's layer sees of a source sentence.
struct Memory {
  AlignedVector<float> keys;    ///< [width][padded]
  AlignedVector<float> values;  ///< [tokens][width]
};

/// What a decoder's layer with self-attention sees of a translation's beginning.
struct Past {
  AlignedVector<float> keys;    ///< [width][padded]; 0 behind the tokens.
  AlignedVector<float> values;  ///< [padded][width]
  std::size_t tokens = 0, padded = 0;

  void append(const float* key, const float* value, std::size_t width) {
    if (tokens == padded) grow(width);
    for (std::size_t k = 0; k < width; ++k) keys[k * padded + tokens] = key[k];
    std::copy_n(value, width, values.data() + tokens * width);
    ++tokens;
  }

 private:
  void grow(std::size_t width) {
    const std::size_t wider = std::max(kTokenStep, 2 * padded);
    AlignedVector<float> moved(width * wider, 0);
    for (std::size_t k = 0; k < width; ++k) std::copy_n(keys.data() + k * padded, tokens, moved.data() + k * wider);
    keys = std::move(moved);
    values.resize(wider * width);
    padded = wider;
  }
};

/// A beginning of a translation. What the layers know of it is in the row of the same number.
struct Hypothesis {
  std::size_t sentence = 0;
  std::vector<std::int32_t> tokens;
  double score = 0;  ///< Sum of log probabilities less word penalties; 0 throughout a search with a beam of one.
};

struct Source {
  std::size_t tokens = 0, padded = 0, most_tokens = 0;
  std::vector<Memory> memories;           ///< One a layer.
  std::vector<std::uint32_t> candidates;  ///< The targets that may follow, ascending; of a shortlist.
  Affine output;                          ///< For these.
  std::vector<std::size_t> masked;        ///< Those of them that may not after all.
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
    pasts_.resize(model.decoder().size());
    for (std::size_t layer = 0; layer < model.decoder().size(); ++layer) {
      if (std::holds_alternative<RecurrentCell>(model.decoder()[layer].past)) {
        cells_[layer].assign(rows_.size() * width_, 0);
      } else {
        pasts_[layer].resize(rows_.size());
      }
    }
  }

  std::vector<std::vector<std::int32_t>> run() {
    for (std::size_t position = 0; !rows_.empty(); ++position) {
      advance(position);
      if (position + 1 >= search_.prompt.size()) continue_rows();
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
      source.output = model_.output(source.candidates);
    }
    for (const std::int32_t token : search_.never) {
      const auto target = static_cast<std::uint32_t>(token);
      const auto found = std::ranges::lower_bound(source.candidates, target);
      if (!shortlist) {
        source.masked.push_back(target);
      } else if (found != source.candidates.end() && *found == target) {
        source.masked.push_back(static_cast<std::size_t>(found - source.candidates.begin()));
      }
    }
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
      const std::int32_t token = position < search_.prompt.size() ? search_.prompt[position] : tokens.back();
      model_.embed_target(token, position, states_.data() + row * width_);
    }
    for (std::size_t layer = 0; layer < model_.decoder().size(); ++layer) {
      const DecoderLayer& weights = model_.decoder()[layer];
      if (const auto* cell = std::get_if<RecurrentCell>(&weights.past)) {
        recur_rows(*cell, cells_[layer].data());
      } else {
        attend_past(std::get<SelfAttention>(weights.past), pasts_[layer]);
      }
      attend_rows(weights.attention, layer);
      run_feed_forward(model_, weights.feed_forward, count, states_.data(), workspace_);
    }
    if (!model_.config().norm_first) return;
    for (std::size_t row = 0; row < count; ++row) normalise(model_.decoder_norm(), states_.data() + row * width_);
  }

  void attend_past(const SelfAttention& attention, std::vector<Past>& pasts) {
    const std::size_t count = rows_.size(), heads = model_.config().heads;
    read_rows(attention);
    auto& inputs = workspace_.inputs;
    grown(queries_, count * width_);
    attention.query.apply(inputs, queries_.data(), width_);
    attention.key.apply(inputs, forgets_.data(), width_);
    attention.value.apply(inputs, values_.data(), width_);
    for (std::size_t row = 0; row < count; ++row) {
      Past& past = pasts[row];
      past.append(forgets_.data() + row * width_, values_.data() + row * width_, width_);
      grown(weights_, past.padded);
      attend({queries_.data() + row * width_, past.keys.data(), past.values.data(), past.tokens, past.padded, heads,
              width_ / heads},
             weights_.data(), forgets_.data() + row * width_);
    }
    add_output(attention);
  }

  /// What attention reads of the states, and room for what it makes of it.
  void read_rows(const SelfAttention& attention) {
    const std::size_t count = rows_.size();
    float* read = sublayer_input(model_, attention.norm, count, states_.data(), workspace_);
    workspace_.inputs.assign(model_.precision(), read, count, width_, attention.query.input_multiplier());
    grown(values_, count * width_);
    grown(forgets_, count * width_);
  }

  /// What attention put into `forgets_`, through its last matrix, to the states.
  void add_output(const SelfAttention& attention) {
    const std::size_t count = rows_.size();
    workspace_.inputs.assign(model_.precision(), forgets_.data(), count, width_, attention.output.input_multiplier());
    attention.output.apply(workspace_.inputs, values_.data(), width_);
    add_sublayer(model_, attention.norm, values_.data(), count, states_.data());
  }

  void recur_rows(const RecurrentCell& cell, float* cells) {
    const std::size_t count = rows_.size();
    grown(values_, count * width_);
    grown(forgets_, count * width_);
    auto& inputs = workspace_.inputs;
    inputs.assign(model_.precision(), states_.data(), count, width_, cell.value.input_multiplier());
    cell.value.apply(inputs, values_.data(), width_);
    if (cell.forget.input_multiplier() != inputs.multiplier()) {
      inputs.assign(model_.precision(), states_.data(), count, width_, cell.forget.input_multiplier());
    }
    cell.forget.apply(inputs, forgets_.data(), width_);
    recur(values_.data(), forgets_.data(), count * width_, cells, states_.data());
    for (std::size_t row = 0; row < count; ++row) normalise(cell.norm, states_.data() + row * width_);
  }

  void attend_rows(const SelfAttention& attention, std::size_t layer) {
    const std::size_t count = rows_.size(), heads = model_.config().heads;
    read_rows(attention);
    attention.query.apply(workspace_.inputs, values_.data(), width_);
    for (std::size_t row = 0; row < count; ++row) {
      const Source& source = sources_[rows_[row].sentence];
      const Memory& memory = source.memories[layer];
      grown(weights_, source.padded);
      attend({values_.data() + row * width_, memory.keys.data(), memory.values.data(), source.tokens, source.padded,
              heads, width_ / heads},
             weights_.data(), forgets_.data() + row * width_);
    }
    add_output(attention);
  }

  /// From the rows' states to the rows of the next step. The rows of a sentence lie together.
  void continue_rows() {
    const std::size_t all = model_.config().target_vocabulary;
    const bool shortlisted = !sources_.front().candidates.empty();
    const Affine& any_output = shortlisted ? sources_.front().output : model_.full_output();
    workspace_.inputs.assign(model_.precision(), states_.data(), rows_.size(), width_, any_output.input_multiplier());
    if (!shortlisted) {
      grown(logits_, rows_.size() * all);
      any_output.apply(workspace_.inputs, logits_.data(), all);
    }
    std::vector<Hypothesis> next;
    std::vector<std::size_t> parents;
    for (std::size_t first = 0; first < rows_.size();) {
      std::size_t end = first + 1;
      while (end < rows_.size() && rows_[end].sentence == rows_[first].sentence) ++end;
      Source& source = sources_[rows_[first].sentence];
      if (shortlisted) {
        grown(logits_, (end - first) * source.candidates.size());
        source.output.apply(workspace_.inputs, first, end - first, logits_.data(), source.candidates.size());
      }
      float* logits = logits_.data() + (shortlisted ? 0 : first * all);
      for (const Continuation& continuation : best_continuations(source, first, end, logits)) {
        extend(source, continuation, next, parents);
      }
      first = end;
    }
    keep_pasts(parents);
    rows_ = std::move(next);
  }

  /// @param logits [end - first, targets]
  std::vector<Continuation> best_continuations(const Source& source, std::size_t first, std::size_t end,
                                               float* logits) const {
    const std::size_t targets =
        source.candidates.empty() ? model_.config().target_vocabulary : source.candidates.size();
    const auto token = [&](std::size_t i) {
      return static_cast<std::int32_t>(source.candidates.empty() ? i : source.candidates[i]);
    };
    if (search_.beam_size == 1) {
      mask(source, logits);
      const auto best = static_cast<std::size_t>(std::max_element(logits, logits + targets) - logits);
      return {{first, logits[best] == -INFINITY ? search_.end : token(best), 0}};
    }
    const auto better = [](const Continuation& a, const Continuation& b) {
      if (a.score != b.score) return a.score > b.score;
      return a.row != b.row ? a.row < b.row : a.token < b.token;
    };
    const std::size_t wanted = search_.beam_size - source.finished;
    std::vector<Continuation> best;  // A heap, the worst on top.
    for (std::size_t row = first; row < end; ++row, logits += targets) {
      const double base = rows_[row].score - double{log_sum_exp(logits, targets)} - double{search_.word_penalty};
      mask(source, logits);
      for (std::size_t i = 0; i < targets; ++i) {
        const double score = base + double{logits[i]};
        if (logits[i] == -INFINITY || (best.size() == wanted && score < best.front().score)) continue;
        const Continuation one{row, token(i), score};
        if (best.size() == wanted) {
          if (!better(one, best.front())) continue;
          std::ranges::pop_heap(best, better);
          best.pop_back();
        }
        best.push_back(one);
        std::ranges::push_heap(best, better);
      }
    }
    std::ranges::sort_heap(best, better);
    return best;
  }

  static void mask(const Source& source, float* logits) {
    for (const std::size_t i : source.masked) logits[i] = -INFINITY;
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

  /// What the rows' layers know becomes what the next rows' know: their parents'.
  void keep_pasts(const std::vector<std::size_t>& parents) {
    for (auto& cells : cells_) {
      if (cells.empty()) continue;
      grown(kept_, parents.size() * width_);
      for (std::size_t row = 0; row < parents.size(); ++row) {
        std::copy_n(cells.data() + parents[row] * width_, width_, kept_.data() + row * width_);
      }
      std::swap(cells, kept_);
    }
    std::vector<std::size_t> children(rows_.size(), 0);
    for (const std::size_t parent : parents) ++children[parent];
    for (auto& pasts : pasts_) {
      if (pasts.empty()) continue;
      std::vector<Past> next(parents.size());
      std::vector<std::size_t> left = children;
      for (std::size_t row = 0; row < parents.size(); ++row) {
        Past& past = pasts[parents[row]];
        if (--left[parents[row]] == 0) {
          next[row] = std::move(past);
        } else {
          next[row] = past;
        }
      }
      pasts = std::move(next);
    }
  }

  const Model& model_;
  const Search& search_;
  Workspace& workspace_;
  std::size_t width_;
  std::vector<Source> sources_;
  std::vector<Hypothesis> rows_;
  std::vector<AlignedVector<float>> cells_;  // Of each layer with a recurrent cell, [rows, width].
  std::vector<std::vector<Past>> pasts_;     // Of each other layer, of each row.
  AlignedVector<float> kept_, states_, queries_, values_, forgets_, weights_, logits_;
};

}  // namespace

std::vector<std::vector<std::int32_t>> decode(const Model& model, std::span<const std::vector<std::int32_t>> sentences,
                                              const Shortlist* shortlist, const Search& search, Workspace& workspace) {
  return Decoder(model, sentences, shortlist, search, workspace).run();
}

}  // namespace dragoman::marian
