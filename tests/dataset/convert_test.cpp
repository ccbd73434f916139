#include "dragoman/dataset/convert.h"

#include "dataset/dataset_support.h"
#include "dataset/formats.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/hash.h"

namespace dragoman {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::StartsWith;
using testing::ThrowsMessage;

class Convert : public test::ConversionTest {
 protected:
  void small_set() const {
    file("corpus.jsonl", R"({"_id":"d1","text":"Чай","lang":"ru"})");
    file("queries.jsonl", R"({"_id":"q1","text":"茶","lang":"zh"})");
    file("qrels/test.tsv", "q1\td1\t1\n");
  }
};

TEST_F(Convert, TellsWhereAllOfItCameFrom) {
  small_set();
  convert("beir");
  const std::string about = read_file(out() / "dataset.json");
  EXPECT_THAT(about, StartsWith("{\n  \"dragoman_dataset\": 1,\n  \"from\": \"beir\",\n  \"format\": \"beir\""));
  EXPECT_THAT(about, HasSubstr(sha256(R"({"_id":"q1","text":"茶","lang":"zh"})")));
  EXPECT_THAT(about, HasSubstr("\"file\": \"qrels/test.tsv\",\n      \"as\": \"judgements\",\n      \"bytes\": 8"));
  EXPECT_THAT(about, HasSubstr(sha256_of_file(out() / "corpus.jsonl")));
  EXPECT_THAT(about, HasSubstr("\"options\": {\n    \"split\": \"test\",\n    \"fields\": \"title\"\n  }"));
  EXPECT_THAT(about, HasSubstr("\"document_languages\": {\n    \"ru\": 1\n  }"));
  EXPECT_THAT(about, testing::Not(HasSubstr(folder_.path().string()))) << "depends on the machine";
}

TEST_F(Convert, MakesTheSameBytesAgain) {
  small_set();
  convert("beir");
  std::filesystem::rename(out(), folder_.path() / "first");
  convert("beir");
  for (const char* name : {"corpus.jsonl", "queries.jsonl", "qrels/test.tsv", "dataset.json"}) {
    EXPECT_EQ(read_file(folder_.path() / "first" / name), read_file(out() / name)) << name;
  }
}

TEST_F(Convert, ReportsProgressUpToTheEnd) {
  small_set();
  std::uint64_t done = 0, total = 0;
  convert_dataset({.from = "beir", .inputs = {in()}, .into = out()}, [&](const ProgressEvent& event) {
    EXPECT_EQ(event.unit, "bytes");
    done = event.done;
    total = event.total;
  });
  EXPECT_EQ(total, std::filesystem::file_size(folder_.path() / "in/corpus.jsonl") +
                       std::filesystem::file_size(folder_.path() / "in/queries.jsonl") + 8);
  EXPECT_GT(done, 0u);
  EXPECT_LE(done, total);
}

TEST_F(Convert, TakesARecordThatComesAgainOnce) {
  file("topics.a.tsv", "1\tमानसून\n");
  file("topics.b.tsv", "1\tमानसून\n2\tلنگر\n");
  const ConvertReport report = convert("trec");
  EXPECT_EQ(report.queries, 2u);
  EXPECT_THAT(report.notes, ElementsAre(Pair("queries repeated", 1), Pair("queries without a language", 2)));
}

TEST_F(Convert, RefusesARecordThatComesAgainOtherwise) {
  const std::string first = file("topics.a.tsv", "1\tमानसून\n");
  file("topics.b.tsv", "1\tلنگر\n");
  expect_refused("trec", "topics.b.tsv",
                 ":1: the query id '1' was already at " + first + ":1, with another content; ids must be unique");
}

TEST_F(Convert, KeepsAllJudgementsWhereThereAreNoQueries) {
  file("qrels.txt", "1 0 d1 1\n");
  EXPECT_THAT(convert("trec").judgements, ElementsAre(Pair("test", 1)));
}

TEST_F(Convert, FillsAnEmptyFolderAndNoOther) {
  small_set();
  std::filesystem::create_directory(out());
  convert("beir");
  EXPECT_THAT([&] { convert("beir"); },
              ThrowsMessage<InvalidArgument>(out().string() +
                                             ": is there already; give the name of a folder that is to be made"));
}

TEST_F(Convert, NamesTheFormatsThatThereAre) {
  EXPECT_THAT([&] { convert("trek"); },
              ThrowsMessage<InvalidArgument>(
                  AllOf(StartsWith("format 'trek' is unknown; there are beir, trec, clef, "), HasSubstr("miracl"))));
}

TEST_F(Convert, NamesThePartOfASetThatMeansNothing) {
  EXPECT_THAT(
      [&] { convert("miracl/sw/holdout"); },
      ThrowsMessage<InvalidArgument>("'miracl/sw/holdout': 'holdout' is no language, split or version; a set is "
                                     "called like miracl/sw/dev"));
}

TEST_F(Convert, SaysWhatAFolderShouldHaveHeld) {
  file("topics.miracl-v1.0-ar-dev.tsv", "1\tx\n");
  EXPECT_THAT([&] { convert("miracl/sw"); },
              ThrowsMessage<NotFound>(in() + ": holds no file of miracl/sw; expected docs-*.jsonl, "
                                             "topics.miracl-v1.0-LANG-SPLIT.tsv, qrels.miracl-v1.0-LANG-SPLIT.tsv"));
}

TEST_F(Convert, RefusesWhatNoFileCanBeCalled) {
  small_set();
  EXPECT_THAT([&] { convert("beir", {.split = "../up"}); },
              ThrowsMessage<InvalidArgument>(StartsWith("split is '../up'; it names a file")));
}

TEST_F(Convert, RefusesEncodingsThatItCannotRead) {
  file("docs.sgml", "<DOC><DOCNO>1</DOCNO></DOC>");
  EXPECT_THAT([&] { convert("trec", {.encoding = "klingon"}); },
              ThrowsMessage<InvalidArgument>(StartsWith("encoding 'klingon' is unknown")));
  EXPECT_THAT([&] { convert("trec", {.encoding = "utf-16"}); },
              ThrowsMessage<InvalidArgument>(StartsWith("encoding 'utf-16' is no superset of ASCII")));
}

TEST_F(Convert, NamesAMissingFile) {
  EXPECT_THAT([&] { convert("trec", {.inputs = {"/nowhere/topics.txt"}}); },
              ThrowsMessage<NotFound>("/nowhere/topics.txt: no such file"));
}

TEST(TopicFields, HaveSeveralSpellings) {
  EXPECT_THAT(parse_topic_fields("title+desc+narr"),
              ElementsAre(TopicField::title, TopicField::description, TopicField::narrative));
  EXPECT_THAT(
      [] { parse_topic_fields("title+summary"); },
      ThrowsMessage<InvalidArgument>("topic field 'summary' is unknown; there are title, description, narrative"));
}

/// "format languages split folder".
std::string resolved(std::string_view name) {
  const NamedSet set = resolve_set(name);
  std::string text(set.format->about.name);
  for (const Language& language : set.languages) text += " " + language.tag();
  if (!set.split.empty()) text += " " + set.split;
  if (!set.folder.empty()) text += " in " + set.folder;
  return text;
}

TEST(NamesOfSets, AreThoseOfIrDatasets) {
  EXPECT_EQ(resolved("neuclir/1/zh"), "neuclir zh");
  EXPECT_EQ(resolved("hc4/fa/test"), "hc4 fa test");
  EXPECT_EQ(resolved("miracl/sw"), "miracl sw");
  EXPECT_EQ(resolved("miracl/yo/test-b"), "miracl yo test-b");
  EXPECT_EQ(resolved("mr-tydi/sw/train"), "mr-tydi sw train");
  EXPECT_EQ(resolved("mmarco/v2/de/dev/small"), "mmarco de dev-small");
  EXPECT_EQ(resolved("beir/scifact/test"), "beir test in scifact");
  EXPECT_EQ(resolved("beir/cqadupstack/android"), "beir in cqadupstack/android");
  EXPECT_EQ(resolved("ciral/sw"), "ciral sw");
  EXPECT_EQ(resolved("clef/2003/de"), "clef de");
  EXPECT_EQ(resolved("trec-arabic"), "trec ar");
  EXPECT_EQ(resolved("trec-mandarin"), "trec zh");
}

TEST(NamesOfSets, AreThoseOfAnserini) {
  EXPECT_EQ(resolved("miracl-v1.0-sw-dev"), "miracl sw dev");
  EXPECT_EQ(resolved("mrtydi-v1.1-swahili-test"), "mr-tydi sw test in mrtydi");
  EXPECT_EQ(resolved("beir-v1.0.0-scifact"), "beir in scifact");
  EXPECT_EQ(resolved("ciral-v1.0-ha-test-a"), "ciral ha test-a");
  EXPECT_EQ(resolved("neuclir22-fa"), "neuclir fa in neuclir22");
}

TEST(NamesOfSets, AreThoseOfTheOthers) {
  EXPECT_EQ(resolved("lareqa/xquad-r/de"), "lareqa de in xquad-r");
  EXPECT_EQ(resolved("xquad-r"), "lareqa in xquad-r");
  EXPECT_EQ(resolved("tatoeba/swh-eng"), "tatoeba sw en");
  EXPECT_EQ(resolved("flores/devtest"), "parallel devtest in flores");
}

TEST(Formats, SayWhatTheyExpectAndWhatBecomesOfIt) {
  for (const DatasetFormat& format : dataset_formats()) {
    EXPECT_FALSE(format.files.empty() || format.becomes.empty()) << format.name;
    EXPECT_EQ(resolve_set(format.name).format->about.name, format.name);
  }
}

}  // namespace
}  // namespace dragoman
