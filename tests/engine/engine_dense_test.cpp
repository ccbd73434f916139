#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/encode/model_store.h"
#include "dragoman/engine/maintenance.h"
#include "engine/engine_support.h"

namespace dragoman {
namespace {

using test::ids;
using test::line;
using test::query;
using test::search;
using test::skip_reason;
using testing::HasSubstr;
using testing::SizeIs;
using testing::ThrowsMessage;

/// A few documents of the sample, among them all about tea and the two that are long; indexed once for all tests.
class EngineDenseTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    reason_ = skip_reason();
    if (!reason_.empty()) return;
    folder_ = std::make_unique<test::TemporaryFolder>();
    documents_ = 0;
    LineReader sample((test::source_dir() / "examples" / "sample" / "corpus.jsonl").string());
    std::string corpus;
    for (std::string_view document; sample.next(document);) {
      const bool wanted = document.find("-tea-") < 30 || document.find("en-bicycle-guide") < 30 ||
                          document.find("ru-railway-transsib") < 30;
      if (!wanted && sample.line_number() % 22 != 5) continue;
      corpus += std::string(document) + "\n";
      ++documents_;
    }
    IndexOptions options;
    options.corpus = folder_->write("corpus.jsonl", corpus).string();
    options.into = folder_->path() / "index";
    options.lexical.positions = true;
    report_ = index_corpus(options);
    engine_ = std::make_unique<Engine>(options.into);
  }

  static void TearDownTestSuite() {
    engine_.reset();
    folder_.reset();
  }

  void SetUp() override {
    if (!reason_.empty()) GTEST_SKIP() << reason_;
  }

  static inline std::string reason_;
  static inline std::size_t documents_ = 0;
  static inline std::unique_ptr<test::TemporaryFolder> folder_;
  static inline IndexReport report_;
  static inline std::unique_ptr<Engine> engine_;
};

TEST_F(EngineDenseTest, FindsOnlyWhatHasThePhrasesOfAQuery) {
  const SearchOptions both = search({FirstStage::bm25, FirstStage::dense});
  EXPECT_GT(engine_->search(query("black tea", "en"), both).hits.size(), 1u);
  const SearchResult quoted = engine_->search(query("brewing \"black tea\"", "en"), both);
  EXPECT_THAT(ids(quoted), testing::ElementsAre("en-tea-brewing"));
  EXPECT_THAT(quoted.explanation.phrases, testing::ElementsAre("black tea"));
  EXPECT_THAT(quoted.hits[0].trace, SizeIs(3)) << "bm25, dense and their fusion";
  EXPECT_THAT(ids(engine_->search(query("\"tea black\"", "en"), both)), testing::IsEmpty());
}

TEST_F(EngineDenseTest, EncodesEveryDocumentAndSplitsLongOnes) {
  EXPECT_EQ(report_.documents, documents_);
  EXPECT_EQ(report_.documents_split, 2u);
  EXPECT_GE(report_.passages, documents_ + 2);
  EXPECT_GT(report_.tokens, documents_ * 50);
  EXPECT_EQ(report_.titles_cut, 0u);
  EXPECT_THAT(engine_->notices(), testing::IsEmpty());
}

TEST_F(EngineDenseTest, FindsAcrossLanguages) {
  const auto result = engine_->search(query("How is tea made in a samovar?", "en"), search({FirstStage::dense}));
  ASSERT_THAT(result.hits, SizeIs(10));
  EXPECT_EQ(result.hits[0].id, "ru-tea-samovar");
  EXPECT_EQ(result.hits[0].language.tag(), "ru");
  ASSERT_THAT(result.hits[0].trace, SizeIs(1));
  EXPECT_EQ(result.hits[0].trace[0].stage, "dense");
  EXPECT_GT(result.explanation.query_tokens, 5u);
  EXPECT_FALSE(result.explanation.query_truncated);
}

