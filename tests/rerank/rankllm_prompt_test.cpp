#include "rerank/rankllm_prompt.h"

#include <gmock/gmock.h>

#include "dragoman/base/error.h"
#include "rerank/methods.h"
#include "rerank/rerank_support.h"
#include "support/test_support.h"

namespace dragoman::reranking {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

class RankLlmPrompt : public testing::Test {
 protected:
  Prompt read(const std::string& content, const Method& method) const {
    return read_prompt(folder_.write("theirs.yaml", content), method.schema);
  }
  std::vector<std::string> turns(const Prompt& prompt, const std::vector<std::string_view>& passages) const {
    std::vector<std::string> turns;
    for (const Message& message : prompt.messages("何?", passages))
      turns.push_back(message.role + ": " + message.content);
    return turns;
  }

  test::TemporaryFolder folder_;
};

// The wording is a test's, the form theirs: of one turn, with identifiers in brackets.
TEST_F(RankLlmPrompt, OfOneTurn) {
  const Prompt prompt = read(
      "method: \"singleturn_listwise\"\nsystem_message: \"You rank.\"\nprefix: \"{num} passages for {query}:\\n\"\n"
      "body: \"[{rank}] {candidate}\\n\"\nsuffix: \"Rank the {num} for {query}.\"\n"
      "output_validation_regex: r\"^x$\"\n",
      listwise_method());
  EXPECT_THAT(turns(prompt, {"eins", "zwei"}),
              ElementsAre("system: You rank.", "user: 2 passages for 何?:\n[1] eins\n[2] zwei\nRank the 2 for 何?."));
  EXPECT_EQ(prompt.answers.at("identifier"), "[{rank}]");
  EXPECT_EQ(prompt.answers.at("separator"), " > ");
}

TEST_F(RankLlmPrompt, OfATurnAPassage) {
  const Prompt prompt = read(
      "method: listwise\nprefix: '{num} for {query}.'\nprefix_assistant: 'Go on.'\nbody: '[{rank}] {candidate}'\n"
      "body_assistant: 'Got [{rank}].'\nsuffix: 'Rank {num}.'\n",
      listwise_method());
  EXPECT_THAT(turns(prompt, {"eins", "zwei"}),
              ElementsAre("user: 2 for 何?.", "assistant: Go on.", "user: [1] eins", "assistant: Got [1].",
                          "user: [2] zwei", "assistant: Got [2].", "user: Rank 2."));
}

// Their prompts of several turns name whose turn each part is.
TEST_F(RankLlmPrompt, OfATurnAPassageWithTheUsersTurnsNamed) {
  const Prompt prompt = read(
      "method: \"multiturn_listwise\"\nsystem_message: 'You rank.'\nprefix_user: |-\n  {num} for {query}.\n"
      "prefix_assistant: 'Go on.'\nbody_user: '[{rank}] {candidate}'\nbody_assistant: 'Got [{rank}].'\n"
      "suffix_user: |- \n  Rank {num} for {query}.\noutput_validation_regex: r\"^x$\"\n",
      listwise_method());
  EXPECT_THAT(turns(prompt, {"eins", "zwei"}),
              ElementsAre("system: You rank.", "user: 2 for 何?.", "assistant: Go on.", "user: [1] eins",
                          "assistant: Got [1].", "user: [2] zwei", "assistant: Got [2].", "user: Rank 2 for 何?."));
}

TEST_F(RankLlmPrompt, OfAListOfNames) {
  const Prompt prompt = read(
      "prefix: \"Sort.\\n\"\nbody: \"PASSAGE{rank} = \\\"{candidate}\\\"\\n\"\n"
      "suffix: \"For {query}: {psg_ids}\\nSORTED = \"\n",
      listwise_method());
  EXPECT_THAT(
      turns(prompt, {"eins", "zwei"}),
      ElementsAre("user: Sort.\nPASSAGE1 = \"eins\"\nPASSAGE2 = \"zwei\"\nFor 何?: [PASSAGE1, PASSAGE2]\nSORTED ="));
  EXPECT_EQ(prompt.answers.at("identifier"), "PASSAGE{rank},")
      << "PASSAGE1 begins PASSAGE10, so the comma belongs to it";
}

TEST_F(RankLlmPrompt, OfOnePassageAndOfTwo) {
  const Prompt one =
      read("method: pointwise\nbody: 'Query: {query} Document: {doc_content} Relevant: '\n", pointwise_method());
  EXPECT_THAT(turns(one, {"eins"}), ElementsAre("user: Query: 何? Document: eins Relevant:"));
  EXPECT_EQ(one.answers.at("relevant"), "true");
  const Prompt yes = read("system_message: 'Answer yes or no.'\nbody: '{query} {doc_content}'\n", pointwise_method());
  EXPECT_EQ(yes.answers.at("relevant"), "yes");
  const Prompt two = read("body: '{query} 0: {doc1} 1: {doc2}'\n", pairwise_method());
  EXPECT_THAT(turns(two, {"eins", "zwei"}), ElementsAre("user: 何? 0: eins 1: zwei"));
  EXPECT_EQ(two.answers.at("a"), "true");
}

TEST_F(RankLlmPrompt, ThatDoNotFitAreRefusedWithTheirLine) {
  const auto refuse = [&](const std::string& content, const Method& method, const std::string& message) {
    EXPECT_THAT([&] { read(content, method); }, ThrowsMessage<InvalidData>(HasSubstr(message)));
  };
  refuse("body: '{query} {doc_content}'\n", listwise_method(), "theirs.yaml:1: a listwise prompt needs a 'suffix'");
  refuse("method: listwise\nbody: '[{rank}] {candidate}'\nsuffix: 'Rank.'\n", listwise_method(),
         "theirs.yaml:3: placeholder {query} is missing");
  refuse("body: '[{rank}] {candidate}'\nsuffix: '{query}'\n", pointwise_method(), "unknown placeholder {rank}");
  refuse("body: '{query} {fewshot} {doc_content}'\n", pointwise_method(), "unknown placeholder {fewshot}");
  refuse("body: '[{rank}] {candidate}'\nsuffix: '{query}'\n", setwise_method(), "not for 'setwise'");
  refuse("method: rankfid\ntext: '{query} [{index}] {passage}'\noutput_validation_regex: r\"x\"\n", listwise_method(),
         "RankFiD");
}

TEST_F(RankLlmPrompt, DriveAReranker) {
  const auto path = folder_.write("theirs.yaml",
                                  "method: listwise\nprefix: \"For {query}:\\n\"\nbody: \"[{rank}] {candidate}\\n\"\n"
                                  "suffix: 'Rank {num}.'\n");
  RerankOptions options;
  options.prompt = path.string();
  const auto result = test::rerank(options, std::make_shared<test::FakeLanguageModel>(test::planted_listwise),
                                   test::candidates({1, 3, 2}));
  EXPECT_THAT(test::order(result), ElementsAre(1, 2, 0));
}

}  // namespace
}  // namespace dragoman::reranking
