// Formats of sentences and their translations.
#include "base/compressed.h"
#include "dataset/dataset_support.h"
#include "dragoman/base/error.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::ThrowsMessage;

class ParallelFormats : public test::ConversionTest {};

TEST_F(ParallelFormats, TatoebaPairsMergeWhatComesTwice) {
  file("tha-eng.tsv.gz", test::gzip("ชาเย็น\tCold tea\nชาร้อน\tHot tea\nชาแข็ง\tCold tea\nชาร้อน\tHot tea\n"));
  file("amh-eng.tsv", "ሻይ\tTea\nትኩስ ሻይ\tHot tea\n");
  const ConvertReport report = convert("tatoeba");
  EXPECT_THAT(made("corpus.jsonl"), ElementsAre(R"({"_id":"am-en-d1","title":"","text":"Tea","lang":"en"})",
                                                R"({"_id":"am-en-d2","title":"","text":"Hot tea","lang":"en"})",
                                                R"({"_id":"th-en-d1","title":"","text":"Cold tea","lang":"en"})"));
  EXPECT_THAT(made("queries.jsonl"), ElementsAre(R"({"_id":"am-en-q1","text":"ሻይ","lang":"am"})",
                                                 R"({"_id":"am-en-q2","text":"ትኩስ ሻይ","lang":"am"})",
                                                 R"({"_id":"th-en-q1","text":"ชาเย็น","lang":"th"})",
                                                 R"({"_id":"th-en-q2","text":"ชาร้อน","lang":"th"})",
                                                 R"({"_id":"th-en-q3","text":"ชาแข็ง","lang":"th"})"));
  EXPECT_THAT(made("qrels/test.tsv"),
              ElementsAre("query-id\tcorpus-id\tscore", "am-en-q1\tam-en-d1\t1", "am-en-q2\tam-en-d2\t1",
                          "th-en-q1\tth-en-d1\t1", "th-en-q2\tam-en-d2\t1", "th-en-q3\tth-en-d1\t1"));
  EXPECT_THAT(report.notes, ElementsAre(Pair("documents merged", 3), Pair("queries merged", 1)));
}

TEST_F(ParallelFormats, TatoebaInTwoFiles) {
  file("tatoeba.swh-eng.swh", "Chai moto\n");
  file("tatoeba.swh-eng.eng", "Hot tea\n");
  convert("tatoeba/swh-eng");
  EXPECT_THAT(made("queries.jsonl"), ElementsAre(R"({"_id":"sw-en-q1","text":"Chai moto","lang":"sw"})"));
  EXPECT_THAT(made("corpus.jsonl"), ElementsAre(R"({"_id":"sw-en-d1","title":"","text":"Hot tea","lang":"en"})"));
}

TEST_F(ParallelFormats, BuccAsksWhatHasAPartner) {
  file("zh-en.training.zh", "zh-1\t茶是热的。\nzh-2\t没有伙伴。\n");
  file("zh-en.training.en", "en-1\tTea is hot.\nen-2\tNobody's partner.\n");
  file("zh-en.training.gold", "zh-1\ten-1\n");
  const ConvertReport report = convert("bucc/zh-en");
  EXPECT_EQ(report.documents, 2u);
  EXPECT_THAT(made("queries.jsonl"), ElementsAre(R"({"_id":"zh-1","text":"茶是热的。","lang":"zh"})"));
  EXPECT_THAT(made("qrels/train.tsv"), ElementsAre("query-id\tcorpus-id\tscore", "zh-1\ten-1\t1"));
  EXPECT_THAT(report.notes, ElementsAre(Pair("foreign sentences without a partner, left out", 1)));
}

TEST_F(ParallelFormats, ParallelTextAsksForItsTranslations) {
  file("eng_Latn.devtest", "Tea\nRice\n");
  file("hin_Deva.devtest", "चाय\n\n");
  file("jpn_Jpan.devtest", "茶\n米\n");
  file("docids.txt", "a\nb\n");
  const ConvertReport report = convert("flores");
  EXPECT_EQ(report.documents, 5u);
  EXPECT_EQ(made("queries.jsonl")[0],
            R"({"_id":"devtest-0001-en","text":"Tea","lang":"en","question":"devtest-0001"})");
  EXPECT_THAT(made("qrels/devtest.tsv"),
              ElementsAre("query-id\tcorpus-id\tscore", "devtest-0001-en\tdevtest-0001-hi\t1",
                          "devtest-0001-en\tdevtest-0001-ja\t1", "devtest-0001-hi\tdevtest-0001-en\t1",
                          "devtest-0001-hi\tdevtest-0001-ja\t1", "devtest-0001-ja\tdevtest-0001-en\t1",
                          "devtest-0001-ja\tdevtest-0001-hi\t1", "devtest-0002-en\tdevtest-0002-ja\t1",
                          "devtest-0002-ja\tdevtest-0002-en\t1"));
  EXPECT_THAT(report.notes, ElementsAre(Pair("empty lines, left out", 1),
                                        Pair("files without a language in their name, left out", 1)));
}

TEST_F(ParallelFormats, ParallelTextInOneDirection) {
  file("deu.txt", "Tee\n");
  file("eng.txt", "Tea\n");
  file("urd.txt", "چائے\n");
  convert("parallel", {.language = Language::parse("en"), .query_language = Language::parse("ur")});
  EXPECT_THAT(made("corpus.jsonl"), ElementsAre(R"({"_id":"s0001-en","title":"","text":"Tea","lang":"en"})"));
  EXPECT_THAT(made("qrels/test.tsv"), ElementsAre("query-id\tcorpus-id\tscore", "s0001-ur\ts0001-en\t1"));
}

TEST_F(ParallelFormats, TwoFilesOfOneLanguageAreRefused) {
  file("a.deu.txt", "Tee\n");
  file("b.deu.txt", "Tee\n");
  EXPECT_THAT([&] { convert("parallel"); }, ThrowsMessage<InvalidArgument>(HasSubstr("each language needs one file")));
}

TEST_F(ParallelFormats, ReadsTheSharedPairs) {
  const auto folder = test::shared_dir() / "data/tatoeba";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not here";
  const ConvertReport report = convert("tatoeba", {.inputs = {folder.string()}});
  EXPECT_EQ(report.documents, 29327u);
  EXPECT_EQ(report.queries, 33164u);
  EXPECT_THAT(report.judgements, ElementsAre(Pair("test", 33164)));
  EXPECT_THAT(report.notes, ElementsAre(Pair("documents merged", 3837)));
}

}  // namespace
}  // namespace dragoman
