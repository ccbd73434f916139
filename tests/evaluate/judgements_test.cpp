#include "dragoman/evaluate/judgements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/base/error.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::TemporaryFolder;
using testing::EndsWith;
using testing::ThrowsMessage;

Judgements read(std::string_view content) {
  const TemporaryFolder folder;
  return read_judgements(folder.write("qrels", content).string());
}

TEST(ReadJudgements, TakesTrecColumnsBetweenAnyWhiteSpace) {
  const Judgements expected = {{"q1", {{"d1", 3}, {"文", 0}}}, {"q2", {{"d1", -2}}}};
  EXPECT_EQ(read("q1 0 d1 3\n\nq1\t0\t文\t0\n  q2   Q0 \t d1   -2  \r\n"), expected);
}

TEST(ReadJudgements, TakesBeirUnderItsHeader) {
  const Judgements expected = {{"q1", {{"d1", 1}, {"d2", 0}}}};
  EXPECT_EQ(read("query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t0\n"), expected);
}

TEST(ReadJudgements, TakesBeirWithoutAHeader) {
  const Judgements expected = {{"q1", {{"d1", 2}}}};
  EXPECT_EQ(read("q1\td1\t2\n"), expected);
}

TEST(ReadJudgements, TakesTabsAndSpacesMixedForTrec) {
  const Judgements expected = {{"q1", {{"d1", 1}}}};
  EXPECT_EQ(read("q1 0\td1\t1\n"), expected);
}

TEST(ReadJudgements, KeepsSpacesInTheIdsOfBeir) {
  const Judgements expected = {{"q 1", {{"Mji mkuu", 1}}}};
  EXPECT_EQ(read("query-id\tcorpus-id\tscore\nq 1\tMji mkuu\t1\n"), expected);
}

TEST(ReadJudgements, AcceptsARepetitionWithTheSameGrade) {
  const Judgements expected = {{"q1", {{"d1", 1}}}};
  EXPECT_EQ(read("q1 0 d1 1\nq1 0 d1 1\n"), expected);
}

TEST(ReadJudgements, TakesTheLinesOfAQueryFromAnywhere) {
  const Judgements expected = {{"q1", {{"d1", 1}, {"d2", 2}}}, {"q2", {{"d1", 1}}}};
  EXPECT_EQ(read("q1 0 d1 1\nq2 0 d1 1\nq1 0 d2 2\n"), expected);
}

TEST(ReadJudgements, RefusesTwoGradesForOneDocument) {
  EXPECT_THAT(
      [] { read("q1 0 é 1\nq1 0 é 2\n"); },
      ThrowsMessage<InvalidData>(EndsWith(
          "/qrels:2: document \"é\" of query \"q1\" has grade 2, but 1 on an earlier line; expected one grade")));
}

TEST(ReadJudgements, CountsTheColumnsOfTrec) {
  EXPECT_THAT([] { read("q1 0 d1 1\nq1 d1 1\n"); },
              ThrowsMessage<InvalidData>(
                  EndsWith("/qrels:2: expected 4 columns (query iteration document grade), or 3 between tabs, got 3")));
}

TEST(ReadJudgements, CountsTheFieldsOfBeir) {
  EXPECT_THAT([] { read("query-id\tcorpus-id\tscore\nq1\td1\n"); },
              ThrowsMessage<InvalidData>(
                  EndsWith("/qrels:2: expected 3 fields between tabs (query-id corpus-id score), got 2")));
}

TEST(ReadJudgements, RefusesAGradeThatIsNoInteger) {
  EXPECT_THAT([] { read("q1 0 d1 0.5\n"); },
              ThrowsMessage<InvalidData>(EndsWith("/qrels:1: the grade is \"0.5\", expected an integer")));
}

TEST(ReadJudgements, RefusesAGradeBeyondTheIntegers) {
  EXPECT_THAT([] { read("q1 0 d1 99999999999\n"); },
              ThrowsMessage<InvalidData>(EndsWith("/qrels:1: the grade is \"99999999999\", expected an integer")));
}

TEST(ReadJudgements, DoesNotTakeADamagedFirstGradeForAHeader) {
  EXPECT_THAT([] { read("q1\td1\tl\nq1\td2\t1\n"); },
              ThrowsMessage<InvalidData>(EndsWith("/qrels:1: the grade is \"l\", expected an integer")));
}

TEST(ReadJudgements, RefusesAnEmptyId) {
  EXPECT_THAT([] { read("q1\t\t1\n"); },
              ThrowsMessage<InvalidData>(EndsWith("/qrels:1: an id is empty, expected a query id and a document id")));
}

TEST(ReadJudgements, RefusesBytesThatAreNoUtf8) {
  EXPECT_THAT([] { read("q1 0 \xFF 1\n"); },
              ThrowsMessage<InvalidData>(
                  EndsWith("/qrels:1: byte 6 of the line is not valid UTF-8, expected a file in UTF-8")));
}

TEST(ReadJudgements, ReadsTheCompressedFileOfABeirFolder) {
  const auto path = test::shared_dir() / "data/xquad-clir/qrels/test.tsv.gz";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here";
  const Judgements judgements = read_judgements(path.string());
  EXPECT_EQ(judgements.size(), 14280u);
  EXPECT_EQ(judgements.at("q0000-ar").size(), 12u);
  EXPECT_EQ(judgements.at("q0000-ar").at("p000-de"), 1);
}

}  // namespace
}  // namespace dragoman
