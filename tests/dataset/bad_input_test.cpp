// For every format something broken, and a message that names file, line and reason.
#include "base/compressed.h"
#include "dataset/dataset_support.h"
#include "dragoman/base/error.h"

namespace dragoman {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using testing::ThrowsMessage;

class BadInput : public test::ConversionTest {};

TEST_F(BadInput, Beir) {
  file("corpus.jsonl", "{\"_id\":\"d1\",\"text\":\"chai\"}\n{\"_id\":\"d 2\",\"text\":\"chai\"}\n");
  expect_refused("beir", "corpus.jsonl",
                 ":2: the document id 'd 2' holds white space or control characters, which result files cannot carry");
  file("corpus.jsonl", R"({"_id":"d1","text":"chai"})");
  file("queries.jsonl", R"({"_id":"q1","lang":"sw"})");
  expect_refused("beir", "queries.jsonl", ":1: \"text\" is missing, expected \"text\" or \"query\"");
  file("queries.jsonl", R"({"_id":"q1","text":"चाय","lang":"no such language"})");
  expect_refused(
      "beir", "queries.jsonl",
      ":1: 'no such language' is not a language tag; legal ones look like en, eng, pt-BR, zh-Hant, eng_Latn or "
      "und");
  file("queries.jsonl", R"({"_id":"q1","text":"चाय"})");
  file("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\tyes\n");
  expect_refused("beir", "qrels/test.tsv", ":2: the grade is \"yes\", expected an integer");
}

TEST_F(BadInput, TrecDocuments) {
  file("docs.sgml", "\n<DOC>\n<TEXT>قهوة</TEXT>\n</DOC>\n");
  expect_refused("trec", "docs.sgml", ":2: the <DOC> has no <DOCNO>");
  file("docs.sgml", "<DOC>\n<DOCNO>1</DOCNO>\n");
  expect_refused("trec", "docs.sgml", ":1: the <doc> that begins here has no end tag </doc>");
  file("docs.sgml", "no documents\n");
  expect_refused("trec", "docs.sgml", ": holds no <DOC>");
}

TEST_F(BadInput, ClefInAnotherEncodingThanItSays) {
  file("docs.sgml", "<DOC>\n<DOCNO>1</DOCNO>\n<TEXT>K\xE4se</TEXT>\n</DOC>\n");
  expect_refused("clef", "docs.sgml", ":3: byte 8 of the line is not valid UTF-8, expected a file in UTF-8");
  expect_refused("clef", "docs.sgml",
                 ":3: a byte before byte 9 of the line is no text in US-ASCII; name another with --encoding",
                 {.encoding = "us-ascii"});
}

TEST_F(BadInput, TopicsThatAreBlank) {
  file("topics.txt", std::string(100, ' ') + "\n");
  expect_refused("trec", "", ": holds nothing to convert");
}

TEST_F(BadInput, TrecTopics) {
  file("topics.txt", "<top>\n<title> قهوة\n</top>\n");
  expect_refused("trec", "topics.txt", ":1: the topic has no number (<num>)");
  file("topics.txt", "<top>\n<num> Number: 1\n<top>\n");
  expect_refused(
      "trec", "topics.txt",
      ":3: the <top> of " + (folder_.path() / "in/topics.txt").string() + ":1 has no end before the next one begins");
  file("topics.txt", "1\tчай\n2 чай\n");
  expect_refused("trec", "topics.txt", ":2: expected 2 fields (id, tab, text), got 1");
}

TEST_F(BadInput, TopicsOfHc4NeuclirAndPatapsco) {
  for (const char* format : {"hc4", "neuclir", "patapsco"}) {
    file("topics.jsonl", R"({"topic_id":"1","topics":{}})");
    expect_refused(format, "topics.jsonl", ":1: \"topics\" is no array");
    file("topics.jsonl",
         "\n"
         R"({"topic_id":"1","topics":[{"source":"original","topic_title":"茶"}]})");
    expect_refused(format, "topics.jsonl", ":2: \"lang\" is missing");
    file("topics.jsonl", R"({"topic_id":"1","topics":[]})");
    expect_refused(format, "topics.jsonl", ":1: \"topics\" is empty");
  }
}

TEST_F(BadInput, JsonDocumentsOfCiralMiraclAndMrTydi) {
  for (const char* format : {"ciral", "miracl", "mr-tydi", "hc4"}) {
    file("docs.jsonl", "{\"docid\":\"1#0\",\"text\":\"mvua\"}\n{\"docid\":\"2#0\"}\n");
    expect_refused(format, "docs.jsonl", ":2: \"text\" is missing");
  }
}

TEST_F(BadInput, Mmarco) {
  file("german_collection.tsv", "0\tTee\n1 Kaffee\n");
  expect_refused("mmarco", "german_collection.tsv", ":2: expected 2 or 3 fields (id, text, title between tabs), got 1");
  file("german_collection.tsv", "0\tTee\n0\tKaffee\n");
  expect_refused("mmarco", "german_collection.tsv",
                 ":2: the document id '0' was already at " + (folder_.path() / "in/german_collection.tsv").string() +
                     ":1, with another content; ids must be unique");
}

TEST_F(BadInput, Mkqa) {
  file("mkqa.jsonl", "{\"example_id\":1,\"queries\":{}}\n{\"example_id\":2}\n");
  expect_refused("mkqa", "mkqa.jsonl", ":2: \"queries\" must be an object of language and text");
  file("mkqa.jsonl", R"({"example_id":1,"queries":{"km":17}})");
  expect_refused("mkqa", "mkqa.jsonl", ":1: the query in \"km\" must be a string");
  file("mkqa.jsonl", R"({"example_id":1,"queries":{"km":"x"},"answers":{"km":{}}})");
  expect_refused("mkqa", "mkqa.jsonl", ":1: \"km\" must be an array, not object");
}

TEST_F(BadInput, XorTydi) {
  file("xor.jsonl", R"({"id":"1","question":"茶"})");
  expect_refused("xor-tydi", "xor.jsonl", ":1: \"lang\" is missing");
  file("xor.jsonl", "\n[]");
  expect_refused("xor-tydi", "", ": holds nothing to convert");
}

TEST_F(BadInput, Afriqa) {
  file("gold_span_passages.afriqa.hau.en.dev.json", R"({"id":"1","question_lang":"Ina?"})");
  expect_refused("afriqa", "gold_span_passages.afriqa.hau.en.dev.json", ":1: \"context\" is missing");
  std::filesystem::remove(folder_.path() / "in/gold_span_passages.afriqa.hau.en.dev.json");
  const std::string path = file("queries.json", R"({"id":1,"question":"Ina?"})");
  EXPECT_THAT([&] { convert("afriqa"); },
              ThrowsMessage<InvalidArgument>(
                  path + ": its name tells no two languages; call it like queries.afriqa.swa.en.test.json"));
}

TEST_F(BadInput, XquadAndMlqa) {
  file("xquad.el.json", "{\"data\": [\n{\"paragraphs\": [}]}");
  EXPECT_THAT([&] { convert("xquad"); },
              ThrowsMessage<InvalidData>(AllOf(HasSubstr("xquad.el.json: not valid JSON"), HasSubstr("line 2"))));
  file("xquad.el.json", R"({"data":[{"paragraphs":[]},{"paragraphs":[{"context":"τσάι","qas":[{"id":"1"}]}]}]})");
  expect_refused("xquad", "xquad.el.json", ": data[1].paragraphs[0].qas[0]: \"question\" is missing");
  file("xquad.el.json", R"({"data":[{"paragraphs":[{"context":"τσάι"}]}]})");
  expect_refused("mlqa", "xquad.el.json", ": data[0].paragraphs[0]: \"qas\" is missing");
  file("xquad.el.json", R"({"data":{}})");
  expect_refused("xquad", "xquad.el.json", ": \"data\" must be an array, not object");
  file("xquad.el.json", R"({"data":[{"paragraphs":[{"context":"τσάι","qas":[{"id":"1","question":"τι;"},)"
                        R"({"id":"1","question":"πώς;"}]}]}]})");
  expect_refused("xquad", "xquad.el.json",
                 ": data[0].paragraphs[0].qas[1]: question '1-el' is asked otherwise at " +
                     (folder_.path() / "in/xquad.el.json").string() + ": data[0].paragraphs[0].qas[0]");
}

TEST_F(BadInput, Lareqa) {
  const auto paragraph = [](const std::string& more) {
    return R"({"data":[{"paragraphs":[{"context":"ชา","qas":[])" + more + "}]}]}";
  };
  file("th.json", paragraph(""));
  expect_refused("lareqa", "th.json", ": data[0].paragraphs[0]: \"sentence_breaks\" is missing");
  file("th.json", paragraph(R"(,"sentence_breaks":[[2,0]])"));
  expect_refused("lareqa", "th.json", ": data[0].paragraphs[0]: \"sentence_breaks\" must hold pairs [begin, end]");
  file("th.json", paragraph(R"(,"sentence_breaks":[[0,2]],"sentences":[])"));
  expect_refused("lareqa", "th.json", ": data[0].paragraphs[0]: 0 sentences, but 1 sentence_breaks");
}

TEST_F(BadInput, Tatoeba) {
  file("xho-eng.tsv", "iti\ttea\niti\n");
  expect_refused("tatoeba", "xho-eng.tsv", ":2: expected 2 fields (foreign, tab, English), got 1");
  std::filesystem::remove(folder_.path() / "in/xho-eng.tsv");
  const std::string foreign = file("tatoeba.xho-eng.xho", "iti\nikofu\n");
  file("tatoeba.xho-eng.eng", "tea\n");
  expect_refused("tatoeba", "tatoeba.xho-eng.eng",
                 ":1: the file ends here, but " + foreign + ":2 goes on; line n of one must be line n of the other");
}

TEST_F(BadInput, Bucc) {
  file("ru-en.sample.ru", "ru-1\tчай\n");
  file("ru-en.sample.en", "en-1\ttea\n");
  file("ru-en.sample.gold", "ru-1\ten-1\nru-1\ten-9\n");
  expect_refused("bucc", "ru-en.sample.gold",
                 ":2: the pair names 'ru-1' and 'en-9', which are not both among the sentences");
  file("ru-en.sample.gold", "ru-1 en-1\n");
  expect_refused("bucc", "ru-en.sample.gold", ":1: expected 2 fields (id, tab, id), got 1");
}

TEST_F(BadInput, ParallelText) {
  const std::string longer = file("deu.txt", "Tee\nKaffee\n");
  file("fra.txt", "thé\n");
  expect_refused(
      "parallel", "fra.txt",
      ":1: the file ends here, but " + longer + ":2 goes on; line n of every file must be the same sentence");
}

TEST_F(BadInput, Runs) {
  file("a.run", "q1 Q0 d1 1 0.5\n");
  expect_refused("runs", "a.run", ":1: expected 6 columns (query Q0 document rank score tag), got 5");
}

TEST_F(BadInput, CompressedFilesThatAreCut) {
  file("topics.tsv.gz", test::gzip("1\tchai\n").substr(0, 20));
  expect_refused("trec", "topics.tsv.gz", ": the gzip stream is cut short");
}

TEST_F(BadInput, IdsThatNoRunCanCarry) {
  file("topics.tsv", std::string(513, 'q') + "\tchai\n");
  expect_refused("trec", "topics.tsv", ":1: the query id has 513 bytes; at most 512 are taken");
  file("topics.tsv", "\tchai\n");
  expect_refused("trec", "topics.tsv", ":1: the query id is empty");
}

}  // namespace
}  // namespace dragoman
