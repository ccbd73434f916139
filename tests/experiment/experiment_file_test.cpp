#include <gmock/gmock.h>

#include "dragoman/base/error.h"
#include "dragoman/experiment/experiment.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::string_view kSmall = R"(name: small
collections:
  - {name: wiki, corpus: corpus.jsonl, topics: queries.jsonl, judgements: qrels.tsv}
retrieve:
  - {name: words, stages: bm25}
measures: [nDCG@10]
)";

class ExperimentFile : public testing::Test {
 protected:
  Experiment read(std::string_view text) const { return read_experiment(folder_.write("grid.yaml", text)); }

  /// Of a file with one more line, or with `from` replaced.
  std::string complaint(std::string_view text) const {
    try {
      read(text);
    } catch (const InvalidData& error) {
      const std::string message = error.what();
      return message.substr(message.find("grid.yaml"));
    }
    return "no complaint";
  }

  static std::string with(std::string_view from, std::string_view to) {
    std::string text(kSmall);
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  }

  test::TemporaryFolder folder_;
};

TEST_F(ExperimentFile, HasDefaultsForAllButWhatItIsAbout) {
  const Experiment experiment = read(kSmall);
  EXPECT_EQ(experiment.name, "small");
  ASSERT_EQ(experiment.collections.size(), 1u);
  EXPECT_EQ(experiment.collections[0].corpus, folder_.path() / "corpus.jsonl");
  ASSERT_EQ(experiment.retrievers.size(), 1u);
  EXPECT_EQ(experiment.retrievers[0].encoder, "multilingual-e5-small");
  EXPECT_EQ(experiment.retrievers[0].options.hits, 100u);
  EXPECT_THAT(experiment.translations, ElementsAre(Field(&ExperimentTranslation::name, "none")));
  EXPECT_THAT(experiment.rerankers, ElementsAre(Field(&ExperimentReranker::name, "none")));
  EXPECT_EQ(experiment.baseline, "words/none/none");
}

TEST_F(ExperimentFile, ReadsEverythingItCanSay) {
  const Experiment experiment = read(R"(
name: all
description: Everything at once.
encoder: other-encoder
precision: f32
hits: 50
seed: 7
fairness_depth: 20
dial: [0, 1]
resource_classes: classes.tsv
collections:
  - name: wiki
    corpus: wiki
    topics: wiki/queries.jsonl.gz
    judgements: wiki/qrels/test.tsv
    languages: [ar, zh-Hant, swh]
    query_languages: [de]
    queries_per_language: 5
    question_separator: "-"
retrieve:
  - {name: words, stages: bm25, k1: 1.2, in: [ar, sw]}
  - {name: both, stages: [bm25, dense], depth: 200, encoder: mine, precision: int8}
translate:
  - none
  - {name: human, topics: wiki/english.jsonl}
rerank:
  - none
  - {name: list, method: listwise, model: small, depth: 20, window: 8, stride: 4, prompt: swahili.yaml}
  - {name: tuned, method: pointwise, model: small, adapters: "rank.gguf,sw.gguf:0.5", passages: both,
     passage_translations: english.jsonl, translator: none, spend_limit: 2, price: "0.15:0.6"}
measures: [nDCG@10, "RBP(p=0.8,rel=1)@10"]
baseline: both/none/none
expected:
  - {cell: wiki/words/none/none, measure: nDCG@10, value: 0.25, tolerance: 0.01, group: "query_language:sw"}
)");
  EXPECT_EQ(experiment.seed, 7u);
  EXPECT_EQ(experiment.fairness_depth, 20u);
  EXPECT_THAT(experiment.dial, ElementsAre(0, 1));
  EXPECT_EQ(experiment.resource_classes, folder_.path() / "classes.tsv");
  const ExperimentCollection& collection = experiment.collections.at(0);
  EXPECT_THAT(collection.languages,
              ElementsAre(Language::parse("ar"), Language::parse("zh-Hant"), Language::parse("sw")));
  EXPECT_THAT(collection.query_languages, ElementsAre(Language::parse("de")));
  EXPECT_EQ(collection.queries_per_language, 5u);
  EXPECT_EQ(collection.question_separator, "-");
  const ExperimentRetriever &words = experiment.retrievers.at(0), &both = experiment.retrievers.at(1);
  EXPECT_EQ(words.options.bm25.k1, 1.2f);
  EXPECT_THAT(words.options.documents_in, ElementsAre(Language::parse("ar"), Language::parse("sw")));
  EXPECT_EQ(words.encoder, "other-encoder");
  EXPECT_EQ(words.precision, Precision::f32);
  EXPECT_THAT(both.options.retrieve, ElementsAre(FirstStage::bm25, FirstStage::dense));
  EXPECT_EQ(both.options.depth, 200u);
  EXPECT_EQ(both.options.hits, 50u);
  EXPECT_EQ(both.encoder, "mine");
  EXPECT_EQ(both.precision, Precision::int8);
  EXPECT_EQ(experiment.translations.at(1).topics, folder_.path() / "wiki/english.jsonl");
  const ExperimentReranker& list = experiment.rerankers.at(1);
  EXPECT_EQ(list.options->method, RerankMethod::listwise);
  EXPECT_EQ(list.options->window, 8u);
  EXPECT_EQ(list.options->prompt, (folder_.path() / "swahili.yaml").string());
  EXPECT_EQ(list.model, "small");
  const ExperimentReranker& tuned = experiment.rerankers.at(2);
  EXPECT_THAT(tuned.options->adapters, ElementsAre(LanguageModelAdapter{(folder_.path() / "rank.gguf").string(), 1},
                                                   LanguageModelAdapter{(folder_.path() / "sw.gguf").string(), 0.5f}));
  EXPECT_EQ(tuned.options->passages, ShownText::both);
  EXPECT_EQ(tuned.options->translations.passages, (folder_.path() / "english.jsonl").string());
  EXPECT_EQ(tuned.options->translations.translator, "none");
  EXPECT_FLOAT_EQ(static_cast<float>(tuned.options->limits.answer_price), 0.6f);
  EXPECT_THAT(experiment.measures,
              ElementsAre(Field(&NamedMeasure::name, "nDCG@10"), Field(&NamedMeasure::name, "RBP(p=0.8,rel=1)@10")));
  EXPECT_EQ(experiment.expected.at(0).group, "query_language:sw");
  EXPECT_EQ(experiment.expected.at(0).tolerance, 0.01);
}

