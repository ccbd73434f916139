#include "dragoman/evaluate/references.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/base/error.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

std::vector<References> read(std::string_view content) {
  const test::TemporaryFolder folder;
  return read_references(folder.write("answers", content).string());
}

TEST(ReadReferences, TakesJsonLines) {
  const auto all = read(
      "{\"_id\": 7, \"answers\": [\"نيروبي\", \"Nairobi\"], \"lang\": \"ar\"}\n\n"
      "{\"id\": \"b\", \"references\": \"内罗毕\"}\n"
      "{\"id\": \"c\", \"answers\": {\"text\": [\"นairobi\"], \"answer_start\": [3]}, \"language\": \"tha\"}\n");
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].id, "7");
  EXPECT_THAT(all[0].texts, ElementsAre("نيروبي", "Nairobi"));
  EXPECT_EQ(all[0].language.tag(), "ar");
  EXPECT_THAT(all[1].texts, ElementsAre("内罗毕"));
  EXPECT_TRUE(all[1].language.undetermined());
  EXPECT_THAT(all[2].texts, ElementsAre("นairobi"));
  EXPECT_EQ(all[2].language.tag(), "th");
}

TEST(ReadReferences, CollectsTheTextsOfAnIdBetweenTabs) {
  const auto all = read("b\tНайроби\na\tनैरोबी\nb\tг. Найроби\n");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].id, "b");
  EXPECT_THAT(all[0].texts, ElementsAre("Найроби", "г. Найроби"));
}

TEST(ReadReferences, AnEmptyFileHasNone) { EXPECT_THAT(read(""), IsEmpty()); }

TEST(ReadReferences, NamesWhatIsWrong) {
  EXPECT_THAT([] { read("{\"_id\": \"a\"}"); },
              ThrowsMessage<InvalidData>(
                  EndsWith("/answers:1: \"answers\" is missing, expected \"answers\" or \"references\"")));
  EXPECT_THAT([] { read("{\"_id\": \"a\", \"answers\": []}"); },
              ThrowsMessage<InvalidData>(EndsWith("/answers:1: there is no right text, expected a list of strings")));
  EXPECT_THAT([] { read("{\"_id\": \"a\", \"answers\": [\"x\", 7]}"); },
              ThrowsMessage<InvalidData>(EndsWith("/answers:1: a text is no string but number")));
  EXPECT_THAT([] { read("{\"_id\": \"a\", \"answers\": \"x\"}\n{\"_id\": \"a\", \"answers\": \"y\"}"); },
              ThrowsMessage<InvalidData>(EndsWith("/answers:2: id \"a\" was used before, expected every id once")));
  EXPECT_THAT([] { read("{\"_id\": \"a\", \"answers\": \"x\", \"lang\": \"??\"}"); },
              ThrowsMessage<InvalidData>(HasSubstr("/answers:1: ")));
  EXPECT_THAT([] { read("a b\n"); },
              ThrowsMessage<InvalidData>(EndsWith("/answers:1: expected 2 fields (id, tab, text), got 1")));
}

}  // namespace
}  // namespace dragoman
