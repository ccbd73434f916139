#include "dragoman/engine/engine.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/collection/collection.h"
#include "engine/engine_support.h"

namespace dragoman {
namespace {

using test::ids;
using test::kTeaCorpus;
using test::kTeaDocuments;
using test::line;
using test::query;
using test::search_words;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;
using testing::ThrowsMessage;
using testing::UnorderedElementsAre;

class EngineTest : public test::WordsTest {
 protected:
  /// An engine over the tea corpus.
  Engine& tea() {
    if (!engine_) engine_ = std::make_unique<Engine>(index(kTeaCorpus), EngineOptions{.identifier = "script"});
    return *engine_;
  }

  std::filesystem::path index(std::string_view lines) const {
    index_corpus(words_of(lines));
    return path_;
  }

  std::vector<std::string> found(const Query& query, const SearchOptions& options = search_words()) {
    return ids(tea().search(query, options));
  }

  std::unique_ptr<Engine> engine_;
};

TEST_F(EngineTest, FindsWordsInAnyLanguage) {
  EXPECT_THAT(found(query("اليمن")), ElementsAre("ar-coffee"));
  EXPECT_THAT(found(query("kaffee")), ElementsAre("de-coffee"));
  EXPECT_THAT(found(query("चाय")), ElementsAre("hi-tea"));
  EXPECT_THAT(found(query("玉露のお湯")), ElementsAre("ja-tea"));
  EXPECT_THAT(found(query("САМОВАР")), ElementsAre("ru-tea"));
  EXPECT_THAT(found(query("ชาเย็น")), ElementsAre("th-tea"));
  EXPECT_THAT(found(query("绿茶")), ElementsAre("zh-tea"));
  EXPECT_THAT(found(query("adrak chai, please")), ElementsAre("hi-latn-tea", "sw-tea"));  // Code-switched.
  EXPECT_THAT(found(query("green")), ElementsAre("en-tea"));                              // Only its title says so.
}

TEST_F(EngineTest, FindsNothingForAQueryWithoutAKnownWord) {
  EXPECT_THAT(found(query("")), IsEmpty());
  EXPECT_THAT(found(query("?")), IsEmpty());
  EXPECT_THAT(found(query("chocolate")), IsEmpty());
}

TEST_F(EngineTest, GivesTheDocumentWithTheHit) {
  const SearchHit hit = tea().search(query("sencha"), search_words()).hits.at(0);
  EXPECT_EQ(hit.id, "en-tea");
  EXPECT_EQ(hit.language.tag(), "en");
  EXPECT_EQ(hit.document.title, "Green tea");
  EXPECT_EQ(hit.document.text, "Sencha needs cooler water");
  EXPECT_EQ(hit.document.metadata, R"({"year":1738})");
  EXPECT_EQ(hit.passage, (TextRange{0, hit.document.text.size()}));
}

TEST_F(EngineTest, GivesIdsOnlyWhereNoMoreIsAskedFor) {
  SearchOptions options = search_words();
  options.content = HitContent::id_only;
  const SearchHit hit = tea().search(query("sencha"), options).hits.at(0);
  EXPECT_EQ(hit.id, "en-tea");
  EXPECT_EQ(hit.language.tag(), "en");
  EXPECT_EQ(hit.document.text, "");
}

TEST_F(EngineTest, ReturnsOnlyDocumentsInTheLanguagesAskedFor) {
  SearchOptions options = search_words();
  options.documents_in = {Language::parse("sw"), Language::parse("th")};
  EXPECT_THAT(found(query("chai"), options), ElementsAre("sw-tea"));
  options.documents_in = {Language::parse("hi")};  // In any script.
  EXPECT_THAT(found(query("chai चाय"), options), UnorderedElementsAre("hi-latn-tea", "hi-tea"));
  options.documents_in = {Language::parse("hi-Latn")};
  EXPECT_THAT(found(query("chai चाय"), options), ElementsAre("hi-latn-tea"));
  options.documents_in = {Language::parse("pt")};  // In any region.
  EXPECT_THAT(found(query("café"), options), ElementsAre("pt-coffee"));
  options.documents_in = {Language::parse("ko")};
  EXPECT_THAT(found(query("chai"), options), IsEmpty());
}

TEST_F(EngineTest, ReturnsOnlyDocumentsInTheLanguageOfTheQueryWhereToldSo) {
  SearchOptions options = search_words();
  options.same_language = true;
  EXPECT_THAT(found(query("chai", "sw"), options), ElementsAre("sw-tea"));
  EXPECT_THAT(found(query("chai", "hi-Latn"), options), ElementsAre("hi-latn-tea"));
  EXPECT_THAT(found(query("chai", "de"), options), IsEmpty());
  EXPECT_THAT(found(query("ชาเย็น"), options), ElementsAre("th-tea"));  // Told from the script.
  options.documents_in = {Language::parse("sw")};
  EXPECT_THAT(found(query("chai", "hi-Latn"), options), IsEmpty());
}

TEST_F(EngineTest, TracesEveryHit) {
  const auto hits = tea().search(query("adrak chai"), search_words()).hits;
  ASSERT_THAT(hits, SizeIs(2));
  for (std::size_t i = 0; i < hits.size(); ++i) {
    ASSERT_THAT(hits[i].trace, SizeIs(1));
    EXPECT_EQ(hits[i].trace[0].stage, "bm25");
    EXPECT_EQ(hits[i].trace[0].rank, i + 1);
    EXPECT_EQ(hits[i].trace[0].score, hits[i].score);
  }
  EXPECT_GT(hits[0].score, hits[1].score);
}

TEST_F(EngineTest, ExplainsWhatBecameOfTheQuery) {
  const SearchResult result = tea().search(query("Чай, ЧАЙ!"), search_words());
  EXPECT_EQ(result.query.language.tag(), "und-Cyrl");
  EXPECT_TRUE(result.explanation.language_identified);
  EXPECT_THAT(result.explanation.terms, ElementsAre("чай", "чай"));
  EXPECT_EQ(result.explanation.candidates, 1u);
  EXPECT_EQ(result.explanation.query_tokens, 0u);
  EXPECT_FALSE(result.explanation.query_truncated);
  EXPECT_FALSE(result.explanation.rerank.has_value());
  const SearchResult given = tea().search(query("чай", "ru"), search_words());
  EXPECT_EQ(given.query.language.tag(), "ru");
  EXPECT_FALSE(given.explanation.language_identified);
}

// Nobody has a word to say for "aab" but the script; in the collection it is Swahili.
TEST_F(EngineTest, TakesTheCollectionForAPriorOfTheQuerysLanguage) {
  std::string lines;
  for (int i = 0; i < 50; ++i) {
    lines += test::line("sw" + std::to_string(i), "sw", "maji aab") + "\n" +
             test::line("en" + std::to_string(i), "en", "water") + "\n";
  }
  const auto model = test::source_dir() / "tests/golden/fasttext/softmax.bin";
  const Engine engine(index(lines), {.identifier = model.string()});
  const SearchResult result = engine.search(query("aab"), search_words());
  EXPECT_TRUE(result.explanation.language_identified);
  EXPECT_TRUE(result.explanation.language.by_model);
  EXPECT_EQ(result.explanation.language.best().language.tag(), "sw");
  EXPECT_GT(result.explanation.language.best().confidence,
            LanguageIdentifier(model).posterior("aab").best().confidence);
  SearchOptions options = search_words();
  options.query_languages = {Language::parse("de"), Language::parse("en")};
  const std::string allowed = engine.search(query("aab"), options).query.language.tag();
  EXPECT_TRUE(allowed == "de" || allowed == "en") << allowed;
}

TEST_F(EngineTest, OrdersEqualScoresByDocumentId) {
  const Engine engine(
      index(line("д", "el", "τσάι") + line("b", "el", "τσάι") + line("a10", "el", "τσάι") + line("a9", "el", "τσάι")));
  EXPECT_THAT(ids(engine.search(query("τσάι"), search_words())), ElementsAre("a10", "a9", "b", "д"));
}

TEST_F(EngineTest, KeepsToHitsAndDepth) {
  std::string lines;
  for (char id = 'a'; id <= 'z'; ++id) lines += line(std::string(1, id), "tr", "çay");
  const Engine engine(index(lines));
  EXPECT_THAT(engine.search(query("çay"), search_words()).hits, SizeIs(10));
  SearchOptions options = search_words();
  options.hits = 3;
  EXPECT_THAT(ids(engine.search(query("çay"), options)), ElementsAre("a", "b", "c"));
  EXPECT_EQ(engine.search(query("çay"), options).explanation.candidates, 26u);
  options.hits = 1000;
  EXPECT_THAT(engine.search(query("çay"), options).hits, SizeIs(26));
  options.depth = 2;
  EXPECT_THAT(engine.search(query("çay"), options).hits, SizeIs(2));
  EXPECT_EQ(engine.search(query("çay"), options).explanation.candidates, 2u);
}

TEST_F(EngineTest, RefusesOptionsOutOfRange) {
  const auto refuses = [this](const SearchOptions& options, const std::string& message) {
    EXPECT_THAT([&] { tea().search(query("chai"), options); }, ThrowsMessage<InvalidArgument>(message));
  };
  SearchOptions options = search_words();
  options.retrieve.clear();
  refuses(options, "no retriever given; choose of bm25, dense, sparse, multivector");
  options = search_words();
  options.depth = 0;
  refuses(options, "depth is 0, must be at least 1");
  options = search_words();
  options.hits = 0;
  refuses(options, "hits is 0, must be at least 1");
  options = search_words();
  options.rerank = RerankOptions();
  refuses(options, "reranking needs a model; give one with --model (see: dragoman model list)");
  options = search_words();
  options.bm25.b = 2;
  EXPECT_THROW(tea().search(query("chai"), options), InvalidArgument);
}

TEST_F(EngineTest, AnswersManyQueriesInTheirOrderAsOneByOne) {
  SearchOptions options = search_words();
  options.same_language = true;  // Queries of several languages are searched in groups.
  std::vector<Query> queries;
  for (int i = 0; i < 600; ++i) {
    queries.push_back(i % 3 == 0 ? query("chai", "sw") : i % 3 == 1 ? query("चाय", "hi") : query("chai", "hi-Latn"));
    queries.back().id = std::to_string(i);
  }
  std::size_t next = 0;
  tea().search(queries, options, [&](const SearchResult& result) {
    ASSERT_EQ(result.query.id, std::to_string(next));
    if (next < 3) {
      const SearchResult alone = tea().search(queries[next], options);
      EXPECT_EQ(ids(result), ids(alone));
      EXPECT_EQ(result.hits.at(0).score, alone.hits.at(0).score);
    }
    EXPECT_THAT(ids(result), ElementsAre(next % 3 == 0 ? "sw-tea" : next % 3 == 1 ? "hi-tea" : "hi-latn-tea"));
    ++next;
  });
  EXPECT_EQ(next, 600u);
}

TEST_F(EngineTest, ServesManyThreads) {
  Engine& engine = tea();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i)
        EXPECT_THAT(ids(engine.search(query("玉露"), search_words())), ElementsAre("ja-tea"));
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(EngineTest, KnowsTheLanguageOfEveryDocument) {
  EXPECT_EQ(tea().size(), kTeaDocuments);
  const auto languages = tea().document_languages();
  ASSERT_EQ(languages.size(), kTeaDocuments);
  EXPECT_EQ(languages[0].first, "ar-coffee");
  EXPECT_EQ(languages[0].second.tag(), "ar");
  EXPECT_EQ(languages[11].first, "nothing");
  EXPECT_EQ(languages[11].second.tag(), "und");
}

TEST_F(EngineTest, SearchesWhatIsIndexedAndSaysWhatIsNot) {
  index(line("a", "es", "té verde"));
  Collection::open_for_writing(path_).add(std::vector<Document>{{.id = "b",
                                                                 .title = "",
                                                                 .text = "té negro",
                                                                 .language = Language::parse("es"),
                                                                 .language_given = true,
                                                                 .metadata = "{}"}});
  const Engine engine(path_);
  EXPECT_THAT(engine.notices(), IsEmpty());
  EXPECT_THAT(ids(engine.search(query("té"), search_words())), ElementsAre("a"));
  engine.search(query("té"), search_words());
  EXPECT_THAT(engine.notices(), ElementsAre(path_.string() +
                                            ": the bm25 index covers 1 of 2 documents; finish it with: "
                                            "dragoman index --into " +
                                            path_.string()));
}

TEST_F(EngineTest, KnowsTheDocumentsThatWereThereWhenItWasMade) {
  index(line("a", "es", "té verde"));
  Engine engine(path_);  // It opens its index at the first search.
  index(line("b", "ca", "té negre"));
  EXPECT_THAT(ids(engine.search(query("té"), search_words())), ElementsAre("a"));
  EXPECT_THAT(ids(Engine(path_).search(query("té"), search_words())), ElementsAre("a", "b"));
}

TEST_F(EngineTest, SaysHowToBuildAnIndexThatIsMissing) {
  index(line("a", "es", "té"));
  SearchOptions options;
  options.retrieve = {FirstStage::dense};
  EXPECT_THAT([&] { Engine(path_).search(query("té"), options); },
              ThrowsMessage<NotFound>(path_.string() +
                                      ": the dense index covers 0 of 1 documents; finish it with: "
                                      "dragoman index --into " +
                                      path_.string()));
  EXPECT_THAT([] { Engine("no/index"); }, ThrowsMessage<NotFound>(StartsWith("no/index: no collection here; ")));
}

TEST_F(EngineTest, SaysWhenThereIsNothingToSearch) {
  Collection::open_for_writing(path_);
  for (const FirstStage stage : {FirstStage::bm25, FirstStage::dense}) {
    SearchOptions options;
    options.retrieve = {stage};
    EXPECT_THAT(
        [&] { Engine(path_).search(query("té"), options); },
        ThrowsMessage<NotFound>(path_.string() + ": holds no documents; add some with: dragoman index CORPUS --into " +
                                path_.string()));
  }
}

TEST_F(EngineTest, RefusesToRerankADocumentThatIsNotThere) {
  SearchOptions options = search_words();
  options.rerank = RerankOptions();
  options.rerank_model = "any";
  EXPECT_THAT(
      [&] {
        tea().rerank(query("chai"), {{"sw-tea", 2}, {"sw-чай", 1}}, options);
      },
      ThrowsMessage<InvalidData>("query 'q': document 'sw-чай' is not in " + path_.string() +
                                 "; rerank with the collection that was searched"));
}

TEST_F(EngineTest, NeedsAMethodAndAModelToRerank) {
  SearchOptions options = search_words();
  EXPECT_THAT(
      [&] {
        tea().rerank(query("chai"), {{"sw-tea", 2}}, options);
      },
      ThrowsMessage<InvalidArgument>("no reranking method given; choose of pointwise, pairwise, setwise, "
                                     "listwise, tournament, late_interaction, cascade"));
  options.rerank = RerankOptions();
  EXPECT_THROW(tea().rerank(query("chai"), {{"sw-tea", 2}}, options), InvalidArgument);
  options.rerank_model = "no-such-model";
  EXPECT_THROW(tea().rerank(query("chai"), {{"sw-tea", 2}}, options), NotFound);
}

}  // namespace
}  // namespace dragoman
