#include "encode/tokenize/byte_pair.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <queue>
#include <unordered_map>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "encode/tokenize/byte_alphabet.h"
#include "encode/tokenize/utf8_code.h"

namespace dragoman {
namespace {

// Up to here, looking at all pairs again after each merge is quicker than keeping a queue.
constexpr std::size_t kFewSymbols = 32;
constexpr std::uint32_t kNoRank = std::numeric_limits<std::uint32_t>::max();

/// Symbols of a long piece; those that went into others have no `next` any more that counts.
struct Symbol {
  TokenId token;
  std::uint32_t previous, next;
};

/// A merge that was possible when it was queued.
struct Candidate {
  std::uint32_t rank, at;
  TokenId left, right, token;

  friend bool operator>(const Candidate& a, const Candidate& b) {
    return a.rank != b.rank ? a.rank > b.rank : a.at > b.at;
  }
};

}  // namespace

MergeTable::MergeTable(std::size_t merges) : slots_(std::bit_ceil(2 * merges + 2)), mask_(slots_.size() - 1) {}

void MergeTable::add(TokenId left, TokenId right, Merge merge) {
  const std::uint64_t key = key_of(left, right);
  std::size_t i = place_of(key);
  while (slots_[i].key != kEmpty && slots_[i].key != key) i = (i + 1) & mask_;
  slots_[i] = {key, merge};
}

BytePair::BytePair(const std::vector<Trie::Key>& keys, std::span<const Pair> merges, const BytePairOptions& options,
                   std::string_view place)
    : options_(options), merges_(merges.size()) {
  std::unordered_map<std::string_view, TokenId> ids;
  ids.reserve(keys.size());
  for (const Trie::Key& key : keys) ids.emplace(key.text, static_cast<TokenId>(key.value));
  const auto id_of = [&](std::string_view text) {
    const auto found = ids.find(text);
    if (found == ids.end()) {
      throw InvalidData(fmt::format("{}: a merge has \"{}\", which is no token", place, printable(text)));
    }
    return found->second;
  };
  std::string merged;
  for (std::size_t i = 0; i < merges.size(); ++i) {
    const auto& [left, right] = merges[i];
    merged.assign(left).append(right);
    merges_.add(id_of(left), id_of(right), {static_cast<std::uint32_t>(i), id_of(merged)});
  }

  const auto optional_id = [&](const std::string& text) {
    const auto found = ids.find(text);
    return found == ids.end() ? kNone : found->second;
  };
  for (std::uint32_t byte = 0; byte < bytes_.size(); ++byte) {
    std::string text;
    if (options_.byte_level) {
      append_code_point(text, character_of_byte(static_cast<std::uint8_t>(byte)));
    } else if (options_.byte_fallback) {
      text = fmt::format("<0x{:02X}>", byte);
    }
    bytes_[byte] = optional_id(text);
  }

  if (options_.byte_level && !options_.ignore_merges) return;  // Single bytes are all that is looked up.
  std::vector<std::string> texts;
  std::vector<Trie::Key> lookup;
  texts.reserve(keys.size());
  for (const Trie::Key& key : keys) {
    if (!options_.byte_level) {
      lookup.push_back(key);
    } else if (auto bytes = bytes_of_token(key.text)) {
      texts.push_back(std::move(*bytes));
      lookup.push_back({texts.back(), key.value});
    }
  }
  tokens_ = Trie(std::move(lookup));
}

TokenId BytePair::find(std::string_view text) const {
  const std::uint32_t found = tokens_.find(text);
  return found == Trie::kNoValue ? kNone : static_cast<TokenId>(found);
}

void BytePair::split_into_symbols(std::string_view piece, std::vector<TokenId>& symbols) const {
  bool after_unknown = false;
  for (std::size_t at = 0; at < piece.size();) {
    const std::size_t bytes = options_.byte_level ? 1 : read_code_point(piece.substr(at, 4)).bytes;
    const std::string_view character = piece.substr(at, bytes);
    const auto token_of_byte = [&](char byte) { return bytes_[static_cast<std::uint8_t>(byte)]; };
    const TokenId known = options_.byte_level ? token_of_byte(character[0]) : find(character);
    at += bytes;
    if (known != kNone) {
      symbols.push_back(known);
      after_unknown = false;
    } else if (options_.byte_fallback && !options_.byte_level &&
               std::ranges::none_of(character, [&](char byte) { return token_of_byte(byte) == kNone; })) {
      for (const char byte : character) symbols.push_back(token_of_byte(byte));
      after_unknown = false;
    } else if (options_.unknown) {
      if (!after_unknown || !options_.fuse_unknown) symbols.push_back(*options_.unknown);
      after_unknown = true;
    }
  }
}

void BytePair::merge_few(std::vector<TokenId>& symbols) const {
  std::array<MergeTable::Merge, kFewSymbols> next;  // Of each symbol with the one behind it.
  std::size_t size = symbols.size();
  const auto look = [&](std::size_t i) {
    const auto* merge = merges_.find(symbols[i], symbols[i + 1]);
    next[i] = merge == nullptr ? MergeTable::Merge{kNoRank, kNone} : *merge;
  };
  for (std::size_t i = 0; i + 1 < size; ++i) look(i);
  while (size > 1) {
    std::size_t best = 0;
    for (std::size_t i = 1; i + 1 < size; ++i) {
      if (next[i].rank < next[best].rank) best = i;
    }
    if (next[best].rank == kNoRank) break;
    symbols[best] = next[best].token;
    --size;
    for (std::size_t i = best + 1; i < size; ++i) {
      symbols[i] = symbols[i + 1];
      next[i] = next[i + 1];
    }
    if (best + 1 < size) look(best);
    if (best > 0) look(best - 1);
  }
  symbols.resize(size);
}

void BytePair::merge_many(std::vector<TokenId>& tokens) const {
  const auto size = static_cast<std::uint32_t>(tokens.size());
  std::vector<Symbol> symbols(size);
  for (std::uint32_t i = 0; i < size; ++i) symbols[i] = {tokens[i], i - 1, i + 1};
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
  const auto offer = [&](std::uint32_t left) {
    const std::uint32_t right = symbols[left].next;
    if (right >= size) return;
    const auto* merge = merges_.find(symbols[left].token, symbols[right].token);
    if (merge == nullptr) return;
    queue.push({merge->rank, left, symbols[left].token, symbols[right].token, merge->token});
  };
  for (std::uint32_t i = 0; i + 1 < size; ++i) offer(i);
  while (!queue.empty()) {
    const Candidate top = queue.top();
    queue.pop();
    Symbol& left = symbols[top.at];
    if (left.token != top.left || left.next >= size || symbols[left.next].token != top.right) continue;
    Symbol& right = symbols[left.next];
    left.token = top.token;
    left.next = right.next;
    right.token = kNone;
    if (left.next < size) symbols[left.next].previous = top.at;
    offer(top.at);
    if (left.previous < size) offer(left.previous);
  }
  tokens.clear();
  for (std::uint32_t i = 0; i < size; i = symbols[i].next) tokens.push_back(symbols[i].token);
}

void BytePair::tokenize(std::string_view piece, std::vector<TokenId>& ids) const {
  if (options_.ignore_merges) {
    if (const TokenId whole = find(piece); whole != kNone) {
      ids.push_back(whole);
      return;
    }
  }
  // Kept between pieces, most of which are a word long.
  thread_local std::vector<TokenId> symbols;
  symbols.clear();
  split_into_symbols(piece, symbols);
  if (symbols.size() > kFewSymbols) {
    merge_many(symbols);
  } else if (symbols.size() > 1) {
    merge_few(symbols);
  }
  ids.insert(ids.end(), symbols.begin(), symbols.end());
}

}  // namespace dragoman
