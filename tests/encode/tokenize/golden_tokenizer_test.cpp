#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/base/error.h"
#include "encode/golden.h"
#include "encode/tokenize/tokenizer.h"
#include "encode/tokenize/unigram.h"

namespace dragoman {
namespace {

using test::golden;

std::vector<std::string> texts() { return golden("tokenizers.json", "texts").get<std::vector<std::string>>(); }

void expect_ids(const Tokenizer& tokenizer, const Json& expected) {
  const auto all = texts();
  ASSERT_EQ(expected.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(tokenizer.tokenize(all[i]), expected[i].get<std::vector<TokenId>>()) << testing::PrintToString(all[i]);
  }
}

Json hugging_face(std::string_view name) {
  for (const Json& entry : golden("tokenizers.json", "hugging_face")) {
    if (entry.at("name") == name) return entry;
  }
  throw NotFound(std::string(name));
}

TEST(GoldenTokenizers, ReadHuggingFaceFilesAsHuggingFaceDoes) {
  const Json entries = golden("tokenizers.json", "hugging_face");
  ASSERT_EQ(entries.size(), 6u);
  for (const Json& entry : entries) {
    SCOPED_TRACE(entry.at("name"));
    expect_ids(*read_tokenizer_json(entry.at("tokenizer").dump(), "tokenizer.json"), entry.at("ids"));
  }
}

UnigramTokenizer sentence_piece(const Json& entry) {
  ScoredPieces pieces;
  for (const Json& piece : entry.at("pieces")) {
    pieces.texts.push_back(piece[0].get_ref<const std::string&>());
    pieces.scores.push_back(piece[1].get<float>());
    pieces.kinds.push_back(PieceKind{piece[2].get<std::int32_t>()});
  }
  return UnigramTokenizer(pieces, std::nullopt, {}, {}, "golden");
}

TEST(GoldenTokenizers, ReadSentencePieceVocabulariesAsSentencePieceDoes) {
  const Json entries = golden("tokenizers.json", "sentence_piece");
  ASSERT_EQ(entries.size(), 3u);
  for (const Json& entry : entries) {
    SCOPED_TRACE(entry.at("name"));
    expect_ids(sentence_piece(entry), entry.at("ids"));
  }
}

TEST(GoldenTokenizers, TakeSpecialTokensFromPostProcessorAndAddedTokens) {
  const auto tokenizer = read_tokenizer_json(hugging_face("WordPiece cased").at("tokenizer").dump(), "tokenizer.json");
  EXPECT_EQ(tokenizer->special(), (SpecialTokens{.begin = 2, .end = 3, .unknown = 1, .padding = 0, .mask = 4}));
  EXPECT_EQ(tokenizer->vocabulary_size(), 876u);
}

// Hugging Face gives the ids 3 and 4 here.
TEST(GoldenTokenizers, ReadSpelledSpecialTokensAsText) {
  const auto tokenizer = read_tokenizer_json(hugging_face("WordPiece cased").at("tokenizer").dump(), "tokenizer.json");
  const auto ids = tokenizer->tokenize("[SEP] a [MASK]");
  EXPECT_THAT(ids, testing::Not(testing::Contains(testing::AnyOf(2, 3, 4))));
  EXPECT_GT(ids.size(), 6u);  // The brackets are words.
}

class LongTexts : public testing::TestWithParam<const char*> {};

// Each would take hours if time grew with the square of the length.
TEST_P(LongTexts, WithoutASpaceAreReadByEveryKind) {
  std::string text;
  while (text.size() < 1'000'000) text += std::string_view(GetParam()).empty() ? std::string(1, '\0') : GetParam();
  const auto expect_bounded = [&](const Tokenizer& tokenizer) {
    const auto ids = tokenizer.tokenize(text);
    EXPECT_LT(ids.size(), text.size() * 2);
    for (const TokenId id : ids) ASSERT_LT(static_cast<std::size_t>(id), tokenizer.vocabulary_size());
  };
  for (const Json& entry : golden("tokenizers.json", "hugging_face")) {
    SCOPED_TRACE(entry.at("name"));
    expect_bounded(*read_tokenizer_json(entry.at("tokenizer").dump(), "tokenizer.json"));
  }
  for (const Json& entry : golden("tokenizers.json", "sentence_piece")) {
    SCOPED_TRACE(entry.at("name"));
    expect_bounded(sentence_piece(entry));
  }
}

INSTANTIATE_TEST_SUITE_P(Scripts, LongTexts,
                         testing::Values("x", "水火", "ก", "\U0001F44D", "\u0301", "\x01", "", "'s"));

}  // namespace
}  // namespace dragoman
