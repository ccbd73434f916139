#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/collection/collection.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/encode/model_store.h"
#include "dragoman/engine/maintenance.h"
#include "dragoman/lexical/impact_index.h"
#include "engine/engine_support.h"
#include "engine/index_stamp.h"

// Several representations of one encoder in one collection. What each finds is measured elsewhere; here is what the
// engine makes of them.
namespace dragoman {
namespace {

using test::ids;
using test::line;
using test::query;
using test::search;
using test::segment_files;
using test::skip_reason;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;

const std::vector<FirstStage> kAll = {FirstStage::dense, FirstStage::sparse, FirstStage::multivector};

class EngineVectorsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string reason = skip_reason(); !reason.empty()) GTEST_SKIP() << reason;
  }
  std::filesystem::path folder(const std::string& name) const { return folder_.path() / name; }
  IndexOptions options(const std::string& name, std::vector<FirstStage> stages = kAll) const {
    IndexOptions options;
    options.corpus = folder_.write("corpus.jsonl", test::kTeaCorpus).string();
    options.into = folder(name);
    options.stages = std::move(stages);
    options.identifier = "script";
    options.cache = folder("cache");  // Each text goes through the model once for all tests of a kind.
    return options;
  }

  test::TemporaryFolder folder_;
};

TEST_F(EngineVectorsTest, EncodesOnceForAllRepresentations) {
  const IndexReport report = index_corpus(options("index"));
  EXPECT_EQ(report.passages, test::kTeaDocuments - 1) << "all but the one without text";
  std::vector<std::string> names;
  for (const auto& [name, bytes] : segment_files(folder("index"))) names.push_back(name);
  EXPECT_THAT(names,
              ElementsAre("bias-0000000000.seg", "dense-0000000000.seg", "multivector-0000000000.seg",
                          "multivector-bias-0000000000.seg", "sparse-0000000000.seg", "sparse-bias-0000000000.seg"));
  const IndexReport again = index_corpus(options("index"));
  EXPECT_EQ(again.passages, 0u);
}

TEST_F(EngineVectorsTest, FindsTeaAcrossLanguagesByEach) {
  index_corpus(options("index"));
  const Engine engine(folder("index"));
  for (const FirstStage stage : kAll) {
    const auto result = engine.search(query("Як заварити чай у самоварі?", "uk"), search({stage}));
    ASSERT_FALSE(result.hits.empty());
    EXPECT_EQ(result.hits[0].id, "ru-tea") << name_of(stage);
    ASSERT_THAT(result.hits[0].trace, SizeIs(1));
    EXPECT_EQ(result.hits[0].trace[0].stage, name_of(stage));
    EXPECT_GT(result.explanation.query_tokens, 5u);
  }
}

TEST_F(EngineVectorsTest, FusesAnySubset) {
  index_corpus(options("index", {FirstStage::bm25, FirstStage::dense, FirstStage::sparse, FirstStage::multivector}));
  const Engine engine(folder("index"));
  const auto result = engine.search(query("Самовар кипит", "ru"),
                                    search({FirstStage::sparse, FirstStage::bm25, FirstStage::multivector}));
  ASSERT_FALSE(result.hits.empty());
  EXPECT_EQ(result.hits[0].id, "ru-tea");
  std::vector<std::string> stages;
  for (const HitTrace& step : result.hits[0].trace) stages.push_back(step.stage);
  EXPECT_THAT(stages, ElementsAre("sparse", "bm25", "multivector", "calibrated"));
  // One pass for all representations gives each what it would have alone.
  for (const FirstStage stage : kAll) {
    const auto alone = engine.search(query("मसाला चाय", "hi"), search({stage}));
    const auto together = engine.search(query("मसाला चाय", "hi"), search(kAll));
    std::map<std::string, float> scores;
    for (const SearchHit& hit : alone.hits) scores[hit.id] = hit.score;
    for (const SearchHit& hit : together.hits) {
      for (const HitTrace& step : hit.trace) {
        if (step.stage == name_of(stage) && scores.contains(hit.id)) {
          EXPECT_EQ(step.score, scores[hit.id]);
        }
      }
    }
  }
}

