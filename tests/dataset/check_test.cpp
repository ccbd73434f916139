#include "dragoman/dataset/check.h"

#include <gmock/gmock.h>

#include "base/compressed.h"
#include "dragoman/base/error.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

class CheckTest : public testing::Test {
 protected:
  void write(const std::string& name, std::string_view content) const { folder_.write("set/" + name, content); }
  CheckReport check(const CheckOptions& options = {}) const {
    return check_dataset(dataset_files(folder_.path() / "set"), options);
  }
  /// "problem count: first example, without the folder", one for each finding.
  std::vector<std::string> findings(const CheckOptions& options = {}) const {
    std::vector<std::string> list;
    for (const Finding& finding : check(options).findings) {
      std::string example = finding.examples.at(0);
      const std::string folder = (folder_.path() / "set").string() + "/";
      for (std::size_t at; (at = example.find(folder)) != std::string::npos;) example.erase(at, folder.size());
      list.push_back(std::string(problem_name(finding.problem)) + " " + std::to_string(finding.count) + ": " + example);
    }
    return list;
  }

  test::TemporaryFolder folder_;
};

TEST_F(CheckTest, FindsNothingInAGoodSet) {
  write("corpus.jsonl", R"({"_id":"d1","title":"","text":"चाय गरम है और मीठी है।","lang":"hi"})");
  write("queries.jsonl", R"({"_id":"q1","text":"Je, chai ni moto?","lang":"sw"})");
  write("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t1\n");
  const CheckReport report = check();
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_FALSE(report.has_errors());
  EXPECT_EQ(report.documents, 1u);
  EXPECT_EQ(report.queries, 1u);
  EXPECT_EQ(report.judgements, 1u);
}

TEST_F(CheckTest, ReadsOnBehindBrokenLines) {
  write("corpus.jsonl",
        "{\"_id\":\"d1\",\"text\":\"tee\",\"lang\":\"de\"}\n"
        "{\"_id\":\n"
        "{\"_id\":\"d2\",\"text\":\"caf\xE9\",\"lang\":\"fr\"}\n"
        "{\"_id\":\"d3\",\"lang\":\"fr\"}\n"
        "{\"_id\":\"d4\",\"text\":\"thé\",\"lang\":\"french\"}\n"
        "{\"_id\":\"d5\",\"text\":\"thé\",\"lang\":\"fr\"}\n");
  const CheckReport report = check({.examples = 5});
  EXPECT_EQ(report.findings[0].problem, Problem::ill_formed_utf8);
  EXPECT_THAT(report.findings[0].examples, ElementsAre(EndsWith("corpus.jsonl:3: byte 24 of the line is no UTF-8")));
  EXPECT_EQ(report.findings[1].problem, Problem::malformed_record);
  EXPECT_THAT(report.findings[1].examples,
              ElementsAre(HasSubstr("corpus.jsonl:2: not valid JSON"), EndsWith("corpus.jsonl:4: \"text\" is missing"),
                          HasSubstr("corpus.jsonl:5: 'french' is not a language tag")));
  EXPECT_TRUE(report.has_errors());
}

TEST_F(CheckTest, NamesBothPlacesOfAnId) {
  write("corpus.jsonl",
        "{\"_id\":\"d1\",\"text\":\"a\",\"lang\":\"de\"}\n{\"_id\":\"d1\",\"text\":\"b\",\"lang\":\"de\"}\n");
  write("queries.jsonl",
        "{\"_id\":\"q\",\"text\":\"a\",\"lang\":\"de\"}\n{\"_id\":\"q\",\"text\":\"b\",\"lang\":\"de\"}\n");
  EXPECT_THAT(findings(),
              ElementsAre("duplicate_document_id 1: corpus.jsonl:2: the document id 'd1' was already at corpus.jsonl:1",
                          "duplicate_query_id 1: queries.jsonl:2: the query id 'q' was already at queries.jsonl:1"));
}

TEST_F(CheckTest, TakesTextsForTheSameAfterNormalising) {
  write("corpus.jsonl",
        "{\"_id\":\"d1\",\"text\":\"Straße  nach\\nＲＯＭ\",\"lang\":\"de\"}\n"
        "{\"_id\":\"d2\",\"text\":\"Tee\",\"lang\":\"de\"}\n"
        "{\"_id\":\"d3\",\"text\":\"STRASSE nach Rom\",\"lang\":\"de\"}\n");
  write("queries.jsonl",
        "{\"_id\":\"q1\",\"text\":\"Wo ist Rom?\",\"lang\":\"de\"}\n"
        "{\"_id\":\"q2\",\"text\":\"wo ist ROM?\",\"lang\":\"de\"}\n"
        "{\"_id\":\"q3\",\"text\":\"wo ist ROM?\",\"lang\":\"nl\"}\n");
  EXPECT_THAT(findings(),
              ElementsAre("duplicate_document_text 1: corpus.jsonl:3: has the text of line 1",
                          "duplicate_query_text 1: queries.jsonl:2: the query 'q2' has the text of 'q1': wo ist ROM?"));
}

