// Formats of question answering, which become retrieval.
#include "dataset/dataset_support.h"
#include "dragoman/base/error.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::ThrowsMessage;

class QuestionFormats : public test::ConversionTest {};

TEST_F(QuestionFormats, MkqaIsQueriesWithAnswers) {
  file(
      "mkqa.jsonl",
      R"({"query":"how long is the nile","example_id":-42,"queries":{"en":"how long is the nile","zh_cn":"尼罗河有多长",)"
      R"("ar":"ما طول النيل"},"answers":{"en":[{"type":"number_with_unit","entity":"","text":"6650 km","aliases":["6,650 )"
      R"(km","6650 km"]}],"zh_cn":[{"type":"unanswerable","entity":"","text":null}]}})");
  const ConvertReport report = convert("mkqa");
  EXPECT_THAT(
      made("queries.jsonl"),
      ElementsAre(
          R"({"_id":"-42-ar","text":"ما طول النيل","lang":"ar","question":"-42","answers":[]})",
          R"({"_id":"-42-en","text":"how long is the nile","lang":"en","question":"-42","answers":["6650 km","6,650 km"]})",
          R"({"_id":"-42-zh-CN","text":"尼罗河有多长","lang":"zh-CN","question":"-42","answers":[]})"));
  EXPECT_EQ(report.documents, 0u);
  EXPECT_FALSE(std::filesystem::exists(out() / "corpus.jsonl"));
}

TEST_F(QuestionFormats, MkqaOfOneLanguage) {
  file("mkqa.jsonl", R"({"query":"x","example_id":1,"queries":{"en":"x","th":"ก"},"answers":{}})");
  EXPECT_EQ(convert("mkqa", {.query_language = Language::parse("th")}).queries, 1u);
}

TEST_F(QuestionFormats, XorTydiIsQuestionsAndEnglishPassages) {
  file("xor_dev_retrieve_eng_span_v1_1.jsonl",
       R"({"id":"77","question":"東京タワーの高さは？","lang":"ja","answers":["333 m"],"split":"dev"})");
  file("psgs_w100.tsv", "id\ttext\ttitle\n1\tTokyo Tower is 333 m tall.\tTokyo Tower\n");
  file("gp_squad_dev_data.json",
       R"({"data":[{"title":"Tokyo Tower","paragraphs":[{"context":"It is 333 m.","qas":[{"id":"77"}]}]}]})");
  const ConvertReport report = convert("xor-tydi");
  EXPECT_THAT(
      made("corpus.jsonl"),
      ElementsAre(R"({"_id":"1","title":"Tokyo Tower","text":"Tokyo Tower is 333 m tall.","lang":"en"})",
                  testing::MatchesRegex(
                      R"(\{"_id":"gold-[0-9a-f]+","title":"Tokyo Tower","text":"It is 333 m.","lang":"en"\})")));
  EXPECT_THAT(made("queries.jsonl"),
              ElementsAre(R"({"_id":"77","text":"東京タワーの高さは？","lang":"ja","answers":["333 m"]})"));
  EXPECT_THAT(report.judgements, ElementsAre(Pair("dev", 1)));
}

TEST_F(QuestionFormats, AfriqaMeetsItsGoldPassagesByTheQuestion) {
  file(
      "queries.afriqa.swa.en.test.json",
      R"({"id":0,"question":"Nani alianzisha FORD? ","translated_question":"Who founded FORD?","answers":"['Oginga Odinga']",)"
      R"("lang":"swa","split":"test","translated_answer":"['Oginga \"Double O\" Odinga', \"O's\"]"})"
      "\n"
      R"({"id":1,"question":"Bila jibu?","translated_question":"Without?","answers":"[]","lang":"swa","split":"test"})");
  file(
      "gold_span_passages.afriqa.swa.en.test.json",
      R"({"answer_pivot":{"answer_start":[0],"text":["Oginga Odinga"]},"context":"Odinga founded FORD.","id":"9",)"
      R"("question_lang":"Nani alianzisha FORD?","question_translated":"Who founded FORD?","title":"FORD","answer_lang":"x"})"
      "\n"
      R"({"context":"Only here.","id":"8","question_lang":"Swali lingine?","title":"T","answer_lang":"y"})");
  const ConvertReport report = convert("afriqa/sw");
  EXPECT_THAT(
      made("queries.jsonl"),
      ElementsAre(
          R"({"_id":"sw-test-0","text":"Nani alianzisha FORD?","lang":"sw","split":"test","answers":["Oginga Odinga"],"answers_pivot":["Oginga \"Double O\" Odinga","O's"]})",
          R"({"_id":"sw-test-1","text":"Bila jibu?","lang":"sw","split":"test","answers":[],"answers_pivot":[]})",
          R"({"_id":"sw-test-gold-8","text":"Swali lingine?","lang":"sw","split":"test","answers":["y"],"answers_pivot":[]})"));
  EXPECT_THAT(made("queries-pivot.jsonl"), ElementsAre(R"({"_id":"sw-test-0","text":"Who founded FORD?","lang":"en"})",
                                                       R"({"_id":"sw-test-1","text":"Without?","lang":"en"})"));
  EXPECT_EQ(report.documents, 2u);
  EXPECT_THAT(report.judgements, ElementsAre(Pair("test", 2)));
  EXPECT_THAT(report.notes, ElementsAre(Pair("questions without a gold passage", 1)));
}