// The slow twin: weights of the question times weights of each passage, from the encoder itself.
TEST_F(EngineVectorsTest, ScoresSparseVectorsAsAnExhaustiveProductDoes) {
  index_corpus(options("index", {FirstStage::sparse}));
  const Engine engine(folder("index"));
  const float scale = sparse_scale(Collection::open(folder("index")));
  const auto encoder = open_encoder(ModelStore().find(kDefaultEncoder));
  const EncodeOptions sparse{.heads = {.dense = false, .sparse = true}};
  SearchOptions plain = search({FirstStage::sparse});
  plain.sparse.weighting = SparseWeighting::plain;
  plain.debias = Debias::none;
  plain.hits = 100;
  for (const auto& asked :
       {query("قهوة اليمن", "ar"), query("เครื่องดื่มใส่นม", "th"), query("ginger chai subah", "hi-Latn")}) {
    const std::string_view text = asked.text;
    const Encoding wanted = encoder->encode(std::span(&text, 1), EncodeAs::query, sparse)[0];
    const auto result = engine.search(asked, plain);
    ASSERT_FALSE(result.hits.empty());
    for (const SearchHit& hit : result.hits) {
      const std::string passage =
          hit.document.title.empty() ? hit.document.text : hit.document.title + "\n" + hit.document.text;
      const std::string_view passage_text = passage;
      const Encoding found = encoder->encode(std::span(&passage_text, 1), EncodeAs::passage, sparse)[0];
      std::map<std::uint32_t, float> weights;
      for (const SparseWeight& weight : found.sparse) weights[weight.dimension] = weight.weight;
      double product = 0;
      for (const SparseWeight& weight : wanted.sparse) {
        ASSERT_LE(weights[weight.dimension], scale);
        product +=
            double{weight.weight} * ImpactQuantizer{.most = scale}(weights[weight.dimension]) * scale / kMostImpact;
      }
      EXPECT_NEAR(hit.score, product, 1e-3) << hit.id;
    }
  }
}

TEST_F(EngineVectorsTest, AddsARepresentationLaterAsIfItHadBeenThereFromTheBeginning) {
  index_corpus(options("together"));
  index_corpus(options("apart", {FirstStage::dense}));
  IndexOptions later = options("apart", {FirstStage::multivector});
  later.corpus.clear();
  index_corpus(later);
  later.stages = kAll;
  const IndexReport report = index_corpus(later);
  EXPECT_EQ(report.passages, test::kTeaDocuments - 1) << "for the sparse index alone";
  EXPECT_EQ(segment_files(folder("apart")), segment_files(folder("together")));
}

TEST_F(EngineVectorsTest, ScoresWhatIsLeftAsIfDeletedDocumentsHadNeverBeenThere) {
  std::string rest;
  std::istringstream all{std::string(test::kTeaCorpus)};
  for (std::string one; std::getline(all, one);) {
    if (one.find("\"ru-tea\"") == std::string::npos) rest += one + "\n";
  }
  index_corpus(options("whole"));
  IndexOptions fresh = options("fresh");
  fresh.corpus = folder_.write("rest.jsonl", rest).string();
  ASSERT_EQ(index_corpus(fresh).documents, test::kTeaDocuments - 1);
  const auto answers = [&](const std::string& name, FirstStage stage) {
    const Engine engine(folder(name));
    auto options = search({stage});
    options.hits = 100;
    options.content = HitContent::id_only;
    std::vector<std::pair<std::string, float>> found;
    for (const auto& asked :
         {query("Як заварити чай у самоварі?", "uk"), query("お茶", "ja"), query("मसाला chai", "hi")}) {
      for (const SearchHit& hit : engine.search(asked, options).hits) found.emplace_back(hit.id, hit.score);
    }
    return found;
  };
  const std::vector<std::string> gone = {"ru-tea"};
  const auto with_it = answers("whole", FirstStage::sparse);
  delete_documents(folder("whole"), gone);
  std::map<FirstStage, std::vector<std::pair<std::string, float>>> before;
  for (const FirstStage stage : kAll) before[stage] = answers("whole", stage);
  EXPECT_NE(before[FirstStage::sparse], with_it);
  // Multi-vector codes keep the codebook that the deleted document had its part in.
  for (const FirstStage stage : {FirstStage::dense, FirstStage::sparse}) {
    EXPECT_EQ(before[stage], answers("fresh", stage)) << name_of(stage);
  }
  const CompactReport report = compact_collection(folder("whole"));
  EXPECT_EQ(report.segments, 3u);
  EXPECT_LT(report.bytes_after, report.bytes_before);
  for (const FirstStage stage : kAll) EXPECT_EQ(answers("whole", stage), before[stage]) << name_of(stage);
}

TEST_F(EngineVectorsTest, TakesOffWhatQuestionsOfAFileHaveInCommon) {
  index_corpus(options("index", {FirstStage::dense}));
  const Engine engine(folder("index"));
  const auto scores = [&](const std::string& queries, Debias debias = Debias::automatic) {
    SearchOptions options = search({FirstStage::dense});
    options.debias = debias;
    options.debias_queries = queries;
    std::vector<float> found;
    for (const SearchHit& hit : engine.search(query("Ina ake shuka shayi?", "ha"), options).hits) {
      found.push_back(hit.score);
    }
    return found;
  };
  const std::string log = folder_
                              .write("log.jsonl",
                                     R"({"_id": "1", "lang": "ha", "text": "Yaushe aka gano kofi?"}
{"_id": "2", "lang": "yo", "text": "Ta ni o kọ́kọ́ mu tíì?"}
{"_id": "3", "text": "Nani aligundua chai ya tangawizi?"})")
                              .string();
  const std::string other = folder_.write("other.tsv", "1\tWo wächst Kaffee?\n").string();
  EXPECT_NE(scores(log), scores(""));
  EXPECT_NE(scores(log), scores(other));
  EXPECT_EQ(scores(log), scores(log));
  EXPECT_EQ(scores(log, Debias::none), scores("", Debias::none));
  EXPECT_THAT([&] { scores("no-such-file"); }, ThrowsMessage<NotFound>(HasSubstr("no-such-file")));
  const std::string nothing = folder_.write("nothing.tsv", "").string();
  EXPECT_THAT([&] { scores(nothing); }, ThrowsMessage<InvalidData>(nothing + ": holds no questions to debias by"));
}