/// Of a copy of the collection: what `index` makes of its vectors, and what is then found.
TEST_F(EngineDenseTest, MakesOtherIndexesOfTheSameVectors) {
  const auto copy = folder_->path() / "copy";
  std::filesystem::copy(folder_->path() / "index", copy, std::filesystem::copy_options::recursive);
  const std::vector<Query> queries = {query("お茶", "ja"), query("चाय कैसे बनाएं", "hi"), query("chai ya samovar", "sw"),
                                      query("كيف يُصنع الشاي؟", "ar"), query("паровоз", "ru")};
  const auto answers = [&](const SearchOptions& options) {
    const Engine engine(copy);
    std::vector<std::vector<std::string>> all;
    for (const Query& each : queries) all.push_back(ids(engine.search(each, options)));
    return all;
  };
  const auto files = [&] {
    std::vector<std::string> names;
    for (const auto& [name, bytes] : test::segment_files(copy)) names.push_back(name.substr(0, name.rfind('-')));
    return names;
  };
  const auto expected = answers(search({FirstStage::dense}));

  IndexOptions options{.corpus = "", .into = copy, .stages = {FirstStage::dense}};
  options.dense.storage = DenseStorage::int8;
  EXPECT_EQ(index_corpus(options).passages, 0u);  // Nothing is encoded again.
  EXPECT_THAT(files(), testing::ElementsAre("bias", "dense", "dense_codes", "lexical"));
  EXPECT_EQ(answers(search({FirstStage::dense})), expected);

  // The graph comes besides; so few documents are all found by it.
  options.dense = {.kind = DenseIndexKind::hnsw};
  EXPECT_EQ(index_corpus(options).passages, 0u);
  EXPECT_THAT(files(), testing::ElementsAre("bias", "dense", "dense_codes", "dense_hnsw", "lexical"));
  EXPECT_EQ(answers(search({FirstStage::dense})), expected);
  const auto made = test::segment_files(copy);
  index_corpus(options);
  EXPECT_EQ(test::segment_files(copy), made);  // There is nothing to do.

  options.dense = {.kind = DenseIndexKind::ivfpq, .ivf_pq = IvfPqOptions{.lists = 4}};
  EXPECT_EQ(index_corpus(options).passages, 0u);
  EXPECT_THAT(files(), testing::ElementsAre("bias", "dense", "dense_codes", "dense_ivfpq", "lexical"));
  EXPECT_EQ(answers(search({FirstStage::dense})), expected);

  // A memory limit makes several graphs of it.
  options.dense = {.kind = DenseIndexKind::hnsw, .hnsw = HnswOptions{.m = 8}, .memory_bytes = 5000};
  index_corpus(options);
  EXPECT_GT(std::ranges::count(files(), "dense_hnsw"), 1);
  EXPECT_EQ(answers(search({FirstStage::dense})), expected);
  auto exact = search({FirstStage::dense});
  exact.dense.exact = true;
  EXPECT_EQ(answers(exact), expected);

  options.dense = {.kind = DenseIndexKind::flat, .storage = DenseStorage::f32};
  index_corpus(options);
  EXPECT_THAT(files(), testing::ElementsAre("bias", "dense", "lexical"));
  EXPECT_EQ(answers(search({FirstStage::dense})), expected);

  // Settings that cannot be are refused before anything is done.
  options.dense = {.hnsw = HnswOptions{.m = 1}};
  EXPECT_THAT([&] { index_corpus(options); }, ThrowsMessage<InvalidArgument>("hnsw m is 1, must be from 2 to 256"));
}

