#include "dragoman/collection/corpus_reader.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "base/compressed.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::StartsWith;
using testing::ThrowsMessage;

class CorpusReaderTest : public testing::Test {
 protected:
  std::string file(std::string_view bytes) const { return folder_.write("corpus.jsonl", bytes).string(); }

  static std::vector<Document> read(const std::string& path) {
    CorpusReader reader(path);
    std::vector<Document> documents;
    for (Document document; reader.next(document);) documents.push_back(document);
    return documents;
  }

  Document only(std::string_view line) const {
    const auto documents = read(file(line));
    return documents.size() == 1 ? documents[0] : throw std::runtime_error("not one document");
  }

  /// Expects that a line, the second of its file, is refused so.
  void expect_refused(const std::string& line, const testing::Matcher<std::string>& message) const {
    const std::string path = file(R"({"_id":"first","text":"chai"})"
                                  "\n" +
                                  line + "\n");
    EXPECT_THAT([&] { read(path); }, ThrowsMessage<InvalidData>(testing::ResultOf(
                                         [&](const std::string& what) {
                                           return what.starts_with(path + ":2: ") ? what.substr(path.size() + 4)
                                                                                  : "no place: " + what;
                                         },
                                         message)))
        << line;
  }

  test::TemporaryFolder folder_;
};

TEST_F(CorpusReaderTest, ReadsTheMembersOfADocument) {
  const Document document = only(R"({"_id":"ar-1","title":"قهوة","text":"القهوة من اليمن","lang":"ara"})");
  EXPECT_EQ(document.id, "ar-1");
  EXPECT_EQ(document.title, "قهوة");
  EXPECT_EQ(document.text, "القهوة من اليمن");
  EXPECT_EQ(document.language.tag(), "ar");
  EXPECT_TRUE(document.language_given);
  EXPECT_EQ(document.metadata, "{}");
}

TEST_F(CorpusReaderTest, KnowsTheOtherNamesOfMembers) {
  for (const char* line : {R"({"id":"1","contents":"茶","language":"zh"})", R"({"docid":"1","text":"茶","lang":"zh"})",
                           R"({"_id":null,"id":"1","text":"茶","lang":"cmn_Hans"})"}) {
    const Document document = only(line);
    EXPECT_EQ(document.id, "1");
    EXPECT_EQ(document.text, "茶");
    EXPECT_EQ(document.language.tag(), "zh");
  }
}

TEST_F(CorpusReaderTest, TakesANumberAsItsDigits) {
  EXPECT_EQ(only(R"({"_id":17,"text":"chai"})").id, "17");
  EXPECT_EQ(only(R"({"_id":9007199254740993,"text":"chai"})").id, "9007199254740993");
}

TEST_F(CorpusReaderTest, IdentifiesALanguageThatIsNotGiven) {
  for (const char* lang : {"", R"(,"lang":null)", R"(,"lang":"")"}) {
    const Document document = only(R"({"_id":"1","text":"ชาเย็น")" + std::string(lang) + "}");
    EXPECT_EQ(document.language.tag(), "th");
    EXPECT_FALSE(document.language_given);
  }
  EXPECT_EQ(only(R"({"_id":"1","text":"chai garam hai"})").language.tag(), "und-Latn");
  EXPECT_EQ(only(R"({"_id":"1","text":"","title":"緑茶のこと"})").language.tag(), "ja");
  EXPECT_EQ(only(R"({"_id":"1","text":""})").language.tag(), "und");
}

TEST_F(CorpusReaderTest, IdentifiesALanguageByAModelThatKnowsEight) {
  CorpusReader reader(file(R"({"_id":"1","text":"где вода"})"
                           "\n"
                           R"({"_id":"2","text":"где вода","lang":"uk"})"
                           "\n"
                           R"({"_id":"3","text":"x"})"),
                      std::make_shared<LanguageIdentifier>(test::source_dir() / "tests/golden/fasttext/softmax.bin"));
  std::string tags;
  for (Document document; reader.next(document);) tags += document.language.tag() + " ";
  EXPECT_EQ(tags, "ru uk und-Latn ");
}

TEST_F(CorpusReaderTest, KeepsWhatElseIsSaidAsFlatMetadata) {
  EXPECT_EQ(only(R"({"_id":"1","text":"x","year":1450,"मूल":"यमन","ok":true,"none":null,"tags":["a",{"b":1}],"o":{}})")
                .metadata,
            R"({"o":"{}","ok":true,"tags":"[\"a\",{\"b\":1}]","year":1450,"मूल":"यमन"})");
}

TEST_F(CorpusReaderTest, TakesAnEmptyText) { EXPECT_EQ(only(R"({"_id":"1","text":""})").text, ""); }

TEST_F(CorpusReaderTest, SkipsBlankLinesAndNamesThePlace) {
  const std::string path = file("\n{\"_id\":\"1\",\"text\":\"a\"}\r\n \t\n{\"_id\":\"2\",\"text\":\"b\"}");
  CorpusReader reader(path);
  Document document;
  ASSERT_TRUE(reader.next(document));
  EXPECT_EQ(reader.place(), path + ":2");
  ASSERT_TRUE(reader.next(document));
  EXPECT_EQ(reader.place(), path + ":4");
  EXPECT_FALSE(reader.next(document));
  EXPECT_EQ(reader.bytes_read(), reader.bytes_total());
}

