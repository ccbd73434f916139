#include "dataset/file_name.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> tags(std::string_view path) {
  std::vector<std::string> list;
  for (const Language& language : parse_file_name(path).languages) list.push_back(language.tag());
  return list;
}

TEST(FileName, TellsWhatAFileIsFor) {
  EXPECT_EQ(parse_file_name("topics.miracl-v1.0-sw-dev.tsv").role, FileRole::queries);
  EXPECT_EQ(parse_file_name("german_queries.dev.small.tsv.gz").role, FileRole::queries);
  EXPECT_EQ(parse_file_name("qrels.miracl-v1.0-sw-dev.tsv").role, FileRole::judgements);
  EXPECT_EQ(parse_file_name("2022-qrels.fas").role, FileRole::judgements);
  EXPECT_EQ(parse_file_name("de-en.training.gold").role, FileRole::judgements);
  EXPECT_EQ(parse_file_name("bm25.run").role, FileRole::run);
  EXPECT_EQ(parse_file_name("docs-0.jsonl.zst").role, FileRole::documents);
  EXPECT_EQ(parse_file_name("whatever.txt").role, FileRole::documents);
}

TEST(FileName, TakesFromFoldersWhatTheNameDoesNotSay) {
  const FileName name = parse_file_name("miracl-v1.0-sw/qrels/dev.tsv");
  EXPECT_EQ(name.role, FileRole::judgements);
  EXPECT_EQ(name.split, "dev");
  EXPECT_EQ(name.stem, "dev.tsv");
  EXPECT_THAT(tags("miracl-v1.0-sw/qrels/dev.tsv"), ElementsAre("sw"));
  // The nearer one counts.
  EXPECT_THAT(tags("mrtydi-v1.1-swahili/topics.ar.tsv"), ElementsAre("ar"));
}

TEST(FileName, KnowsTheLanguagesOfTheField) {
  EXPECT_THAT(tags("topics.ciral-v1.0-ha-test-a.tsv"), ElementsAre("ha"));
  EXPECT_THAT(tags("hausa_passages.jsonl"), ElementsAre("ha"));
  EXPECT_THAT(tags("dev-context-de-question-en.json"), ElementsAre("de", "en"));
  EXPECT_THAT(tags("tatoeba.cmn-eng.cmn"), ElementsAre("zh", "en", "zh"));
  EXPECT_THAT(tags("gold_span_passages.afriqa.swa.en.test.json"), ElementsAre("sw", "en"));
  EXPECT_THAT(tags("newstest2019-ref.zho-TW.txt"), ElementsAre("zh-TW"));
  EXPECT_THAT(tags("kas_Deva.devtest"), ElementsAre("ks-Deva"));
  EXPECT_THAT(tags("neuclir1/fas.jsonl"), ElementsAre("fa"));
}

TEST(FileName, TakesNoOtherWordForALanguage) {
  EXPECT_THAT(tags("docs.jsonl"), IsEmpty());
  EXPECT_THAT(tags("dev.run"), IsEmpty());  // Domung and Rundi are languages as well.
  EXPECT_THAT(tags("docids.txt"), IsEmpty());
  EXPECT_THAT(tags("DE.txt"), IsEmpty());
}

TEST(FileName, KnowsSplitsByAllTheirNames) {
  EXPECT_EQ(parse_file_name("de-en.training.de").split, "train");
  EXPECT_EQ(parse_file_name("queries.validation.jsonl").split, "dev");
  EXPECT_EQ(parse_file_name("topics.miracl-v1.0-sw-testB.tsv").split, "test-b");
  EXPECT_EQ(parse_file_name("qrels.ciral-v1.0-yo-test-a-pools.tsv").split, "test-a-pools");
  EXPECT_EQ(parse_file_name("german_queries.dev.small.tsv").split, "dev-small");
  EXPECT_EQ(parse_file_name("eng_Latn.devtest").split, "devtest");
  EXPECT_EQ(parse_file_name("corpus.jsonl").split, "");
}

}  // namespace
}  // namespace dragoman