TEST_F(ExperimentFile, TakesAListAsOneOfEach) {
  const Experiment experiment = read(with("stages: bm25}", "stages: bm25, k1: [0.9, 1.2], b: [0.4, 0.75]}"));
  EXPECT_THAT(experiment.retrievers, ElementsAre(Field(&ExperimentRetriever::name, "words,k1=0.9,b=0.4"),
                                                 Field(&ExperimentRetriever::name, "words,k1=0.9,b=0.75"),
                                                 Field(&ExperimentRetriever::name, "words,k1=1.2,b=0.4"),
                                                 Field(&ExperimentRetriever::name, "words,k1=1.2,b=0.75")));
  EXPECT_EQ(experiment.retrievers[2].options.bm25.k1, 1.2f);
  EXPECT_EQ(experiment.retrievers[2].options.bm25.b, 0.4f);
}

TEST_F(ExperimentFile, NeedsAModelOnlyForRerankersThatAskOne) {
  const std::string rerankers =
      "rerank:\n"
      "  - {name: tokens, method: late-interaction, mix: [0, auto]}\n"
      "  - {name: both, method: cascade, cascade: [late_interaction:50, setwise:10], model: small, set_size: 3}\n";
  const Experiment experiment = read(std::string(kSmall) + rerankers);
  EXPECT_THAT(experiment.rerankers, ElementsAre(Field(&ExperimentReranker::name, "tokens,mix=0"),
                                                Field(&ExperimentReranker::name, "tokens,mix=auto"),
                                                Field(&ExperimentReranker::name, "both")));
  EXPECT_EQ(experiment.rerankers[0].options->mix, 0.0f);
  EXPECT_FALSE(experiment.rerankers[1].options->mix.has_value());
  EXPECT_THAT(experiment.rerankers[2].options->cascade,
              ElementsAre(CascadeStage{RerankMethod::late_interaction, 50}, CascadeStage{RerankMethod::setwise, 10}));
  EXPECT_EQ(complaint(std::string(kSmall) + "rerank:\n  - {name: pairs, method: pairwise}\n"),
            "grid.yaml:8: a reranker that asks a language model needs a field 'model'");
}

