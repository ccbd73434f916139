#include "dragoman/evaluate/answer_recall.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::Pair;
using testing::ThrowsMessage;

using Texts = std::vector<std::string>;

bool contains(const Texts& texts, const Texts& answers, std::size_t max_tokens) {
  return contains_answer(texts, answers, {max_tokens});
}

// Six tokens: He, was, born, in, 1957, the full stop.
const Texts kBorn = {"He was born in 1957."};

TEST(ContainsAnswer, LooksAtTheFirstTokensAlone) {
  EXPECT_TRUE(contains(kBorn, {"1957"}, 5));
  EXPECT_FALSE(contains(kBorn, {"1957"}, 4));
  EXPECT_TRUE(contains(kBorn, {"1957."}, 6));
  EXPECT_FALSE(contains(kBorn, {"1957."}, 5));
}

TEST(ContainsAnswer, ReadsTextsOneAfterAnother) {
  EXPECT_TRUE(contains({"Mji mkuu ni", "Nairobi ."}, {"ni Nairobi"}, 4));
  EXPECT_FALSE(contains({"Mji mkuu ni", "Nairobi ."}, {"Nairobi"}, 3));
}

TEST(ContainsAnswer, TakesWhiteSpaceAlike) {
  EXPECT_TRUE(contains({"St.\u00a0John's \n bay"}, {"St. John's  bay"}, 9));
}

TEST(ContainsAnswer, HoldsLettersToBeTheSame) { EXPECT_FALSE(contains(kBorn, {"he was"}, 9)); }

TEST(ContainsAnswer, CountsTheWordsOfEveryScript) {
  EXPECT_TRUE(contains({"Он родился в Москве."}, {"Москве"}, 4));
  EXPECT_TRUE(contains({"वह दिल्ली में रहता है।"}, {"दिल्ली"}, 2));
  EXPECT_TRUE(contains({"ولد في القاهرة"}, {"القاهرة"}, 3));
  EXPECT_TRUE(contains({"โรงเรียนเริ่มแปดโมงเช้า"}, {"แปดโมง"}, 4));
  EXPECT_FALSE(contains({"โรงเรียนเริ่มแปดโมงเช้า"}, {"แปดโมง"}, 3));
  EXPECT_TRUE(contains({"学校早上八点开始"}, {"学校"}, 1));
  EXPECT_TRUE(contains({"東京タワーに行く"}, {"東京"}, 2));
  EXPECT_TRUE(contains({"Kal ki meeting दिल्ली mein"}, {"meeting दिल्ली"}, 4));
}

TEST(ContainsAnswer, FindsNoAnswerInNothing) {
  EXPECT_FALSE(contains({}, {"1957"}, 5));
  EXPECT_FALSE(contains(kBorn, {}, 5));
  EXPECT_FALSE(contains(kBorn, {" "}, 5));
}

TEST(ContainsAnswer, RefusesToReadNothing) {
  EXPECT_THAT([] { contains(kBorn, {"1957"}, 0); },
              ThrowsMessage<InvalidArgument>("answer recall: max_tokens is 0, expected at least 1"));
}

const dragoman::Run kRun = {{"q1", {{"d1", 2}, {"d2", 1}}}, {"q2", {{"d2", 2}}}, {"q4", {{"d1", 1}}}};

std::string text_of(const std::string& id) { return id == "d1" ? "one two three" : "four five six"; }

TEST(AnswerRecall, IsTheShareOfQueriesWhoseAnswerWasRead) {
  const Answers answers = {{"q1", {"nine", "five"}}, {"q2", {"three"}}, {"q3", {"one"}}};
  const AnswerRecall all = answer_recall(kRun, answers, text_of);
  EXPECT_THAT(all.found, ElementsAre(Pair("q1", true), Pair("q2", false), Pair("q3", false)));
  EXPECT_DOUBLE_EQ(all.recall, 1.0 / 3);
  EXPECT_DOUBLE_EQ(answer_recall(kRun, answers, text_of, {.max_tokens = 4}).recall, 0);
}

TEST(AnswerRecall, LeavesYesAndNoOut) {
  const Answers answers = {{"q1", {"yes", "five"}}, {"q4", {"no"}}};
  EXPECT_THAT(answer_recall(kRun, answers, text_of).found, ElementsAre(Pair("q1", true)));
  EXPECT_TRUE(std::isnan(answer_recall(kRun, {{"q4", {"yes"}}}, text_of).recall));
}

TEST(AnswerRecall, AsksForNoMoreTextsThanItReads) {
  std::vector<std::string> asked;
  answer_recall(kRun, {{"q1", {"x"}}},
                [&](const std::string& id) {
                  asked.push_back(id);
                  return text_of(id);
                },
                {.max_tokens = 3});
  EXPECT_THAT(asked, ElementsAre("d1"));
}

}  // namespace
}  // namespace dragoman
