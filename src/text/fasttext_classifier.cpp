#include "text/fasttext_classifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

constexpr std::string_view kEnd = "</s>";  // What the original puts at the end of a line.

/// FNV-1a as the original has it: a byte is widened with its sign.
constexpr std::uint32_t kHashStart = 2166136261u, kHashFactor = 16777619u;
std::uint32_t hashed(std::uint32_t hash, char byte) {
  return (hash ^ static_cast<std::uint32_t>(static_cast<std::int8_t>(byte))) * kHashFactor;
}

std::uint32_t hash_of(std::string_view word) {
  std::uint32_t hash = kHashStart;
  for (const char byte : word) hash = hashed(hash, byte);
  return hash;
}

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

/// Half empty at least, so that searches end soon.
std::size_t slots_for(std::size_t entries) { return std::bit_ceil(2 * entries + 1); }

/// Spreads numbers that have a pattern; a multiplier of Knuth's.
std::size_t spread(std::uint32_t number) { return static_cast<std::size_t>(number) * 0x9E3779B97F4A7C15ull >> 32; }

float sigmoid(float x) { return static_cast<float>(1.0 / (1.0 + std::exp(-static_cast<double>(x)))); }

/// The original looks this up in a table of 512 steps over [-8, 8].
float tabled_sigmoid(float x) {
  constexpr float kMost = 8;
  constexpr int kSteps = 512;
  if (std::isnan(x)) return x;
  if (x < -kMost) return 0;
  if (x > kMost) return 1;
  const auto step = static_cast<int>((x + kMost) * kSteps / kMost / 2);
  return sigmoid(static_cast<float>(step) * 2 * kMost / kSteps - kMost);
}

/// The original adds 1e-5 before every logarithm.
double guarded_log(double x) { return std::log(x + 1e-5); }

float number_at(std::span<const std::byte> bytes, std::size_t index) {
  float number;
  std::memcpy(&number, bytes.data() + index * sizeof(float), sizeof(float));
  return number;
}

/// Adds a row of a matrix.
void add_row(const FasttextMatrix& matrix, std::size_t row, std::span<float> to) {
  const std::size_t columns = to.size();
  if (!matrix.codes) {
    const auto numbers = matrix.numbers.subspan(row * columns * sizeof(float));
    for (std::size_t i = 0; i < columns; ++i) to[i] += number_at(numbers, i);
    return;
  }
  const FasttextCodes& codes = *matrix.codes;
  const float norm = codes.norms.empty() ? 1.0f : codes.norms[std::to_integer<std::size_t>(codes.norm_codes[row])];
  const std::byte* code = codes.codes.data() + row * codes.pieces;
  const float* alternatives = codes.codebook.data();
  for (std::size_t begin = 0; begin < columns; begin += codes.piece) {
    const std::size_t length = std::min(codes.piece, columns - begin);
    const float* piece = alternatives + std::to_integer<std::size_t>(*code++) * length;
    for (std::size_t i = 0; i < length; ++i) to[begin + i] += norm * piece[i];
    alternatives += 256 * length;
  }
}

/// @param sum of one feature at least.
std::vector<float> mean_of(const FasttextSum& sum) {
  std::vector<float> mean = sum.sum;
  for (float& number : mean) number *= 1.0f / static_cast<float>(sum.features);
  return mean;
}

}  // namespace

FasttextClassifier::FasttextClassifier(FasttextFile file, std::string_view place, std::size_t max_unpacked_bytes)
    : file_(std::move(file)), place_(place) {
  unpack_input(max_unpacked_bytes);
  build_words();
  build_buckets();
  if (file_.loss == FasttextLoss::hierarchical_softmax) build_tree();
}

void FasttextClassifier::unpack_input(std::size_t max_bytes) {
  const FasttextMatrix& input = file_.input;
  if (!input.codes || input.rows > max_bytes / sizeof(float) / input.columns) return;
  unpacked_.resize(input.rows * input.columns);
  for (std::size_t row = 0; row < input.rows; ++row) {
    add_row(input, row, std::span(unpacked_).subspan(row * input.columns, input.columns));
  }
}

void FasttextClassifier::add_input(std::size_t row, FasttextSum& sum) const {
  ++sum.features;
  if (unpacked_.empty()) {
    add_row(file_.input, row, sum.sum);
    return;
  }
  const std::size_t columns = file_.dimension;
  const float* from = unpacked_.data() + row * columns;
  float* to = sum.sum.data();
  for (std::size_t i = 0; i < columns; ++i) to[i] += from[i];
}

