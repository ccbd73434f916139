// Formats that are documents, topics and judgements, each in a file of its own.
#include "base/compressed.h"
#include "dataset/dataset_support.h"
#include "dragoman/base/error.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::ThrowsMessage;
using testing::UnorderedElementsAre;

class CollectionFormats : public test::ConversionTest {};

TEST_F(CollectionFormats, BeirIsTakenOverWithWhatElseItSays) {
  file("corpus.jsonl.gz", test::gzip(R"({"_id":"d1","title":"शहद","text":" मधुमक्खी \n","lang":"hin","year":2020})"
                                     "\n"
                                     R"({"_id":"d2","text":"asali ni tamu"})"));
  file("queries.jsonl", R"({"_id":"q1","text":"आसमान","lang":"hi","answers":["नीला"],"split":"dev"})");
  file("qrels/stems.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t2\n");
  file("qrels/test.tsv.gz", test::gzip("query-id\tcorpus-id\tscore\nq1\td2\t0\n"));
  file("passages.jsonl", "of no concern");
  const ConvertReport report = convert("beir");
  EXPECT_THAT(made("corpus.jsonl"), ElementsAre(R"({"_id":"d1","title":"शहद","text":"मधुमक्खी","lang":"hi","year":2020})",
                                                R"({"_id":"d2","title":"","text":"asali ni tamu"})"));
  EXPECT_THAT(made("queries.jsonl"),
              ElementsAre(R"({"_id":"q1","text":"आसमान","lang":"hi","answers":["नीला"],"split":"dev"})"));
  EXPECT_THAT(made("qrels/stems.tsv"), ElementsAre("query-id\tcorpus-id\tscore", "q1\td1\t2"));
  EXPECT_THAT(made("qrels/test.tsv"), ElementsAre("query-id\tcorpus-id\tscore", "q1\td2\t0"));
  EXPECT_THAT(report.notes, ElementsAre(Pair("documents without a language", 1)));
}

TEST_F(CollectionFormats, TrecDocumentsAndTopicsWithEndTags) {
  file("docs.sgml",
       "<DOC>\n<DOCNO> ALH-1 </DOCNO>\n<HEADLINE>\nارتفاع أسعار   "
       "القمح\n</HEADLINE>\n<DATE>1994</DATE>\n<TEXT>\n<P>\nالسطر "
       "الأول\nيستمر\n</P>\n<P>\nالفقرة "
       "الثانية\n</P>\n</TEXT>\n</DOC>\n<DOC><DOCNO>ALH-2</DOCNO><TEXT>AT&amp;T</TEXT></DOC>");
  file("topics.txt",
       "<top>\n<num> Number: AR1 </num>\n<title> القمح </title>\n<desc> Description:\nأسعار\nالقمح\n</desc>\n<narr> "
       "Narrative: كل شيء </narr>\n</top>\n");
  file("qrels.txt", "AR1 0 ALH-1 1\nAR1 0 ALH-2 0\n");
  convert("trec", {.language = Language::parse("ar"), .query_language = Language::parse("ar")});
  EXPECT_THAT(
      made("corpus.jsonl"),
      ElementsAre(
          R"({"_id":"ALH-1","title":"ارتفاع أسعار القمح","text":"السطر الأول يستمر\nالفقرة الثانية","lang":"ar"})",
          R"({"_id":"ALH-2","title":"","text":"AT&T","lang":"ar"})"));
  EXPECT_THAT(
      made("queries.jsonl"),
      ElementsAre(R"({"_id":"AR1","text":"القمح","lang":"ar","description":"أسعار القمح","narrative":"كل شيء"})"));
  EXPECT_THAT(made("qrels/test.tsv"), ElementsAre("query-id\tcorpus-id\tscore", "AR1\tALH-1\t1", "AR1\tALH-2\t0"));
}

TEST_F(CollectionFormats, TrecTopicsWithoutEndTagsAndOfChosenFields) {
  file("topics.txt",
       "<top>\n\n<num> Number: 301\n<title> Topic: International Crime\n\n<desc> "
       "Description:\nIdentify\norganizations.\n\n"
       "<narr> Narrative:\nA relevant one.\n</top>\n");
  convert("trec", {.fields = parse_topic_fields("title+desc")});
  EXPECT_THAT(made("queries.jsonl"),
              ElementsAre(R"({"_id":"301","text":"International Crime Identify organizations.","title":"International )"
                          R"(Crime","description":"Identify organizations.","narrative":"A relevant one."})"));
  EXPECT_THAT(made("corpus.jsonl"), IsEmpty());
}

