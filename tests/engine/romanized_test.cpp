#include <gmock/gmock.h>

#include <limits>
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
using test::query;
using test::search_words;
using test::words_only;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;

/// Cities in their own scripts, and a text in Latin letters beside them.
const std::string kCities = line("ru-moscow", "ru", "Москва, столица России") +
                            line("hi-delhi", "hi", "दिल्ली भारत की राजधानी है") +
                            line("zh-beijing", "zh", "北京是中国的首都") + line("ar-cairo", "ar", "القاهرة عاصمة مصر") +
                            line("de-berlin", "de", "Berlin ist die Hauptstadt von Deutschland");

class RomanizedTest : public test::WordsTest {
 protected:
  std::filesystem::path index(bool romanized) {
    IndexOptions options = words_of(kCities);
    options.romanized = romanized;
    index_corpus(options);
    return path_;
  }
};

TEST_F(RomanizedTest, FindsOtherScriptsByTheirSound) {
  index(true);
  EXPECT_THAT(ids(search("Moskva")), ElementsAre("ru-moscow"));
  EXPECT_THAT(ids(search("dilli")), ElementsAre("hi-delhi"));
  EXPECT_THAT(ids(search("Beijing")), ElementsAre("zh-beijing"));
  EXPECT_THAT(ids(search("misr")), ElementsAre("ar-cairo"));
  EXPECT_THAT(ids(search("Москва", "ru")), ElementsAre("ru-moscow"));
  EXPECT_TRUE(search("Moskva").explanation.romanized);
}

TEST_F(RomanizedTest, DoesNotWithoutTheIndexOrWithWeightZero) {
  index(false);
  EXPECT_THAT(ids(search("Moskva")), IsEmpty());
  index(true);
  SearchOptions off = search_words();
  off.romanized_weight = 0;
  EXPECT_THAT(ids(search("Moskva", "und", off)), IsEmpty());
}

TEST_F(RomanizedTest, AnswersNativeQueriesAsIfItWereNotThere) {
  index(true);
  SearchOptions off = search_words();
  off.romanized_weight = 0;
  for (const auto& [text, language] : {std::pair{"столица России Берлин", "ru"}, std::pair{"Hauptstadt Moskva", "de"},
                                       std::pair{"राजधानी", "hi"}, std::pair{"Berlin Hauptstadt Moskva", "und"}}) {
    const SearchResult with = search(text, language), without = search(text, language, off);
    EXPECT_EQ(ids(with), ids(without)) << text;
    EXPECT_FALSE(with.explanation.romanized) << text;
    for (std::size_t i = 0; i < with.hits.size(); ++i) EXPECT_EQ(with.hits[i].score, without.hits[i].score) << text;
  }
}

TEST_F(RomanizedTest, ALanguageInAnotherScriptIsSearchedForInThatLanguage) {
  index(true);
  EXPECT_THAT(ids(search("moskva dilli", "hi-Latn")), ElementsAre("hi-delhi"));
  EXPECT_THAT(ids(search("moskva dilli", "ru-Latn")), ElementsAre("ru-moscow"));
}

TEST_F(RomanizedTest, WeightCountsBesideWordsThatAreFoundAsTheyAreWritten) {
  index(true);
  const auto score = [&](float weight) {
    SearchOptions options = search_words();
    options.romanized_weight = weight;
    return search("Moskva", "und", options).hits.at(0).score;
  };
  EXPECT_FLOAT_EQ(score(2), 2 * score(1));
}

TEST_F(RomanizedTest, AnswersManyQueriesAsEachByItself) {
  index(true);
  std::vector<Query> queries;  // Served by the index of words, found by sound, and in one language's documents alone.
  for (const auto& [text, language] :
       {std::pair{"столица России", "ru"}, std::pair{"Moskva", "und"}, std::pair{"moskva dilli", "hi-Latn"},
        std::pair{"Hauptstadt Moskva", "de"}, std::pair{"moskva dilli", "ru-Latn"}, std::pair{"misr", "und"}}) {
    queries.push_back(query(text, language));
  }
  std::vector<SearchResult> results;
  Engine(path_).search(queries, search_words(), [&](const SearchResult& result) { results.push_back(result); });
  ASSERT_THAT(results, SizeIs(queries.size()));
  for (std::size_t q = 0; q < queries.size(); ++q) {
    const SearchResult alone = search(queries[q].text, queries[q].language.tag());
    EXPECT_EQ(ids(results[q]), ids(alone)) << q;
    EXPECT_EQ(results[q].explanation.romanized, alone.explanation.romanized) << q;
    for (std::size_t i = 0; i < alone.hits.size(); ++i) EXPECT_EQ(results[q].hits[i].score, alone.hits[i].score) << q;
  }
}

TEST_F(RomanizedTest, IsKeptUpToDateWithoutBeingTold) {
  index(true);
  index_corpus(words_only(folder_.write("more.jsonl", line("el-athens", "el", "Η Αθήνα είναι πρωτεύουσα")), path_));
  EXPECT_THAT(ids(search("Athina")), ElementsAre("el-athens"));
}

TEST_F(RomanizedTest, IsTheSameAfterARebuild) {
  index(true);
  const auto before = test::segment_files(path_);
  IndexOptions options = words_only("", path_);
  options.rebuild = true;
  index_corpus(options);
  EXPECT_EQ(test::segment_files(path_), before);
  EXPECT_THAT(Collection::open(path_).segments("romanized"), SizeIs(1));
}

TEST_F(RomanizedTest, AskingForAnIndexThatIsNotThereNamesTheCommand) {
  index(false);
  SearchOptions options = search_words();
  options.romanized_weight = 1;
  EXPECT_THAT(
      [&] { search("Moskva", "und", options); },
      ThrowsMessage<NotFound>(HasSubstr("romanized index covers 0 of 5 documents; finish it with: dragoman index "
                                        "--romanized --into")));
}

TEST_F(RomanizedTest, RefusesAWeightThatIsNone) {
  index(true);
  SearchOptions options = search_words();
  options.romanized_weight = -1;
  EXPECT_THAT([&] { search("Moskva", "und", options); },
              ThrowsMessage<InvalidArgument>("romanized_weight is -1, must be finite and not negative"));
}

}  // namespace
}  // namespace dragoman
