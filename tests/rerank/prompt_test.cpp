#include "rerank/prompt.h"

#include <gmock/gmock.h>

#include "dragoman/base/error.h"
#include "rerank/methods.h"
#include "rerank/permutation_grammar.h"
#include "rerank/rerank_support.h"
#include "support/test_support.h"

namespace dragoman::reranking {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

class PromptTest : public testing::Test {
 protected:
  void refuse(const std::string& content, const std::string& message) const {
    const auto path = folder_.write("p.yaml", content);
    EXPECT_THAT([&] { read_prompt(path, pointwise_method().schema); },
                ThrowsMessage<InvalidData>(HasSubstr(path.string() + ":" + message)));
  }

  test::TemporaryFolder folder_;
};

TEST(Template, PutsValuesInAsTheyAre) {
  const Template text("a {x} b {y}{x} {Not} {}");
  EXPECT_THAT(text.names(), ElementsAre("x", "y", "x"));
  EXPECT_EQ(text.fill({{"x", "{y}"}, {"y", "ไทย"}}), "a {y} b ไทย{y} {Not} {}");
}

TEST_F(PromptTest, ReadsAFileOfItsMethod) {
  const auto path = folder_.write("p.yaml",
                                  "method: pointwise\nuser: '{query}: {passage}?'\n"
                                  "answers: {relevant: ja, irrelevant: nein}\n");
  const Prompt prompt = read_prompt(path, pointwise_method().schema);
  const std::vector<std::string_view> passages = {"文章"};
  EXPECT_EQ(prompt.user_text("問い", passages), "問い: 文章?");
  EXPECT_FALSE(prompt.system);
}

TEST_F(PromptTest, RefusesWhatItDoesNotUnderstandNamingTheLine) {
  const std::string good =
      "method: pointwise\nuser: '{query} {passage}'\nanswers:\n  relevant: Yes\n  irrelevant: No\n";
  refuse("", "1: expected fields: method, user, answers");
  refuse("method: [", "");
  refuse(good + "extra: 1\n", "6: unknown field 'extra'");
  refuse("method: listwise\nuser: '{query} {passage}'\nanswers: {relevant: a, irrelevant: b}\n",
         "1: this prompt is for the method 'listwise', not for 'pointwise'");
  refuse("method: pointwise\nuser: '{query}'\nanswers: {relevant: a, irrelevant: b}\n",
         "2: placeholder {passage} is missing in 'user'");
  refuse("method: pointwise\nuser: '{query} {passage} {rank}'\nanswers: {relevant: a, irrelevant: b}\n",
         "2: unknown placeholder {rank} in 'user'");
  refuse("method: pointwise\nuser: '{query} {passage}'\nanswers: {relevant: a, irrelevant: a}\n",
         "3: answers 'relevant' and 'irrelevant' are the same");
  refuse("method: pointwise\nuser: '{query} {passage}'\n", "1: field 'answers' is missing");
}

TEST(ShippedPrompt, OfQwen3RerankerIsTheOneItWasTrainedOn) {
  // As its authors spell it: the parts before and behind the pair, and the pair.
  const Prompt prompt =
      read_prompt(shipped_prompt("pointwise").parent_path() / "qwen3-reranker.yaml", pointwise_method().schema);
  const std::string_view passage = "北京是中国的首都。";
  const auto messages = prompt.messages("中国的首都", std::span(&passage, 1));
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[0].content,
            "Judge whether the Document meets the requirements based on the Query and the Instruct provided. Note that "
            "the answer can only be \"yes\" or \"no\".");
  EXPECT_EQ(messages[1].content,
            "<Instruct>: Given a web search query, retrieve relevant passages that answer the query\n"
            "<Query>: 中国的首都\n<Document>: 北京是中国的首都。");
  EXPECT_EQ(messages[2].role, "assistant");
  EXPECT_EQ(messages[2].content, "<think>\n\n</think>\n\n");
}

TEST_F(PromptTest, SaysWhenAFileIsMissing) {
  EXPECT_THROW(read_prompt(folder_.path() / "none.yaml", pointwise_method().schema), NotFound);
}

TEST(ShippedPrompt, IsSoundForEveryMethodAndAsksTheQueryFirst) {
  for (const Method& method : {pointwise_method(), pairwise_method(), listwise_method()}) {
    const Prompt prompt = read_prompt(shipped_prompt(method.schema.method), method.schema);
    EXPECT_EQ(prompt.user.names().front(), "query");
  }
}

/// "[1]" > "[2]" ... spelled byte by byte.
class GrammarTest : public testing::Test {
 protected:
  GrammarTest()
      : model_([](const std::string&, const std::string&, std::vector<float>&) {}),
        prompt_(read_prompt(shipped_prompt("listwise"), listwise_method().schema)),
        identifiers_(spell_identifiers(model_, prompt_, 11)) {}

  static void accept(PermutationGrammar& grammar, std::string_view text) {
    for (const char c : text) grammar.accept(static_cast<unsigned char>(c));
  }

  test::FakeLanguageModel model_;
  Prompt prompt_;
  Identifiers identifiers_;
};

TEST_F(GrammarTest, AllowsOnlyIdentifiersThatAreNotUsed) {
  PermutationGrammar grammar(identifiers_, 3);
  EXPECT_THAT(grammar.allowed(), ElementsAre('['));
  accept(grammar, "[");
  EXPECT_THAT(grammar.allowed(), ElementsAre('1', '2', '3'));
  accept(grammar, "2] > [");
  EXPECT_THAT(grammar.allowed(), ElementsAre('1', '3'));
}

TEST_F(GrammarTest, IsFinishedAsSoonAsTheRestFollows) {
  PermutationGrammar grammar(identifiers_, 3);
  accept(grammar, "[3] > [");
  EXPECT_FALSE(grammar.finished());
  accept(grammar, "1");
  EXPECT_TRUE(grammar.finished());
  EXPECT_THAT(grammar.order(), ElementsAre(2, 0, 1));
}

TEST_F(GrammarTest, WaitsWhereOneIdentifierBeginsLikeAnother) {
  PermutationGrammar grammar(identifiers_, 11);
  accept(grammar, "[1");
  EXPECT_THAT(grammar.allowed(), ElementsAre('0', '1', ']'));
  accept(grammar, "0] > [1");
  EXPECT_THAT(grammar.allowed(), ElementsAre('1', ']'));
}

TEST_F(GrammarTest, OfOneNeedsNoAnswer) {
  const PermutationGrammar grammar(identifiers_, 1);
  EXPECT_TRUE(grammar.finished());
  EXPECT_THAT(grammar.order(), ElementsAre(0));
}

}  // namespace
}  // namespace dragoman::reranking
