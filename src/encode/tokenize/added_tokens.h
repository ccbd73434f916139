#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "encode/tokenize/tokenizer.h"
#include "encode/tokenize/trie.h"

namespace dragoman {

/// A token that is found in a text before anything else is done to it.
struct AddedToken {
  std::string text;
  TokenId id = 0;
  bool single_word = false;                      ///< Only where no word character touches it.
  bool left_strip = false, right_strip = false;  ///< White space beside it goes with it.
};

/// Finds added tokens as Hugging Face does: the leftmost, and of these the longest. Thread-safe.
class AddedTokens {
 public:
  AddedTokens() = default;
  /// Tokens without text are left out.
  explicit AddedTokens(std::vector<AddedToken> tokens);

  /// Calls `on_part` with every part of the text that is not empty, from left to right: an added token, or what lies
  /// between. O(bytes * longest token).
  void cut(std::string_view text,
           const std::function<void(std::string_view part, std::optional<TokenId> added)>& on_part) const;

 private:
  std::vector<AddedToken> tokens_;
  Trie trie_;
};

}  // namespace dragoman
