#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/encode/precision.h"

namespace dragoman {

struct Model;

/// What a text is to the model: asymmetric encoders put another prompt before a question than before a passage.
enum class EncodeAs { query, passage };

/// The representations that one forward pass of an encoder gives.
struct Heads {
  bool dense = true;
  bool sparse = false;
  bool multi_vector = false;

  friend bool operator==(const Heads&, const Heads&) = default;
};

/// A dimension of a sparse vector: a token of the vocabulary or a latent of an autoencoder, and its weight, > 0.
struct SparseWeight {
  std::uint32_t dimension = 0;
  float weight = 0;

  friend bool operator==(const SparseWeight&, const SparseWeight&) = default;
};

/// What one forward pass says of one text. A representation that was not asked for is empty.
struct Encoding {
  std::vector<float> dense;          ///< [dimension], unit L2 norm (unless the model says that it does not normalise).
  std::vector<SparseWeight> sparse;  ///< By ascending dimension.
  std::vector<float> multi_vector;   ///< [vectors, multi_vector_dimension], row-major, rows of unit L2 norm.
  std::size_t tokens_read = 0;       ///< Tokens that went through the model, prompt and special tokens included.
  std::size_t tokens_total = 0;      ///< Tokens the text has; more than tokens_read where it was cut.

  friend bool operator==(const Encoding&, const Encoding&) = default;
};

struct EncodeOptions {
  Heads heads = {};
  /// Keep the first so many dimensions of dense vectors and normalise again; 0 keeps all. Only models trained for it
  /// stand this well: Kusupati et al., "Matryoshka Representation Learning", NeurIPS 2022.
  std::size_t dense_dimension = 0;
  /// Keep the heaviest so many weights of a sparse vector; 0 keeps what the model's head keeps.
  std::size_t sparse_weights = 0;
  /// Average the token vectors of a passage that are most alike, until one is left for so many; 1 keeps all. Queries
  /// are never pooled. Clavié et al., "Reducing the Footprint of Multi-Vector Retrieval with Minimal Performance Impact
  /// via Token Pooling", 2024.
  std::size_t token_pooling = 1;

  friend bool operator==(const EncodeOptions&, const EncodeOptions&) = default;
};

struct EncoderOptions {
  std::size_t threads = 0;                  ///< Processors to use; 0 for all.
  std::optional<Precision> precision = {};  ///< None: what the model's manifest and this processor make best.
  /// Folder of the cache (default_cache_folder() is the user's) where encodings are kept by content and model; empty
  /// keeps none.
  std::filesystem::path cache = {};
  std::uint64_t cache_bytes = 0;  ///< That the cache may take of the disk; 0 for kDefaultCacheBytes.
};

/// What an encoder was asked so far. Only a cache counts; without one all numbers stay 0.
struct EncoderUsage {
  std::uint64_t texts = 0;     ///< Asked for.
  std::uint64_t cached = 0;    ///< Of them, those that had everything asked for in the cache.
  std::uint64_t repeated = 0;  ///< Of them, those that stood a second time in the same call and were computed once.
};

/// Text in, representations out. The same text gives the same vectors at any number of threads.
class Encoder {
 public:
  virtual ~Encoder() = default;

  /// One Encoding a text, in the order of the texts. A text longer than the model reads is cut at its end, and the
  /// Encoding says so. Cost: one forward pass a text, packed into batches, whichever heads are asked for; memory
  /// O(batch), not O(texts), besides the result. Thread-safe.
  /// @throws InvalidArgument if the model has not a head that is asked for, or dense_dimension is larger than
  ///         dimension().
  virtual std::vector<Encoding> encode(std::span<const std::string_view> texts, EncodeAs as,
                                       const EncodeOptions& options = {}) const = 0;

  /// Token ids as the model would read them, prompt and special tokens included, not cut.
  virtual std::vector<std::int32_t> tokenize(std::string_view text, EncodeAs as) const = 0;

  /// Tokens of a bare text, without prompt and special tokens. Thread-safe.
  virtual std::size_t count_tokens(std::string_view text) const = 0;

  /// Tokens that a bare passage may have to be read whole.
  virtual std::size_t passage_budget() const = 0;

  virtual Heads heads() const = 0;                         ///< Those that the model has.
  virtual std::size_t dimension() const = 0;               ///< Of dense vectors.
  virtual std::size_t sparse_dimension() const = 0;        ///< Of sparse vectors; 0 without that head.
  virtual std::size_t multi_vector_dimension() const = 0;  ///< Of each token vector; 0 without that head.

  /// The numbers in which this encoder multiplies.
  virtual Precision precision() const = 0;

  /// What an index must agree with to be searched by this encoder: model hash, precision, pooling, prompts, length.
  virtual const std::string& stamp() const = 0;

  virtual EncoderUsage usage() const { return {}; }

  /// What a user should know although the work goes on, a line each: the disk is too full for the cache, say.
  virtual std::vector<std::string> notices() const { return {}; }
};

/// @throws InvalidArgument if the model is no encoder, cannot be run in the precision asked for, or a prompt leaves no
/// room for a text; InvalidData if its file, or the cache's, is damaged; Unavailable if it is remote, its dimension is
/// not known, and the endpoint does not answer.
std::unique_ptr<Encoder> open_encoder(const Model& model, const EncoderOptions& options = {});

}  // namespace dragoman