// Codes and graphs name passages by numbers, which change where documents are gone.
TEST_F(EngineDenseTest, MakesAnewWhatWasMadeOfVectorsThatAreMadeAgain) {
  const auto copy = folder_->path() / "remade";
  std::filesystem::copy(folder_->path() / "index", copy, std::filesystem::copy_options::recursive);
  IndexOptions options{.corpus = "", .into = copy, .stages = {FirstStage::dense}};
  options.dense = {.kind = DenseIndexKind::hnsw, .storage = DenseStorage::int8};
  index_corpus(options);
  const auto answer = [&](bool exact) {
    auto dense = search({FirstStage::dense});
    dense.dense.exact = exact;
    dense.hits = 5;
    return ids(Engine(copy).search(query("How is tea made in a samovar?", "en"), dense));
  };
  ASSERT_EQ(answer(false).at(0), "ru-tea-samovar");
  const std::vector<std::string> gone = {"ru-tea-samovar"};
  delete_documents(copy, gone);
  const auto expected = answer(true);
  EXPECT_THAT(expected, testing::Not(testing::Contains("ru-tea-samovar")));
  EXPECT_EQ(answer(false), expected);
  using Files = std::map<std::string, std::string>;
  const auto files = [&] {
    const auto all = test::segment_files(copy);
    return Files(all.begin(), all.end());
  };
  const Files before = files();
  compact_collection(copy);
  const Files after = files();
  for (const char* name :
       {"bias-0000000000.seg", "dense-0000000000.seg", "dense_codes-0000000000.seg", "dense_hnsw-0000000000.seg"}) {
    ASSERT_TRUE(before.contains(name) && after.contains(name)) << name;
    EXPECT_NE(before.at(name), after.at(name)) << name;
  }
  EXPECT_EQ(answer(false), expected);
  EXPECT_EQ(answer(true), expected);
  // It is as the next call would have it.
  index_corpus(options);
  EXPECT_EQ(files(), after);
}

TEST_F(EngineDenseTest, FindsAPassageInTheMiddleOfALongDocument) {
  const auto options = search({FirstStage::dense});
  const SearchHit bicycle = engine_->search(query("โซ่จักรยานยืดและสึก ควรวัดและเปลี่ยนเมื่อไร", "th"), options).hits.at(0);
  ASSERT_EQ(bicycle.id, "en-bicycle-guide");
  EXPECT_THAT(std::string(bicycle.passage.of(bicycle.document.text)), HasSubstr("The chain wears out faster"));
  EXPECT_GT(bicycle.passage.begin, 0u);
  EXPECT_LT(bicycle.passage.end - bicycle.passage.begin, bicycle.document.text.size());

  const SearchHit railway =
      engine_->search(query("титан с кипятком в вагоне, подстаканник и чай у проводника", "ru"), options).hits.at(0);
  ASSERT_EQ(railway.id, "ru-railway-transsib");
  EXPECT_THAT(std::string(railway.passage.of(railway.document.text)), HasSubstr("Кипяток есть всегда"));
}

TEST_F(EngineDenseTest, FusesWordsAndVectors) {
  auto options = search({FirstStage::bm25, FirstStage::dense});
  options.fuse.method = FuseMethod::rrf;
  const auto result = engine_->search(query("самовар", "ru"), options);
  ASSERT_FALSE(result.hits.empty());
  const SearchHit& hit = result.hits[0];
  EXPECT_EQ(hit.id, "ru-tea-samovar");
  ASSERT_THAT(hit.trace, SizeIs(3));
  EXPECT_EQ(hit.trace[0].stage, "bm25");
  EXPECT_EQ(hit.trace[1].stage, "dense");
  EXPECT_EQ(hit.trace[2].stage, "rrf");
  EXPECT_EQ(hit.trace[2].rank, 1u);
  EXPECT_FLOAT_EQ(
      hit.score, 1.0f / static_cast<float>(60 + hit.trace[0].rank) + 1.0f / static_cast<float>(60 + hit.trace[1].rank));
  EXPECT_EQ(result.explanation.candidates, documents_);
}

TEST_F(EngineDenseTest, AddsWhatWordsSayToWhatVectorsSay) {
  const auto result = engine_->search(query("самовар", "ru"), search({FirstStage::bm25, FirstStage::dense}));
  ASSERT_FALSE(result.hits.empty());
  const SearchHit& hit = result.hits[0];
  EXPECT_EQ(hit.id, "ru-tea-samovar");
  ASSERT_THAT(hit.trace, SizeIs(3));
  EXPECT_EQ(hit.trace[2].stage, "calibrated");
  const float by_words = hit.score - hit.trace[1].score;
  EXPECT_GT(by_words, 0.05f);  // One word, which it has several times: about the weight of a full match, 0.15.
  EXPECT_LT(by_words, 0.3f);
}

