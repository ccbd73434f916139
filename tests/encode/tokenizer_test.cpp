#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "encode/golden.h"

namespace dragoman {
namespace {

using test::golden;
using test::golden_texts;

constexpr std::int32_t kBegin = 0, kPad = 1, kEnd = 2, kUnknown = 3, kMask = 250001;

/// The unigram tokenizer of multilingual-e5-small, held to SentencePiece.
class Tokenizer : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::shared_encoder().encoder) GTEST_SKIP() << test::shared_encoder().installed.missing;
  }

  static const Encoder& encoder() { return *test::shared_encoder().encoder; }

  static std::vector<std::int32_t> tokens(std::string_view text) { return encoder().tokenize(text, EncodeAs::query); }

  /// Ids equal the golden ones; of a very long text their number and the first ones.
  static void expect_golden(const char* prompt, EncodeAs as) {
    const Json expected = golden("encoder_tokens.json", "texts");
    const auto texts = golden_texts();
    ASSERT_EQ(expected.size(), texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      SCOPED_TRACE(texts[i].name);
      ASSERT_EQ(expected[i].at("name"), texts[i].name);
      auto ids = encoder().tokenize(texts[i].text, as);
      const Json& wanted = expected[i].at(prompt);
      if (wanted.is_array()) {
        EXPECT_EQ(ids, wanted.get<std::vector<std::int32_t>>());
      } else {
        EXPECT_EQ(ids.size(), wanted.at("count"));
        ids.resize(wanted.at("first").size());
        EXPECT_EQ(ids, wanted.at("first").get<std::vector<std::int32_t>>());
      }
    }
  }
};

TEST_F(Tokenizer, ReadsQueriesAsSentencePieceDoes) { expect_golden("query", EncodeAs::query); }

TEST_F(Tokenizer, ReadsPassagesAsSentencePieceDoes) { expect_golden("passage", EncodeAs::passage); }

TEST_F(Tokenizer, CountsTheTokensOfABareTextAsSentencePieceDoes) {
  const Json expected = golden("encoder_tokens.json", "texts");
  const auto texts = golden_texts();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Json& wanted = expected[i].at("bare");
    const std::size_t count = wanted.is_array() ? wanted.size() : wanted.at("count").get<std::size_t>();
    EXPECT_EQ(encoder().count_tokens(texts[i].text), count) << texts[i].name;
  }
}

// <s> query : and then the text; </s> last.
TEST_F(Tokenizer, SurroundsATextWithPromptAndSpecialTokens) {
  EXPECT_THAT(tokens("水"), testing::ElementsAre(kBegin, 41, 1294, 12, testing::_, testing::_, kEnd));
}

TEST_F(Tokenizer, ComposesDecomposedLetters) {
  EXPECT_EQ(tokens("Vie\u0323\u0302t Nam"), tokens("Việt Nam"));              // e, dot below, circumflex
  EXPECT_EQ(tokens("\u1112\u1161\u11ab\u1100\u1173\u11af"), tokens("한글"));  // jamo
  EXPECT_EQ(tokens("か\u3099"), tokens("が"));
}

TEST_F(Tokenizer, ReadsWideLettersAsNarrowOnes) { EXPECT_EQ(tokens("ＡＢＣ　１２３"), tokens("ABC 123")); }

TEST_F(Tokenizer, ReadsPresentationFormsAsLetters) { EXPECT_EQ(tokens("ﻣﺮﺣﺒﺎ"), tokens("مرحبا")); }

TEST_F(Tokenizer, IgnoresFurtherSpaces) {
  EXPECT_EQ(tokens("  habari \t\n ya\u3000asubuhi "), tokens("habari ya asubuhi"));
}

TEST_F(Tokenizer, ReadsSpelledControlTokensAsText) {
  auto ids = tokens("<s>a</s><pad><unk><mask></s>");
  ASSERT_EQ(ids.front(), kBegin);
  ASSERT_EQ(ids.back(), kEnd);
  const std::span<const std::int32_t> between(ids.begin() + 1, ids.end() - 1);
  for (const std::int32_t control : {kBegin, kPad, kEnd, kUnknown, kMask}) {
    EXPECT_EQ(std::ranges::count(between, control), 0) << control;
  }
}

TEST_F(Tokenizer, ReadsTheByteZeroAsAnyOtherByte) {
  using namespace std::string_view_literals;
  EXPECT_GT(encoder().count_tokens("before\0after"sv), encoder().count_tokens("before"));
}

// As in SentencePiece, whose map is applied before: U+FFFD itself becomes a space, a byte that is no UTF-8 does not.
TEST_F(Tokenizer, ReadsIllFormedBytesAsUnknown) {
  using testing::ElementsAre;
  EXPECT_THAT(tokens("caf\xe9"), ElementsAre(kBegin, 41, 1294, 12, 377, 420, kUnknown, kEnd));     // Latin-1
  EXPECT_THAT(tokens("a\xff\xfe b"), ElementsAre(kBegin, 41, 1294, 12, 10, kUnknown, 876, kEnd));  // never in UTF-8
  EXPECT_THAT(tokens("水\xe6\xb0"), ElementsAre(kBegin, 41, 1294, 12, 6, 1553, kUnknown, kEnd));   // cut character
  EXPECT_THAT(tokens("\xed\xa0\x80"), ElementsAre(kBegin, 41, 1294, 12, 6, kUnknown, kEnd));       // surrogate
}

}  // namespace
}  // namespace dragoman
