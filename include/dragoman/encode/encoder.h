#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

struct Model;

/// What a text is to the model: asymmetric encoders put another prompt before a question than before a passage.
enum class EncodeAs { query, passage };

/// What one forward pass says of one text.
struct Encoding {
  std::vector<float> dense;      ///< [dimension], unit L2 norm.
  std::size_t tokens_read = 0;   ///< Tokens that went through the model, prompt and special tokens included.
  std::size_t tokens_total = 0;  ///< Tokens the text has; more than tokens_read where it was cut.
};

struct EncoderOptions {
  std::size_t threads = 0;  ///< Processors to use; 0 for all.
};

/// Text in, vectors out. The same text gives the same vector at any number of threads.
class Encoder {
 public:
  virtual ~Encoder() = default;

  /// One Encoding a text, in the order of the texts. A text longer than the model reads is cut at its end, and the
  /// Encoding says so. Cost: one forward pass a text, packed into batches; memory O(batch), not O(texts).
  /// Thread-safe (calls wait for one another).
  virtual std::vector<Encoding> encode(std::span<const std::string_view> texts, EncodeAs as) const = 0;

  /// Token ids as the model would read them, prompt and special tokens included, not cut.
  virtual std::vector<std::int32_t> tokenize(std::string_view text, EncodeAs as) const = 0;

  /// Tokens of a bare text, without prompt and special tokens. Thread-safe.
  virtual std::size_t count_tokens(std::string_view text) const = 0;

  /// Tokens that a bare passage may have to be read whole.
  virtual std::size_t passage_budget() const = 0;

  virtual std::size_t dimension() const = 0;

  /// What an index must agree with to be searched by this encoder: model hash, pooling, prompts, length.
  virtual const std::string& stamp() const = 0;
};

/// @throws InvalidArgument if the model is no encoder or a prompt leaves no room for a text, InvalidData if its file is
/// damaged.
std::unique_ptr<Encoder> open_encoder(const Model& model, const EncoderOptions& options = {});

}  // namespace dragoman