std::size_t FasttextClassifier::word_slot(std::string_view word) const {
  const std::size_t mask = word_slots_.size() - 1;
  std::size_t slot = spread(hash_of(word)) & mask;
  while (word_slots_[slot] != 0 && file_.words[word_slots_[slot] - 1] != word) slot = (slot + 1) & mask;
  return slot;
}

void FasttextClassifier::build_words() {
  word_slots_.resize(slots_for(file_.words.size()));
  for (std::size_t i = 0; i < file_.words.size(); ++i) {
    std::uint32_t& slot = word_slots_[word_slot(file_.words[i])];
    if (slot == 0) slot = static_cast<std::uint32_t>(i + 1);  // Of equal words the first counts.
  }
}

std::int64_t FasttextClassifier::find_word(std::string_view word) const {
  return std::int64_t{word_slots_[word_slot(word)]} - 1;
}

// Every part of every word comes here: a call of its own costs 5 % of telling a language.
inline std::size_t FasttextClassifier::bucket_slot(std::uint32_t bucket) const {
  const std::size_t mask = bucket_slots_.size() - 1;
  std::size_t slot = spread(bucket) & mask;
  while (bucket_slots_[slot].row_plus_1 != 0 && bucket_slots_[slot].bucket != bucket) slot = (slot + 1) & mask;
  return slot;
}

void FasttextClassifier::build_buckets() {
  if (!file_.pruned) return;
  bucket_slots_.resize(slots_for(file_.kept_buckets.size()));
  for (const auto& [bucket, row] : file_.kept_buckets) {
    bucket_slots_[bucket_slot(bucket)] = {bucket, row + 1};  // Of equal buckets the last counts.
  }
}

/// Huffman's tree over the labels as the original builds it: they are sorted by count, most frequent first, so that the
/// rarest node is always the last label left or the oldest inner node. Where a file's are not sorted, the tree is
/// another, but still one.
void FasttextClassifier::build_tree() {
  const std::size_t labels = file_.labels.size();
  std::vector<std::int64_t> counts(file_.label_counts);
  tree_.reserve(labels);
  std::size_t next_label = labels, next_inner = labels;  // The first is one too high, so that it need not be negative.
  for (std::size_t node = labels; node + 1 < 2 * labels; ++node) {
    const auto rarest = [&] {
      const bool label = next_label > 0 && (next_inner >= node || counts[next_label - 1] < counts[next_inner]);
      return label ? --next_label : next_inner++;
    };
    const std::size_t left = rarest(), right = rarest();
    counts.push_back(counts[left] + counts[right]);
    tree_.push_back({static_cast<std::uint32_t>(left), static_cast<std::uint32_t>(right)});
  }
}

float FasttextClassifier::output_dot(std::size_t row, std::span<const float> hidden) const {
  float dot = 0;
  if (!file_.output.codes) {
    const auto numbers = file_.output.numbers.subspan(row * hidden.size() * sizeof(float));
    for (std::size_t i = 0; i < hidden.size(); ++i) dot += number_at(numbers, i) * hidden[i];
    return dot;
  }
  std::vector<float> numbers(hidden.size());
  add_row(file_.output, row, numbers);
  for (std::size_t i = 0; i < hidden.size(); ++i) dot += numbers[i] * hidden[i];
  return dot;
}

void FasttextClassifier::add_bucket(std::uint32_t bucket, FasttextSum& sum) const {
  std::size_t row = bucket;
  if (file_.pruned) {
    const Slot& slot = bucket_slots_[bucket_slot(bucket)];
    if (slot.row_plus_1 == 0) return;
    row = slot.row_plus_1 - 1;
  }
  add_input(file_.words.size() + row, sum);
}

/// Parts of "<word>", which are hashed as they grow. The signs for begin and end alone are none.
void FasttextClassifier::add_parts(std::string_view word, FasttextSum& sum) const {
  thread_local std::string marked;  // Every word of a text comes here.
  marked.assign(1, '<').append(word).append(1, '>');
  const char* const text = marked.data();
  const std::size_t size = marked.size();
  const auto buckets = static_cast<std::uint32_t>(file_.buckets);
  for (std::size_t begin = 0; begin < size; ++begin) {
    if (continues_character(text[begin])) continue;
    std::uint32_t hash = kHashStart;
    std::size_t end = begin;
    for (std::size_t characters = 1; end < size && characters <= file_.max_characters; ++characters) {
      hash = hashed(hash, text[end++]);
      while (end < size && continues_character(text[end])) hash = hashed(hash, text[end++]);
      if (characters < file_.min_characters || (characters == 1 && (begin == 0 || end == size))) continue;
      add_bucket(hash % buckets, sum);
    }
  }
}

