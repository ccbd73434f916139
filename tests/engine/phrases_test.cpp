#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/collection/collection.h"
#include "engine/engine_support.h"

namespace dragoman {
namespace {

using test::ids;
using test::line;
using test::search_words;
using test::words_only;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;
using testing::UnorderedElementsAre;

/// Of each language one text with the phrase that the tests ask for, and one with its words apart.
const std::string kTexts =
    line("en-1", "en", "The New York Times reported it") + line("en-2", "en", "New times for York") +
    line("zh-1", "zh", "他住在東京都") + line("zh-2", "zh", "他從京都去東方") + line("ja-1", "ja", "東京駅で待つ") +
    line("ja-2", "ja", "駅は東、京は西") + line("ar-1", "ar", "زار مدينة القاهرة القديمة") +
    line("ar-2", "ar", "القاهرة مدينة قديمة") + line("hi-1", "hi", "राजधानी नई दिल्ली है") +
    line("hi-2", "hi", "दिल्ली में नई सड़क") + line("th-1", "th", "เขาชอบกินข้าวผัดกุ้ง") + line("th-2", "th", "เขาผัดผักกับข้าว") +
    line("ru-1", "ru", "Она пила зелёный чай") + line("ru-2", "ru", "Чай был зелёный") +
    line("sw-1", "sw", "Habari ya asubuhi rafiki") + line("sw-2", "sw", "Asubuhi ya habari");

class PhrasesTest : public test::WordsTest {
 protected:
  IndexOptions options(std::optional<bool> positions) {
    IndexOptions options = words_of(kTexts);
    options.lexical.positions = positions;
    return options;
  }
};

TEST_F(PhrasesTest, InQuotesMustStandInDocumentsOfTheQuerysLanguage) {
  index_corpus(options(true));
  EXPECT_THAT(ids(search("\"New York\"", "en")), ElementsAre("en-1"));
  EXPECT_THAT(ids(search("「东京都」", "zh")), ElementsAre("zh-1"));
  EXPECT_THAT(ids(search("『東京駅』", "ja")), ElementsAre("ja-1"));
  EXPECT_THAT(ids(search("\"القاهرة القديمة\"", "ar")), ElementsAre("ar-1"));
  EXPECT_THAT(ids(search("“नई दिल्ली”", "hi")), ElementsAre("hi-1"));
  EXPECT_THAT(ids(search("\"ข้าวผัด\"", "th")), ElementsAre("th-1"));
  EXPECT_THAT(ids(search("«зеленый чай»", "ru")), ElementsAre("ru-1"));
  EXPECT_THAT(ids(search("„habari ya asubuhi“", "sw")), ElementsAre("sw-1"));
  EXPECT_THAT(ids(search("\"times York\"~1", "en")), ElementsAre("en-2"));
  EXPECT_THAT(ids(search("\"York times\"~1", "en")), ElementsAre("en-1"));
}

TEST_F(PhrasesTest, InQuotesAreFoundInDocumentsOfOtherLanguagesByTheirRules) {
  index_corpus(options(true));
  // "Times" is cut to "time" by the rules of English, and by none of Swahili.
  EXPECT_THAT(ids(search("\"York Times\"", "sw")), ElementsAre("en-1"));
  EXPECT_THAT(ids(search("habari \"York Times\"", "sw")), ElementsAre("en-1"));
  EXPECT_THAT(ids(search("\"зелёный чай\"", "en")), ElementsAre("ru-1"));
  EXPECT_THAT(ids(search("\"東京駅\"", "und")), ElementsAre("ja-1"));
}

TEST_F(PhrasesTest, AreNamedByTheExplanation) {
  index_corpus(options(true));
  const SearchResult found = search("\"New York\"~1 reported", "en");
  EXPECT_THAT(found.explanation.phrases, ElementsAre("New York"));
  EXPECT_THAT(found.explanation.terms, ElementsAre("new", "york", "report"));
  EXPECT_THAT(search("New York", "en").explanation.phrases, IsEmpty());
}

TEST_F(PhrasesTest, MeanQuotedWordsThatOnlyAskElsewhere) {
  index_corpus(words_of(line("a", "en", "The Who played") + line("b", "en", "Bands that played, who knows")));
  auto again = words_only("", path_);
  again.corpus.clear();
  again.lexical.positions = true;
  again.rebuild = true;
  index_corpus(again);
  EXPECT_THAT(ids(search("\"the who\" played", "en")), ElementsAre("a"));
  EXPECT_THAT(ids(search("\"who\" played", "en")), UnorderedElementsAre("a", "b"));
}

TEST_F(PhrasesTest, AreTextWhereTheyAreOffOrTheIndexHasNoPositions) {
  index_corpus(options(true));
  SearchOptions off = search_words();
  off.bm25.phrases = PhraseReading::off;
  EXPECT_THAT(ids(search("\"New York\"", "en", off)), UnorderedElementsAre("en-1", "en-2"));
  EXPECT_THAT(ids(search("5\" York", "en")), UnorderedElementsAre("en-1", "en-2")) << "a quote without partner";
  EXPECT_THAT(ids(search("York \"?!\"", "en")), UnorderedElementsAre("en-1", "en-2")) << "nothing to look for";
  EXPECT_THAT(search("York \"?!\"", "en").explanation.phrases, IsEmpty());

  IndexOptions without = options(false);
  without.rebuild = true;
  index_corpus(without);
  EXPECT_THAT(ids(search("\"New York\"", "en")), UnorderedElementsAre("en-1", "en-2"));
  SearchOptions on = search_words();
  on.bm25.phrases = PhraseReading::on;
  EXPECT_THAT([&] { search("\"New York\"", "en", on); },
              ThrowsMessage<NotFound>(AllOf(HasSubstr(path_.string()), HasSubstr("index --positions --rebuild"))));
}

TEST_F(PhrasesTest, NeedPositionsThatTheCollectionKeepsOnceItHasThem) {
  index_corpus(options(std::nullopt));
  EXPECT_THAT([&] { index_corpus(options(true)); },
              ThrowsMessage<InvalidArgument>(
                  path_.string() + ": its lexical index was made without positions; to make it anew add --rebuild"));
  IndexOptions again = options(true);
  again.rebuild = true;
  index_corpus(again);
  // More documents, and nothing said of positions.
  IndexOptions more = words_only(folder_.write("more.jsonl", line("en-3", "en", "York is new, New York newer")), path_);
  index_corpus(more);
  EXPECT_THAT(ids(search("\"New York\"", "en")), UnorderedElementsAre("en-1", "en-3"));
  more.lexical.positions = false;
  EXPECT_THAT([&] { index_corpus(more); }, ThrowsMessage<InvalidArgument>(HasSubstr("was made with positions")));
}

TEST_F(PhrasesTest, GoWithProximityWhichOrdersNearWordsFirst) {
  index_corpus(words_of(line("a", "ru", "чай и вода и зелёный лес") + line("b", "ru", "лес и вода и зелёный чай")));
  IndexOptions again = words_only("", path_);
  again.corpus.clear();
  again.lexical.positions = again.rebuild = true;
  index_corpus(again);
  SearchOptions near = search_words();
  EXPECT_THAT(ids(search("зелёный чай", "ru", near)), ElementsAre("a", "b")) << "equal scores";
  near.bm25.proximity = 1;
  EXPECT_THAT(ids(search("зелёный чай", "ru", near)), ElementsAre("b", "a"));
}

}  // namespace
}  // namespace dragoman