TEST_F(CollectionFormats, TrecTopicsAsTabsAndAsJsonLines) {
  file("topics.a.tsv", "1\tहल्दी के फायदे\n2\tkya haldi dawa hai\n");
  file("topics.b.jsonl", R"({"query_id":"3","query":"ขมิ้น","lang":"tha"})");
  convert("trec");
  EXPECT_THAT(made("queries.jsonl"),
              ElementsAre(R"({"_id":"1","text":"हल्दी के फायदे"})", R"({"_id":"2","text":"kya haldi dawa hai"})",
                          R"({"_id":"3","text":"ขมิ้น","lang":"th"})"));
}

TEST_F(CollectionFormats, ClefInLatin1AsTheFileDeclares) {
  file("sda.sgml",
       "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<DOC>\n<DOCNO>SDA.1</DOCNO>\n<TI>K\xE4se aus der "
       "Schweiz</TI>\n<LD>Er ist l\xF6"
       "chrig.</LD>\n<TX>Und gut.</TX>\n</DOC>\n");
  file("topics.xml",
       "<top>\n<num> C041 </num>\n<DE-title> K\xC3\xA4se </DE-title>\n<DE-desc> \xC3\x9C"
       "ber K\xC3\xA4se </DE-desc>\n</top>\n");
  convert("clef/de");
  EXPECT_THAT(
      made("corpus.jsonl"),
      ElementsAre(R"({"_id":"SDA.1","title":"Käse aus der Schweiz","text":"Er ist löchrig.\nUnd gut.","lang":"de"})"));
  EXPECT_THAT(made("queries.jsonl"),
              ElementsAre(R"({"_id":"C041","text":"Käse","lang":"de","description":"Über Käse"})"));
}

TEST_F(CollectionFormats, ClefInAnyEncodingThatIsNamed) {
  file("iz.sgml", "<DOC><DOCNO>1</DOCNO><TEXT>\xFE\xC1\xCA</TEXT></DOC>\n");  // "Чай" in KOI8-R.
  file(
      "topics.xml",
      "<topics><topic lang=\"ru\"><identifier>10.2452/451-AH</identifier><title>\xFE\xC1\xCA</title></topic></topics>");
  convert("clef", {.language = Language::parse("ru"), .encoding = "koi8-r"});
  EXPECT_THAT(made("corpus.jsonl"), ElementsAre(R"({"_id":"1","title":"","text":"Чай","lang":"ru"})"));
  EXPECT_THAT(made("queries.jsonl"), ElementsAre(R"({"_id":"10.2452/451-AH","text":"Чай","lang":"ru"})"));
}

TEST_F(CollectionFormats, SgmlElementsCanBeChosen) {
  file("nyt.sgml",
       "<DOC><DOCNO>1</DOCNO><SLUG>habari</SLUG><HEADLINE>no</HEADLINE><STORY>Mvua <B>kubwa</B></STORY></DOC>");
  convert("trec", {.title_elements = {"slug"}, .text_elements = {"STORY"}});
  EXPECT_THAT(made("corpus.jsonl"), ElementsAre(R"({"_id":"1","title":"habari","text":"Mvua kubwa"})"));
}

constexpr const char* kTopic =
    R"({"topic_id":"7","languages_with_qrels":["zho","fas"],"topics":[)"
    R"({"lang":"eng","source":"original","topic_title":"Tea","topic_description":"About tea."},)"
    R"({"lang":"zho","source":"human translation","topic_title":"茶","topic_description":"关于茶。"},)"
    R"({"lang":"zho","source":"google translation","topic_title":"茶叶","topic_description":"关于茶叶。"},)"
    R"({"lang":"fas","source":"20220114-scale21-sockeye2-tm1","topic_title":"چای","topic_description":""}],)"
    R"("narratives":{"zho":{"very_valuable":"x"}},"report":{"text":"y"}})"
    "\n";

