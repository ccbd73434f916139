#include "dragoman/evaluate/run_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <sstream>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::TemporaryFolder;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

Run read(std::string_view content) {
  const TemporaryFolder folder;
  return read_run(folder.write("a.run", content).string());
}

std::vector<std::string> ids(const Ranking& ranking) {
  std::vector<std::string> result;
  for (const Hit& hit : ranking) result.push_back(hit.id);
  return result;
}

std::string written(std::string_view query_id, const Ranking& ranking) {
  std::ostringstream out;
  RunWriter writer(out, "bm25");
  writer.write(query_id, ranking);
  writer.commit();
  return out.str();
}

TEST(SortRanking, PutsHigherScoresFirstAndEqualOnesByAscendingBytes) {
  Ranking ranking = {{"文", 1}, {"b", 2}, {"a10", 1}, {"é", 1}, {"a9", 1}};
  sort_ranking(ranking);
  EXPECT_THAT(ids(ranking), ElementsAre("b", "a10", "a9", "é", "文"));
}

TEST(SortRanking, PutsAScoreThatIsNoNumberLast) {
  Ranking ranking = {{"b", NAN}, {"c", -kInfinity}, {"a", NAN}, {"d", 1}};
  sort_ranking(ranking);
  EXPECT_THAT(ids(ranking), ElementsAre("d", "c", "a", "b"));
}

TEST(ReadRun, SortsByScoreWhateverTheRanksSay) {
  const dragoman::Run run = read("q1 Q0 d1 1 0.1 t\nq1 Q0 d2 2 1e1 t\nq1 Q0 d3 3 -2.5 t\nq1 Q0 d4 4 +0.5 t\n");
  EXPECT_THAT(ids(run.at("q1")), ElementsAre("d2", "d4", "d1", "d3"));
}

TEST(ReadRun, BreaksTiesByDescendingBytesLikeTrecEval) {
  const dragoman::Run run = read("q1 Q0 d10 1 5 t\nq1 Q0 文 2 5 t\nq1 Q0 d9 3 5 t\nq1 Q0 é 4 5 t\nq1 Q0 zz 5 5 t\n");
  EXPECT_THAT(ids(run.at("q1")), ElementsAre("文", "é", "zz", "d9", "d10"));
}

TEST(ReadRun, SeesATieInScoresThatDifferBeyondFloat32) {
  const dragoman::Run run = read("q1 Q0 f2 1 1.00000000 t\nq1 Q0 f1 2 1.00000001 t\nq1 Q0 f3 3 1.00000002 t\n");
  EXPECT_THAT(ids(run.at("q1")), ElementsAre("f3", "f2", "f1"));
}

// 1 + 2^-24 + 2^-60 lies just above the middle of two floats: at once it rounds up, by way of a double (which drops the
// 2^-60) down.
TEST(ReadRun, RoundsByWayOfADoubleLikeTrecEval) {
  EXPECT_EQ(read("q1 Q0 d1 1 1.000000059604644776 t\n").at("q1")[0].score, 1.0f);
}

TEST(ReadRun, KeepsQueriesApart) {
  const dragoman::Run run = read("q2 Q0 d1 1 1 t\nq1 Q0 d1 1 1 t\nq2 Q0 d2 2 0 t\n");
  ASSERT_EQ(run.size(), 2u);
  EXPECT_THAT(ids(run.at("q1")), ElementsAre("d1"));
  EXPECT_THAT(ids(run.at("q2")), ElementsAre("d1", "d2"));
}

TEST(ReadRun, CountsTheColumns) {
  EXPECT_THAT(
      [] { read("q1 Q0 d1 1 1 t\nq1 Q0 d2 2 0.5\n"); },
      ThrowsMessage<InvalidData>(EndsWith("/a.run:2: expected 6 columns (query Q0 document rank score tag), got 5")));
}

TEST(ReadRun, RefusesAScoreThatIsNoNumber) {
  EXPECT_THAT([] { read("q1 Q0 d1 1 1,5 t\n"); },
              ThrowsMessage<InvalidData>(
                  EndsWith("/a.run:1: the score is \"1,5\", expected a finite number in the range of float32")));
}

