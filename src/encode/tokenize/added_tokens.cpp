#include "encode/tokenize/added_tokens.h"

#include <utility>

#include "encode/tokenize/character_class.h"
#include "encode/tokenize/utf8_code.h"

namespace dragoman {
namespace {

/// Where the character that ends at `end` begins; `end` > 0, and the text is well-formed.
std::size_t before(std::string_view text, std::size_t end) {
  do {
    --end;
  } while (end > 0 && (static_cast<std::uint8_t>(text[end]) & 0xC0) == 0x80);
  return end;
}

bool is_class_at(std::string_view text, std::size_t at, CharacterClass wanted) {
  return at < text.size() && is(read_code_point(text.substr(at, 4)).value, wanted);
}

}  // namespace

AddedTokens::AddedTokens(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)) {
  std::vector<Trie::Key> keys;
  for (std::size_t i = 0; i < tokens_.size(); ++i) keys.push_back({tokens_[i].text, static_cast<std::uint32_t>(i)});
  trie_ = Trie(std::move(keys));
}

void AddedTokens::cut(std::string_view text,
                      const std::function<void(std::string_view, std::optional<TokenId>)>& on_part) const {
  std::size_t done = 0;
  for (std::size_t at = 0; !tokens_.empty() && at < text.size();) {
    const auto match = trie_.longest_prefix(text.substr(at));
    if (match.bytes == 0) {
      ++at;
      continue;
    }
    const AddedToken& token = tokens_[match.value];
    std::size_t begin = at, end = at + match.bytes;
    at = end;
    if (token.single_word && ((begin > 0 && is_class_at(text, before(text, begin), CharacterClass::word)) ||
                              is_class_at(text, end, CharacterClass::word))) {
      continue;
    }
    while (token.left_strip && begin > done && is_class_at(text, before(text, begin), CharacterClass::white_space)) {
      begin = before(text, begin);
    }
    while (token.right_strip && is_class_at(text, end, CharacterClass::white_space)) {
      end += read_code_point(text.substr(end, 4)).bytes;
    }
    if (begin < done) begin = done;
    if (begin != done) on_part(text.substr(done, begin - done), std::nullopt);
    on_part(text.substr(begin, end - begin), token.id);
    done = end;
    if (at < end) at = end;
  }
  if (done != text.size()) on_part(text.substr(done), std::nullopt);
}

}  // namespace dragoman
