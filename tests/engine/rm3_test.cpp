#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "engine/engine_support.h"

namespace dragoman {
namespace {

using test::ids;
using test::line;
using test::search_words;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

/// In Swahili and in Russian: a text with the word that is asked for, one with a word beside it, twenty others.
std::string corpus() {
  std::string corpus = R"({"_id": "sw-1", "title": "Kahawa", "text": "tangawizi", "lang": "sw"})"
                       "\n" +
                       line("sw-2", "sw", "chungu cha tangawizi") + line("ru-1", "ru", "kahawa мятный") +
                       line("ru-2", "ru", "мятный");
  for (int i = 0; i < 20; ++i) {
    corpus +=
        line("sw-other-" + std::to_string(i), "sw", "kitabu") + line("ru-other-" + std::to_string(i), "ru", "книга");
  }
  return corpus;
}

class Rm3Test : public test::WordsTest {
 protected:
  void index(std::vector<std::string> fields = {}) {
    IndexOptions options = words_of(corpus());
    if (!fields.empty()) options.fields = std::move(fields);
    index_corpus(options);
  }

  SearchResult search(const SearchOptions& options) const { return WordsTest::search("kahawa", "sw", options); }

  static SearchOptions with_rm3() {
    SearchOptions options = search_words();
    options.rm3.on = true;
    return options;
  }
};

TEST_F(Rm3Test, FindsByWordsOfTitlesAndTextsInTheQuerysLanguage) {
  index();
  EXPECT_THAT(ids(search(search_words())), testing::UnorderedElementsAre("sw-1", "ru-1"));
  EXPECT_THAT(search(search_words()).explanation.expansion, IsEmpty());
  const SearchResult result = search(with_rm3());
  EXPECT_THAT(ids(result), testing::UnorderedElementsAre("sw-1", "ru-1", "sw-2"));
  EXPECT_THAT(result.explanation.expansion, ElementsAre(WordShare{"kahawa", 0.75f}, WordShare{"tangawizi", 0.25f}));
  EXPECT_THAT(result.explanation.terms, ElementsAre("kahawa"));
}

TEST_F(Rm3Test, FindsTheSameWordsInAnIndexOfFields) {
  index({"title", "text"});
  const SearchResult result = search(with_rm3());
  EXPECT_THAT(ids(result), testing::UnorderedElementsAre("sw-1", "ru-1", "sw-2"));
  EXPECT_THAT(result.explanation.expansion, ElementsAre(WordShare{"kahawa", 0.75f}, WordShare{"tangawizi", 0.25f}));
}

TEST_F(Rm3Test, TakesItsSettings) {
  index();
  SearchOptions options = with_rm3();
  options.rm3.query_weight = 0.75f;
  options.rm3.terms = 1;  // Of two that are equally likely, kahawa comes first.
  EXPECT_THAT(search(options).explanation.expansion, ElementsAre(WordShare{"kahawa", 1}));
  options.rm3.terms = 2;
  EXPECT_THAT(search(options).explanation.expansion,
              ElementsAre(WordShare{"kahawa", 0.875f}, WordShare{"tangawizi", 0.125f}));
  options.rm3.documents = 0;
  EXPECT_THAT([&] { search(options); }, ThrowsMessage<InvalidArgument>("rm3_documents is 0, must be at least 1"));
}

TEST_F(Rm3Test, IsRefusedWithoutBm25) {
  index();
  SearchOptions options = with_rm3();
  options.retrieve = {FirstStage::dense};
  EXPECT_THAT([&] { search(options); }, ThrowsMessage<InvalidArgument>(HasSubstr("first stage bm25")));
}

}  // namespace
}  // namespace dragoman
