#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/fasttext_file.h"

namespace dragoman {

/// The features of a piece of text, added up: what a classifier sees is their mean.
struct FasttextSum {
  std::vector<float> sum;    ///< [dimension]
  std::size_t features = 0;  ///< Rows in the sum.
};

/// fastText's inference over a file that was read. A text is the words between white space; each is its own row, where
/// the dictionary has it, and the rows of its parts of min to max characters; runs of words are features as well where
/// the model has such. The mean of all rows is multiplied with the output matrix.
///
/// Probabilities equal the original's, version 0.9.2, to 1e-5 for every text of one line; only "</s>", which ends the
/// original's line wherever it stands, is a word like any other here: text is never control.
///
/// Thread-safe. O(characters * parts * dimension + labels * dimension) a text.
class FasttextClassifier {
 public:
  /// A quantised input matrix of at most so many bytes is kept unpacked: twice as fast.
  static constexpr std::size_t kMaxUnpackedBytes = std::size_t{64} << 20;

  /// @param file whose bytes must outlive this. @param place for messages.
  FasttextClassifier(FasttextFile file, std::string_view place, std::size_t max_unpacked_bytes = kMaxUnpackedBytes);

  /// "__label__de"; the order of all results.
  std::span<const std::string_view> labels() const { return file_.labels; }
  bool has_runs_of_words() const { return file_.word_ngrams > 1; }

  FasttextSum empty_sum() const { return {std::vector<float>(file_.dimension), 0}; }
  /// Adds a word and its parts. A word that looks like a label adds nothing.
  void add_word(std::string_view word, FasttextSum& sum) const;
  /// Adds what the original adds at the end of a line.
  void add_end(FasttextSum& sum) const;
  /// Adds all words of a text, the end of its line, and runs of words. Line feeds are white space.
  void add_text(std::string_view text, FasttextSum& sum) const;

  /// One probability a label, as the original prints them: a little (1e-5) too high each, and for the losses that ask
  /// one question a label they need not sum to 1. All 0 for a text without features.
  /// @throws InvalidData if the model's numbers lead to none that is finite.
  std::vector<float> probabilities(const FasttextSum& sum) const;
  std::vector<float> probabilities(std::string_view text) const;

  /// The labels that have at least `least`, ascending, and what each has, as of probabilities() to 1e-4 for a
  /// hierarchical softmax, of whose tree only the likely branches are looked at: a few inner nodes in place of all.
  struct Likely {
    std::size_t label = 0;
    float probability = 0;
  };
  std::vector<Likely> likely(const FasttextSum& sum, float least) const;

 private:
  struct Inner {
    std::uint32_t left = 0, right = 0;
  };

  float output_dot(std::size_t row, std::span<const float> hidden) const;
  /// Where a word or bucket lies in its table, or the empty slot where it would.
  std::size_t word_slot(std::string_view word) const;
  std::size_t bucket_slot(std::uint32_t bucket) const;
  /// -1 if it is unknown.
  std::int64_t find_word(std::string_view word) const;
  /// Adds the row of a bucket, if it was kept.
  void add_bucket(std::uint32_t bucket, FasttextSum& sum) const;
  void add_input(std::size_t row, FasttextSum& sum) const;
  void add_parts(std::string_view word, FasttextSum& sum) const;
  void add_runs(std::span<const std::uint32_t> hashes, FasttextSum& sum) const;
  void unpack_input(std::size_t max_bytes);
  void build_words();
  void build_buckets();
  void build_tree();

  FasttextFile file_;
  std::string place_;
  std::vector<float> unpacked_;            // The input matrix, where it was quantised and is small; else empty.
  std::vector<std::uint32_t> word_slots_;  // Open addressing by hash; index + 1 of a word, 0 if empty.
  struct Slot {
    std::uint32_t bucket = 0, row_plus_1 = 0;
  };
  std::vector<Slot> bucket_slots_;  // Open addressing, of a pruned model.
  std::vector<Inner> tree_;         // Inner nodes by number; a label is a node below their first.
};

/// Calls `take(word)` for the words of a text, which lie between the bytes that the original takes for white space.
template <typename Take>
void for_each_fasttext_word(std::string_view text, const Take& take) {
  constexpr std::string_view kSpace(" \n\r\t\v\f\0", 7);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = text.find_first_not_of(kSpace, at);
    if (begin == std::string_view::npos) return;
    at = std::min(text.find_first_of(kSpace, begin), text.size());
    take(text.substr(begin, at - begin));
  }
}

}  // namespace dragoman