/// SQuAD's form with one paragraph.
std::string squad(const std::string& context, const std::string& questions, const std::string& more = "") {
  return R"({"version":"1.1","data":[{"title":"Super_Bowl_50","paragraphs":[{"context":")" + context + R"(","qas":[)" +
         questions + "]" + more + "}]}]}";
}

std::string asked(const std::string& id, const std::string& question, const std::string& answer, int start) {
  return R"({"id":")" + id + R"(","question":")" + question + R"(","answers":[{"text":")" + answer +
         R"(","answer_start":)" + std::to_string(start) + "}]}";
}

TEST_F(QuestionFormats, XquadPassagesAnswerInAllLanguages) {
  file("xquad.de.json", squad("Die Panthers gewannen.", asked("q1", "Wer gewann?", "Die Panthers", 0) + "," +
                                                            asked("q2", "Was taten sie?", "gewannen", 13)));
  file("xquad.hi.json", squad("पैंथर्स जीते।", asked("q1", "कौन जीता?", "पैंथर्स", 0)));
  const ConvertReport report = convert("xquad");
  EXPECT_THAT(
      made("corpus.jsonl"),
      ElementsAre(
          R"({"_id":"p0000-de","title":"","text":"Die Panthers gewannen.","lang":"de","article":"Super_Bowl_50"})",
          R"({"_id":"p0000-hi","title":"","text":"पैंथर्स जीते।","lang":"hi","article":"Super_Bowl_50"})"));
  EXPECT_THAT(
      made("queries.jsonl"),
      ElementsAre(R"({"_id":"q1-de","text":"Wer gewann?","lang":"de","question":"q1","answers":["Die Panthers"]})",
                  R"({"_id":"q2-de","text":"Was taten sie?","lang":"de","question":"q2","answers":["gewannen"]})",
                  R"({"_id":"q1-hi","text":"कौन जीता?","lang":"hi","question":"q1","answers":["पैंथर्स"]})"));
  EXPECT_THAT(made("qrels/test.tsv"),
              ElementsAre("query-id\tcorpus-id\tscore", "q1-de\tp0000-de\t1", "q1-de\tp0000-hi\t1",
                          "q2-de\tp0000-de\t1", "q1-hi\tp0000-de\t1", "q1-hi\tp0000-hi\t1"));
}

TEST_F(QuestionFormats, XquadPassagesThatComeTwiceAreOne) {
  file("xquad.ru.json", R"({"data":[{"title":"T","paragraphs":[)"
                        R"({"context":"Чай горячий.","qas":[)" +
                            asked("q1", "Какой чай?", "горячий", 4) +
                            R"(]},)"
                            R"({"context":"Чай горячий.","qas":[)" +
                            asked("q2", "Что горячее?", "Чай", 0) + R"(]}]}]})");
  const ConvertReport report = convert("xquad");
  EXPECT_EQ(report.documents, 1u);
  EXPECT_THAT(made("qrels/test.tsv"),
              ElementsAre("query-id\tcorpus-id\tscore", "q1-ru\tp0000-ru\t1", "q2-ru\tp0000-ru\t1"));
  EXPECT_THAT(report.notes, ElementsAre(Pair("passages repeated", 1)));
}

