#include "dragoman/dataset/stats.h"

#include <gmock/gmock.h>

#include "dragoman/base/error.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::IsEmpty;
using testing::Pair;
using testing::ThrowsMessage;

class StatsTest : public testing::Test {
 protected:
  void write(const std::string& name, std::string_view content) const { folder_.write("set/" + name, content); }
  DatasetStats stats() const { return dataset_stats(dataset_files(folder_.path() / "set")); }

  test::TemporaryFolder folder_;
};

TEST_F(StatsTest, CountsTextsByLanguage) {
  write("corpus.jsonl", R"({"_id":"1","title":"Chai","text":"Chai ni moto","lang":"swa"})"
                        "\n"
                        R"({"_id":"2","text":"東京都","lang":"ja"})"
                        "\n"
                        R"({"_id":"3","text":"","lang":"ja"})"
                        "\n"
                        R"({"_id":"4","text":"ชาเย็น"})"
                        "\n");
  const auto documents = stats().documents;
  ASSERT_THAT(documents, ElementsAre(Pair("ja", testing::_), Pair("sw", testing::_), Pair("th", testing::_)));
  EXPECT_EQ(documents.at("sw").count, 1u);
  EXPECT_EQ(documents.at("sw").code_points.most, 16u);  // "Chai" and "Chai ni moto".
  EXPECT_EQ(documents.at("sw").words.most, 4u);
  EXPECT_EQ(documents.at("ja").count, 2u);
  EXPECT_EQ(documents.at("ja").empty, 1u);
  EXPECT_EQ(documents.at("ja").code_points.most, 3u);
  EXPECT_EQ(documents.at("ja").words.most, 3u);  // Characters; the pairs of the index are not counted.
  EXPECT_EQ(documents.at("ja").words.least, 0u);
}

TEST_F(StatsTest, QuantilesAreValuesThatOccur) {
  std::string lines;
  for (int i = 1; i <= 100; ++i) {
    lines += "{\"_id\":\"" + std::to_string(i) + "\",\"text\":\"" + std::string(static_cast<std::size_t>(i), 'a') +
             "\",\"lang\":\"en\"}\n";
  }
  write("corpus.jsonl", lines);
  const Distribution lengths = stats().documents.at("en").code_points;
  EXPECT_EQ(lengths.count, 100u);
  EXPECT_DOUBLE_EQ(lengths.mean, 50.5);
  EXPECT_EQ(lengths.least, 1u);
  EXPECT_EQ(lengths.median, 50u);
  EXPECT_EQ(lengths.p95, 95u);
  EXPECT_EQ(lengths.most, 100u);
}

TEST_F(StatsTest, CountsJudgementsBySplitAndPairOfLanguages) {
  write("corpus.jsonl",
        "{\"_id\":\"d1\",\"text\":\"чай\",\"lang\":\"ru\"}\n{\"_id\":\"d2\",\"text\":\"tea\",\"lang\":\"en\"}\n");
  write("queries.jsonl",
        "{\"_id\":\"q1\",\"text\":\"chai\",\"lang\":\"sw\"}\n{\"_id\":\"q2\",\"text\":\"chai kya "
        "hai\",\"lang\":\"hi-Latn\"}\n");
  write("qrels/test.tsv", "q1\td1\t2\nq1\td2\t1\nq2\td1\t0\nq2\td9\t1\n");
  write("qrels/train.tsv", "q2\td2\t1\n");
  const auto splits = stats().splits;
  const SplitStats& test = splits.at("test");
  EXPECT_EQ(test.queries, 2u);
  EXPECT_EQ(test.judgements, 4u);
  EXPECT_THAT(test.queries_by_language, ElementsAre(Pair("hi-Latn", 1), Pair("sw", 1)));
  EXPECT_THAT(test.judgements_by_pair, ElementsAre(Pair("hi-Latn>und", 1), Pair("sw>en", 1), Pair("sw>ru", 1)));
  EXPECT_THAT(test.grades, ElementsAre(Pair(0, 1), Pair(1, 2), Pair(2, 1)));
  EXPECT_DOUBLE_EQ(test.relevant.mean, 1.5);
  EXPECT_EQ(test.relevant.most, 2u);
  EXPECT_EQ(splits.at("train").judgements, 1u);
}

TEST_F(StatsTest, KnowsTranslationsByMemberAndById) {
  write("queries.jsonl",
        "{\"_id\":\"a\",\"text\":\"tea\",\"lang\":\"en\",\"question\":\"x\"}\n"
        "{\"_id\":\"b\",\"text\":\"चाय\",\"lang\":\"hi\",\"question\":\"x\"}\n"
        "{\"_id\":\"h7-fra\",\"text\":\"thé\",\"lang\":\"fr\"}\n"
        "{\"_id\":\"h7-zho-CN\",\"text\":\"茶\",\"lang\":\"zho-CN\"}\n"
        "{\"_id\":\"q-en-1\",\"text\":\"salt\",\"lang\":\"en\"}\n"
        "{\"_id\":\"q-sw-1\",\"text\":\"mchele\",\"lang\":\"sw\"}\n"
        "{\"_id\":\"alone-7\",\"text\":\"rice\",\"lang\":\"en\"}\n");
  EXPECT_EQ(stats().questions, 5u);  // What follows the language is part of the name.
  EXPECT_EQ(stats().parallel_queries, 4u);
}

TEST_F(StatsTest, LeavesOutPartsThatAreNotThere) {
  write("qrels/test.tsv", "q1\td1\t1\n");
  const DatasetStats counted = stats();
  EXPECT_THAT(counted.documents, IsEmpty());
  EXPECT_THAT(counted.queries, IsEmpty());
  EXPECT_THAT(counted.splits.at("test").queries_by_language, ElementsAre(Pair("und", 1)));
}

TEST_F(StatsTest, RefusesWhatCannotBeRead) {
  write("corpus.jsonl", "{\"_id\":\"1\"}\n");
  EXPECT_THAT([&] { stats(); }, ThrowsMessage<InvalidData>(EndsWith("corpus.jsonl:1: \"text\" is missing")));
}

TEST(SharedStats, AreThoseOfTheirReadme) {
  const auto folder = test::shared_dir() / "data/xquad-clir";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not here";
  const DatasetStats stats = dataset_stats(dataset_files(folder));
  EXPECT_EQ(stats.documents.size(), 12u);
  EXPECT_EQ(stats.documents.at("th").count, 240u);
  EXPECT_EQ(stats.queries.at("hi").count, 1190u);
  EXPECT_EQ(stats.questions, 1190u);
  EXPECT_EQ(stats.parallel_queries, 14280u);
  EXPECT_EQ(stats.splits.at("test").judgements, 171360u);
  EXPECT_EQ(stats.splits.at("test").judgements_by_pair.size(), 144u);
}

}  // namespace
}  // namespace dragoman