TEST_F(CheckTest, FindsJudgementsOfWhatIsNotThere) {
  write("corpus.jsonl", R"({"_id":"d1","text":"ชา","lang":"th"})");
  write("queries.jsonl",
        "{\"_id\":\"q1\",\"text\":\"ชา\",\"lang\":\"th\"}\n{\"_id\":\"q2\",\"text\":\"ข้าว\",\"lang\":\"th\"}\n");
  write("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td9\t0\nq9\td1\t1\nq1\td9\t5\nq1\td1\tx\n");
  EXPECT_THAT(
      findings(),
      ElementsAre("malformed_record 1: qrels/test.tsv:5: the grade is \"x\", expected an integer",
                  "conflicting_grades 1: qrels/test.tsv:4: document 'd9' of query 'q1' has grade 5, but 0 before",
                  "unknown_query 1: qrels/test.tsv:3: there is no query 'q9'",
                  "unknown_document 2: qrels/test.tsv:2: there is no document 'd9'",
                  "query_without_judgements 1: queries.jsonl:2: the query 'q2' is judged in no split",
                  "query_without_relevant 1: qrels/test.tsv: the query 'q1' has no document above 0",
                  "grade_out_of_range 1: qrels/test.tsv:4: the grade is 5, expected 0 to 4"));
}

TEST_F(CheckTest, FindsQuestionsThatLeakIntoTraining) {
  write("queries.jsonl",
        "{\"_id\":\"q1\",\"text\":\"чай горячий?\",\"lang\":\"ru\"}\n"
        "{\"_id\":\"q2\",\"text\":\"Чай горячий?\",\"lang\":\"ru\"}\n"
        "{\"_id\":\"q3\",\"text\":\"кофе?\",\"lang\":\"ru\"}\n");
  write("qrels/train.tsv", "q1\td1\t1\nq3\td1\t1\n");
  write("qrels/test.tsv", "q2\td1\t1\n");
  write("qrels/dev.tsv", "q2\td1\t1\nq3\td2\t1\n");
  const CheckReport report = check();
  EXPECT_EQ(report.findings[0].problem, Problem::split_leak);
  EXPECT_THAT(report.findings[0].examples, ElementsAre("the query 'q1' of train has the text of 'q2' of dev",
                                                       "the query 'q3' is in dev and in train",
                                                       "the query 'q1' of train has the text of 'q2' of test"));
  EXPECT_EQ(report.findings[1].problem, Problem::shared_query);
  EXPECT_THAT(report.findings[1].examples, ElementsAre("the query 'q2' is in dev and in test"));
}

TEST_F(CheckTest, FindsTextsInAnotherScriptThanTheirLanguage) {
  write("corpus.jsonl", R"({"_id":"1","text":"This was never translated.","lang":"el"})"
                        "\n"
                        R"({"_id":"2","text":"Hii ni Kiswahili kabisa.","lang":"de"})"
                        "\n"
                        R"({"_id":"3","text":"यह रोमन लिपि में नहीं है","lang":"hi-Latn"})"
                        "\n"
                        R"({"_id":"4","text":"漢字二字以上全部漢字文章","lang":"ja"})"
                        "\n"
                        R"({"_id":"5","text":"これは日本語の文章であって中国語ではない","lang":"zh"})"
                        "\n"
                        R"({"_id":"6","text":"mujhe यह बात समझ नहीं aayi भाई","lang":"hi"})"
                        "\n"
                        R"({"_id":"7","text":"iPhone 15","lang":"ar"})"
                        "\n");
  const CheckReport report = check({.examples = 9});
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].problem, Problem::wrong_script);
  // A language in another one's file that shares its script, code-switched and short texts are not told.
  EXPECT_THAT(
      report.findings[0].examples,
      ElementsAre(EndsWith("corpus.jsonl:1: '1' is said to be el, which is written in Grek, but is in Latn: "
                           "This was never translated."),
                  AllOf(HasSubstr("'3'"), HasSubstr("is in Deva")), AllOf(HasSubstr("'5'"), HasSubstr("is in Jpan"))));
  EXPECT_FALSE(report.has_errors());
}

