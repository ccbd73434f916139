#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "encode/tokenize/pipeline.h"
#include "encode/tokenize/trie.h"

namespace dragoman {

/// What two neighbours become, found by their ids.
class MergeTable {
 public:
  struct Merge {
    std::uint32_t rank = 0;  ///< Smaller ones come first.
    TokenId token = 0;
  };

  explicit MergeTable(std::size_t merges);
  /// Of the same pair twice the last counts, as in Hugging Face's.
  void add(TokenId left, TokenId right, Merge merge);
  /// Null if they do not merge.
  const Merge* find(TokenId left, TokenId right) const {
    const std::uint64_t key = key_of(left, right);
    for (std::size_t i = place_of(key);; i = (i + 1) & mask_) {
      if (slots_[i].key == key) return &slots_[i].merge;
      if (slots_[i].key == kEmpty) return nullptr;
    }
  }

 private:
  static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};
  struct Slot {
    std::uint64_t key = kEmpty;
    Merge merge;
  };
  static std::uint64_t key_of(TokenId left, TokenId right) {
    return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right);
  }
  std::size_t place_of(std::uint64_t key) const {
    return static_cast<std::size_t>(key * 0x9E3779B97F4A7C15u >> 20) & mask_;
  }

  std::vector<Slot> slots_;
  std::size_t mask_;
};

struct BytePairOptions {
  /// Whether tokens are bytes, written in GPT-2's alphabet, or characters.
  bool byte_level = true;
  bool ignore_merges = false;           ///< A piece that is a token whole is that token, however it would merge.
  bool byte_fallback = false;           ///< A character without token becomes its bytes, "<0x0A>".
  bool fuse_unknown = false;            ///< Neighbouring unknown characters are one token.
  std::optional<TokenId> unknown = {};  ///< None: unknown characters are dropped, as Hugging Face does.
};

/// Byte pair encoding: of the pairs of neighbours that merge, the one of least rank does, the leftmost first, until
/// none is left. Sennrich, Haddow and Birch, "Neural Machine Translation of Rare Words with Subword Units", ACL 2016.
/// Thread-safe.
class BytePair final : public PieceModel {
 public:
  using Pair = std::pair<std::string_view, std::string_view>;

  /// @param keys    Texts of tokens, and their ids.
  /// @param merges  By rank.
  /// @throws InvalidData naming `place` if a merge is of, or into, a text that is no token.
  BytePair(const std::vector<Trie::Key>& keys, std::span<const Pair> merges, const BytePairOptions& options,
           std::string_view place);

  /// O(n log n) in the bytes of the piece.
  void tokenize(std::string_view piece, std::vector<TokenId>& ids) const override;

 private:
  static constexpr TokenId kNone = -1;

  void split_into_symbols(std::string_view piece, std::vector<TokenId>& symbols) const;
  void merge_few(std::vector<TokenId>& symbols) const;
  void merge_many(std::vector<TokenId>& symbols) const;
  TokenId find(std::string_view text) const;

  BytePairOptions options_;
  Trie tokens_;
  MergeTable merges_;
  std::array<TokenId, 256> bytes_;  ///< Tokens of single bytes, or kNone.
};

}  // namespace dragoman
