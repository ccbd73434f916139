#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/encode/encoder.h"
#include "encode/tokenize/tokenizer.h"

namespace dragoman {

/// Texts that go through a model together, by index.
using Batch = std::vector<std::size_t>;

/// Packs texts, longest first, into batches of at most so many tokens and texts; a longer text has one to itself.
/// Depends on the lengths alone, never on the number of threads, so that every text meets the same neighbours and gets
/// the same bits.
std::vector<Batch> plan_batches(std::span<const std::vector<TokenId>> texts, std::size_t batch_tokens,
                                std::size_t batch_texts);

/// Texts as an encoder's model reads them: behind a prompt, between special tokens, and no longer than it can.
/// Immutable, thread-safe if the tokenizer is.
class TextReader {
 public:
  using Tokenize = std::function<std::vector<TokenId>(std::string_view)>;

  /// @param tokenize   a bare text's tokens
  /// @param max_tokens the longest input of the model; the manifest may allow less
  /// @throws InvalidArgument if a prompt leaves no room for a text.
  TextReader(const Model& model, std::size_t max_tokens, Tokenize tokenize, const SpecialTokens& special);

  /// Prompt and special tokens included, not cut; one token at least.
  std::vector<TokenId> tokenize(std::string_view text, EncodeAs as) const;

  /// All texts, cut; the encodings' token counts are set.
  std::vector<std::vector<TokenId>> read(std::span<const std::string_view> texts, EncodeAs as, std::size_t threads,
                                         std::span<Encoding> encodings) const;

  std::size_t count_tokens(std::string_view text) const { return tokenize_(text).size(); }
  std::size_t prompt_tokens(EncodeAs as) const { return prompt_tokens_[side(as)]; }
  /// Tokens left for a text behind its prompt.
  std::size_t room(EncodeAs as) const { return max_tokens_ - prompt_tokens_[side(as)] - special_count(); }
  std::size_t max_tokens() const { return max_tokens_; }

 private:
  static std::size_t side(EncodeAs as) { return as == EncodeAs::query ? 0 : 1; }
  std::size_t special_count() const {
    return std::size_t{special_.begin.has_value()} + std::size_t{special_.end.has_value()};
  }

  std::array<std::string, 2> prompts_;
  std::size_t max_tokens_;
  Tokenize tokenize_;
  SpecialTokens special_;
  std::array<std::size_t, 2> prompt_tokens_{};
};

/// What stands in an index's stamp of how a model on this machine reads texts.
std::string model_stamp(const Model& model, std::optional<Precision> precision, std::string_view pooling,
                        std::size_t max_tokens);

}  // namespace dragoman
