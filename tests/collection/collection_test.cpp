#include "dragoman/collection/collection.h"

#include <gmock/gmock.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "collection/collection_support.h"
#include "dragoman/base/error.h"
#include "support/test_support.h"

namespace dragoman {

// For gtest: values compared and printed.
bool operator==(const Document& a, const Document& b) {
  return a.id == b.id && a.title == b.title && a.text == b.text && a.language == b.language &&
         a.language_given == b.language_given && a.metadata == b.metadata;
}
void PrintTo(const Document& document, std::ostream* out) { *out << document.id << ": " << document.text; }
void PrintTo(const Language& language, std::ostream* out) { *out << language.tag(); }

namespace {

using namespace std::string_literals;
using test::document;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::ThrowsMessage;

const std::vector<Document>& documents() {
  static const std::vector<Document> documents = {
      {.id = "ar-1",
       .title = "قهوة",
       .text = "القهوة من اليمن",
       .language = Language::parse("ar"),
       .language_given = true,
       .metadata = R"({"سنة":1450})"},
      document("zh-1", "zh-Hant", "臺灣的茶"),
      document("hi-1", "hi", "चाय गरम है"),
      document("hi-2", "hi-Latn", "chai garam hai, please wait"),
      document("th-1", "th", "ชาเย็น"),
      document("zero", "sw", "kahawa\0chai"s),
      {.id = "und", .title = "", .text = "", .language = {}, .language_given = false, .metadata = "{}"}};
  return documents;
}

class CollectionTest : public testing::Test {
 protected:
  CollectionTest() : path_(folder_.path() / "index") {}
  Collection write() const { return Collection::open_for_writing(path_); }
  Collection read() const { return Collection::open(path_); }