TEST_F(CollectionFormats, NeuclirAsksTheOriginalAndKeepsOtherWordings) {
  file("zho.jsonl", R"({"id":"z1","title":"绿茶","text":"绿茶很好","url":"http://a","time":"2016","cc_file":"c.gz"})");
  file("fas.jsonl", R"({"id":"f1","title":"","text":"چای","url":"","time":"","cc_file":""})");
  file("topics.0720.utf8.jsonl", std::string(kTopic) +
                                     R"({"topic_id":"8","languages_with_qrels":["rus"],"topics":[{"lang":"eng",)"
                                     R"("source":"original","topic_title":"Only Russian"}]})");
  file("2022-qrels.zho", "7 0 z1 3\n8 0 z1 0\n");
  file("2022-qrels.fas", "7 0 f1 1\n");
  const ConvertReport report = convert("neuclir/1/zh");
  EXPECT_THAT(made("corpus.jsonl"),
              ElementsAre(R"({"_id":"z1","title":"绿茶","text":"绿茶很好","lang":"zh","cc_file":"c.gz","time":"2016",)"
                          R"("url":"http://a"})"));
  EXPECT_THAT(made("queries.jsonl"), ElementsAre(R"({"_id":"7","text":"Tea","lang":"en","description":"About tea."})"));
  EXPECT_THAT(made("queries-zh-human.jsonl"), ElementsAre(R"({"_id":"7","text":"茶","lang":"zh"})"));
  EXPECT_THAT(made("queries-zh-google.jsonl"), ElementsAre(R"({"_id":"7","text":"茶叶","lang":"zh"})"));
  EXPECT_THAT(made("queries-fa-20220114-scale21-sockeye2-tm1.jsonl"),
              ElementsAre(R"({"_id":"7","text":"چای","lang":"fa"})"));
  EXPECT_THAT(made("qrels/test.tsv"), ElementsAre("query-id\tcorpus-id\tscore", "7\tz1\t3"));
  EXPECT_THAT(report.notes, UnorderedElementsAre(Pair("topics without judgements in this language, left out", 1),
                                                 Pair("judgements of queries that are not here, left out", 1)));
}

TEST_F(CollectionFormats, Hc4AsksInTheLanguageThatIsWanted) {
  file("zho/hc4_docs.jsonl", R"({"id":"z1","title":"绿茶","text":"绿茶很好"})");
  file("dev.topics.v1-0.jsonl", kTopic);
  file("zho/dev.qrels.v1-0.txt", "7 0 z1 3\n");
  convert("hc4/zh/dev", {.query_language = Language::parse("zh"), .fields = parse_topic_fields("title+description")});
  EXPECT_THAT(made("queries.jsonl"),
              ElementsAre(R"({"_id":"7","text":"茶 关于茶。","lang":"zh","title":"茶","description":"关于茶。"})"));
  EXPECT_THAT(made("queries-en-original.jsonl"), ElementsAre(R"({"_id":"7","text":"Tea About tea.","lang":"en"})"));
  EXPECT_THAT(made("qrels/dev.tsv"), ElementsAre("query-id\tcorpus-id\tscore", "7\tz1\t3"));
}

TEST_F(CollectionFormats, PatapscoTakesLanguagesFromItsRecords) {
  file("docs.jsonl", R"({"id":"1","lang":"rus","date":"2021-02-21","text":"Чай"})");
  file("topics.jsonl", kTopic);
  convert("patapsco");
  EXPECT_THAT(made("corpus.jsonl"),
              ElementsAre(R"({"_id":"1","title":"","text":"Чай","lang":"ru","date":"2021-02-21"})"));
}

TEST_F(CollectionFormats, CiralAsksInEnglish) {
  file("swahili_passages.jsonl", R"({"docid":"12#3","title":"Mvua","text":"Mvua kubwa","url":"http://b"})");
  file("topics.ciral-v1.0-sw-test-a.tsv", "5\tWhere did it rain?\n");
  file("topics.ciral-v1.0-ha-test-a.tsv", "9\tOf another language\n");
  file("qrels.ciral-v1.0-sw-test-a.tsv", "5\tQ0\t12#3\t1\n");
  file("qrels.ciral-v1.0-sw-test-a-pools.tsv", "5\tQ0\t12#3\t1\n");
  const ConvertReport report = convert("ciral-v1.0-sw");
  EXPECT_THAT(made("corpus.jsonl"),
              ElementsAre(R"({"_id":"12#3","title":"Mvua","text":"Mvua kubwa","lang":"sw","url":"http://b"})"));
  EXPECT_THAT(made("queries.jsonl"), ElementsAre(R"({"_id":"5","text":"Where did it rain?","lang":"en"})"));
  EXPECT_THAT(report.judgements, ElementsAre(Pair("test-a", 1), Pair("test-a-pools", 1)));
}

TEST_F(CollectionFormats, MiraclOfOneLanguageAndSplitOutOfManyFiles) {
  file("miracl-corpus-v1.0-th/docs-1.jsonl.gz", test::gzip(R"({"docid":"2#0","title":"ข้าว","text":"ข้าวหอมมะลิ"})"));
  file("miracl-corpus-v1.0-th/docs-0.jsonl.gz", test::gzip(R"({"docid":"1#0","title":"ชา","text":"ชาเย็น"})"));
  file("miracl-corpus-v1.0-ja/docs-0.jsonl.gz", test::gzip(R"({"docid":"1#0","title":"茶","text":"お茶"})"));
  file("miracl-v1.0-th/topics/topics.miracl-v1.0-th-dev.tsv", "q1\tชาคืออะไร\n");
  file("miracl-v1.0-th/topics/topics.miracl-v1.0-th-train.tsv", "q2\tข้าวคืออะไร\n");
  file("miracl-v1.0-th/qrels/qrels.miracl-v1.0-th-dev.tsv", "q1\tQ0\t1#0\t1\nq1\tQ0\t9#9\t0\n");
  file("miracl-v1.0-th/qrels/qrels.miracl-v1.0-th-train.tsv", "q2\tQ0\t2#0\t1\n");
  file("README.md", "# no data");
  const ConvertReport report = convert("miracl/th/dev");
  EXPECT_THAT(made("corpus.jsonl"), ElementsAre(R"({"_id":"1#0","title":"ชา","text":"ชาเย็น","lang":"th"})",
                                                R"({"_id":"2#0","title":"ข้าว","text":"ข้าวหอมมะลิ","lang":"th"})"));
  EXPECT_THAT(made("queries.jsonl"), ElementsAre(R"({"_id":"q1","text":"ชาคืออะไร","lang":"th"})"));
  EXPECT_THAT(made("qrels/dev.tsv"), ElementsAre("query-id\tcorpus-id\tscore", "q1\t1#0\t1", "q1\t9#9\t0"));
  EXPECT_THAT(report.notes, ElementsAre(Pair("judgements of documents that are not here", 1)));
}

TEST_F(CollectionFormats, MrTydiTakesTitlesOutOfContents) {
  file("mrtydi-v1.1-japanese/collection/docs.jsonl.gz",
       test::gzip(R"({"id":"5#0","contents":"緑茶\n\n緑茶は日本の茶。\n\nまた"})"));
  file("mrtydi-v1.1-japanese/topic.dev.tsv", "0\t緑茶とは\n");
  file("mrtydi-v1.1-japanese/qrels.dev.txt", "0 Q0 5#0 1\n");
  convert("mr-tydi/ja");
  EXPECT_THAT(made("corpus.jsonl"),
              ElementsAre(R"({"_id":"5#0","title":"緑茶","text":"緑茶は日本の茶。\n\nまた","lang":"ja"})"));
  EXPECT_THAT(made("qrels/dev.tsv"), ElementsAre("query-id\tcorpus-id\tscore", "0\t5#0\t1"));
}

TEST_F(CollectionFormats, MmarcoIsTabsInALanguage) {
  file("german_collection.tsv", "0\tÄpfel sind gesund\n1\tBirnen auch\n");
  file("hindi_collection.tsv", "0\tसेब\n");
  file("german_queries.dev.small.tsv", "12\tsind Äpfel gesund\n");
  file("qrels.dev.small.tsv", "12\t0\t0\t1\n");
  convert("mmarco/v2/de/dev/small");
  EXPECT_THAT(made("corpus.jsonl"), ElementsAre(R"({"_id":"0","title":"","text":"Äpfel sind gesund","lang":"de"})",
                                                R"({"_id":"1","title":"","text":"Birnen auch","lang":"de"})"));
  EXPECT_THAT(made("queries.jsonl"), ElementsAre(R"({"_id":"12","text":"sind Äpfel gesund","lang":"de"})"));
  EXPECT_THAT(made("qrels/dev-small.tsv"), ElementsAre("query-id\tcorpus-id\tscore", "12\t0\t1"));
}

TEST_F(CollectionFormats, RunsStandInTheOrderThatEvaluatorsSee) {
  file("bm25.run", "q1 Q0 a 1 0.5 x\nq1 Q0 b 2 0.75 x\n");
  convert("runs");
  EXPECT_THAT(made("runs/bm25.run"), ElementsAre("q1 Q0 b 1 0.75 bm25.run", "q1 Q0 a 2 0.5 bm25.run"));
}

}  // namespace
}  // namespace dragoman