TEST_F(QuestionFormats, MlqaAsksInOneLanguageAboutAnother) {
  file("dev-context-de-question-de.json", squad("Tee ist heiß.", asked("q1", "Wie ist Tee?", "heiß", 8)));
  file("dev-context-de-question-ar.json", squad("Tee ist heiß.", asked("q1", "كيف الشاي؟", "heiß", 8)));
  file("dev-context-ar-question-ar.json", squad("الشاي ساخن.", asked("q1", "كيف الشاي؟", "ساخن", 6)));
  convert("mlqa");
  // The answer in the question's own language is the one that is kept.
  EXPECT_THAT(made("queries.jsonl"),
              ElementsAre(R"({"_id":"q1-ar","text":"كيف الشاي؟","lang":"ar","question":"q1","answers":["ساخن"]})",
                          R"({"_id":"q1-de","text":"Wie ist Tee?","lang":"de","question":"q1","answers":["heiß"]})"));
  EXPECT_THAT(made("qrels/dev.tsv"), ElementsAre("query-id\tcorpus-id\tscore", "q1-ar\tp0000-ar\t1",
                                                 "q1-ar\tp0000-de\t1", "q1-de\tp0000-ar\t1", "q1-de\tp0000-de\t1"));
}

TEST_F(QuestionFormats, LareqaFindsTheSentenceOfTheAnswerByCodePoints) {
  file("xquad-r/th.json", squad("ชาเย็น. ข้าวร้อน.", asked("q1", "อะไรร้อน", "ข้าว", 8),
                                R"(,"sentences":["ชาเย็น.","ข้าวร้อน."],"sentence_breaks":[[0,7],[8,17]])"));
  file("xquad-r/en.json", squad("Cold tea. Hot rice.", asked("q1", "What is hot?", "rice", 14),
                                R"(,"sentences":["Cold tea.","Hot rice."],"sentence_breaks":[[0,9],[10,19]])"));
  const ConvertReport report = convert("lareqa/xquad-r");
  EXPECT_THAT(
      made("corpus.jsonl"),
      ElementsAre(R"({"_id":"p0000s00-en","title":"","text":"Cold tea.","lang":"en","article":"Super_Bowl_50"})",
                  R"({"_id":"p0000s01-en","title":"","text":"Hot rice.","lang":"en","article":"Super_Bowl_50"})",
                  R"({"_id":"p0000s00-th","title":"","text":"ชาเย็น.","lang":"th","article":"Super_Bowl_50"})",
                  R"({"_id":"p0000s01-th","title":"","text":"ข้าวร้อน.","lang":"th","article":"Super_Bowl_50"})"));
  EXPECT_THAT(made("qrels/test.tsv"),
              ElementsAre("query-id\tcorpus-id\tscore", "q1-en\tp0000s01-en\t1", "q1-en\tp0000s01-th\t1",
                          "q1-th\tp0000s01-en\t1", "q1-th\tp0000s01-th\t1"));
}

TEST_F(QuestionFormats, AnAnswerOverTwoSentencesBelongsToTheGreaterPart) {
  file("en.json", squad("Tea. Rice and beans.", asked("q1", "What?", "a. Rice", 2),
                        R"(,"sentences":["Tea.","Rice and beans."],"sentence_breaks":[[0,4],[5,20]])"));
  convert("lareqa");
  EXPECT_THAT(made("qrels/test.tsv"), ElementsAre("query-id\tcorpus-id\tscore", "q1-en\tp0000s01-en\t1"));
}

TEST_F(QuestionFormats, AFileThatNamesNoLanguageNeedsOne) {
  const std::string path = file("train-v1.1.json", squad("Tea is hot.", asked("q1", "How?", "hot", 7)));
  EXPECT_THAT([&] { convert("squad"); },
              ThrowsMessage<InvalidArgument>(
                  path + ": its name tells no language; call it like xquad.de.json, or give --lang"));
  EXPECT_EQ(convert("squad", {.language = Language::parse("en")}).documents, 1u);
  EXPECT_THAT(made("qrels/train.tsv"), ElementsAre("query-id\tcorpus-id\tscore", "q1-en\tp0000-en\t1"));
}

}  // namespace
}  // namespace dragoman