  test::TemporaryFolder folder_;
  std::filesystem::path path_;
};

TEST_F(CollectionTest, GivesBackDocumentsAsTheyCame) {
  write().add(documents());
  const Collection collection = read();
  ASSERT_EQ(collection.size(), documents().size());
  for (DocumentNumber number = 0; number < collection.size(); ++number) {
    EXPECT_EQ(collection.document(number), documents()[number]);
    EXPECT_EQ(collection.document_id(number), documents()[number].id);
    EXPECT_EQ(collection.find(documents()[number].id), number);
  }
  EXPECT_EQ(collection.find("ar-2"), std::nullopt);
  EXPECT_EQ(collection.find("AR-1"), std::nullopt);
}

TEST_F(CollectionTest, NumbersDocumentsInTheOrderTheyCame) {
  Collection collection = write();
  collection.add(std::vector{document("b", "ru", "чай"), document("a", "ru", "кофе")});
  collection.add(std::vector{document("b", "ru", "чай"), document("c", "ru", "вода")});
  EXPECT_EQ(collection.size(), 3u);
  EXPECT_EQ(collection.find("b"), 0u);
  EXPECT_EQ(collection.find("a"), 1u);
  EXPECT_EQ(collection.find("c"), 2u);
}

TEST_F(CollectionTest, CountsWhatWasThereAlready) {
  Collection collection = write();
  EXPECT_EQ(collection.add(documents()).added, documents().size());
  const auto again = collection.add(documents());
  EXPECT_EQ(again.added, 0u);
  EXPECT_EQ(again.unchanged, documents().size());
  EXPECT_EQ(collection.size(), documents().size());
}

TEST_F(CollectionTest, KeepsNothingOfABatchThatContradicts) {
  Collection collection = write();
  collection.add(std::vector{document("ja-1", "ja", "緑茶")});
  EXPECT_THAT(
      [&] {
        collection.add(std::vector{document("ja-2", "ja", "紅茶"), document("ja-1", "ja", "麦茶")});
      },
      ThrowsMessage<InvalidData>(
          "document 'ja-1' is already in " + path_.string() +
          " with another content; replace it with --replace, give it another id, or index into a new folder"));
  EXPECT_EQ(collection.size(), 1u);
  EXPECT_EQ(collection.document(0).text, "緑茶");
  EXPECT_EQ(collection.add(std::vector{document("ja-2", "ja", "紅茶")}).added, 1u);
}

TEST_F(CollectionTest, TakesAnotherTitleLanguageOrMetadataForAnotherContent) {
  Collection collection = write();
  const Document original = document("a", "pt", "café");
  collection.add(std::vector{original});
  Document titled = original, brazilian = original, dated = original;
  titled.title = "Café";
  brazilian.language = Language::parse("pt-BR");
  dated.metadata = R"({"year":1727})";
  for (const Document& changed : {titled, brazilian, dated}) {
    EXPECT_THROW(collection.add(std::vector{changed}), InvalidData);
  }
  Document guessed = original;
  guessed.language_given = false;
  EXPECT_EQ(collection.add(std::vector{guessed}).unchanged, 1u);
}

// Another model may tell another language; the document is the same.
TEST_F(CollectionTest, KeepsTheLanguageThatWasIdentifiedFirst) {
  Collection collection = write();
  Document first = document("a", "pt", "café"), later = document("a", "gl", "café");
  first.language_given = later.language_given = false;
  collection.add(std::vector{first});
  EXPECT_EQ(collection.add(std::vector{later}).unchanged, 1u);
  EXPECT_EQ(collection.document(0).language.tag(), "pt");
}

TEST_F(CollectionTest, RefusesANumberThatIsNotThere) {
  const Collection collection = write();
  EXPECT_THAT([&] { collection.document(0); }, ThrowsMessage<InvalidArgument>("there is no document number 0"));
  EXPECT_THAT([&] { collection.document_id(7); }, ThrowsMessage<InvalidArgument>("there is no document number 7"));
}

TEST_F(CollectionTest, VisitsARangeInOrderUntilToldToStop) {
  Collection collection = write();
  collection.add(documents());
  std::vector<std::string> seen;
  collection.for_each(1, 3, [&](DocumentNumber number, const Document& visited) {
    EXPECT_EQ(collection.document_id(number), visited.id);  // A visitor may look things up.
    seen.push_back(visited.id);
    return true;
  });
  EXPECT_THAT(seen, ElementsAre("zh-1", "hi-1", "hi-2"));
  seen.clear();
  collection.for_each(5, 4'000'000'000, [&](DocumentNumber, const Document& visited) {
    seen.push_back(visited.id);
    return visited.id != "zero";
  });
  EXPECT_THAT(seen, ElementsAre("zero"));
}

TEST_F(CollectionTest, KnowsTheLanguageOfEveryDocument) {
  Collection collection = write();
  EXPECT_THAT(collection.language_counts(), IsEmpty());
  EXPECT_THAT(collection.document_languages().of, IsEmpty());
  collection.add(std::vector{document("1", "th", "ชา"), document("2", "sw", "chai"), document("3", "th", "กาแฟ"),
                             document("4", "hi-Latn", "chai")});
  const auto tag = [](const char* name) { return Language::parse(name); };
  EXPECT_THAT(collection.language_counts(),
              ElementsAre(Pair(tag("hi-Latn"), 1u), Pair(tag("sw"), 1u), Pair(tag("th"), 2u)));
  const auto [languages, of, live] = collection.document_languages();
  EXPECT_THAT(languages, ElementsAre(tag("hi-Latn"), tag("sw"), tag("th")));
  EXPECT_THAT(of, ElementsAre(2, 1, 2, 0));
}

TEST_F(CollectionTest, RemembersSettings) {
  {
    Collection collection = write();
    EXPECT_EQ(collection.setting("encoder"), "");
    collection.set_setting("encoder", "e5");
    collection.set_setting("encoder", "bge-m3");
    collection.set_setting("名前", "値");
  }
  EXPECT_EQ(read().setting("encoder"), "bge-m3");
  EXPECT_EQ(read().setting("名前"), "値");
}

SegmentRecord segment(const Collection& collection, std::string_view kind, DocumentNumber first) {
  return {std::string(kind), collection.segment_path(kind, first), "1 stamp", first, 5, 40};
}

TEST_F(CollectionTest, ListsSegmentsByFirstDocument) {
  Collection collection = write();
  for (const DocumentNumber first : {10u, 0u, 5u}) collection.add_segment(segment(collection, "lexical", first));
  collection.add_segment(segment(collection, "dense", 0));
  const auto segments = read().segments("lexical");
  ASSERT_EQ(segments.size(), 3u);
  EXPECT_EQ(segments[0].first, 0u);
  EXPECT_EQ(segments[1].first, 5u);
  EXPECT_EQ(segments[2].first, 10u);
  EXPECT_EQ(segments[2].file, path_ / "segments" / "lexical-0000000010.seg");
  EXPECT_EQ(segments[2].stamp, "1 stamp");
  EXPECT_EQ(segments[2].count, 5u);
  EXPECT_EQ(segments[2].bytes, 40u);
}

TEST_F(CollectionTest, DropsTheSegmentsOfOneKindWithTheirFiles) {
  Collection collection = write();
  for (const char* kind : {"lexical", "dense"}) {
    folder_.write("index/segments/" + collection.segment_path(kind, 0).filename().string(), "x");
    collection.add_segment(segment(collection, kind, 0));
  }
  collection.drop_segments("lexical");
  EXPECT_THAT(collection.segments("lexical"), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(collection.segment_path("lexical", 0)));
  EXPECT_EQ(collection.segments("dense").size(), 1u);
  EXPECT_TRUE(std::filesystem::exists(collection.segment_path("dense", 0)));
}

TEST_F(CollectionTest, RemovesSegmentFilesThatNobodyListsWhenWritingBegins) {
  {
    Collection collection = write();
    collection.add_segment(segment(collection, "lexical", 0));
  }
  for (const char* name : {"lexical-0000000000.seg", "lexical-0000000005.seg", "dense-0000000000.seg.Xy12Zq"}) {
    folder_.write("index/segments/" + std::string(name), "x");
  }
  const auto files = [this] {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_ / "segments")) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  };
  read();
  EXPECT_EQ(files().size(), 3u);
  write();
  EXPECT_THAT(files(), ElementsAre("lexical-0000000000.seg"));
}

