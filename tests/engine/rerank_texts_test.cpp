#include "dragoman/engine/rerank_texts.h"

#include <gmock/gmock.h>

#include <cmath>

#include "dragoman/base/error.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::ThrowsMessage;

const std::string kRequest =
    R"({"query": {"text": "何ですか", "qid": 7}, "candidates": [)"
    R"({"docid": "sw", "score": 1.5, "doc": {"title": "Chai", "text": "Chai ni kinywaji.", "year": 2020}},)"
    R"({"docid": 12, "score": 3, "doc": {"contents": "الشاي"}},)"
    R"({"docid": "b", "score": 1.5, "doc": "plain"}], "extra": []})";

TEST(RerankRequest, IsReadBestFirstWithItsTexts) {
  const RerankRequest request = parse_rerank_request(kRequest, "r.jsonl:1");
  EXPECT_EQ(request.query.text, "何ですか");
  EXPECT_EQ(request.query.id, "7");
  EXPECT_THAT(request.candidates,
              ElementsAre(Field(&Candidate::id, "12"), Field(&Candidate::id, "sw"), Field(&Candidate::id, "b")));
  EXPECT_EQ(request.candidates[0].text, "الشاي");
  EXPECT_THAT(request.candidates[1].text, testing::AllOf(HasSubstr("Chai"), HasSubstr("Chai ni kinywaji.")));
  EXPECT_EQ(request.candidates[2].text, "plain");
}

TEST(RerankRequest, IsAnsweredInTheSameForm) {
  const RerankRequest request = parse_rerank_request(kRequest, "r.jsonl:1");
  RerankResult result;
  result.order = {{1, 2.0f}, {0, 1.0f}, {2, 0.5f}};
  const std::string line = rerank_answer_line(request, result);
  EXPECT_EQ(line, R"({"query":{"text":"何ですか","qid":"7"},"candidates":[)"
                  R"({"docid":"sw","score":2.0,"doc":{"text":"Chai ni kinywaji.","title":"Chai","year":2020}},)"
                  R"({"docid":"12","score":1.0,"doc":{"contents":"الشاي"}},)"
                  R"({"docid":"b","score":0.5,"doc":"plain"}]})"
                  "\n");
  EXPECT_EQ(parse_rerank_request(line, "again").candidates.front().id, "sw");
}

TEST(RerankRequest, IsRefusedWithItsLine) {
  const auto refuse = [](const std::string& line, const std::string& message) {
    EXPECT_THAT([&] { parse_rerank_request(line, "r.jsonl:3"); },
                ThrowsMessage<InvalidData>(HasSubstr("r.jsonl:3: " + message)));
  };
  refuse("[]", "");
  refuse(R"({"candidates": []})", "'query' is missing");
  refuse(R"({"query": "q"})", "'candidates' must be a list");
  refuse(R"({"query": "q", "candidates": [{"docid": "a"}]})", "candidate 'a' has no 'doc'");
  refuse(R"({"query": "q", "candidates": [{"docid": "a", "doc": {"title": "t"}}]})", "'doc' has no 'text'");
  refuse(R"({"query": "q", "candidates": [{"docid": "a", "doc": "x", "score": "high"}]})",
         "'score' must be a finite number");
  refuse(R"({"query": "q", "candidates": [{"docid": "a", "doc": "x"}, {"docid": "a", "doc": "y"}]})",
         "candidate 'a' comes twice");
}

/// The first stage has the relevant document second, the method first.
Run first_stage() { return {{"q1", {{"a", 3}, {"b", 2.9f}, {"c", 1}}}, {"q2", {{"d", 3}, {"e", 2.9f}, {"f", 1}}}}; }
Run method() { return {{"q1", {{"b", 9}, {"a", 5}, {"c", 1}}}, {"q2", {{"e", 9}, {"d", 5}, {"f", 1}}}}; }

TEST(LearnMix, TakesTheShareThatJudgedQueriesLikeBest) {
  const LearnedMix learned = learn_mix(first_stage(), method(), {{"q1", {{"b", 1}}}, {"q2", {{"e", 1}}}}, 3);
  EXPECT_EQ(learned.queries, 2u);
  EXPECT_EQ(learned.steps.front().ndcg, 1);
  EXPECT_NEAR(learned.steps.back().ndcg, 1 / std::log2(3), 1e-9);
  EXPECT_GT(learned.best, 0.5f) << "of equally good shares the one nearest to the first stage";
  EXPECT_LT(learned.best, 1);
  EXPECT_EQ(learned.held_out, 1);
  const auto mixed = mix_runs(first_stage(), method(), 3, static_cast<double>(learned.best));
  EXPECT_THAT(mixed.at("q1"), ElementsAre(Field(&Hit::id, "b"), Field(&Hit::id, "a"), Field(&Hit::id, "c")));
}

TEST(LearnMix, LeavesAGoodFirstStageAlone) {
  const LearnedMix learned = learn_mix(first_stage(), method(), {{"q1", {{"a", 1}}}, {"q2", {{"d", 1}}}}, 3);
  EXPECT_EQ(learned.best, 1);
}

TEST(LearnMix, NeedsAJudgedQuery) {
  EXPECT_THROW(learn_mix(first_stage(), method(), {{"other", {{"a", 1}}}}, 3), InvalidArgument);
}

}  // namespace
}  // namespace dragoman
