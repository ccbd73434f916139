#include "rerank/endpoint_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "dragoman/base/error.h"
#include "rerank/permutation_text.h"

namespace dragoman::reranking {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

constexpr double kNever = -std::numeric_limits<double>::infinity();

std::vector<std::size_t> order(std::string_view text, std::size_t count) { return read_permutation(text, count).order; }

TEST(ReadPermutation, TakesNumbersOfAnyScript) {
  for (const char* text :
       {"[3] > [1] > [2]", "3,1,2", "[３] > [１] > [２]", "٣ > ١ > ٢", "[३] > [१] > [२]", "๓ > ๑ > ๒", "৩ ১ ২",
        "③ > ① > ②", "³ ¹ ²", "⑶ ⑴ ⑵", "passage 3, then passage 1, then passage 2."}) {
    const auto read = read_permutation(text, 3);
    EXPECT_THAT(read.order, ElementsAre(2, 0, 1)) << text;
    EXPECT_TRUE(read.well_formed) << text;
  }
  EXPECT_THAT(order("[12] > [3]", 12).front(), 11u);
  EXPECT_THAT(order("⑫ > ③", 12).front(), 11u);
}

TEST(ReadPermutation, RepairsInFirstStageOrder) {
  EXPECT_THAT(order("[3]", 4), ElementsAre(2, 0, 1, 3));
  EXPECT_THAT(order("[3] > [3] > [1] > [3]", 4), ElementsAre(2, 0, 1, 3));
  EXPECT_THAT(order("[0] > [9] > [4] > [99999999999999999999999]", 4), ElementsAre(3, 0, 1, 2));
  EXPECT_THAT(order("", 3), ElementsAre(0, 1, 2));
  EXPECT_THAT(order("½ ¾ \xff\x80 [2", 3), ElementsAre(1, 0, 2));
  for (const char* text : {"[3]", "[1] > [2] > [2] > [3]", "[1] > [2] > [3] > [4]", "", "[1][2][0][3]"}) {
    EXPECT_FALSE(read_permutation(text, 3).well_formed) << text;
  }
  EXPECT_TRUE(read_permutation("", 0).order.empty());
}

TEST(ReadPermutation, DoesNotReadThoughts) {
  EXPECT_THAT(order("<think>[1] is better than [2], so</think>\n[2] > [1]", 2), ElementsAre(1, 0));
  EXPECT_THAT(order("<think>[2] </think> hm </think>[1] > [2]", 2), ElementsAre(0, 1));
}

TEST(LabelScores, AddsUpTheTokensThatBeginALabel) {
  const std::vector<std::string> labels = {"Yes", "No"};
  ChatAnswer answer;
  answer.first = {
      {"Yes", std::log(0.5)}, {" Yes", std::log(0.25)}, {"\u2581N", std::log(0.125)}, {"Maybe", -5}, {"", -9}};
  EXPECT_THAT(label_scores(answer, labels),
              Optional(ElementsAre(DoubleNear(std::log(0.75), 1e-9), DoubleNear(std::log(0.125), 1e-9))));
  answer.first = {{"No", -0.1}, {"Hm", -7}};
  EXPECT_THAT(label_scores(answer, labels), Optional(ElementsAre(-7, DoubleNear(-0.1, 1e-9))));
}

TEST(LabelScores, ReadsTheTextWhereNoTokenBeginsALabel) {
  const std::vector<std::string> labels = {"Yes", "No"}, chinese = {"是", "否"}, letters = {"A", "B"};
  const auto read = [](std::string text, const std::vector<std::string>& of) {
    ChatAnswer answer;
    answer.text = std::move(text);
    return label_scores(answer, of);
  };
  EXPECT_THAT(read("Yes.", labels), Optional(ElementsAre(0, kNever)));
  EXPECT_THAT(read("<think>Yes or No?</think>\n\n**No**", labels), Optional(ElementsAre(kNever, 0)));
  EXPECT_THAT(read("I think No fits.", labels), Optional(ElementsAre(kNever, 0)));
  EXPECT_THAT(read("否。", chinese), Optional(ElementsAre(kNever, 0)));
  EXPECT_THAT(read("是的", chinese), Optional(ElementsAre(0, kNever)));
  EXPECT_THAT(read("Passage B", letters), Optional(ElementsAre(kNever, 0)));
  for (const char* text : {"", "Nothing", "Yesterday", "Either Yes or No", "नहीं"}) {
    EXPECT_FALSE(read(text, labels).has_value()) << text;
  }
}

TEST(ReadChatAnswer, NamesWhatIsNoAnswer) {
  for (const char* body :
       {"", "[]", "{}", R"({"choices": []})", R"({"choices": [{}]})", R"({"choices": {"message": 4}})"}) {
    EXPECT_THROW(read_chat_answer(body, "place"), InvalidData) << body;
  }
  EXPECT_THAT([] { read_chat_answer("{}", "http://x/v1"); },
              testing::ThrowsMessage<InvalidData>(HasSubstr("http://x/v1: the answer has no message")));
  EXPECT_EQ(read_chat_answer(R"({"choices": [{"message": {"content": null}}]})", "p").text, "");
}

}  // namespace
}  // namespace dragoman::reranking
