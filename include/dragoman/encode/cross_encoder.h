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

/// What a cross-encoder says of a passage.
struct CrossScore {
  float score = 0;              ///< A logit: finite, any sign; sigmoid(score) is a probability for models trained so.
  std::size_t tokens_read = 0;  ///< Of query, passage and what stands between; 0 if the score was in the cache.
  bool truncated = false;       ///< Query or passage did not fit, and were cut.
};

struct CrossEncoderOptions {
  std::size_t threads = 0;  ///< Processors to use; 0 for all. Scores do not depend on it.
  /// For the BERT family, as EncoderOptions::precision; others run in 32 bits.
  std::optional<Precision> precision = {};
  std::filesystem::path cache = {};  ///< Where scores are kept, as EncoderOptions::cache; empty: nowhere.
  std::uint64_t cache_bytes = 0;     ///< As EncoderOptions::cache_bytes.
};

/// Query and passage go through the model together, and a head on the state of the first token (of the last one, for
/// decoders) makes a score of them: Nogueira and Cho, "Passage Re-ranking with BERT", 2019. Thread-safe.
class CrossEncoder {
 public:
  virtual ~CrossEncoder() = default;

  /// One score a passage, higher is better; comparable between queries as far as the model is. The last bits of a score
  /// may depend on the other passages; the same call always gives the same bits. Where query and passage are too long
  /// together, the query keeps half of the room at least.
  /// @param most_tokens of a passage; 0: as many as fit.
  virtual std::vector<CrossScore> score(std::string_view query, std::span<const std::string_view> passages,
                                        std::size_t most_tokens = 0) const = 0;

  virtual std::size_t count_tokens(std::string_view text) const = 0;
  /// Tokens that are left for a passage beside this query.
  virtual std::size_t passage_room(std::string_view query) const = 0;

  /// What a user should know although the work goes on, a line each, as Encoder::notices().
  virtual std::vector<std::string> notices() const { return {}; }
  /// Model hash, precision and length, for caches and reports.
  virtual const std::string& stamp() const = 0;
};

/// A GGUF file with a classification head of one output (or two, "yes" and "no", whose log-odds are the score): the
/// BERT family by our own forward pass, with the tokenizer's own ids and both kinds of segments; others by llama.cpp.
/// @throws InvalidArgument if the model has no such head or is behind an endpoint, NotFound, InvalidData if its file or
///         the cache's, is damaged.
std::unique_ptr<CrossEncoder> open_cross_encoder(const Model& model, const CrossEncoderOptions& options = {});

}  // namespace dragoman
