#include <gmock/gmock.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/collection/collection.h"
#include "engine/engine_support.h"

namespace dragoman {
namespace {

using test::ids;
using test::line;
using test::search_words;
using test::segment_files;
using test::words_only;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::ThrowsMessage;

std::string titled(std::string_view id, std::string_view language, std::string_view title, std::string_view text,
                   std::string_view author = "") {
  return R"({"_id":")" + std::string(id) + R"(","lang":")" + std::string(language) + R"(","title":")" +
         std::string(title) + R"(","text":")" + std::string(text) + R"(","author":")" + std::string(author) + "\"}\n";
}

/// In each language a document about a drink, and one that only mentions it, more often.
const std::string kDrinks = titled("ar-about", "ar", "القهوة", "مشروب ساخن من البن", "ليلى") +
                            titled("ar-other", "ar", "الصباح في اليمن", "القهوة في الصباح ثم القهوة", "سالم") +
                            titled("zh-about", "zh", "咖啡", "一种热饮", "老舍") +
                            titled("zh-other", "zh", "早晨", "早晨喝咖啡，中午喝咖啡", "巴金") +
                            titled("hi-about", "hi", "चाय", "एक गरम पेय", "प्रेमचंद") +
                            titled("hi-other", "hi", "सुबह", "सुबह चाय और शाम को चाय", "निराला") +
                            titled("ja-about", "ja", "珈琲", "温かい飲み物です", "漱石") +
                            titled("ja-other", "ja", "朝", "朝の珈琲と夜の珈琲", "鴎外") +
                            titled("th-about", "th", "กาแฟ", "เครื่องดื่มร้อน", "สุนทรภู่") +
                            titled("th-other", "th", "ตอนเช้า", "กาแฟตอนเช้าและกาแฟตอนเย็น", "ศรีบูรพา") +
                            titled("ru-about", "ru", "Чай", "Горячий напиток", "Чехов") +
                            titled("ru-other", "ru", "Утро", "Утром чай, вечером чай", "Бунин") +
                            titled("sw-about", "sw", "Chai", "Kinywaji cha moto", "Shaaban") +
                            titled("sw-other", "sw", "Asubuhi", "Chai ya asubuhi na chai ya jioni", "Kezilahabi");

class FieldsTest : public test::WordsTest {
 protected:
  IndexOptions options(std::string_view corpus, std::vector<std::string> fields) {
    IndexOptions options = words_of(corpus);
    options.fields = std::move(fields);
    return options;
  }

  std::vector<std::string> search(std::string text, std::string_view language, std::string_view weights) {
    SearchOptions by = search_words();
    by.same_language = true;
    set_weights(by, weights);
    return ids(WordsTest::search(std::move(text), language, by));
  }