TEST_F(EngineDenseTest, TakesAwayWhatVectorsSayOfLanguages) {
  const auto in_english = [&](Debias debias) {
    auto options = search({FirstStage::dense});
    options.debias = debias;
    std::size_t count = 0;
    for (const char* text : {"tea", "How is water boiled?", "a festival in spring"}) {
      for (const SearchHit& hit : engine_->search(query(text, "en"), options).hits) count += hit.language.tag() == "en";
    }
    return count;
  };
  EXPECT_GT(in_english(Debias::none), in_english(Debias::automatic));
}

TEST_F(EngineDenseTest, NeedsNoFileToKnowWhatVectorsSayOfLanguages) {
  const auto before = engine_->search(query("making tea", "en"), search({FirstStage::dense}));
  std::size_t removed = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder_->path() / "index" / "segments")) {
    if (!file.path().filename().string().starts_with("bias-")) continue;
    removed += std::filesystem::remove(file.path());
  }
  EXPECT_EQ(removed, 1U);
  const Engine engine(folder_->path() / "index");
  const auto after = engine.search(query("making tea", "en"), search({FirstStage::dense}));
  EXPECT_EQ(ids(after), ids(before));
  EXPECT_EQ(after.hits[0].score, before.hits[0].score);
}

TEST_F(EngineDenseTest, LetsWordsSayNothingOfOtherLanguages) {
  // None of these words is in a document, so words are silent, and the fused order is that of the vectors.
  const auto swahili = query("birika, chai", "sw");
  EXPECT_EQ(ids(engine_->search(swahili, search({FirstStage::bm25, FirstStage::dense}))),
            ids(engine_->search(swahili, search({FirstStage::dense}))));
}

TEST_F(EngineDenseTest, GivesTheSameAnswerToOneQueryAndToMany) {
  const std::vector<Query> queries = {query("お茶", "ja"), query("चाय कैसे बनाएं", "hi"), query("thé vert", "fr")};
  const auto options = search({FirstStage::bm25, FirstStage::dense});
  std::size_t next = 0;
  engine_->search(queries, options, [&](const SearchResult& result) {
    const SearchResult alone = engine_->search(queries[next++], options);
    EXPECT_EQ(ids(result), ids(alone));
    EXPECT_EQ(result.hits.at(0).score, alone.hits.at(0).score);
  });
  EXPECT_EQ(next, 3u);
}

TEST_F(EngineDenseTest, SaysWhenAQueryIsTooLongToBeReadWhole) {
  std::string text;
  for (int i = 0; i < 600; ++i) text += "茶 ";
  EXPECT_TRUE(engine_->search(query(text, "zh"), search({FirstStage::dense})).explanation.query_truncated);
}

class DenseIndexerTest : public testing::Test {
 protected:
  DenseIndexerTest() {
    options_.into = folder_.path() / "index";
    options_.stages = {FirstStage::dense};
  }
  void SetUp() override {
    if (const std::string reason = skip_reason(); !reason.empty()) GTEST_SKIP() << reason;
  }
  IndexReport index(const std::string& lines) {
    options_.corpus = folder_.write("corpus.jsonl", lines).string();
    return index_corpus(options_);
  }
  test::TemporaryFolder folder_;
  IndexOptions options_;
};

TEST_F(DenseIndexerTest, RefusesAnotherEncoderUntilToldToRebuild) {
  const std::string lines = line("a", "ko", "녹차") + line("b", "fa", "چای سبز");
  index(lines);
  options_.encoder = ModelStore().find(kDefaultEncoder).file.string();  // The same weights under another name.
  EXPECT_THAT([&] { index(lines); }, ThrowsMessage<InvalidArgument>(
                                         options_.into.string() + ": its dense index was made by '" + kDefaultEncoder +
                                         "', not '" + options_.encoder + "'; to make it anew add --rebuild"));
  options_.rebuild = true;
  EXPECT_EQ(index(lines).passages, 2u);
  options_ = {.corpus = "", .into = options_.into, .stages = {FirstStage::dense}, .encoder = "", .models = {}};
  EXPECT_EQ(index(lines).passages, 0u);  // It has the collection's own now.
}

