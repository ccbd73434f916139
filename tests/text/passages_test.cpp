#include "dragoman/text/passages.h"

#include <gmock/gmock.h>

#include <random>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/text/analyzer.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::ThrowsMessage;

std::size_t bytes(std::string_view text) { return text.size(); }

std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

std::vector<std::string> split(std::string_view text, std::size_t budget) {
  std::vector<std::string> out;
  for (const TextRange& range : split_passages(text, budget, code_points)) out.emplace_back(range.of(text));
  return out;
}

TEST(Passages, RefusesABudgetOfNothing) {
  EXPECT_THAT([] { split_passages("a", 0, bytes); },
              ThrowsMessage<InvalidArgument>("split_passages: budget is 0, must be at least 1"));
}

TEST(Passages, FindsNoneInABlankText) {
  EXPECT_THAT(split("", 5), IsEmpty());
  EXPECT_THAT(split(" \n\t\u3000 ", 1), IsEmpty());
}

TEST(Passages, LeavesATextThatFitsWhole) { EXPECT_THAT(split("  One. Two.\n", 9), ElementsAre("One. Two.")); }

TEST(Passages, FillsGreedilyWithWholeSentences) {
  EXPECT_THAT(split("One two. Three. Four five six. Seven.", 16),
              ElementsAre("One two. Three.", "Four five six.", "Seven."));
  EXPECT_THAT(split("我住在北京。他住在上海。你呢？", 12), ElementsAre("我住在北京。他住在上海。", "你呢？"));
  EXPECT_THAT(split("यह एक है। वह दो है।", 10), ElementsAre("यह एक है।", "वह दो है।"));
  EXPECT_THAT(split("كيف حالك؟ أنا بخير.", 10), ElementsAre("كيف حالك؟", "أنا بخير."));
}

TEST(Passages, CutsALongSentenceBetweenWords) {
  EXPECT_THAT(split("alpha beta gamma delta", 11), ElementsAre("alpha beta", "gamma delta"));
  EXPECT_THAT(split("ภาษาไทยง่าย", 8), ElementsAre("ภาษาไทย", "ง่าย"));
}

TEST(Passages, LeavesPunctuationWithItsWord) {
  EXPECT_THAT(split("alpha, beta (gamma) delta", 7), ElementsAre("alpha,", "beta", "(gamma)", "delta"));
  EXPECT_THAT(split("alpha, beta", 5), ElementsAre("alpha", ",", "beta"));
}

TEST(Passages, GoesOnBehindALongSentenceWithTheNext) {
  EXPECT_THAT(split("alpha beta gamma. D e.", 12), ElementsAre("alpha beta", "gamma. D e."));
}

TEST(Passages, CutsALongWordBetweenGraphemeClusters) {
  EXPECT_THAT(split("abcdefgh", 3), ElementsAre("abc", "def", "gh"));
  EXPECT_THAT(split("कि"
                    "कि"
                    "कि",
                    3),
              ElementsAre("कि", "कि", "कि"));
}

TEST(Passages, LetsAClusterBeTooLong) {
  EXPECT_THAT(split("👩‍👩‍👧 a", 2), ElementsAre("👩‍👩‍👧", "a"));
}

TEST(Passages, CoversEverythingButWhiteSpaceWithinTheBudget) {
  const std::vector<std::string> pieces = {
      "word", "слово", "東京", "ภาษาไทย", "नमस्ते", "كلمة", " ",   " ",
      ". ",   ", ",    "(",    ")",       "\n",   "。",   "!? ", "supercalifragilistic"};
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (std::size_t i = random() % 60; i > 0; --i) text += pieces[random() % pieces.size()];
    const std::size_t budget = 4 + random() % 30;
    std::size_t at = 0;
    for (const TextRange& range : split_passages(text, budget, code_points)) {
      ASSERT_LE(at, range.begin);
      for (const char c : text.substr(at, range.begin - at)) ASSERT_TRUE(c == ' ' || c == '\n') << text;
      ASSERT_LT(range.begin, range.end);
      ASSERT_LE(code_points(range.of(text)), budget) << text;
      ASSERT_EQ(find_invalid_utf8(range.of(text)), std::string::npos);
      at = range.end;
    }
    for (const char c : text.substr(at)) ASSERT_TRUE(c == ' ' || c == '\n') << text;
  }
}

TEST(Passages, MeasuresAPassageALogarithmicNumberOfTimes) {
  std::string text;
  for (int i = 0; i < 10000; ++i) text += "Sentence. ";
  std::size_t calls = 0, measured = 0;
  const auto passages = split_passages(text, 1000, [&](std::string_view part) {
    ++calls;
    measured += part.size();
    return part.size();
  });
  EXPECT_EQ(passages.size(), 100u);
  EXPECT_LE(calls, passages.size() * 16);
  EXPECT_LE(measured, text.size() * 16);
}

TEST(Passages, AllowsTheMeasureToSplitTextItself) {
  const Analyzer analyzer;
  const std::string text = "หนึ่ง สอง สาม. สี่ ห้า หก. เจ็ด แปด";
  const auto passages = split_passages(text, 3, [&](std::string_view part) { return analyzer.analyze(part).size(); });
  ASSERT_EQ(passages.size(), 3u);
  EXPECT_EQ(passages[1].of(text), "สี่ ห้า หก.");
}

TEST(Passages, StandsIllFormedText) {
  EXPECT_THAT(split_passages("\xFF\xFE \xE3\x81", 1, bytes), testing::Not(IsEmpty()));
}

}  // namespace
}  // namespace dragoman