  /// "title=2 text=1"
  static void set_weights(SearchOptions& by, std::string_view weights) {
    while (!weights.empty()) {
      const std::size_t equals = weights.find('='), end = std::min(weights.find(' '), weights.size());
      by.bm25.fields.push_back({std::string(weights.substr(0, equals)),
                                std::stof(std::string(weights.substr(equals + 1, end - equals - 1))), std::nullopt});
      weights.remove_prefix(std::min(end + 1, weights.size()));
    }
  }
};

TEST_F(FieldsTest, AreWeighedInEveryLanguage) {
  const IndexReport report = index_corpus(options(kDrinks, {"title", "text"}));
  EXPECT_THAT(report.fields, ElementsAre(Pair("title", 14), Pair("text", 14)));
  EXPECT_THAT(report.notices, IsEmpty());
  const std::vector<std::pair<std::string, std::string>> queries = {
      {"ar", "القهوة"}, {"zh", "咖啡"}, {"hi", "चाय"}, {"ja", "珈琲"}, {"th", "กาแฟ"}, {"ru", "чай"}, {"sw", "chai"}};
  for (const auto& [language, query] : queries) {
    EXPECT_THAT(search(query, language, "title=5"), ElementsAre(language + "-about", language + "-other")) << query;
    EXPECT_THAT(search(query, language, "title=0.1"), ElementsAre(language + "-other", language + "-about")) << query;
    EXPECT_THAT(search(query, language, "text=0"), ElementsAre(language + "-about")) << query;
    EXPECT_THAT(search(query, language, "title=0"), ElementsAre(language + "-other")) << query;
  }
}

TEST_F(FieldsTest, MayBeStringsOfTheMetadata) {
  index_corpus(options(kDrinks, {"title", "text", "author"}));
  EXPECT_THAT(search("Чехов", "ru", ""), ElementsAre("ru-about"));
  EXPECT_THAT(search("漱石", "ja", "title=0 text=0"), ElementsAre("ja-about"));
  EXPECT_THAT(search("चाय", "hi", "title=0 text=0"), IsEmpty());
  index_corpus([&] {
    auto without = options(kDrinks, {});
    without.rebuild = true;
    return without;
  }());
  EXPECT_THAT(search("Чехов", "ru", ""), IsEmpty()) << "title and text together have no authors";
}

TEST_F(FieldsTest, ThatNoDocumentHasAreReported) {
  const IndexReport report = index_corpus(options(kDrinks, {"text", "autor"}));
  EXPECT_THAT(report.fields, ElementsAre(Pair("text", 14), Pair("autor", 0)));
  EXPECT_THAT(report.notices, ElementsAre(HasSubstr("no document that was indexed has words in the field 'autor'")));
  EXPECT_THAT([&] { search("чай", "ru", "author=2"); },
              ThrowsMessage<InvalidArgument>("there is no field 'author'; the fields of this index are: text, autor"));
}

TEST_F(FieldsTest, AreKeptByTheCollectionUntilItIsRebuilt) {
  index_corpus(options(kDrinks, {"title", "text"}));
  // Documents that come later get the same fields without being told.
  index_corpus(words_only(folder_.write("more.jsonl", titled("ru-more", "ru", "Кофе", "Горячий и крепкий")), path_));
  EXPECT_THAT(search("кофе", "ru", "text=0"), ElementsAre("ru-more"));
  EXPECT_THAT(
      [&] {
        index_corpus(options(kDrinks, {"title", "author"}));
      },
      ThrowsMessage<InvalidArgument>(HasSubstr(
          "its lexical index has the fields title,text, not the fields title,author; to make it anew add --rebuild")));
  auto other = options(kDrinks, {});
  EXPECT_THAT([&] { index_corpus(other); },
              ThrowsMessage<InvalidArgument>(HasSubstr("has the fields title,text, not title and text together")));
  other.rebuild = true;
  index_corpus(other);
  ASSERT_THAT(segment_files(path_), SizeIs(1));
  EXPECT_EQ(segment_files(path_)[0].first, "lexical-0000000000.seg");
  EXPECT_THAT([&] { search("чай", "ru", "title=2"); },
              ThrowsMessage<InvalidArgument>(HasSubstr("this index has title and text together")));
}

TEST_F(FieldsTest, AreTheSameWhereverIndexingWasInterrupted) {
  auto undisturbed = options(kDrinks, {"title", "text", "author"});
  undisturbed.into = folder_.path() / "undisturbed";
  index_corpus(undisturbed);
  const auto expected = segment_files(undisturbed.into);
  ASSERT_THAT(expected, SizeIs(3));
  int interruptions = 0;
  for (int allowed = 0;; ++allowed) {
    auto again = undisturbed;
    again.into = folder_.path() / std::to_string(allowed);
    int events = 0;
    try {
      index_corpus(again, [&](const ProgressEvent&) {
        if (events++ == allowed) throw std::runtime_error("interrupted");
      });
      break;
    } catch (const std::runtime_error&) {
      ++interruptions;
    }
    index_corpus(again);
    ASSERT_EQ(segment_files(again.into), expected) << allowed;
  }
  EXPECT_GE(interruptions, 4);
}

TEST_F(FieldsTest, KeepTheDocumentsOfOneSegmentTogetherInAnyOrder) {
  std::string lines;
  for (int i = 0; i < 300; ++i) {
    lines += titled(std::to_string(i), "sw", "chai " + std::to_string(i % 7), "maji " + std::to_string(i % 11));
  }
  std::vector<std::vector<std::string>> found;
  for (const DocumentOrder order : {DocumentOrder::as_added, DocumentOrder::bisection}) {
    auto by = options(lines, {"title", "text"});
    by.into = path_ = folder_.path() / (order == DocumentOrder::bisection ? "bisection" : "as_added");
    by.lexical.order = order;
    by.lexical.segment_documents = 100;
    index_corpus(by);
    ASSERT_THAT(segment_files(path_), SizeIs(6));
    found.push_back(search("chai 3 maji 4", "sw", "title=2"));
  }
  EXPECT_THAT(found[0], SizeIs(10));
  EXPECT_EQ(found[0], found[1]);
}

TEST_F(FieldsTest, AreSearchedAsFarAsAllOfThemReach) {
  index_corpus(options(kDrinks, {"title", "text"}));
  auto more = options(titled("ru-more", "ru", "Кофе", "Горячий"), {"title", "text"});
  // Killed when the text has its second segment, and the title has not.
  EXPECT_THROW(index_corpus(more,
                            [&](const ProgressEvent& event) {
                              const auto collection = Collection::open(path_);
                              if (event.stage == "analyse" && collection.segments("field-1").size() == 2) {
                                throw std::runtime_error("killed");
                              }
                            }),
               std::runtime_error);
  EXPECT_EQ(Collection::open(path_).segments("field-0").size(), 1u);
  EXPECT_THAT(search("чай", "ru", "title=5"), ElementsAre("ru-about", "ru-other"));
  EXPECT_THAT(search("кофе", "ru", "title=5"), IsEmpty());
  index_corpus(more);
  EXPECT_THAT(search("кофе", "ru", "title=5"), ElementsAre("ru-more"));
}

TEST_F(FieldsTest, HaveTheRomanisedIndexBesideThem) {
  auto by = options(titled("ru-moscow", "ru", "Москва", "столица России") + line("de-a", "de", "Hauptstadt"),
                    {"title", "text"});
  by.romanized = true;
  index_corpus(by);
  SearchOptions weighed = search_words();
  set_weights(weighed, "title=3");
  EXPECT_THAT(ids(Engine(path_).search({.id = "q", .text = "Moskva", .language = Language()}, weighed)),
              ElementsAre("ru-moscow"));
}

TEST_F(FieldsTest, RefuseNamesThatOptionsCannotSay) {
  const auto with = [&](std::vector<std::string> fields) {
    return [this, fields] { index_corpus(options(kDrinks, fields)); };
  };
  EXPECT_THAT(with({"a,b"}),
              ThrowsMessage<InvalidArgument>("'a,b' cannot be a field: its name must have no space, comma or colon"));
  EXPECT_THAT(with({""}), ThrowsMessage<InvalidArgument>(HasSubstr("'' cannot be a field")));
  EXPECT_THAT(with({"text", "text"}), ThrowsMessage<InvalidArgument>("field 'text' is given twice"));
  EXPECT_FALSE(std::filesystem::exists(path_)) << "nothing is made before it is known to be right";
}

}  // namespace
}  // namespace dragoman
