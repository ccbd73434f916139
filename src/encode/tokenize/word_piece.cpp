#include "encode/tokenize/word_piece.h"

#include <utility>

#include "encode/tokenize/utf8_code.h"

namespace dragoman {

WordPiece::WordPiece(std::vector<Trie::Key> keys, const WordPieceOptions& options)
    : trie_(std::move(keys)), continuing_(trie_.walk(options.continuing_prefix)), options_(options) {}

void WordPiece::tokenize(std::string_view word, std::vector<TokenId>& ids) const {
  std::size_t characters = 0;
  for (std::size_t at = 0; at < word.size() && characters <= options_.max_characters; ++characters) {
    at += character_bytes(word[at]);
  }
  const std::size_t before = ids.size();
  bool known = characters <= options_.max_characters;
  for (std::size_t begin = 0; known && begin < word.size();) {
    std::size_t end = begin;
    if (begin == 0 || continuing_) {
      Trie::Node node = begin == 0 ? Trie::kRoot : *continuing_;
      std::uint32_t longest = Trie::kNoValue;
      for (std::size_t at = begin; at < word.size() && trie_.step(node, word[at]);) {
        ++at;
        if (const auto found = trie_.value(node); found != Trie::kNoValue) {
          longest = found;
          end = at;
        }
      }
      if (end != begin) ids.push_back(static_cast<TokenId>(longest));
    }
    known = end != begin;
    begin = end;
  }
  if (!known) {
    ids.resize(before);
    ids.push_back(options_.unknown);
  }
}

}  // namespace dragoman