TEST_F(CorpusReaderTest, ReadsCompressedFiles) {
  const std::string line = R"({"_id":"1","text":"कॉफ़ी"})";
  EXPECT_EQ(read(folder_.write("a.jsonl.gz", test::gzip(line)).string()).at(0).text, "कॉफ़ी");
  EXPECT_EQ(read(folder_.write("a.jsonl.zst", test::zstd(line)).string()).at(0).text, "कॉफ़ी");
}

TEST_F(CorpusReaderTest, ReadsABeirFolder) {
  folder_.write("beir/corpus.jsonl.gz", test::gzip(R"({"_id":"1","text":"茶"})"));
  EXPECT_EQ(read((folder_.path() / "beir").string()).at(0).text, "茶");
  folder_.write("beir/corpus.jsonl", R"({"_id":"1","text":"コーヒー"})");
  EXPECT_EQ(read((folder_.path() / "beir").string()).at(0).text, "コーヒー");
}

TEST_F(CorpusReaderTest, SaysWhatIsMissing) {
  EXPECT_THAT([] { CorpusReader("no/corpus.jsonl"); }, ThrowsMessage<NotFound>("no/corpus.jsonl: no such file"));
  EXPECT_THAT([this] { CorpusReader(folder_.path().string()); },
              ThrowsMessage<NotFound>(folder_.path().string() + ": the folder holds no corpus.jsonl (nor .gz, .zst)"));
}

TEST_F(CorpusReaderTest, RefusesAFileWithoutDocuments) {
  for (const char* bytes : {"", "\n \n", "\xEF\xBB\xBF"}) {
    const std::string path = file(bytes);
    EXPECT_THAT([&] { read(path); }, ThrowsMessage<InvalidData>(path + ": holds no documents"));
  }
}

TEST_F(CorpusReaderTest, RefusesWhatIsNoJson) {
  expect_refused("{\"_id\":\"2\",", StartsWith("not valid JSON: "));
  expect_refused("id\ttext", StartsWith("not valid JSON: "));
  expect_refused("[\"2\",\"chai\"]", "expected a JSON object, got array");
  expect_refused("{\"_id\":\"2\",\"text\":" + std::string(100, '[') + std::string(100, ']') + "}",
                 "JSON nested more than 64 levels deep");
}

TEST_F(CorpusReaderTest, RefusesIllFormedUtf8) {
  expect_refused("{\"_id\":\"2\",\"text\":\"caf\xE9\"}", StartsWith("not valid JSON: "));
  expect_refused("{\"_id\":\"2\",\"text\":\"\xED\xA0\x80\"}", StartsWith("not valid JSON: "));
  expect_refused(R"({"_id":"2","text":"\ud800"})", StartsWith("not valid JSON: "));
}

TEST_F(CorpusReaderTest, RefusesADocumentWithoutIdOrText) {
  expect_refused(R"({"text":"chai"})", "\"_id\" is missing");
  expect_refused(R"({"_id":null,"text":"chai"})", "\"_id\" is missing");
  expect_refused(R"({"_id":"2","title":"chai"})", "\"text\" is missing");
}

TEST_F(CorpusReaderTest, RefusesMembersOfAnotherType) {
  expect_refused(R"({"_id":true,"text":"chai"})", "\"_id\" must be a string, not boolean");
  expect_refused(R"({"_id":"2","text":["chai"]})", "\"text\" must be a string, not array");
  expect_refused(R"({"_id":"2","text":"chai","title":{}})", "\"title\" must be a string, not object");
  expect_refused(R"({"_id":"2","text":"chai","lang":["sw"]})", "\"lang\" must be a string, not array");
}

TEST_F(CorpusReaderTest, RefusesAnIdThatCannotServe) {
  expect_refused(R"({"_id":"","text":"chai"})", "the document id is empty");
  expect_refused(R"({"_id":"a b","text":"chai"})",
                 "the document id 'a b' holds white space or control characters, which result files cannot carry");
  expect_refused(R"({"_id":"а\tб","text":"chai"})",
                 "the document id 'а\\x09б' holds white space or control characters, which result files cannot carry");
  expect_refused(R"({"_id":")" + std::string(513, 'x') + R"(","text":"chai"})",
                 "the document id has 513 bytes; at most 512 are taken");
  EXPECT_EQ(only(R"({"_id":")" + std::string(512, 'x') + R"(","text":"chai"})").id.size(), 512u);
}

TEST_F(CorpusReaderTest, RefusesAnUnknownLanguageTag) {
  expect_refused(R"({"_id":"2","text":"chai","lang":"swahili!"})", StartsWith("'swahili!' is not a language tag; "));
}

TEST_F(CorpusReaderTest, RefusesAnIdThatOccursTwiceNamingBothLines) {
  expect_refused(R"({"_id":"first","text":"kahawa"})",
                 "the document id 'first' was already on line 1; ids must be unique");
}

TEST_F(CorpusReaderTest, RefusesALineThatIsTooLong) {
  expect_refused(R"({"_id":"2","text":")" + std::string(LineReader::kMaxLineBytes, 'x') + "\"}",
                 "the line is longer than 16 MiB; one record belongs on one line");
}

TEST_F(CorpusReaderTest, KeepsTheDocumentsBeforeABadLine) {
  CorpusReader reader(file(R"({"_id":"1","text":"chai"})"
                           "\nbad\n"));
  Document document;
  EXPECT_TRUE(reader.next(document));
  EXPECT_THROW(reader.next(document), InvalidData);
  EXPECT_EQ(document.id, "1");
}

}  // namespace
}  // namespace dragoman