TEST(ReadRun, RefusesAScoreThatIsNotFinite) {
  EXPECT_THAT([] { read("q1 Q0 d1 1 nan t\n"); }, ThrowsMessage<InvalidData>(HasSubstr("the score is \"nan\"")));
  EXPECT_THAT([] { read("q1 Q0 d1 1 inf t\n"); }, ThrowsMessage<InvalidData>(HasSubstr("the score is \"inf\"")));
  EXPECT_THAT([] { read("q1 Q0 d1 1 1e39 t\n"); }, ThrowsMessage<InvalidData>(HasSubstr("the score is \"1e39\"")));
}

TEST(ReadRun, NamesBothLinesOfARepeatedDocument) {
  EXPECT_THAT([] { read("q1 Q0 é 1 3 t\nq2 Q0 é 1 2 t\nq1 Q0 d2 2 2 t\nq1 Q0 é 3 1 t\n"); },
              ThrowsMessage<InvalidData>(
                  EndsWith("/a.run:4: document \"é\" of query \"q1\" was listed on line 1, expected it once")));
}

TEST(ReadRun, NamesBothLinesAmongManyOfManyQueries) {
  std::string lines = "\n";  // A blank line counts as a line.
  for (int i = 0; i < 3000; ++i) lines += "q" + std::to_string(i % 3) + " Q0 d" + std::to_string(i) + " 1 1 t\n";
  EXPECT_EQ(read(lines).at("q2").size(), 1000u);
  EXPECT_THAT([&] { read(lines + "q1 Q0 new 1 1 t\nq1 Q0 d1000 1 1 t\n"); },
              ThrowsMessage<InvalidData>(EndsWith(
                  "/a.run:3003: document \"d1000\" of query \"q1\" was listed on line 1002, expected it once")));
}

TEST(ReadRun, RefusesBytesThatAreNoUtf8) {
  EXPECT_THAT([] { read("q1 Q0 \xC0\xAF 1 3 t\n"); },
              ThrowsMessage<InvalidData>(
                  EndsWith("/a.run:1: byte 7 of the line is not valid UTF-8, expected a file in UTF-8")));
}

TEST(RunWriter, WritesSixColumns) {
  EXPECT_EQ(written("q1", {{"p-sw", 12.5f}, {"文", 1}, {"d3", -0.25f}}),
            "q1 Q0 p-sw 1 12.5 bm25\n"
            "q1 Q0 文 2 1 bm25\n"
            "q1 Q0 d3 3 -0.25 bm25\n");
}

TEST(RunWriter, WritesScoresThatGiveBackTheSameFloat) {
  EXPECT_EQ(written("q1", {{"d1", 0.1f}}), "q1 Q0 d1 1 0.100000001 bm25\n");
}

// Below 1 floats are 2^-24 = 5.96e-8 apart.
TEST(RunWriter, LowersTiesToTheNextFloat) {
  EXPECT_EQ(written("q1", {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 0.5f}}),
            "q1 Q0 a 1 1 bm25\n"
            "q1 Q0 b 2 0.99999994 bm25\n"
            "q1 Q0 c 3 0.999999881 bm25\n"
            "q1 Q0 d 4 0.5 bm25\n");
}

TEST(RunWriter, KeepsTheOrderEvenAgainstTheScores) {
  EXPECT_EQ(written("q1", {{"a", 1}, {"b", 3}}),
            "q1 Q0 a 1 1 bm25\n"
            "q1 Q0 b 2 0.99999994 bm25\n");
}

TEST(RunWriter, WhatItWritesIsReadInTheOrderThatWasMeant) {
  // Ties all over, in the order of a Ranking, which is the opposite of trec_eval's.
  Ranking ranking;
  for (const char* id : {"a", "b", "c", "é", "मुंबई", "東京", "กรุงเทพ", "القاهرة", "Москва"}) ranking.push_back({id, 0});
  ranking.push_back({"top", 1e-30f});
  sort_ranking(ranking);
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "a.run").string();
  RunWriter writer(path, "t");
  writer.write("क्वेरी-1", ranking);
  writer.commit();
  const dragoman::Run run = read_run(path);
  ASSERT_TRUE(run.contains("क्वेरी-1"));
  EXPECT_EQ(ids(run.at("क्वेरी-1")), ids(ranking));
}