TEST_F(ExperimentFile, RefusesAPrecisionThatThereIsNot) {
  EXPECT_THAT([&] { read(with("stages: bm25}", "stages: bm25, precision: f16}")); },
              ThrowsMessage<InvalidData>(HasSubstr("no precision 'f16'; choose of f32, bf16, int8")));
}

TEST_F(ExperimentFile, FillsPathsInFromTheEnvironment) {
  setenv("DRAGOMAN_TEST_DATA", "/data", 1);
  unsetenv("DRAGOMAN_TEST_NOTHING");
  EXPECT_EQ(read(with("corpus.jsonl", "'${DRAGOMAN_TEST_DATA}/c.jsonl'")).collections[0].corpus, "/data/c.jsonl");
  EXPECT_EQ(read(with("corpus.jsonl", "'${DRAGOMAN_TEST_NOTHING:-../else}/c.jsonl'")).collections[0].corpus,
            folder_.path().parent_path() / "else/c.jsonl");
  EXPECT_EQ(complaint(with("corpus.jsonl", "'${DRAGOMAN_TEST_NOTHING}/c'")),
            "grid.yaml:3: the environment has no DRAGOMAN_TEST_NOTHING; set it to the folder it stands for");
  // What comes out of the environment is not filled in again.
  setenv("DRAGOMAN_TEST_DATA", "${DRAGOMAN_TEST_DATA}", 1);
  EXPECT_EQ(read(with("corpus.jsonl", "'/x${DRAGOMAN_TEST_DATA}'")).collections[0].corpus, "/x${DRAGOMAN_TEST_DATA}");
  unsetenv("DRAGOMAN_TEST_DATA");
}

TEST_F(ExperimentFile, SaysWhereItIsWrong) {
  EXPECT_EQ(complaint("name: [\n"), "grid.yaml:2: not YAML: end of sequence flow not found");
  EXPECT_THAT(complaint(""), HasSubstr("grid.yaml:1: expected fields: name, collections, retrieve, measures"));
  EXPECT_THAT(complaint(with("measures: [nDCG@10]\n", "")), HasSubstr("grid.yaml:1: field 'measures' is missing"));
  EXPECT_THAT(complaint(std::string(kSmall) + "rerankers: []\n"), HasSubstr("grid.yaml:7: unknown field 'rerankers'"));
  EXPECT_THAT(complaint(with("nDCG@10", "nDCG@ten")), HasSubstr("grid.yaml:6: measure \"nDCG@ten\": the cut-off"));
  EXPECT_THAT(complaint(with("stages: bm25", "stages: bm52")),
              HasSubstr("grid.yaml:5: retriever 'bm52' is unknown; there are bm25, dense, sparse, multivector"));
  EXPECT_THAT(complaint(with("stages: bm25", "stages: bm25, b: 2")),
              HasSubstr("grid.yaml:5: b is '2', must be a number from 0 to 1"));
  EXPECT_THAT(complaint(with("name: words", "name: wo/rds")), HasSubstr("grid.yaml:5: the name is 'wo/rds'"));
  EXPECT_THAT(complaint(std::string(kSmall) + "hits: 0\n"), HasSubstr("grid.yaml:7: field 'hits' is 0"));
  EXPECT_THAT(complaint(std::string(kSmall) + "seed: -1\n"), HasSubstr("grid.yaml:7: field 'seed' is '-1'"));
  EXPECT_THAT(complaint(std::string(kSmall) + "dial: [0, 2]\n"), HasSubstr("grid.yaml:7: field 'dial' holds"));
  EXPECT_THAT(complaint(std::string(kSmall) + "baseline: dense/none/none\n"),
              HasSubstr("grid.yaml:7: baseline 'dense/none/none' is none of the grid's pipelines: words/none/none"));
  EXPECT_THAT(
      complaint(with("- {name: words, stages: bm25}", "- {name: a, stages: bm25}\n  - {name: a, stages: bm25}")),
      HasSubstr("grid.yaml:6: the name 'a' stands twice"));
  EXPECT_THAT(complaint(std::string(kSmall) + "expected: [{cell: a, measure: AP, value: 1}]\n"),
              HasSubstr("grid.yaml:7: 'AP' is none of this file's measures"));
  EXPECT_THAT([&] { read_experiment(folder_.path() / "nowhere.yaml"); },
              ThrowsMessage<NotFound>(HasSubstr("nowhere.yaml")));
}

}  // namespace
}  // namespace dragoman
