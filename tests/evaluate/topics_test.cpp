#include "dragoman/evaluate/topics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "dragoman/base/error.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::TemporaryFolder;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::vector<Query> read(std::string_view name, std::string_view content) {
  const TemporaryFolder folder;
  return read_queries(folder.write(name, content).string());
}

TEST(ReadQueries, TakesBeirJsonLines) {
  const auto queries = read("queries.jsonl", R"({"_id": "q1", "text": "ما هي عاصمة كينيا؟", "lang": "ar"})"
                                             "\n"
                                             R"({"_id": "q2", "text": "Nairobi ki rajdhani, I mean capital?"})"
                                             "\n");
  ASSERT_EQ(queries.size(), 2u);
  EXPECT_EQ(queries[0].id, "q1");
  EXPECT_EQ(queries[0].text, "ما هي عاصمة كينيا؟");
  EXPECT_EQ(queries[0].language.tag(), "ar");
  EXPECT_EQ(queries[1].text, "Nairobi ki rajdhani, I mean capital?");
}

TEST(ReadQueries, LeavesALanguageThatIsNotGivenUndetermined) {
  EXPECT_TRUE(read("q.jsonl", R"({"_id": "q1", "text": "Mji mkuu wa Kenya ni upi?"})")[0].language.undetermined());
}

TEST(ReadQueries, TakesTheOtherNamesOfTheMembers) {
  const auto queries = read("q.jsonl", R"({"id": 7, "query": "肯尼亚的首都", "language": "zh"})"
                                       "\n"
                                       R"({"id": "8", "contents": "केन्या की राजधानी"})");
  ASSERT_EQ(queries.size(), 2u);
  EXPECT_EQ(queries[0].id, "7");
  EXPECT_EQ(queries[0].text, "肯尼亚的首都");
  EXPECT_EQ(queries[0].language.tag(), "zh");
  EXPECT_EQ(queries[1].text, "केन्या की राजधानी");
}

TEST(ReadQueries, PrefersTheNamesOfBeir) {
  const auto query = read("q.jsonl", R"({"id": "no", "_id": "yes", "query": "no", "text": "yes"})")[0];
  EXPECT_EQ(query.id, "yes");
  EXPECT_EQ(query.text, "yes");
}

TEST(ReadQueries, TakesTabSeparatedLinesInTheOrderOfTheFile) {
  const auto queries = read("q.tsv", "2\tケニアの首都は\r\n\n1\tเมืองหลวงของเคนยา\n");
  ASSERT_EQ(queries.size(), 2u);
  EXPECT_EQ(queries[0].id, "2");
  EXPECT_EQ(queries[0].text, "ケニアの首都は");
  EXPECT_EQ(queries[1].id, "1");
  EXPECT_EQ(queries[1].text, "เมืองหลวงของเคนยา");
}

TEST(ReadQueries, TellsTheFormatByTheFirstLineThatHoldsAnything) {
  EXPECT_EQ(read("q.tsv", "\n  \n {\"_id\": \"q1\", \"text\": \"Столица Кении\"}")[0].text, "Столица Кении");
}

TEST(ReadQueries, AcceptsAnEmptyText) { EXPECT_EQ(read("q.tsv", "q1\t\n")[0].text, ""); }

TEST(ReadQueries, AnEmptyFileHasNoQueries) { EXPECT_TRUE(read("q.tsv", "").empty()); }

TEST(ReadQueries, CountsTheFieldsOfALine) {
  EXPECT_THAT([] { read("q.tsv", "q1\tone\nq2 two\n"); },
              ThrowsMessage<InvalidData>(EndsWith("/q.tsv:2: expected 2 fields (id, tab, text), got 1")));
}

TEST(ReadQueries, RefusesATabInTheText) {
  EXPECT_THAT([] { read("q.tsv", "q1\tone\ttwo\n"); },
              ThrowsMessage<InvalidData>(EndsWith("/q.tsv:1: expected 2 fields (id, tab, text), got 3")));
}

TEST(ReadQueries, NamesBothLinesOfARepeatedId) {
  EXPECT_THAT(
      [] { read("q.tsv", "é\tone\n\nq2\ttwo\né\tthree\n"); },
      ThrowsMessage<InvalidData>(EndsWith("/q.tsv:4: query id \"é\" was used on line 1, expected every id once")));
}

TEST(ReadQueries, RefusesAnEmptyId) {
  EXPECT_THAT([] { read("q.tsv", "\tone\n"); },
              ThrowsMessage<InvalidData>(EndsWith("/q.tsv:1: the query id is empty, expected a name")));
}

TEST(ReadQueries, NamesAMissingId) {
  EXPECT_THAT([] { read("q.jsonl", R"({"text": "one"})"); },
              ThrowsMessage<InvalidData>(EndsWith("/q.jsonl:1: \"_id\" is missing, expected \"_id\" or \"id\"")));
}

TEST(ReadQueries, NamesAMissingText) {
  EXPECT_THAT([] { read("q.jsonl", R"({"_id": "q1", "title": "one"})"); },
              ThrowsMessage<InvalidData>(
                  EndsWith("/q.jsonl:1: \"text\" is missing, expected \"text\", \"query\" or \"contents\"")));
}

TEST(ReadQueries, RefusesATextThatIsNoString) {
  EXPECT_THAT([] { read("q.jsonl", R"({"_id": "q1", "text": ["one"]})"); },
              ThrowsMessage<InvalidData>(EndsWith("/q.jsonl:1: \"text\" must be a string, not array")));
}

TEST(ReadQueries, RefusesBrokenJson) {
  EXPECT_THAT([] { read("q.jsonl", "{\"_id\": \"q1\", \"text\": \"one\"}\n{\"_id\": \"q2\", \"text\""); },
              ThrowsMessage<InvalidData>(HasSubstr("/q.jsonl:2: not valid JSON")));
}

TEST(ReadQueries, RefusesALanguageTagThatIsNone) {
  EXPECT_THAT([] { read("q.jsonl", R"({"_id": "q1", "text": "one", "lang": "not a tag!"})"); },
              ThrowsMessage<InvalidData>(AllOf(HasSubstr("/q.jsonl:1: "), HasSubstr("not a tag!"))));
}

TEST(ReadQueries, RefusesBytesThatAreNoUtf8) {
  EXPECT_THAT([] { read("q.tsv", "q1\tone\nq2\tcaf\xE9\n"); },
              ThrowsMessage<InvalidData>(
                  EndsWith("/q.tsv:2: byte 7 of the line is not valid UTF-8, expected a file in UTF-8")));
}

TEST(ReadQueries, NamesAMissingFile) {
  EXPECT_THAT([] { read_queries("/nowhere/queries.tsv"); },
              ThrowsMessage<NotFound>("/nowhere/queries.tsv: no such file"));
}

TEST(ReadQueries, ReadsACompressedCollectionInTwelveLanguages) {
  const auto path = test::shared_dir() / "data/xquad-clir/queries.jsonl.gz";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here";
  std::set<std::string> languages;
  const auto queries = read_queries(path.string());
  for (const Query& query : queries) languages.insert(query.language.tag());
  EXPECT_EQ(queries.size(), 14280u);
  EXPECT_THAT(languages, testing::ElementsAre("ar", "de", "el", "en", "es", "hi", "ro", "ru", "th", "tr", "vi", "zh"));
}

}  // namespace
}  // namespace dragoman
