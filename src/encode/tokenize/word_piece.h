#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "encode/tokenize/pipeline.h"
#include "encode/tokenize/trie.h"

namespace dragoman {

struct WordPieceOptions {
  TokenId unknown = 0;
  std::string continuing_prefix = "##";  ///< Of pieces that do not begin a word.
  std::size_t max_characters = 100;      ///< A longer word is unknown.
};

/// BERT's model: the longest piece that a word begins with, and so on; a word that cannot be cut up whole is unknown.
/// Thread-safe.
class WordPiece final : public PieceModel {
 public:
  /// @param keys  Texts of tokens, prefixes included, and their ids.
  WordPiece(std::vector<Trie::Key> keys, const WordPieceOptions& options);

  /// O(characters * longest piece), for at most max_characters.
  void tokenize(std::string_view word, std::vector<TokenId>& ids) const override;

 private:
  Trie trie_;
  std::optional<Trie::Node> continuing_;  ///< Where the pieces begin that continue a word; none if there is none.
  WordPieceOptions options_;
};

}  // namespace dragoman