void FasttextClassifier::add_word(std::string_view word, FasttextSum& sum) const {
  const std::int64_t known = find_word(word);
  if (known < 0 && word.starts_with(kFasttextLabel)) return;
  if (known >= 0) add_input(static_cast<std::size_t>(known), sum);
  if (file_.max_characters > 0) add_parts(word, sum);
}

void FasttextClassifier::add_end(FasttextSum& sum) const {
  const std::int64_t known = find_word(kEnd);
  if (known < 0) return;
  add_input(static_cast<std::size_t>(known), sum);
}

/// Hashes are widened with their sign, as in the original.
void FasttextClassifier::add_runs(std::span<const std::uint32_t> hashes, FasttextSum& sum) const {
  const auto widened = [](std::uint32_t hash) {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(hash)));
  };
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    std::uint64_t hash = widened(hashes[i]);
    for (std::size_t j = i + 1; j < std::min(hashes.size(), i + file_.word_ngrams); ++j) {
      hash = hash * 116049371u + widened(hashes[j]);
      add_bucket(static_cast<std::uint32_t>(hash % file_.buckets), sum);
    }
  }
}

void FasttextClassifier::add_text(std::string_view text, FasttextSum& sum) const {
  std::vector<std::uint32_t> hashes;
  for_each_fasttext_word(text, [&](std::string_view word) {
    add_word(word, sum);
    if (has_runs_of_words() && !word.starts_with(kFasttextLabel)) hashes.push_back(hash_of(word));
  });
  add_end(sum);
  if (!has_runs_of_words()) return;
  hashes.push_back(hash_of(kEnd));
  add_runs(hashes, sum);
}

std::vector<float> FasttextClassifier::probabilities(std::string_view text) const {
  FasttextSum sum = empty_sum();
  add_text(text, sum);
  return probabilities(sum);
}

std::vector<FasttextClassifier::Likely> FasttextClassifier::likely(const FasttextSum& sum, float least) const {
  std::vector<Likely> found;
  if (sum.features == 0) return found;
  if (file_.loss != FasttextLoss::hierarchical_softmax) {
    const std::vector<float> all = probabilities(sum);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i] >= least) found.push_back({i, all[i]});
    }
    return found;
  }
  const std::size_t labels = file_.labels.size();
  const std::vector<float> hidden = mean_of(sum);
  std::vector<float> shares(2 * labels - 1);
  shares.back() = 1;
  for (std::size_t node = shares.size(); node-- > labels;) {
    if (!(shares[node] >= least)) continue;
    const float right = sigmoid(output_dot(node - labels, hidden));
    shares[tree_[node - labels].left] = shares[node] * (1 - right);
    shares[tree_[node - labels].right] = shares[node] * right;
  }
  for (std::size_t i = 0; i < labels; ++i) {
    if (shares[i] >= least) found.push_back({i, shares[i]});
  }
  return found;
}

std::vector<float> FasttextClassifier::probabilities(const FasttextSum& sum) const {
  const std::size_t labels = file_.labels.size();
  std::vector<float> result(labels);
  if (sum.features == 0) return result;
  const std::vector<float> hidden = mean_of(sum);

  switch (file_.loss) {
    case FasttextLoss::hierarchical_softmax: {
      // A node is younger than its children, so from the root downwards every parent comes before them.
      std::vector<double> scores(2 * labels - 1);
      for (std::size_t node = scores.size(); node-- > labels;) {
        const float right = sigmoid(output_dot(node - labels, hidden));
        scores[tree_[node - labels].left] = scores[node] + guarded_log(1.0 - static_cast<double>(right));
        scores[tree_[node - labels].right] = scores[node] + guarded_log(right);
      }
      for (std::size_t i = 0; i < labels; ++i) result[i] = static_cast<float>(std::exp(scores[i]));
      break;
    }
    case FasttextLoss::softmax: {
      for (std::size_t i = 0; i < labels; ++i) result[i] = output_dot(i, hidden);
      const float most = *std::ranges::max_element(result);
      double total = 0;
      for (float& logit : result) total += logit = std::exp(logit - most);
      for (float& share : result) share = static_cast<float>(share / total + 1e-5);
      break;
    }
    case FasttextLoss::negative_sampling:
    case FasttextLoss::one_versus_all:
      for (std::size_t i = 0; i < labels; ++i) result[i] = tabled_sigmoid(output_dot(i, hidden)) + 1e-5f;
      break;
  }
  if (!std::ranges::all_of(result, [](float x) { return std::isfinite(x); })) {
    throw InvalidData(fmt::format("{}: the model's numbers are not finite; get it again", place_));
  }
  return result;
}

}  // namespace dragoman