TEST(RunWriter, LeavesNoLineForARankingWithoutHits) { EXPECT_EQ(written("q1", {}), ""); }

TEST(RunWriter, AFileAppearsAtCommitOnly) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.run";
  {
    RunWriter writer(path.string(), "t");
    writer.write("q1", {{"d1", 1}});
    EXPECT_FALSE(std::filesystem::exists(path));
    writer.commit();
  }
  EXPECT_EQ(read_file(path), "q1 Q0 d1 1 1 t\n");
}

TEST(RunWriter, LeavesNothingWithoutCommit) {
  const TemporaryFolder folder;
  { RunWriter((folder.path() / "a.run").string(), "t").write("q1", {{"d1", 1}}); }
  EXPECT_THAT(std::vector<std::filesystem::path>(std::filesystem::directory_iterator(folder.path()), {}), IsEmpty());
}

TEST(RunWriter, WritesToStandardOutput) {
  testing::internal::CaptureStdout();
  RunWriter writer("-", "t");
  writer.write("q1", {{"d1", 1}});
  writer.commit();
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "q1 Q0 d1 1 1 t\n");
}

TEST(RunWriter, RefusesWhiteSpaceInADocumentId) {
  EXPECT_THAT(
      [] {
        written("q1", {{"Mji mkuu", 1}});
      },
      ThrowsMessage<InvalidArgument>(
          "a document id is \"Mji mkuu\"; a run can only hold UTF-8 without white space, and not nothing"));
}

TEST(RunWriter, RefusesWhiteSpaceInAQueryId) {
  EXPECT_THAT(
      [] {
        written("q\t1", {{"d1", 1}});
      },
      ThrowsMessage<InvalidArgument>(
          "a query id is \"q\\x091\"; a run can only hold UTF-8 without white space, and not nothing"));
}

TEST(RunWriter, RefusesAnEmptyTag) {
  std::ostringstream out;
  EXPECT_THAT([&] { RunWriter(out, ""); }, ThrowsMessage<InvalidArgument>(HasSubstr("the run's tag is \"\"")));
}

TEST(RunWriter, RefusesAnIdThatIsNoUtf8) {
  EXPECT_THAT([] { written("q1", {{"caf\xE9", 1}}); }, ThrowsMessage<InvalidArgument>(HasSubstr("\"caf\\xe9\"")));
}

TEST(RunWriter, RefusesAQueryWrittenBefore) {
  std::ostringstream out;
  RunWriter writer(out, "t");
  writer.write("q1", {{"d1", 1}});
  EXPECT_THAT(
      [&] {
        writer.write("q1", {{"d2", 1}});
      },
      ThrowsMessage<InvalidArgument>("query \"q1\" was written to the run before"));
}

TEST(RunWriter, RefusesADocumentRankedTwice) {
  EXPECT_THAT(
      [] {
        written("q1", {{"d1", 2}, {"d2", 1}, {"d1", 0}});
      },
      ThrowsMessage<InvalidArgument>("document \"d1\" is ranked twice for query \"q1\""));
}

TEST(RunWriter, RefusesAScoreThatIsNotFinite) {
  EXPECT_THAT(
      [] {
        written("q1", {{"d1", NAN}});
      },
      ThrowsMessage<InvalidArgument>(
          "the score of document \"d1\" for query \"q1\" is nan; a run needs finite scores"));
  EXPECT_THAT([] { written("q1", {{"d1", kInfinity}}); }, ThrowsMessage<InvalidArgument>(HasSubstr("is inf;")));
}

TEST(RunWriter, RefusesATieThatLeavesNoLowerScore) {
  const float lowest = std::numeric_limits<float>::lowest();
  EXPECT_THAT(
      [&] {
        written("q1", {{"d1", lowest}, {"d2", lowest}});
      },
      ThrowsMessage<InvalidArgument>(HasSubstr("document \"d2\"")));
}

TEST(RunWriter, SaysThatTheStreamIsBroken) {
  std::ostringstream out;
  RunWriter writer(out, "t");
  out.setstate(std::ios::badbit);
  EXPECT_THAT(
      [&] {
        writer.write("q1", {{"d1", 1}});
      },
      ThrowsMessage<Unavailable>("the run cannot be written: the output stream is broken"));
}

}  // namespace
}  // namespace dragoman