TEST_F(CollectionTest, SaysHowToMakeOneThatIsMissing) {
  EXPECT_THAT(
      [this] { read(); },
      ThrowsMessage<NotFound>(path_.string() + ": no collection here; make one with: dragoman index CORPUS --into " +
                              path_.string()));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(CollectionTest, RefusesAFileThatIsNoDatabase) {
  folder_.write("index/collection.sqlite", std::string(5000, 'x'));
  const std::string message =
      (path_ / "collection.sqlite").string() + ": damaged or not a database of Dragoman (file is not a database)";
  EXPECT_THAT([this] { read(); }, ThrowsMessage<InvalidData>(message));
  EXPECT_THAT([this] { write(); }, ThrowsMessage<InvalidData>(message));
}

TEST_F(CollectionTest, RefusesADatabaseOfSomethingElse) {
  std::filesystem::create_directories(path_);
  test::run_sql(path_, "CREATE TABLE recipes(name TEXT)");
  EXPECT_THAT([this] { read(); }, ThrowsMessage<InvalidData>(path_.string() + ": not a collection"));
  EXPECT_THAT([this] { write(); }, ThrowsMessage<InvalidData>(path_.string() + ": not a collection"));
}

TEST_F(CollectionTest, RefusesANewerFormatNamingBoth) {
  write();
  test::run_sql(path_, "PRAGMA user_version=3");
  const std::string message = path_.string() + ": collection format 3 is not 1 to 2, those this program reads";
  EXPECT_THAT([this] { read(); }, ThrowsMessage<InvalidData>(message));
  EXPECT_THAT([this] { write(); }, ThrowsMessage<InvalidData>(message));
}

TEST_F(CollectionTest, FinishesAFolderWhoseMakingWasInterrupted) {
  folder_.write("index/collection.sqlite", "");  // As SQLite leaves it before the first transaction.
  EXPECT_THAT([this] { read(); }, ThrowsMessage<InvalidData>(path_.string() + ": not a collection"));
  EXPECT_EQ(write().size(), 0u);
  EXPECT_EQ(read().size(), 0u);
}

TEST_F(CollectionTest, SaysWhyAFolderCannotBeMade) {
  folder_.write("file", "");
  EXPECT_THAT([this] { Collection::open_for_writing(folder_.path() / "file"); },
              ThrowsMessage<Unavailable>((folder_.path() / "file").string() + ": cannot be made: Not a directory"));
}

TEST_F(CollectionTest, IsReadWhileItIsWritten) {
  Collection writer = write();
  const Collection reader = read();
  std::atomic<bool> done = false;
  std::thread writing([&] {
    for (int batch = 0; batch < 30; ++batch) {
      std::vector<Document> added;
      for (int i = 0; i < 10; ++i) {
        const std::string id = std::to_string(batch * 10 + i);
        added.push_back(
            document(id, i % 2 == 0 ? "el" : "qa" + std::string(1, static_cast<char>('a' + batch % 26)), "τσάι " + id));
      }
      writer.add(added);
    }
    done = true;
  });
  DocumentNumber last = 0;
  while (!done) {
    const DocumentNumber size = reader.size();
    EXPECT_GE(size, last);
    EXPECT_EQ(size % 10, 0u);
    last = size;
    if (size > 0) {
      EXPECT_EQ(reader.document(size - 1).id, std::to_string(size - 1));
    }
    const auto [languages, of, live] = reader.document_languages();
    EXPECT_GE(of.size(), size);
    for (const std::uint16_t ordinal : of) EXPECT_LT(ordinal, languages.size());
  }
  writing.join();
  EXPECT_EQ(reader.size(), 300u);
}

TEST_F(CollectionTest, ServesManyThreads) {
  Collection collection = write();
  collection.add(documents());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (DocumentNumber i = 0; i < 200; ++i) {
        const DocumentNumber number = i % collection.size();
        EXPECT_EQ(collection.document(number), documents()[number]);
        EXPECT_EQ(collection.find(documents()[number].id), number);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace dragoman