TEST_F(DenseIndexerTest, TakesTextsAndTitlesOfAnySize) {
  const auto titled = [](const std::string& id, const std::string& title, const std::string& text) {
    return R"({"_id":")" + id + R"(","title":")" + title + R"(","text":")" + text + "\"}\n";
  };
  std::string blanks, hidden, words;
  for (int i = 0; i < 700; ++i) blanks += "\u3000", hidden += "\u200b", words += "चाय ";
  const IndexReport report = index(titled("nothing", "", "") + titled("blank", "", " ") + titled("title", "煎茶", "") +
                                   titled("blanks", blanks, "茶") + titled("hidden", hidden, "茶") +
                                   titled("long-title", words, "चाय") + titled("long-blank-text", "茶", blanks));
  EXPECT_EQ(report.documents, 7u);
  EXPECT_EQ(report.without_text, 2u);
  EXPECT_EQ(report.titles_cut, 1u);
  const Engine engine(options_.into);
  SearchOptions all = search({FirstStage::dense});
  all.hits = 100;
  EXPECT_THAT(ids(engine.search(query("चाय", "hi"), all)),
              testing::UnorderedElementsAre("title", "blanks", "hidden", "long-title", "long-blank-text"));
}

TEST_F(DenseIndexerTest, IsFinishedByTheSameCallWhereverItWasInterrupted) {
  const std::string lines = line("a", "ko", "녹차") + line("b", "fa", "چای سبز") + line("c", "he", "תה");
  index(lines);
  const auto undisturbed = test::segment_files(options_.into);
  options_.into = folder_.path() / "interrupted";
  EXPECT_THROW(index_corpus(options_,
                            [](const ProgressEvent& event) {
                              if (event.stage == "encode" && event.done == event.total) throw std::runtime_error("no");
                            }),
               std::runtime_error);
  EXPECT_THAT(test::segment_files(options_.into), testing::IsEmpty());
  EXPECT_EQ(index(lines).unchanged, 3u);
  EXPECT_EQ(test::segment_files(options_.into), undisturbed);
}

// Encoded without a cache, in other company: what is left after a deletion, before and after compaction, is answered to
// the bit as in a collection that never had the others.
TEST_F(EngineDenseTest, FindsAfterADeletionWhatAFreshBuildWould) {
  LineReader corpus((folder_->path() / "corpus.jsonl").string());
  std::string all, left;
  std::vector<std::string> gone;
  for (std::string_view document; corpus.next(document) && corpus.line_number() <= 20;) {
    all += std::string(document) + "\n";
    if (corpus.line_number() % 3 == 1) {
      const std::size_t begin = document.find("\"_id\": \"") + 8;
      gone.emplace_back(document.substr(begin, document.find('"', begin) - begin));
    } else {
      left += std::string(document) + "\n";
    }
  }
  const auto build = [&](const std::string& name, const std::string& lines) {
    IndexOptions options;
    options.corpus = folder_->write(name + ".jsonl", lines).string();
    options.into = folder_->path() / name;
    index_corpus(options);
    return options.into;
  };
  const auto fresh = build("fresh", left), deleted = build("deleted", all);
  const auto answers = [&](const std::filesystem::path& collection) {
    const Engine engine(collection);
    std::vector<std::pair<std::string, float>> hits;
    for (const auto& stages : {std::vector{FirstStage::dense}, std::vector{FirstStage::bm25, FirstStage::dense}}) {
      for (const auto& [text, language] : {std::pair("How is tea made?", "en"), std::pair("чай", "ru")}) {
        for (const SearchHit& hit : engine.search(query(text, language), search(stages)).hits) {
          hits.emplace_back(hit.id, hit.score);
        }
      }
    }
    return hits;
  };
  const auto expected = answers(fresh);
  EXPECT_NE(answers(deleted), expected);
  delete_documents(deleted, gone);
  EXPECT_EQ(answers(deleted), expected);
  const CompactReport compacted = compact_collection(deleted);
  EXPECT_EQ(compacted.segments, 2u);
  EXPECT_EQ(answers(deleted), expected);
}

}  // namespace
}  // namespace dragoman
