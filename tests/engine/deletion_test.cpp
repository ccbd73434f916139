#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/collection/collection.h"
#include "dragoman/collection/segment_file.h"
#include "dragoman/engine/maintenance.h"
#include "engine/engine_support.h"

namespace dragoman {
namespace {

using test::ids;
using test::kTeaCorpus;
using test::kTeaDocuments;
using test::line;
using test::query;
using test::search_words;
using test::words_only;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;
using testing::UnorderedElementsAre;

class DeletionTest : public test::WordsTest {
 protected:
  void index(std::string_view lines, const std::filesystem::path& into, bool replace = false) {
    IndexOptions options = words_only(folder_.write("corpus.jsonl", lines), into);
    options.romanized = true;
    options.replace = replace;
    options.lexical.segment_documents = 100;
    last_ = index_corpus(options);
  }

  static std::vector<std::string> found(const Engine& engine, std::string text,
                                        SearchOptions options = search_words()) {
    return ids(engine.search(query(std::move(text)), options));
  }

  IndexReport last_;
};

/// All that a caller sees of some searches: ids, scores to the bit, what was believed of the language.
std::string answers(const std::filesystem::path& folder) {
  const Engine engine(folder, {.identifier = "script"});
  std::vector<SearchOptions> all(6, search_words());
  all[1].bm25.statistics = LexicalStatistics::pooled;
  all[2].bm25.weighting = LexicalWeighting::dirichlet;
  all[3].same_language = true;
  all[4].documents_in = {Language::parse("sw"), Language::parse("hi"), Language::parse("ja")};
  all[5].romanized_weight = 0.3f;
  std::string text;
  for (const SearchOptions& options : all) {
    for (const Query& asked :
         {query("malaria mosquito rain", "en"), query("malaria"), query("chai ya asubuhi", "sw"), query("चाय"),
          query("chay", "hi-Latn"), query("Moskva Tokyo samovar"), query("珊瑚礁", "zh"), query("サンゴ礁"),
          query("الشعاب المرجانية"), query("ชาวประมง"), query("de la en"), query("velo fahrrad")}) {
      const SearchResult result = engine.search(asked, options);
      text += asked.text + " " + result.query.language.tag();
      for (const auto& [language, probability] : result.explanation.language.languages) {
        text += " " + language.tag() + std::to_string(probability);
      }
      for (const SearchHit& hit : result.hits) {
        std::uint32_t bits = 0;
        std::memcpy(&bits, &hit.score, sizeof bits);
        text += "\n  " + hit.id + " " + std::to_string(bits) + " " + std::to_string(hit.passage.begin);
      }
      text += "\n";
    }
  }
  return text;
}

struct Sample {
  std::string left, changed, behind;  ///< JSON lines.
  std::string all;
  std::vector<std::string> gone;
};

std::string id_of(std::string_view document) {
  const std::size_t begin = document.find(R"("_id": ")") + 8;
  return std::string(document.substr(begin, document.find('"', begin) - begin));
}

/// The sample corpus, of which every third document goes and a few change.
Sample sample() {
  Sample sample;
  LineReader lines((test::source_dir() / "examples" / "sample" / "corpus.jsonl").string());
  for (std::string_view document; lines.next(document);) {
    const std::string text = std::string(document) + "\n";
    sample.all += text;
    if (lines.line_number() % 3 == 1) {
      sample.gone.push_back(id_of(document));
      EXPECT_FALSE(sample.gone.back().empty());
      continue;
    }
    if (lines.line_number() % 40 == 2) {
      std::string other = text;
      other.replace(other.find(R"("text": ")"), 9, R"("text": "chai malaria )");
      sample.changed += other;
    } else {
      sample.left += text;
    }
    sample.behind += text;
  }
  return sample;
}

TEST_F(DeletionTest, LeavesWhatAFreshBuildWouldHave) {
  const Sample documents = sample();
  index(documents.behind, folder_.path() / "fresh");
  const std::string expected = answers(folder_.path() / "fresh");
  index(documents.all, path_);
  EXPECT_NE(answers(path_), expected);
  EXPECT_EQ(delete_documents(path_, documents.gone).deleted, documents.gone.size());
  EXPECT_EQ(answers(path_), expected);
  const CompactReport compacted = compact_collection(path_);
  EXPECT_EQ(compacted.segments, 5u);  // Four of words, one of sounds.
  EXPECT_EQ(compacted.documents, 2 * documents.gone.size());
  EXPECT_LT(compacted.bytes_after, compacted.bytes_before);
  EXPECT_EQ(answers(path_), expected);
  EXPECT_EQ(compact_collection(path_).segments, 0u);

  // Replaced ones are the newest.
  index(documents.left + documents.changed, folder_.path() / "changed");
  index(documents.changed, path_, true);
  EXPECT_GT(last_.replaced, 3u);
  EXPECT_EQ(last_.added, 0u);
  EXPECT_EQ(answers(path_), answers(folder_.path() / "changed"));

  // What was added and deleted again leaves no trace.
  index(documents.all, path_, true);
  delete_documents(path_, documents.gone);
  index(documents.changed, path_, true);
  EXPECT_EQ(answers(path_), answers(folder_.path() / "changed"));
}

TEST_F(DeletionTest, MakesSegmentsAgainThatLostMoreThanAQuarter) {
  const Sample documents = sample();
  index(documents.all, path_);
  delete_documents(path_, std::span(documents.gone).first(2));
  index(line("new", "sw", "chai"), path_);
  EXPECT_EQ(last_.segments_compacted, 0u);
  delete_documents(path_, std::span(documents.gone).subspan(2));
  const auto before = last_.index_bytes;
  index(line("new", "sw", "chai"), path_);
  EXPECT_EQ(last_.segments_compacted, 5u);
  EXPECT_LT(last_.index_bytes, before);
  index(line("new", "sw", "chai"), path_);
  EXPECT_EQ(last_.segments_compacted, 0u);
}

TEST_F(DeletionTest, MakesSegmentsAgainInTheOrderThatTheyHave) {
  IndexOptions options = words_of(sample().all);
  options.lexical.order = DocumentOrder::bisection;
  index_corpus(options);
  delete_documents(path_, sample().gone);
  compact_collection(path_);
  const SegmentRecord segment = Collection::open(path_).segments("lexical").at(0);
  EXPECT_FALSE(SegmentReader(segment.file, "lexical", segment.stamp).section("document_order").empty());
}

TEST_F(DeletionTest, GoesOnInAnEngineThatIsOpen) {
  index(kTeaCorpus, path_);
  const Engine opened(path_);
  EXPECT_THAT(found(opened, "kaffee"), ElementsAre("de-coffee"));
  const Engine lazy(path_);  // Opens its index after the documents are gone.
  delete_documents(path_, std::vector<std::string>{"de-coffee", "ja-tea"});
  compact_collection(path_);
  for (const Engine* engine : {&opened, &lazy}) {
    EXPECT_THAT(found(*engine, "kaffee"), testing::Not(testing::Contains("de-coffee")));
    EXPECT_THAT(found(*engine, "玉露"), IsEmpty());
    EXPECT_THAT(found(*engine, "чай"), ElementsAre("ru-tea"));
  }
  EXPECT_EQ(Engine(path_).size(), kTeaDocuments - 2);
  EXPECT_THAT(Engine(path_).document_languages(), SizeIs(kTeaDocuments - 2));
}

TEST_F(DeletionTest, LeavesAnEmptyCollectionThatCanBeFilled) {
  index(line("a", "el", "τσάι") + line("b", "ko", "녹차"), path_);
  EXPECT_EQ(delete_documents(path_, std::vector<std::string>{"a", "b"}).documents, 0u);
  const auto nothing_there = ThrowsMessage<NotFound>(path_.string() +
                                                     ": holds no documents; add some with: dragoman "
                                                     "index CORPUS --into " +
                                                     path_.string());
  EXPECT_THAT([&] { found(Engine(path_), "녹차"); }, nothing_there);
  compact_collection(path_);
  EXPECT_THAT([&] { found(Engine(path_), "녹차"); }, nothing_there);
  index(line("b", "ko", "홍차 녹차"), path_);
  EXPECT_EQ(last_.documents, 1u);
  EXPECT_THAT(last_.languages, ElementsAre(testing::Pair("ko", 1u)));
  EXPECT_THAT(found(Engine(path_), "녹차"), ElementsAre("b"));
}

TEST_F(DeletionTest, RefusesWhatIsNotThere) {
  EXPECT_THROW(delete_documents(path_, std::vector<std::string>{"a"}), NotFound);
  EXPECT_THROW(compact_collection(path_), NotFound);
  EXPECT_FALSE(std::filesystem::exists(path_));
  index(kTeaCorpus, path_);
  EXPECT_THROW(delete_documents(path_, std::vector<std::string>{"ja-tea", "xx"}), NotFound);
  EXPECT_THAT(found(Engine(path_), "玉露"), ElementsAre("ja-tea"));
  EXPECT_THAT([&] { compact_collection(path_, {.share = 1}); },
              ThrowsMessage<InvalidArgument>("the share of deleted documents is 1, must be from 0 to below 1"));
  const Collection writer = Collection::open_for_writing(path_);
  EXPECT_THROW(delete_documents(path_, std::vector<std::string>{"ja-tea"}), Unavailable);
  EXPECT_THROW(compact_collection(path_), Unavailable);
}

// Killed at any moment while it deletes and compacts, the collection answers as before or as after, and can go on.
TEST_F(DeletionTest, SurvivesBeingKilled) {
  const Sample documents = sample();
  index(documents.all, path_);
  const std::string before = answers(path_);
  index(documents.behind, folder_.path() / "fresh");
  const std::string after = answers(folder_.path() / "fresh");
  for (int delay = 1; delay < 200; delay = delay * 2 + 5) {
    const auto copy = folder_.path() / std::to_string(delay);
    std::filesystem::copy(path_, copy, std::filesystem::copy_options::recursive);
    const pid_t child = fork();
    if (child == 0) {
      delete_documents(copy, documents.gone);
      compact_collection(copy, {.threads = 1});
      _exit(0);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(delay));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const bool deleted = !Collection::open(copy).find(documents.gone[0]);
    EXPECT_EQ(answers(copy), deleted ? after : before) << delay;
    delete_documents(copy, documents.gone, Collection::Unknown::skip);
    compact_collection(copy);
    EXPECT_EQ(answers(copy), after) << delay;
  }
}

TEST_F(DeletionTest, FiltersByMetadataAndIds) {
  index(R"({"_id":"a","lang":"sw","text":"chai","year":1999,"source":"bbc"}
{"_id":"b","lang":"sw","text":"chai ya maziwa","year":2021,"source":"bbc"}
{"_id":"c","lang":"hi-Latn","text":"chai","year":2022}
{"_id":"d","lang":"sw","text":"chai chai","year":2023,"source":"dw"}
)",
        path_);
  const Engine engine(path_);
  SearchOptions options = search_words();
  const auto where = [&](const std::vector<std::string>& conditions) {
    options.where.clear();
    for (const std::string& condition : conditions) options.where.push_back(parse_metadata_condition(condition));
    return found(engine, "chai", options);
  };
  EXPECT_THAT(where({}), UnorderedElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(where({"year>=2020"}), UnorderedElementsAre("b", "c", "d"));
  EXPECT_THAT(where({"year>=2020", "source=bbc"}), ElementsAre("b"));
  EXPECT_THAT(where({"colour=red"}), IsEmpty());
  options.documents_in = {Language::parse("sw")};
  EXPECT_THAT(where({"year>=2020"}), UnorderedElementsAre("b", "d"));
  options.ids = {"d", "c", "unknown"};
  EXPECT_THAT(where({"year>=2020"}), ElementsAre("d"));
  options.documents_in.clear();
  EXPECT_THAT(where({}), UnorderedElementsAre("c", "d"));
  options.ids = std::vector<std::string>{};
  EXPECT_THAT(where({}), IsEmpty());
  // A filter within top-k: the one wanted document is found although others are better.
  options.ids = {"b"};
  options.depth = options.hits = 1;
  EXPECT_THAT(where({}), ElementsAre("b"));
  options.ids.reset();
  delete_documents(path_, std::vector<std::string>{"d"});
  const Engine after(path_);
  options.where = {parse_metadata_condition("year>2021")};
  EXPECT_THAT(found(after, "chai", options), ElementsAre("c"));
}

}  // namespace
}  // namespace dragoman
