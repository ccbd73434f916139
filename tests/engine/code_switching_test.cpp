#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/collection/collection.h"
#include "dragoman/engine/engine.h"
#include "dragoman/engine/indexer.h"
#include "dragoman/engine/maintenance.h"
#include "engine/engine_support.h"

namespace dragoman {
namespace {

using test::words_only;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

/// Trained for a blink on de, en, sw, ru, ar, hi, ja and th.
std::string tiny_identifier() { return (test::source_dir() / "tests/golden/fasttext/softmax.bin").string(); }

class CodeSwitchingTest : public testing::Test {
 protected:
  /// Two English documents with a sentence in Korean, whose words are cut into pairs of syllables, and one without.
  IndexOptions options(const char* analyzer, const char* name = "index") const {
    const auto corpus =
        folder_.write("corpus.jsonl", R"({"_id":"library","text":"The library. 도서관은 아홉 시에 연다.","lang":"en"}
{"_id":"station","text":"The station. 정거장은 멀다.","lang":"en"}
{"_id":"plain","text":"The library opens at nine.","lang":"en"}
)");
    IndexOptions options = words_only(corpus, folder(name));
    options.analyzer = analyzer;
    options.identifier = "script";
    return options;
  }
  std::filesystem::path folder(const char* name = "index") const { return folder_.path() / name; }

  std::vector<std::string> find(std::string_view text, const char* language, const char* name = "index") const {
    return test::ids(Engine(folder(name)).search(test::query(std::string(text), language), test::search_words()));
  }

  test::TemporaryFolder folder_;
};

TEST_F(CodeSwitchingTest, FindsAWordOfASpanInAnotherForm) {
  index_corpus(options("multilingual"));
  EXPECT_THAT(find("도서관", "ko"), IsEmpty());
  index_corpus(options("multilingual+spans", "spans"));
  EXPECT_THAT(find("도서관", "ko", "spans"), ElementsAre("library"));
}

TEST_F(CodeSwitchingTest, FindsWhatWasFoundBefore) {
  index_corpus(options("multilingual"));
  index_corpus(options("multilingual+spans", "spans"));
  for (const char* query : {"libraries", "도서관은", "station 정거장은", "nine"}) {
    EXPECT_EQ(find(query, "en"), find(query, "en", "spans")) << query;
    EXPECT_THAT(find(query, "en"), testing::Not(IsEmpty())) << query;
  }
}

TEST_F(CodeSwitchingTest, KeepsTheIdentifierThatSpansWereFoundBy) {
  index_corpus(options("multilingual+spans"));
  EXPECT_EQ(Collection::open(folder()).setting("span_identifier"), "script");
  IndexOptions more = options("");
  more.identifier = tiny_identifier();  // Tells the languages of new documents, not of spans.
  index_corpus(more);
  EXPECT_EQ(Collection::open(folder()).setting("span_identifier"), "script");
  EXPECT_THAT(find("도서관", "ko"), ElementsAre("library"));
  more.rebuild = true;
  index_corpus(more);
  EXPECT_EQ(Collection::open(folder()).setting("span_identifier"), tiny_identifier());
  EXPECT_THAT(find("도서관", "ko"), ElementsAre("library"));
}

TEST_F(CodeSwitchingTest, SegmentsThatAreMadeAgainHaveTheirSpans) {
  index_corpus(options("multilingual+spans"));
  delete_documents(folder(), std::vector<std::string>{"station"});
  EXPECT_EQ(compact_collection(folder()).segments, 1u);
  EXPECT_THAT(find("도서관", "ko"), ElementsAre("library"));
}

TEST_F(CodeSwitchingTest, RefusesSpansOfAnotherIdentifierAndSaysWhatToDo) {
  index_corpus(options("multilingual+spans"));
  Collection::open_for_writing(folder()).set_setting("span_identifier", tiny_identifier());
  EXPECT_THAT([&] { find("nine", "en"); },
              ThrowsMessage<InvalidData>(AllOf(HasSubstr("spans-1/script"), HasSubstr("--rebuild"))));
  Collection::open_for_writing(folder()).set_setting("span_identifier", "no-such-model");
  EXPECT_THAT([&] { find("nine", "en"); }, ThrowsMessage<NotFound>(HasSubstr("no-such-model")));
}

}  // namespace
}  // namespace dragoman
