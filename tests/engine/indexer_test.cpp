#include "dragoman/engine/indexer.h"

#include <gmock/gmock.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/collection/collection.h"
#include "dragoman/text/analyzer.h"
#include "engine/engine_support.h"
#include "engine/index_stamp.h"
#include "engine/segment_builder.h"

namespace dragoman {
namespace {

using test::kTeaCorpus;
using test::kTeaDocuments;
using test::line;
using test::segment_files;
using test::words_only;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::SizeIs;
using testing::StartsWith;
using testing::ThrowsMessage;
using testing::UnorderedElementsAre;

class IndexerTest : public testing::Test {
 protected:
  std::filesystem::path folder(const std::string& name = "index") const { return folder_.path() / name; }
  std::filesystem::path corpus(std::string_view lines = kTeaCorpus) const {
    return folder_.write("corpus.jsonl", lines);
  }

  test::TemporaryFolder folder_;
};

TEST_F(IndexerTest, ReportsWhatItDid) {
  const IndexReport report = index_corpus(words_only(corpus(), folder()));
  EXPECT_EQ(report.documents, kTeaDocuments);
  EXPECT_EQ(report.added, kTeaDocuments);
  EXPECT_EQ(report.unchanged, 0u);
  EXPECT_EQ(report.without_text, 1u);
  EXPECT_EQ(report.language_identified, 1u);
  EXPECT_EQ(report.passages, 0u);
  EXPECT_THAT(report.languages, UnorderedElementsAre(Pair("ar", 1), Pair("de", 1), Pair("en", 1), Pair("hi", 1),
                                                     Pair("hi-Latn", 1), Pair("ja", 1), Pair("pt-BR", 1), Pair("ru", 1),
                                                     Pair("sw", 1), Pair("th", 1), Pair("zh", 1), Pair("und", 1)));
  const auto files = segment_files(folder());
  ASSERT_THAT(files, SizeIs(1));
  EXPECT_EQ(files[0].first, "lexical-0000000000.seg");
  EXPECT_EQ(report.index_bytes, files[0].second.size());
}

// Refused before any model is looked for.
TEST_F(IndexerTest, RefusesAnotherPrecisionThanTheIndexHas) {
  index_corpus(words_only(corpus(), folder()));
  Collection::open_for_writing(folder()).set_setting("precision", "f32");
  IndexOptions options{.corpus = "", .into = folder(), .stages = {FirstStage::dense}};
  options.precision = Precision::int8;
  EXPECT_THAT([&] { index_corpus(options); },
              ThrowsMessage<InvalidArgument>(
                  folder().string() + ": its dense index was made in f32, not int8; to make it anew add --rebuild"));
}

TEST_F(IndexerTest, KeepsDocumentsAsTheyCame) {
  index_corpus(words_only(corpus(), folder()));
  const Document document = Collection::open(folder()).document(2);
  EXPECT_EQ(document.id, "en-tea");
  EXPECT_EQ(document.title, "Green tea");
  EXPECT_EQ(document.text, "Sencha needs cooler water");
  EXPECT_EQ(document.metadata, R"({"year":1738})");
}

TEST_F(IndexerTest, FindsEverythingUnchangedTheSecondTime) {
  index_corpus(words_only(corpus(), folder()));
  const auto files = segment_files(folder());
  const IndexReport again = index_corpus(words_only(corpus(), folder()));
  EXPECT_EQ(again.added, 0u);
  EXPECT_EQ(again.unchanged, kTeaDocuments);
  EXPECT_EQ(again.documents, kTeaDocuments);
  EXPECT_EQ(segment_files(folder()), files);
}

TEST_F(IndexerTest, AddsASegmentForNewDocuments) {
  index_corpus(words_only(corpus(line("a", "el", "τσάι")), folder()));
  const IndexReport report =
      index_corpus(words_only(corpus(line("a", "el", "τσάι") + line("b", "ko", "녹차")), folder()));
  EXPECT_EQ(report.added, 1u);
  EXPECT_EQ(report.unchanged, 1u);
  const auto segments = Collection::open(folder()).segments("lexical");
  ASSERT_THAT(segments, SizeIs(2));
  EXPECT_EQ(segments[1].first, 1u);
  EXPECT_EQ(segments[1].count, 1u);
}

TEST_F(IndexerTest, GivesTheSameBytesAtAnyNumberOfThreads) {
  auto options = words_only(corpus(), folder("one"));
  options.threads = 1;
  index_corpus(options);
  options.into = folder("four");
  options.threads = 4;
  index_corpus(options);
  EXPECT_EQ(segment_files(folder("one")), segment_files(folder("four")));
}

TEST_F(IndexerTest, IsFinishedByTheSameCallWhereverItWasInterrupted) {
  index_corpus(words_only(corpus(), folder("undisturbed")));
  int interruptions = 0;
  for (int allowed = 0;; ++allowed) {
    const auto options = words_only(corpus(), folder(std::to_string(allowed)));
    int events = 0;
    try {
      index_corpus(options, [&](const ProgressEvent&) {
        if (events++ == allowed) throw std::runtime_error("interrupted");
      });
      break;
    } catch (const std::runtime_error&) {
      ++interruptions;
    }
    const IndexReport report = index_corpus(options);
    EXPECT_EQ(report.documents, kTeaDocuments);
    EXPECT_EQ(segment_files(options.into), segment_files(folder("undisturbed"))) << allowed;
  }
  EXPECT_GE(interruptions, 2);  // After the documents, and in the index, at least.
}

TEST_F(IndexerTest, BuildsWhatIsMissingWithoutACorpus) {
  index_corpus(words_only(corpus(), folder("undisturbed")));
  std::vector<Document> documents;
  const auto finished = Collection::open(folder("undisturbed"));
  finished.for_each(0, finished.size(), [&](DocumentNumber, const Document& document) {
    documents.push_back(document);
    return true;
  });
  Collection::open_for_writing(folder()).add(documents);

  auto options = words_only("", folder());
  options.corpus.clear();
  const IndexReport report = index_corpus(options);
  EXPECT_EQ(report.documents, kTeaDocuments);
  EXPECT_EQ(report.added, 0u);
  EXPECT_EQ(segment_files(folder()), segment_files(folder("undisturbed")));
}

TEST_F(IndexerTest, CutsSegmentsAtTheSameDocumentsWhenOneOfThemWasLost) {
  std::string lines;
  for (int i = 0; i < 1000 + 10; ++i) lines += line(std::to_string(i), "vi", "trà " + std::to_string(i % 100));
  auto options = words_only(corpus(lines), folder());
  options.lexical.segment_documents = 1000;
  index_corpus(options);
  const auto undisturbed = segment_files(folder());
  ASSERT_THAT(undisturbed,
              ElementsAre(Pair("lexical-0000000000.seg", testing::_), Pair("lexical-0000001000.seg", testing::_)));
  {
    // As a call leaves it that was killed between the two segments.
    Collection collection = Collection::open_for_writing(folder());
    const auto first = collection.segments("lexical")[0];
    const auto kept = folder("kept.seg");
    std::filesystem::rename(first.file, kept);
    collection.drop_segments("lexical");
    std::filesystem::rename(kept, first.file);
    collection.add_segment(first);
  }
  EXPECT_THAT(segment_files(folder()), SizeIs(1));
  auto finish = options;
  finish.corpus.clear();
  index_corpus(finish);
  EXPECT_EQ(segment_files(folder()), undisturbed);
}

TEST_F(IndexerTest, KeepsTheDocumentsBeforeABadLine) {
  const auto bad = corpus(line("a", "ur", "چائے") + line("b", "fa", "چای") + "{\"_id\":\"c\"}\n");
  EXPECT_THAT([&] { index_corpus(words_only(bad, folder())); },
              ThrowsMessage<InvalidData>(StartsWith(bad.string() + ":3: \"text\" is missing")));
  EXPECT_EQ(Collection::open(folder()).size(), 2u);
  const auto mended = corpus(line("a", "ur", "چائے") + line("b", "fa", "چای") + line("c", "he", "תה"));
  const IndexReport report = index_corpus(words_only(mended, folder()));
  EXPECT_EQ(report.unchanged, 2u);
  EXPECT_EQ(report.added, 1u);
}

TEST_F(IndexerTest, RefusesADocumentThatIsThereWithAnotherContent) {
  index_corpus(words_only(corpus(line("a", "it", "tè verde")), folder()));
  EXPECT_THAT([&] { index_corpus(words_only(corpus(line("a", "it", "tè nero")), folder())); },
              ThrowsMessage<InvalidData>(HasSubstr("document 'a' is already in " + folder().string())));
}

TEST_F(IndexerTest, RefusesSegmentsOfAnotherAnalyserUntilToldToRebuild) {
  index_corpus(words_only(corpus(), folder("undisturbed")));
  const auto options = words_only(corpus(), folder());
  index_corpus(options);
  {
    Collection collection = Collection::open_for_writing(folder());
    auto segment = collection.segments("lexical")[0];
    collection.drop_segments("lexical");
    segment.stamp = "1 analyzer=abacus";
    collection.add_segment(segment);
  }
  EXPECT_THAT([&] { index_corpus(options); },
              ThrowsMessage<InvalidData>(AllOf(HasSubstr("made by [1 analyzer=abacus], but now it would be [" +
                                                         lexical_stamp(Analyzer(), false) + "]"),
                                               HasSubstr("dragoman index --rebuild --into " + folder().string()))));
  auto rebuild = options;
  rebuild.rebuild = true;
  index_corpus(rebuild);
  EXPECT_EQ(segment_files(folder()), segment_files(folder("undisturbed")));
}

TEST_F(IndexerTest, NeedsACorpusOrACollection) {
  auto options = words_only("", folder());
  options.corpus.clear();
  EXPECT_THAT([&] { index_corpus(options); },
              ThrowsMessage<NotFound>(StartsWith(folder().string() + ": no collection here")));
  EXPECT_THAT([&] { index_corpus(words_only("no/corpus.jsonl", folder())); },
              ThrowsMessage<NotFound>("no/corpus.jsonl: no such file"));
}

TEST_F(IndexerTest, NeedsAnIndexToBuild) {
  auto options = words_only(corpus(), folder());
  options.stages.clear();
  EXPECT_THAT([&] { index_corpus(options); },
              ThrowsMessage<InvalidArgument>("no index to build; choose of bm25, dense, sparse, multivector"));
}

TEST_F(IndexerTest, AsksForTheModelBeforeItReads) {
  IndexOptions options = words_only(corpus(), folder());
  options.stages = {FirstStage::bm25, FirstStage::dense};
  options.models = folder("models");
  EXPECT_THAT([&] { index_corpus(options); },
              ThrowsMessage<NotFound>(HasSubstr("dragoman model pull multilingual-e5-small")));
  EXPECT_FALSE(std::filesystem::exists(folder() / "segments" / "lexical-0000000000.seg"));
}

TEST_F(IndexerTest, TellsHowFarItHasCome) {
  std::vector<std::string> stages;
  std::uint64_t read = 0, analysed = 0;
  const auto path = corpus();
  index_corpus(words_only(path, folder()), [&](const ProgressEvent& event) {
    EXPECT_LE(event.done, event.total);
    if (event.stage == "read") read = event.done;
    if (event.stage == "analyse") analysed = event.done;
  });
  EXPECT_EQ(read, std::filesystem::file_size(path));
  EXPECT_EQ(analysed, kTeaDocuments);
}

TEST(FirstStageName, IsReadAsItIsWritten) {
  for (const FirstStage stage : all_first_stages()) EXPECT_EQ(parse_first_stage(name_of(stage)), stage);
  EXPECT_THAT(
      [] { parse_first_stage("spares"); },
      ThrowsMessage<InvalidArgument>("retriever 'spares' is unknown; there are bm25, dense, sparse, multivector"));
}

TEST_F(IndexerTest, TakesOnlyDocumentsInTheLanguagesAskedFor) {
  IndexOptions options = words_only(corpus(), folder());
  options.languages = {Language::parse("th"), Language::parse("hi")};  // "hi" in any script.
  const IndexReport report = index_corpus(options);
  EXPECT_THAT(report.languages, ElementsAre(Pair("hi", 1), Pair("hi-Latn", 1), Pair("th", 1)));
  EXPECT_EQ(report.other_languages, kTeaDocuments - 3);
}

}  // namespace
}  // namespace dragoman
