#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/base/file.h"
#include "encode/gguf_file.h"
#include "encode/golden.h"
#include "encode/tokenize/tokenizer.h"

namespace dragoman {
namespace {

using testing::ElementsAre;

constexpr TokenId kBegin = 0, kPad = 1, kEnd = 2, kUnknown = 3, kMask = 250001;

/// The unigram tokenizer in the GGUF file of multilingual-e5-small, held to SentencePiece.
class InstalledUnigram : public testing::Test {
 protected:
  void SetUp() override {
    const auto installed = test::installed("multilingual-e5-small");
    if (!installed.model) GTEST_SKIP() << installed.missing;
    const MappedFile file(installed.model->file);
    tokenizer_ = open_tokenizer(read_gguf(file.bytes(), "e5.gguf"), file.bytes(), "e5.gguf");
  }

  std::vector<TokenId> tokens(std::string_view text) const { return tokenizer_->tokenize(text); }

  std::unique_ptr<Tokenizer> tokenizer_;
};

TEST_F(InstalledUnigram, ReadsTextsAsSentencePieceDoes) {
  const Json expected = test::golden("encoder_tokens.json", "texts");
  const auto texts = test::golden_texts();
  ASSERT_EQ(expected.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    SCOPED_TRACE(texts[i].name);
    auto ids = tokens(texts[i].text);
    const Json& wanted = expected[i].at("bare");
    if (wanted.is_array()) {
      EXPECT_EQ(ids, wanted.get<std::vector<TokenId>>());
    } else {
      EXPECT_EQ(ids.size(), wanted.at("count"));
      ids.resize(wanted.at("first").size());
      EXPECT_EQ(ids, wanted.at("first").get<std::vector<TokenId>>());
    }
  }
}

TEST_F(InstalledUnigram, KnowsItsSpecialTokens) {
  EXPECT_EQ(tokenizer_->special(), (SpecialTokens{kBegin, kEnd, kUnknown, kPad, kMask}));
  EXPECT_EQ(tokenizer_->vocabulary_size(), 250037u);
}

// As in SentencePiece, whose map is applied before: U+FFFD itself becomes a space, a byte that is no UTF-8 does not.
TEST_F(InstalledUnigram, ReadsIllFormedBytesAsUnknown) {
  EXPECT_THAT(tokens("caf\xe9"), ElementsAre(377, 420, kUnknown));    // Latin-1
  EXPECT_THAT(tokens("水\xe6\xb0"), ElementsAre(6, 1553, kUnknown));  // cut character
  EXPECT_THAT(tokens("\xed\xa0\x80"), ElementsAre(6, kUnknown));      // surrogate
}

}  // namespace
}  // namespace dragoman
