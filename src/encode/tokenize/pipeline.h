#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "encode/tokenize/added_tokens.h"
#include "encode/tokenize/normalize_step.h"
#include "encode/tokenize/split_step.h"
#include "encode/tokenize/tokenizer.h"

namespace dragoman {

/// The last stage: a piece of text to token ids.
class PieceModel {
 public:
  virtual ~PieceModel() = default;
  /// Appends the ids of a piece, which is not empty. Thread-safe.
  virtual void tokenize(std::string_view piece, std::vector<TokenId>& ids) const = 0;
};

/// Hugging Face's stages: added tokens are found in the text, the rest is normalised, cut into pieces, and each piece
/// tokenised by itself.
struct Pipeline {
  AddedTokens raw = {};         ///< Looked for in the text as it is.
  AddedTokens normalized = {};  ///< Looked for in the normalised text.
  std::vector<NormalizeStep> normalize = {};
  std::vector<SplitStep> split = {};
  std::unique_ptr<PieceModel> model = {};
  SpecialTokens special = {};
  std::size_t vocabulary_size = 0;
};

std::unique_ptr<Tokenizer> make_tokenizer(Pipeline pipeline);

}  // namespace dragoman
