#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "encode/tokenize/tokenizer.h"
#include "encode/tokenize/unigram.h"

namespace dragoman {

/// What a SentencePiece model file (".spm") holds of use: sentencepiece_model.proto, ModelProto.
struct SentencePieceModel {
  struct Piece {
    std::string text;
    float score = 0;
    PieceKind kind = PieceKind::normal;
  };
  std::vector<Piece> pieces;
  int model_type = 1;  ///< 1 unigram, 2 BPE, 3 words, 4 characters.
  std::string character_map;
  bool add_dummy_prefix = true, remove_extra_whitespaces = true, escape_whitespaces = true;
  bool treat_whitespace_as_suffix = false;
};

/// @throws InvalidData naming `place` and the offset if the bytes are no such message.
SentencePieceModel read_sentence_piece_model(std::span<const std::byte> bytes, std::string_view place);

/// The tokenizer of such a model. @throws InvalidArgument if it is not a unigram model or writes spaces in another way
/// than by U+2581 before a word, naming `place`.
std::unique_ptr<Tokenizer> make_sentence_piece_tokenizer(const SentencePieceModel& model, std::string_view place);

/// The pieces of one language of a translation model: text to ids and back. Thread-safe.
class PieceVocabulary {
 public:
  /// What a model's own reader found. A tokenizer is only asked of the source's.
  struct Parts {
    std::vector<SentencePieceModel::Piece> pieces;  ///< By id.
    std::unique_ptr<Tokenizer> tokenizer;
    TokenId end = 0, unknown = 0;
  };
  explicit PieceVocabulary(Parts parts);

  /// Of a SentencePiece model file, whose pieces are the ids.
  /// @throws InvalidData if the file is damaged or has no end token; InvalidArgument if it is not a unigram model or
  ///         writes spaces in another way. Both name `place`.
  PieceVocabulary(std::span<const std::byte> bytes, std::string_view place);

  std::size_t size() const { return pieces_.size(); }
  TokenId end() const { return end_; }
  TokenId unknown() const { return unknown_; }

  /// Without the end token.
  std::vector<TokenId> tokenize(std::string_view text) const { return tokenizer_->tokenize(text); }

  /// The text of ids as SentencePiece puts it together; well-formed UTF-8. Control tokens have no text, an unknown one
  /// is U+2047.
  std::string text(std::span<const TokenId> ids) const;

  /// Letters of any script in a text, and in the text of those ids that are known pieces.
  static std::size_t count_letters(std::string_view text);
  std::size_t count_known_letters(std::span<const TokenId> ids) const;

  /// Whether a word begins with this piece (a space before it).
  bool begins_word(TokenId id) const;
  /// Whether the piece ends with punctuation, of any script.
  bool ends_clause(TokenId id) const;

 private:
  std::vector<SentencePieceModel::Piece> pieces_;
  std::unique_ptr<Tokenizer> tokenizer_;
  TokenId end_ = -1, unknown_ = -1;
  bool dummy_prefix_ = true;
};

}  // namespace dragoman
