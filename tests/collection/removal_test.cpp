#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "collection/collection_support.h"
#include "dragoman/base/error.h"
#include "dragoman/collection/collection.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::document;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::ThrowsMessage;

class RemovalTest : public testing::Test {
 protected:
  RemovalTest() : path_(folder_.path() / "index") {}

  Collection filled() const {
    Collection collection = Collection::open_for_writing(path_);
    collection.add(std::vector{document("ar", "ar", "شاي"), document("zh", "zh", "茶"), document("hi", "hi", "चाय"),
                               document("sw", "sw", "chai")});
    return collection;
  }

  test::TemporaryFolder folder_;
  std::filesystem::path path_;
};

TEST_F(RemovalTest, LeavesTheOtherDocumentsTheirNumbers) {
  Collection collection = filled();
  const auto removed = collection.remove(std::vector<std::string>{"zh", "zh"});
  EXPECT_EQ(removed.removed, 1u);
  EXPECT_THAT(removed.unknown, IsEmpty());
  EXPECT_EQ(collection.size(), 4u);
  EXPECT_EQ(collection.document_count(), 3u);
  EXPECT_EQ(collection.find("zh"), std::nullopt);
  EXPECT_EQ(collection.document_id_if_any(1), std::nullopt);
  EXPECT_EQ(collection.document_if_any(1), std::nullopt);
  EXPECT_THAT([&] { collection.document(1); }, ThrowsMessage<InvalidArgument>("there is no document number 1"));
  EXPECT_EQ(collection.document_id(2), "hi");
  std::vector<DocumentNumber> seen;
  collection.for_each(0, 4, [&](DocumentNumber number, const Document&) {
    seen.push_back(number);
    return true;
  });
  EXPECT_THAT(seen, ElementsAre(0, 2, 3));
}

TEST_F(RemovalTest, NeverGivesANumberTwice) {
  Collection collection = filled();
  collection.remove(std::vector<std::string>{"hi", "sw"});  // The last ones.
  EXPECT_EQ(collection.size(), 4u);
  collection.add(std::vector{document("th", "th", "ชา"), document("sw", "sw", "chai")});
  EXPECT_EQ(collection.find("th"), 4u);
  EXPECT_EQ(collection.find("sw"), 5u);
  collection.remove(std::vector<std::string>{"ar", "zh", "th", "sw"});
  EXPECT_EQ(collection.document_count(), 0u);
  EXPECT_EQ(collection.size(), 6u);
  EXPECT_EQ(Collection::open(path_).size(), 6u);
}

TEST_F(RemovalTest, TellsReadersWhatIsThere) {
  Collection collection = filled();
  EXPECT_THAT(collection.document_languages().live, IsEmpty());
  collection.remove(std::vector<std::string>{"ar", "hi"});
  const auto documents = Collection::open(path_).document_languages();
  EXPECT_THAT(documents.live, ElementsAre(0, 1, 0, 1));
  ASSERT_EQ(documents.languages.size(), 2u);
  EXPECT_EQ(documents.languages[documents.of[1]].tag(), "zh");
  EXPECT_EQ(documents.languages[documents.of[3]].tag(), "sw");
  EXPECT_TRUE(documents.is_live(1));
  EXPECT_FALSE(documents.is_live(2));
  EXPECT_FALSE(documents.is_live(4));
}

TEST_F(RemovalTest, RefusesUnknownIdsAndRemovesNothing) {
  Collection collection = filled();
  EXPECT_THAT(
      [&] {
        collection.remove(std::vector<std::string>{"ar", "fr", "sw", "de"});
      },
      ThrowsMessage<NotFound>(path_.string() +
                              ": 2 of 4 ids are not in the collection, such as 'fr'; nothing was deleted"));
  EXPECT_EQ(collection.document_count(), 4u);
  const auto removed = collection.remove(std::vector<std::string>{"ar", "fr", "sw", "de"}, Collection::Unknown::skip);
  EXPECT_EQ(removed.removed, 2u);
  EXPECT_THAT(removed.unknown, ElementsAre("fr", "de"));
  EXPECT_THROW(collection.remove(std::vector<std::string>{"ar"}), NotFound);  // Gone already.
  EXPECT_EQ(collection.remove({}).removed, 0u);
}

