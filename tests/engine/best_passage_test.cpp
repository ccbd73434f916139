#include "engine/best_passage.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace dragoman {
namespace {

/// `count` sentences, far too many for one passage.
std::string filler(const std::string& sentence, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += sentence;
  return text;
}

class BestPassageTest : public testing::Test {
 protected:
  std::string best(const std::string& text, const std::vector<std::string>& terms) const {
    return std::string(best_passage(text, Language(), terms, analyzer_).of(text));
  }
  Analyzer analyzer_;
};

TEST_F(BestPassageTest, OfAShortTextIsAllOfIt) {
  EXPECT_EQ(best("Чай горячий.", {"кофе"}), "Чай горячий.");
  EXPECT_EQ(best("", {"кофе"}), "");
}

TEST_F(BestPassageTest, HoldsMostOfTheDifferentWords) {
  const std::string text = filler("Wasser kocht langsam und langsam. ", 80) + "Grüner Tee braucht kühles Wasser. " +
                           filler("Der Tee, der Tee, der Tee. ", 80);
  const std::string found = best(text, {"grüner", "tee"});
  EXPECT_THAT(found, testing::HasSubstr("Grüner Tee braucht"));
  EXPECT_LT(found.size(), 1600u);
}

TEST_F(BestPassageTest, IsFoundInScriptsWithoutSpaces) {
  const std::string thai = filler("น้ำเดือดช้ามาก ", 100) + "ชาเขียวต้องการน้ำอุ่น " + filler("น้ำเดือดช้ามาก ", 100);
  EXPECT_THAT(best(thai, {"ชา", "เขียว"}), testing::HasSubstr("ชาเขียว"));
  const std::string chinese = filler("水开得很慢。", 300) + "绿茶要用温水。" + filler("水开得很慢。", 300);
  EXPECT_THAT(best(chinese, {"绿", "绿茶", "茶"}), testing::HasSubstr("绿茶要用温水"));
}

TEST_F(BestPassageTest, IsTheFirstOfEquals) {
  const std::string text = "Chai ya kwanza. " + filler("Maji yanachemka. ", 200) + "Chai ya pili.";
  EXPECT_THAT(best(text, {"chai"}), testing::StartsWith("Chai ya kwanza."));
  EXPECT_THAT(best(text, {}), testing::StartsWith("Chai ya kwanza."));
  EXPECT_THAT(best(text, {"kahawa"}), testing::StartsWith("Chai ya kwanza."));
}

TEST_F(BestPassageTest, OfALongBlankTextIsEmpty) { EXPECT_EQ(best(std::string(5000, ' '), {"чай"}), ""); }

}  // namespace
}  // namespace dragoman
