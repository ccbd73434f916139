#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "dragoman/base/error.h"
#include "encode/tokenize/byte_pair.h"
#include "encode/tokenize/unigram.h"
#include "encode/tokenize/word_piece.h"
#include "encode/tokenize/word_scanner.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::vector<TokenId> tokens(const PieceModel& model, std::string_view piece) {
  std::vector<TokenId> ids;
  model.tokenize(piece, ids);
  return ids;
}

TEST(WordPiece, TakesTheLongestPieceEachTime) {
  const WordPiece model({{"[UNK]", 0}, {"un", 1}, {"##aff", 2}, {"##able", 3}, {"##a", 4}, {"水", 5}}, {.unknown = 0});
  EXPECT_THAT(tokens(model, "unaffable"), ElementsAre(1, 2, 3));
  EXPECT_THAT(tokens(model, "una"), ElementsAre(1, 4));
  EXPECT_THAT(tokens(model, "水a"), ElementsAre(5, 4));
}

TEST(WordPiece, KnowsAWordWholeOrNotAtAll) {
  const WordPiece model({{"[UNK]", 0}, {"a", 1}, {"##a", 2}}, {.unknown = 0, .max_characters = 3});
  EXPECT_THAT(tokens(model, "aaa"), ElementsAre(1, 2, 2));
  EXPECT_THAT(tokens(model, "aaaa"), ElementsAre(0));  // Too long.
  EXPECT_THAT(tokens(model, "aab"), ElementsAre(0));
}

TEST(BytePair, MergesByRankAndFromTheLeft) {
  const std::vector<Trie::Key> keys = {{"a", 0}, {"b", 1}, {"c", 2}, {"ab", 3}, {"bc", 4}, {"aa", 5}};
  const std::vector<BytePair::Pair> merges = {{"b", "c"}, {"a", "b"}, {"a", "a"}};
  const BytePair model(keys, merges, {}, "test");
  EXPECT_THAT(tokens(model, "abc"), ElementsAre(0, 4));  // b c comes before a b.
  EXPECT_THAT(tokens(model, "ab"), ElementsAre(3));
  EXPECT_THAT(tokens(model, "aaa"), ElementsAre(5, 0));
  EXPECT_THAT(tokens(model, "ax"), ElementsAre(0));  // No token for x and none for the unknown.
}

TEST(BytePair, MayTakeAWholeTokenThatNoMergeMakes) {
  const std::vector<Trie::Key> keys = {{"a", 0}, {"b", 1}, {"ab", 2}};
  EXPECT_THAT(tokens(BytePair(keys, {}, {}, "test"), "ab"), ElementsAre(0, 1));
  EXPECT_THAT(tokens(BytePair(keys, {}, {.ignore_merges = true}, "test"), "ab"), ElementsAre(2));
}

TEST(BytePair, FallsBackToBytesOrTheUnknownToken) {
  std::vector<std::string> bytes;
  std::vector<Trie::Key> keys = {{"a", 300}, {"<unk>", 301}};
  for (int byte = 0; byte < 256; ++byte) bytes.push_back(fmt::format("<0x{:02X}>", byte));
  for (std::uint32_t byte = 0; byte < 256; ++byte) keys.push_back({bytes[byte], byte});
  EXPECT_THAT(tokens(BytePair(keys, {}, {.byte_level = false, .byte_fallback = true}, "test"), "a水"),
              ElementsAre(300, 0xE6, 0xB0, 0xB4));
  const BytePairOptions options{.byte_level = false, .fuse_unknown = true, .unknown = 301};
  EXPECT_THAT(tokens(BytePair(keys, {}, options, "test"), "水火a土"), ElementsAre(301, 300, 301));
}

TEST(BytePair, RefusesAMergeOfWhatIsNoToken) {
  const std::vector<Trie::Key> keys = {{"a", 0}, {"b", 1}};
  const std::vector<BytePair::Pair> merges = {{"a", "b"}};
  EXPECT_THAT([&] { BytePair(keys, merges, {}, "tokenizer.json"); },
              ThrowsMessage<InvalidData>("tokenizer.json: a merge has \"ab\", which is no token"));
}

/// Obviously right, and slow: looks at everything again after each merge.
std::vector<std::string> merge_slowly(std::string_view text,
                                      const std::vector<std::pair<std::string, std::string>>& merges) {
  std::vector<std::string> parts;
  for (const char c : text) parts.emplace_back(1, c);
  while (true) {
    std::size_t best = merges.size(), at = 0;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      for (std::size_t rank = 0; rank < best; ++rank) {
        if (merges[rank].first == parts[i] && merges[rank].second == parts[i + 1]) best = rank, at = i;
      }
    }
    if (best == merges.size()) return parts;
    parts[at] += parts[at + 1];
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  }
}

