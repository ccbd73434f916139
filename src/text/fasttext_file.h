#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace dragoman {

/// What a label begins with, in the file and in texts.
inline constexpr std::string_view kFasttextLabel = "__label__";

/// How a fastText classifier turns what it makes of a text into one probability a label.
enum class FasttextLoss : std::int32_t {
  hierarchical_softmax = 1,
  negative_sampling = 2,
  softmax = 3,
  one_versus_all = 4,
};

/// A quantised matrix: each row is split into pieces, and each piece is one of 256 of a codebook. Joulin et al.,
/// "FastText.zip: Compressing text classification models", 2016.
struct FasttextCodes {
  std::size_t pieces = 0;                 ///< Of a row.
  std::size_t piece = 0;                  ///< Numbers in a piece, but the last.
  std::vector<float> codebook;            ///< 256 alternatives of each piece, one piece after the other.
  std::span<const std::byte> codes;       ///< [rows, pieces].
  std::vector<float> norms;               ///< 256 lengths that rows are multiplied with; empty: all 1.
  std::span<const std::byte> norm_codes;  ///< [rows], where there are norms.
};

/// A matrix as it lies in the file, [rows, columns], row-major.
struct FasttextMatrix {
  std::size_t rows = 0, columns = 0;
  std::span<const std::byte> numbers;  ///< float32 in little-endian order, at any address; where it is not quantised.
  std::optional<FasttextCodes> codes;
};

/// A fastText classifier (supervised model), full (.bin) or quantised (.ftz). Views of the bytes it was read from.
/// Everything that an index is made of has been checked: no text can lead outside a matrix.
struct FasttextFile {
  std::size_t dimension = 0;
  std::size_t word_ngrams = 0;  ///< Longest run of words that is a feature; 0 and 1: single words.
  std::size_t min_characters = 0, max_characters = 0;  ///< Lengths of parts of words; no parts if the latter is 0.
  std::size_t buckets = 0;                             ///< That parts and runs are hashed into.
  FasttextLoss loss = FasttextLoss::softmax;

  std::vector<std::string_view> words;
  std::vector<std::string_view> labels;    ///< With kFasttextLabel before them, as they are written.
  std::vector<std::int64_t> label_counts;  ///< How often each was trained; the tree of the first loss hangs on it.

  bool pruned = false;                                                ///< Only the buckets below have rows.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> kept_buckets;  ///< Bucket, and its row behind the words'.

  FasttextMatrix input;   ///< A row a word, then a row a bucket.
  FasttextMatrix output;  ///< A row a label (of the first loss: an inner node of the tree).
};

/// Do the bytes begin as a fastText model does?
bool is_fasttext(std::span<const std::byte> bytes);

/// @param bytes must outlive the result. @param place begins every message ("lid.176.ftz").
/// @throws InvalidData for bytes that are no model, are cut short, contradict themselves, were written by an unknown
///         version, or hold word vectors instead of a classifier.
FasttextFile read_fasttext(std::span<const std::byte> bytes, std::string_view place);

}  // namespace dragoman
