#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "encode/gguf_file.h"

namespace dragoman {

using TokenId = std::int32_t;

/// Tokens that mean something to the model and to no reader.
struct SpecialTokens {
  std::optional<TokenId> begin = {};  ///< Put before every input: "<s>", "[CLS]".
  std::optional<TokenId> end = {};    ///< Put behind every input: "</s>", "[SEP]".
  std::optional<TokenId> unknown = {}, padding = {}, mask = {};

  friend bool operator==(const SpecialTokens&, const SpecialTokens&) = default;
};

/// Text in, token ids out: the ids of the program that the model was trained with. One difference is deliberate:
/// special tokens spelled out in a text ("</s>", "[SEP]", "<mask>") are read as the letters they are. Text is never
/// control.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  /// Ids of a bare text; no special tokens are added, and besides the unknown token none can come out. Any bytes are
  /// taken; what is not UTF-8 is read as U+FFFD. O(n log n) in the bytes of the text, for texts without spaces too.
  /// Thread-safe.
  /// @throws InvalidArgument if the text has 256 MiB or more, or a regular expression of the tokenizer is too slow for
  /// it.
  virtual std::vector<TokenId> tokenize(std::string_view text) const = 0;

  /// One more than the largest id.
  virtual std::size_t vocabulary_size() const = 0;

  virtual const SpecialTokens& special() const = 0;
};

/// The tokenizer of a GGUF file, out of "tokenizer.huggingface.json" if it has that, else out of "tokenizer.ggml.*".
/// @param bytes The file that `file` was read from; not needed any more afterwards.
/// @throws InvalidArgument naming the kind or the component that is not known; InvalidData if the tokenizer is damaged.
///         Both name `place`.
std::unique_ptr<Tokenizer> open_tokenizer(const GgufFile& file, std::span<const std::byte> bytes,
                                          std::string_view place);

/// The tokenizer of a Hugging Face tokenizer.json.
/// @throws As open_tokenizer.
std::unique_ptr<Tokenizer> read_tokenizer_json(std::string_view json, std::string_view place);

}  // namespace dragoman