TEST_F(EngineVectorsTest, TakesAQuestionInTwoLanguagesForBoth) {
  index_corpus(options("index", {FirstStage::dense}));
  const Engine engine(folder("index"), {.identifier = "script"});
  // The same questions, the first said to be in Thai or in Lao, of which no question is.
  const auto log = [&](const std::string& language) {
    return folder_
        .write(language + ".jsonl", R"({"_id": "1", "text": "ชาเย็นใส่อะไร", "lang": ")" + language +
                                        R"("}
{"_id": "2", "text": "Who drinks green tea?", "lang": "en"})")
        .string();
  };
  const auto best = [&](std::string text, const std::string& language) {
    SearchOptions options = search({FirstStage::dense});
    options.debias_queries = log(language);
    return engine.search(query(std::move(text), "en"), options).hits.at(0).score;
  };
  EXPECT_EQ(best("green tea", "th"), best("green tea", "lo"));
  EXPECT_NE(best("ชาไทย green tea", "th"), best("ชาไทย green tea", "lo"));
}

TEST_F(EngineVectorsTest, CatchesUpWhereIndexesEndAtDifferentDocuments) {
  const std::string first = line("a", "ko", "녹차"), second = line("b", "fa", "چای سبز"),
                    third = line("c", "he", "תה ירוק");
  const auto add = [&](const std::string& lines, std::vector<FirstStage> stages) {
    IndexOptions more = options("index", std::move(stages));
    more.corpus = folder_.write("more.jsonl", lines).string();
    return index_corpus(more);
  };
  add(first, {FirstStage::dense});
  add(first + second, {FirstStage::sparse});
  EXPECT_EQ(add(first + second + third, {FirstStage::dense, FirstStage::sparse}).passages, 2u)
      << "the second text for the dense index, the third for both";
  const Engine engine(folder("index"));
  EXPECT_THAT(engine.notices(), IsEmpty());
  for (const FirstStage stage : {FirstStage::dense, FirstStage::sparse}) {
    EXPECT_EQ(ids(engine.search(query("תה ירוק", "he"), search({stage}))).at(0), "c");
  }
}

TEST_F(EngineVectorsTest, IsFinishedByTheSameCallWhereverItWasInterrupted) {
  index_corpus(options("undisturbed"));
  int interruptions = 0;
  for (int allowed = 1;; allowed += 2) {
    const IndexOptions call = options(std::to_string(allowed));
    int events = 0;
    try {
      index_corpus(call, [&](const ProgressEvent&) {
        if (events++ == allowed) throw std::runtime_error("interrupted");
      });
      break;
    } catch (const std::runtime_error&) {
      ++interruptions;
    }
    index_corpus(call);
    EXPECT_EQ(segment_files(call.into), segment_files(folder("undisturbed"))) << allowed;
  }
  EXPECT_GE(interruptions, 1);
}

TEST_F(EngineVectorsTest, SaysHowToBuildARepresentationThatIsMissing) {
  index_corpus(options("index", {FirstStage::dense}));
  for (const char* name : {"sparse", "multivector"}) {
    EXPECT_THAT([&] { Engine(folder("index")).search(query("茶", "zh"), search({parse_first_stage(name)})); },
                ThrowsMessage<NotFound>(folder("index").string() + ": the " + name +
                                        " index covers 0 of 12 documents; finish it with: dragoman index --retrieve " +
                                        name + " --into " + folder("index").string()));
  }
}

TEST_F(EngineVectorsTest, KeepsAllRepresentationsOfOneEncoder) {
  index_corpus(options("index", {FirstStage::dense, FirstStage::sparse}));
  IndexOptions other = options("index", {FirstStage::sparse});
  other.rebuild = true;
  other.precision = Precision::f32;
  EXPECT_THAT([&] { index_corpus(other); },
              ThrowsMessage<InvalidArgument>(HasSubstr(
                  "its dense index was made by another encoder or precision than 'multilingual-e5-small'; make both "
                  "anew with: dragoman index --rebuild --retrieve sparse,dense --into ")));
  other.stages = {FirstStage::sparse, FirstStage::dense};
  EXPECT_EQ(index_corpus(other).passages, test::kTeaDocuments - 1);
}

}  // namespace
}  // namespace dragoman