TEST_F(RemovalTest, ReplacesADocumentUnderANewNumber) {
  Collection collection = filled();
  const std::vector corrected = {document("ar", "ar", "شاي"), document("zh", "zh-Hant", "臺灣的茶"),
                                 document("ru", "ru", "чай")};
  EXPECT_THROW(collection.add(corrected), InvalidData);
  const auto added = collection.add(corrected, Collection::Known::replace);
  EXPECT_EQ(added.added, 1u);
  EXPECT_EQ(added.unchanged, 1u);
  EXPECT_EQ(added.replaced, 1u);
  EXPECT_EQ(collection.find("ar"), 0u);
  EXPECT_EQ(collection.find("zh"), 4u);
  EXPECT_EQ(collection.document(4).text, "臺灣的茶");
  EXPECT_EQ(collection.document_if_any(1), std::nullopt);
  const auto again = collection.add(corrected, Collection::Known::replace);  // As after a kill.
  EXPECT_EQ(again.unchanged, 3u);
}

TEST_F(RemovalTest, KnowsHowManyDocumentsOfASegmentAreGone) {
  Collection collection = filled();
  const SegmentRecord segment{"lexical", collection.segment_path("lexical", 0), "s", 0, 4, 10};
  collection.add_segment(segment);
  EXPECT_EQ(collection.documents_in(segment).removed, 0u);
  collection.remove(std::vector<std::string>{"ar", "hi"});
  EXPECT_EQ(collection.documents_in(segment).made_of, 4u);
  EXPECT_EQ(collection.documents_in(segment).removed, 2u);
  collection.renew_segment(segment);
  EXPECT_EQ(collection.documents_in(segment).made_of, 2u);
  EXPECT_EQ(collection.documents_in(segment).removed, 0u);
}

TEST_F(RemovalTest, ReadsACollectionOfTheFirstFormatAndTakesItOver) {
  filled();
  test::run_sql(path_,
                "DROP INDEX documents_by_metadata; ALTER TABLE segments DROP COLUMN documents; PRAGMA user_version=1;"
                "INSERT INTO segments VALUES('lexical', 0, 4, 'lexical-0000000000.seg', 's', 10)");
  {
    const Collection old = Collection::open(path_);
    EXPECT_EQ(old.size(), 4u);
    EXPECT_EQ(old.documents_in(old.segments("lexical").at(0)).removed, 0u);
    EXPECT_THAT(old.matching(std::vector{parse_metadata_condition("year=1")}), ElementsAre(0, 0, 0, 0));
  }
  Collection collection = Collection::open_for_writing(path_);
  collection.remove(std::vector<std::string>{"zh"});
  EXPECT_EQ(collection.documents_in(collection.segments("lexical").at(0)).made_of, 4u);
  EXPECT_EQ(collection.documents_in(collection.segments("lexical").at(0)).removed, 1u);
}

TEST_F(RemovalTest, GivesRoomBackToTheDisk) {
  Collection collection = filled();
  std::vector<Document> many;
  std::vector<std::string> ids;
  for (int i = 0; i < 200; ++i) {
    ids.push_back("d" + std::to_string(i));
    many.push_back(document(ids.back(), "ru", std::string(5000, 'x')));
  }
  collection.add(many);
  collection.shrink();
  const auto before = std::filesystem::file_size(path_ / "collection.sqlite");
  collection.remove(ids);
  collection.shrink();
  EXPECT_LT(std::filesystem::file_size(path_ / "collection.sqlite"), before / 5);
  EXPECT_EQ(collection.document(2).text, "चाय");  // Numbers stay.
  EXPECT_EQ(collection.size(), 204u);
}

// A writer that removes and replaces in turns is killed at any moment: both documents are as before, or as after.
TEST_F(RemovalTest, IsWholeOrNotAtAllWhenTheProcessIsKilled) {
  const auto pair = [](int version) {
    return std::vector{document("a", "sw", std::to_string(version)), document("b", "sw", std::to_string(version))};
  };
  Collection::open_for_writing(path_).add(pair(0));
  for (int round = 0; round < 5; ++round) {
    const pid_t child = fork();
    if (child == 0) {
      Collection collection = Collection::open_for_writing(path_);
      for (int version = 1;; ++version) {
        collection.add(pair(version), Collection::Known::replace);
        if (version % 3 == 0) {
          collection.remove(std::vector<std::string>{"a", "b"});
          collection.add(pair(-version));
        }
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(30 + 17 * round));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    Collection collection = Collection::open_for_writing(path_);
    const auto a = collection.find("a"), b = collection.find("b");
    ASSERT_EQ(a.has_value(), b.has_value());
    ASSERT_EQ(collection.document_count(), a ? 2u : 0u);
    if (a) {
      ASSERT_EQ(collection.document(*a).text, collection.document(*b).text);
      ASSERT_EQ(*b, *a + 1);
    }
    ASSERT_LE(a ? *b + 1 : 0, collection.size());
  }
}

}  // namespace
}  // namespace dragoman
