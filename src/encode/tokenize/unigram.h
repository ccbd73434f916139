#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "encode/tokenize/sentence_piece_normalizer.h"
#include "encode/tokenize/tokenizer.h"
#include "encode/tokenize/trie.h"

namespace dragoman {

/// What a piece of a SentencePiece vocabulary is for; the numbers are SentencePiece's, and GGUF's token types.
enum class PieceKind : std::int32_t { normal = 1, unknown = 2, control = 3, user_defined = 4, unused = 5, byte = 6 };

/// A vocabulary in the order of its ids.
struct ScoredPieces {
  std::vector<std::string_view> texts;
  std::vector<float> scores;     ///< Log probabilities.
  std::vector<PieceKind> kinds;  ///< Control pieces, unknown and unused ones are not found in any text.
};

/// SentencePiece's unigram model: of all ways to cut a text into pieces, the likeliest. Kudo, "Subword Regularization:
/// Improving Neural Network Translation Models with Multiple Subword Candidates", ACL 2018. Thread-safe.
class Unigram {
 public:
  /// @throws InvalidData naming `place` if the lists differ in length, the unknown piece is missing, a score is not a
  ///         number, or only some of the pieces for bytes are there.
  Unigram(const ScoredPieces& pieces, std::string_view place);

  /// Appends the ids of a normalised text, equal to SentencePiece's to the last rounding of its scores. Neighbouring
  /// unknown characters are one token, or each their bytes where the vocabulary has these.
  /// O(bytes * longest piece) time, 12 bytes of memory a byte.
  void tokenize(std::string_view normalized, std::vector<TokenId>& ids) const;

  TokenId unknown() const { return unknown_; }

 private:
  Trie trie_;
  std::vector<float> scores_;
  std::vector<bool> user_defined_;
  std::optional<std::array<TokenId, 256>> bytes_;
  TokenId unknown_ = 0;
  float unknown_score_ = 0, largest_score_ = 0;
};

/// The normaliser and the model as one tokenizer.
class UnigramTokenizer final : public Tokenizer {
 public:
  /// @throws As Unigram.
  UnigramTokenizer(const ScoredPieces& pieces, std::optional<CharacterMap> map,
                   const SentencePieceNormalizerOptions& options, const SpecialTokens& special, std::string_view place);

  std::vector<TokenId> tokenize(std::string_view text) const override;
  std::size_t vocabulary_size() const override { return size_; }
  const SpecialTokens& special() const override { return special_; }

 private:
  SentencePieceNormalizer normalizer_;
  Unigram model_;
  SpecialTokens special_;
  std::size_t size_;
};

}  // namespace dragoman