TEST_F(CheckTest, FindsEmptyLostAndEndlessTexts) {
  write("corpus.jsonl", R"({"_id":"1","title":"","text":" ","lang":"ko"})"
                        "\n"
                        "{\"_id\":\"2\",\"text\":\"caf\xEF\xBF\xBD\",\"lang\":\"fr\"}\n"
                        R"({"_id":"3","text":"chai chai chai"})"
                        "\n");
  EXPECT_THAT(findings({.long_text_bytes = 10}),
              ElementsAre("empty_text 1: corpus.jsonl:1: '1' has no text",
                          "replacement_character 1: corpus.jsonl:2: '2' holds U+FFFD, which stands for what was lost",
                          "missing_language 1: corpus.jsonl:3: '3' says no language",
                          "long_text 1: corpus.jsonl:3: '3' has 14 bytes"));
}

TEST_F(CheckTest, LooksAtWhatIsGivenAlone) {
  const auto topics = folder_.write("t.tsv", "1\tchai\n1\tkahawa\n");
  const auto qrels = folder_.write("q.txt", "1 0 anything 1\n");
  const CheckReport report =
      check_dataset({.corpus = "", .queries = topics.string(), .judgements = {{"q", qrels.string()}}});
  ASSERT_EQ(report.findings.size(), 2u);
  EXPECT_EQ(report.findings[0].problem, Problem::duplicate_query_id);
  EXPECT_EQ(report.findings[1].problem, Problem::missing_language);
}

TEST_F(CheckTest, ReadsCompressedParts) {
  write("corpus.jsonl.gz", test::gzip(R"({"_id":"d1","text":"شاي","lang":"ar"})"));
  write("qrels/dev.tsv.zst", test::zstd("q1\td2\t1\n"));
  EXPECT_THAT(findings(), ElementsAre("unknown_document 1: qrels/dev.tsv.zst:1: there is no document 'd2'"));
}

TEST_F(CheckTest, CountsAllAndKeepsTheFirst) {
  std::string lines;
  for (int i = 0; i < 10; ++i) lines += "{\"_id\":\"" + std::to_string(i) + "\",\"text\":\"\",\"lang\":\"vi\"}\n";
  write("corpus.jsonl", lines);
  const CheckReport report = check({.examples = 2});
  EXPECT_EQ(report.findings.at(0).count, 10u);
  EXPECT_THAT(report.findings.at(0).examples,
              ElementsAre(EndsWith(":1: '0' has no text"), EndsWith(":2: '1' has no text")));
}

TEST_F(CheckTest, RefusesARangeOfNoGrade) {
  EXPECT_THAT([] { check_dataset({}, {.lowest_grade = 2, .highest_grade = 1}); },
              ThrowsMessage<InvalidArgument>("the lowest grade is 2, above the highest, 1"));
}

TEST_F(CheckTest, NamesAFolderWithoutASet) {
  folder_.write("set/readme", "");
  EXPECT_THAT([&] { check(); },
              ThrowsMessage<NotFound>(EndsWith("set: the folder holds no corpus.jsonl, queries.jsonl or qrels/*.tsv")));
  EXPECT_THAT([] { dataset_files("/nowhere"); }, ThrowsMessage<NotFound>("/nowhere: no such folder"));
}

TEST(Problems, HaveNames) {
  EXPECT_EQ(problem_name(Problem::ill_formed_utf8), "ill_formed_utf8");
  EXPECT_EQ(problem_name(Problem::grade_out_of_range), "grade_out_of_range");
  EXPECT_EQ(severity_of(Problem::split_leak), Severity::error);
  EXPECT_EQ(severity_of(Problem::shared_query), Severity::warning);
}

TEST(SharedSets, HaveTheFlawsThatAreKnown) {
  const auto data = test::shared_dir() / "data";
  if (!std::filesystem::exists(data / "afriqa")) GTEST_SKIP() << data << " is not here";
  const auto count = [&](const char* set, Problem problem) -> std::uint64_t {
    for (const Finding& finding : check_dataset(dataset_files(data / set)).findings) {
      if (finding.problem == problem) return finding.count;
    }
    return 0;
  };
  EXPECT_EQ(count("afriqa", Problem::split_leak), 5u);
  EXPECT_EQ(count("claims", Problem::duplicate_document_text), 6u);
  EXPECT_EQ(count("lareqa-xquad-r", Problem::replacement_character), 2u);
  // Greek questions of XQuAD that nobody translated, and passages that are lists of English names.
  EXPECT_EQ(count("xquad-clir", Problem::wrong_script), 4u);
}

}  // namespace
}  // namespace dragoman