// Both ways of merging, the one for few symbols and the one with a queue, against it.
TEST(BytePair, AgreesWithItsSlowTwinOnRandomMerges) {
  std::mt19937 random(1);
  for (int round = 0; round < 40; ++round) {
    std::vector<std::string> texts = {"a", "b", "c"};
    std::vector<std::pair<std::string, std::string>> merges;
    for (int i = 0; i < 25; ++i) {
      const std::string left = texts[random() % texts.size()], right = texts[random() % texts.size()];
      if (left.size() + right.size() > 8 || std::ranges::find(texts, left + right) != texts.end()) continue;
      merges.emplace_back(left, right);
      texts.push_back(left + right);
    }
    std::vector<Trie::Key> keys;
    for (std::size_t i = 0; i < texts.size(); ++i) keys.push_back({texts[i], static_cast<std::uint32_t>(i)});
    const BytePair model(keys, std::vector<BytePair::Pair>(merges.begin(), merges.end()), {}, "test");
    for (const std::size_t length : {1, 2, 7, 30, 33, 200}) {
      std::string text(length, ' ');
      for (char& c : text) c = static_cast<char>('a' + random() % 3);
      std::vector<std::string> parts;
      for (const TokenId id : tokens(model, text)) parts.push_back(texts[static_cast<std::size_t>(id)]);
      ASSERT_EQ(parts, merge_slowly(text, merges)) << text;
    }
  }
}

ScoredPieces pieces(std::initializer_list<std::tuple<const char*, float, PieceKind>> list) {
  ScoredPieces result;
  for (const auto& [text, score, kind] : list) {
    result.texts.emplace_back(text);
    result.scores.push_back(score);
    result.kinds.push_back(kind);
  }
  return result;
}

constexpr auto kNormal = PieceKind::normal, kUnknown = PieceKind::unknown;

std::vector<TokenId> unigram(const ScoredPieces& vocabulary, std::string_view text) {
  return UnigramTokenizer(vocabulary, std::nullopt, {}, {}, "test").tokenize(text);
}

TEST(Unigram, TakesTheLikeliestPieces) {
  const auto vocabulary = pieces({{"<unk>", 0, kUnknown},
                                  {"▁", -3, kNormal},
                                  {"▁ma", -2, kNormal},
                                  {"ji", -2, kNormal},
                                  {"▁maji", -5, kNormal},
                                  {"水", -1, kNormal}});
  EXPECT_THAT(unigram(vocabulary, "maji"), ElementsAre(2, 3));  // -4, not -5.
  EXPECT_THAT(unigram(vocabulary, "  maji   水 "), ElementsAre(2, 3, 1, 5));
  EXPECT_THAT(unigram(vocabulary, " \n"), ElementsAre(1, 0));  // Without a map a line feed is no space.
  EXPECT_THAT(unigram(vocabulary, ""), ElementsAre());
}

TEST(Unigram, FusesUnknownCharactersUnlessItHasBytes) {
  auto vocabulary = pieces({{"<unk>", 0, kUnknown}, {"▁", -3, kNormal}});
  EXPECT_THAT(unigram(vocabulary, "火土"), ElementsAre(1, 0));
  std::vector<std::string> bytes;
  for (int byte = 0; byte < 256; ++byte) bytes.push_back(fmt::format("<0x{:02X}>", byte));
  for (const auto& text : bytes) {
    vocabulary.texts.push_back(text);
    vocabulary.scores.push_back(0);
    vocabulary.kinds.push_back(PieceKind::byte);
  }
  EXPECT_THAT(unigram(vocabulary, "é"), ElementsAre(1, 2 + 0xC3, 2 + 0xA9));
  vocabulary.kinds.back() = kNormal;
  EXPECT_THAT([&] { unigram(vocabulary, "é"); },
              ThrowsMessage<InvalidData>("test: the vocabulary has pieces for bytes, but none for <0xFF>"));
}

TEST(Unigram, FindsSymbolsOfTheUserWholeAndControlPiecesNever) {
  const auto vocabulary = pieces({{"<unk>", 0, kUnknown},
                                  {"▁", -1, kNormal},
                                  {"<", -1, kNormal},
                                  {"s", -1, kNormal},
                                  {">", -1, kNormal},
                                  {"<s>", 0, PieceKind::control},
                                  {"<sss>", 0, PieceKind::user_defined},
                                  {"ss", -1, kNormal}});
  EXPECT_THAT(unigram(vocabulary, "<s>"), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(unigram(vocabulary, "<sss>"), ElementsAre(1, 6));
}

TEST(Unigram, RefusesAVocabularyWithoutUnknownOrWithScoresThatAreNone) {
  EXPECT_THAT(
      [] {
        unigram(pieces({{"a", 0, kNormal}}), "a");
      },
      ThrowsMessage<InvalidData>("test: the vocabulary has no unknown token"));
  EXPECT_THAT(
      [] {
        unigram(pieces({{"<unk>", 0, kUnknown}, {"a", -INFINITY, kNormal}}), "a");
      },
      ThrowsMessage<InvalidData>("test: the score of piece 1 is not finite"));
}

std::vector<std::string> words(std::string_view expression, std::string_view text) {
  const auto scanner = WordScanner::of(expression);
  std::vector<std::string> result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = scanner.value().next(text, at);
    result.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return result;
}

TEST(WordScanner, CutsAsTheExpressionsOfGpt2AndLlama3Do) {
  constexpr auto kGpt2 = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
  constexpr auto kLlama3 =
      R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
  EXPECT_THAT(words(kGpt2, "We'll  go, 1234 水。\n\n x "),
              ElementsAre("We", "'ll", " ", " go", ",", " 1234", " 水", "。", "\n\n", " x", " "));
  EXPECT_THAT(words(kLlama3, "We'LL  go,\n (on) 1234 \n\n x"),
              ElementsAre("We", "'LL", " ", " go", ",\n", " (", "on", ")", " ", "123", "4", " \n\n", " x"));
  EXPECT_FALSE(WordScanner::of(R"(\w+)"));
}

}  // namespace
}  // namespace dragoman
