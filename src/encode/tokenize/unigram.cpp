#include "encode/tokenize/unigram.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "dragoman/base/error.h"
#include "encode/tokenize/byte_pieces.h"
#include "encode/tokenize/utf8_code.h"

namespace dragoman {
namespace {

constexpr std::size_t kMaxTextBytes = std::size_t{256} << 20;
constexpr float kUnknownPenalty = 10;  // SentencePiece's kUnkPenalty: below the least likely piece.

/// The best way to cut what lies before a byte of the text ends with this token.
struct BestEnd {
  TokenId token = -1;  ///< None ends here if below 0.
  float score = 0;     ///< Of the whole way; rounded after every piece, as SentencePiece does it.
  std::uint32_t begin = 0;
};

/// User-defined symbols, which the normaliser must leave alone.
std::optional<Trie> symbols_of(const ScoredPieces& pieces) {
  std::vector<Trie::Key> keys;
  for (std::size_t i = 0; i < std::min(pieces.texts.size(), pieces.kinds.size()); ++i) {
    if (pieces.kinds[i] == PieceKind::user_defined) keys.push_back({pieces.texts[i], 0});
  }
  return keys.empty() ? std::nullopt : std::optional<Trie>(std::in_place, std::move(keys));
}

}  // namespace

Unigram::Unigram(const ScoredPieces& pieces, std::string_view place) : scores_(pieces.scores) {
  const std::size_t size = pieces.texts.size();
  const auto refuse = [&](std::string_view reason) { throw InvalidData(fmt::format("{}: {}", place, reason)); };
  if (pieces.scores.size() != size || pieces.kinds.size() != size) {
    refuse(fmt::format("a vocabulary of {} pieces has {} scores and {} types", size, pieces.scores.size(),
                       pieces.kinds.size()));
  }
  if (size >= Trie::kMaxValues) refuse(fmt::format("a vocabulary of {} pieces is too large", size));

  std::vector<Trie::Key> keys;
  keys.reserve(size);
  user_defined_.resize(size);
  std::optional<TokenId> unknown;
  // SentencePiece begins with the smallest positive float, so that this is what symbols are worth where all scores are
  // below 0, as logarithms of probabilities are.
  float smallest = std::numeric_limits<float>::max();
  largest_score_ = std::numeric_limits<float>::min();
  for (std::size_t i = 0; i < size; ++i) {
    const PieceKind kind = pieces.kinds[i];
    if (kind == PieceKind::unknown) unknown = static_cast<TokenId>(i);
    if (kind != PieceKind::normal && kind != PieceKind::user_defined) continue;
    if (!std::isfinite(scores_[i])) refuse(fmt::format("the score of piece {} is not finite", i));
    keys.push_back({pieces.texts[i], static_cast<std::uint32_t>(i)});
    user_defined_[i] = kind == PieceKind::user_defined;
    if (kind == PieceKind::normal) {
      smallest = std::min(smallest, scores_[i]);
      largest_score_ = std::max(largest_score_, scores_[i]);
    }
  }
  if (!unknown) refuse("the vocabulary has no unknown token");
  unknown_ = *unknown;
  unknown_score_ = smallest - kUnknownPenalty;
  trie_ = Trie(std::move(keys));
  bytes_ = find_byte_pieces(pieces, place);
}

void Unigram::tokenize(std::string_view normalized, std::vector<TokenId>& ids) const {
  if (normalized.empty()) return;
  if (normalized.size() >= std::numeric_limits<std::uint32_t>::max()) {
    throw InvalidArgument("a text that is 4 GiB long once normalised cannot be tokenized at once");
  }
  std::vector<BestEnd> best(normalized.size() + 1);
  // SentencePiece adds in double, but keeps floats (for the unknown token it adds floats), and so must this.
  const auto offer = [&](std::size_t end, std::size_t begin, TokenId token, double score) {
    BestEnd& there = best[end];
    if (there.token < 0 || score > there.score) {
      there = {token, static_cast<float>(score), static_cast<std::uint32_t>(begin)};
    }
  };

  std::size_t begin = 0;
  while (begin < normalized.size()) {
    const float score = best[begin].score;
    const std::size_t next = std::min(begin + character_bytes(normalized[begin]), normalized.size());
    bool is_known = false;
    Trie::Node node = Trie::kRoot;
    for (std::size_t end = begin; end < normalized.size() && trie_.step(node, normalized[end]);) {
      ++end;
      const std::uint32_t piece = trie_.value(node);
      if (piece == Trie::kNoValue) continue;
      is_known = is_known || end == next;
      if (user_defined_[piece]) {
        offer(end, begin, static_cast<TokenId>(piece),
              static_cast<double>(static_cast<float>(end - begin) * largest_score_) - 0.1 + double{score});
      } else {
        offer(end, begin, static_cast<TokenId>(piece), double{scores_[piece]} + double{score});
      }
    }
    if (!is_known) offer(next, begin, unknown_, double{unknown_score_ + score});
    begin = next;
  }

  const std::size_t first = ids.size();
  for (std::size_t end = normalized.size(); end > 0; end = best[end].begin) {
    const BestEnd& last = best[end];
    if (last.token != unknown_) {
      ids.push_back(last.token);
    } else if (bytes_) {
      for (std::size_t i = end; i-- > last.begin;) ids.push_back((*bytes_)[static_cast<std::uint8_t>(normalized[i])]);
    } else if (ids.size() == first || ids.back() != unknown_) {
      ids.push_back(unknown_);
    }
  }
  std::reverse(ids.begin() + static_cast<std::ptrdiff_t>(first), ids.end());
}

UnigramTokenizer::UnigramTokenizer(const ScoredPieces& pieces, std::optional<CharacterMap> map,
                                   const SentencePieceNormalizerOptions& options, const SpecialTokens& special,
                                   std::string_view place)
    : normalizer_(std::move(map), options, symbols_of(pieces)),
      model_(pieces, place),
      special_(special),
      size_(pieces.texts.size()) {
  special_.unknown = model_.unknown();
}

std::vector<TokenId> UnigramTokenizer::tokenize(std::string_view text) const {
  if (text.size() >= kMaxTextBytes) throw InvalidArgument("a text of 256 MiB or more cannot be tokenized at once");
  std::vector<TokenId> ids;
  const std::string normalized = normalizer_.normalize(text);
  ids.reserve(normalized.size() / 4);
  model_.tokenize(normalized, ids);
  return ids;
}

}  // namespace dragoman
