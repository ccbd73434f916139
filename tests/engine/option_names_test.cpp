#include "dragoman/engine/option_names.h"

#include <gmock/gmock.h>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::ThrowsMessage;

TEST(OptionNames, SetWhatTheyName) {
  SearchOptions options;
  set_retrieval_option(options, "stages", "dense, bm25");
  set_retrieval_option(options, "depth", "200");
  set_retrieval_option(options, "rrf_k", "20");
  set_retrieval_option(options, "k1", "1.2");
  set_retrieval_option(options, "b", "0.75");
  set_retrieval_option(options, "statistics", "pooled");
  set_retrieval_option(options, "match", "all");
  set_retrieval_option(options, "weighting", "dirichlet");
  set_retrieval_option(options, "mu", "2500");
  set_retrieval_option(options, "sparse_weighting", "plain");
  set_retrieval_option(options, "sparse_method", "approximate");
  set_retrieval_option(options, "sparse_postings", "9000");
  set_retrieval_option(options, "sparse_full_scores", "77");
  set_retrieval_option(options, "multivector_method", "exhaustive");
  set_retrieval_option(options, "multivector_probes", "8");
  set_retrieval_option(options, "multivector_full_scores", "500");
  set_retrieval_option(options, "by_language", "de:1.5:0.75, ja:0.5:0.25");
  set_retrieval_option(options, "field_weights", "title:2:0.25, text:1.5,author:0");
  set_retrieval_option(options, "in", "sw,ar");
  set_retrieval_option(options, "query_languages", "de,hi");
  EXPECT_THAT(options.retrieve, ElementsAre(FirstStage::dense, FirstStage::bm25));
  EXPECT_EQ(options.depth, 200u);
  EXPECT_EQ(options.fuse.k, 20);
  EXPECT_EQ(options.bm25.k1, 1.2f);
  EXPECT_EQ(options.bm25.b, 0.75f);
  EXPECT_EQ(options.bm25.statistics, LexicalStatistics::pooled);
  EXPECT_EQ(options.bm25.match, LexicalMatch::all);
  EXPECT_EQ(options.bm25.weighting, LexicalWeighting::dirichlet);
  EXPECT_EQ(options.bm25.mu, 2500);
  EXPECT_EQ(options.sparse.weighting, SparseWeighting::plain);
  EXPECT_EQ(options.sparse.method, SparseMethod::approximate);
  EXPECT_EQ(options.sparse.postings, 9000u);
  EXPECT_EQ(options.sparse.full_scores, 77u);
  EXPECT_EQ(options.multivector.method, MultiVectorMethod::exhaustive);
  EXPECT_EQ(options.multivector.probes, 8u);
  EXPECT_EQ(options.multivector.full_scores, 500u);
  EXPECT_THAT(options.bm25.by_language, testing::ElementsAre(LanguageBm25{Language::parse("de"), 1.5f, 0.75f},
                                                             LanguageBm25{Language::parse("ja"), 0.5f, 0.25f}));
  EXPECT_THROW(set_retrieval_option(options, "by_language", "de:1.5"), InvalidArgument);
  EXPECT_THAT(options.bm25.fields,
              ElementsAre(FieldBm25{"title", 2, 0.25f}, FieldBm25{"text", 1.5f, {}}, FieldBm25{"author", 0, {}}));
  EXPECT_THAT(options.documents_in, ElementsAre(Language::parse("sw"), Language::parse("ar")));
  EXPECT_THAT(options.query_languages, ElementsAre(Language::parse("de"), Language::parse("hi")));
}

TEST(OptionNames, InSameMeansTheLanguageOfTheQuery) {
  SearchOptions options;
  set_retrieval_option(options, "in", "same");
  EXPECT_TRUE(options.same_language);
  set_retrieval_option(options, "in", "de");
  EXPECT_FALSE(options.same_language);
}

TEST(OptionNames, SetOptionsOfReranking) {
  RerankOptions options;
  set_rerank_option(options, "method", "pairwise");
  set_rerank_option(options, "sort", "heap");
  set_rerank_option(options, "depth", "5");
  set_rerank_option(options, "passage_tokens", "64");
  EXPECT_EQ(options.method, RerankMethod::pairwise);
  EXPECT_EQ(options.sort, RerankSort::heap);
  EXPECT_EQ(options.depth, 5u);
  EXPECT_EQ(options.passage_tokens, 64u);
  set_rerank_option(options, "method", "late-interaction");
  EXPECT_EQ(options.method, RerankMethod::late_interaction) << "a dash is as good as an underscore";
}

TEST(OptionNames, GiveBackEveryOptionOfReranking) {
  const std::pair<const char*, const char*> chosen[] = {{"sort", "sliding"},
                                                        {"top", "3"},
                                                        {"set_size", "5"},
                                                        {"passes", "2"},
                                                        {"shuffles", "4"},
                                                        {"seed", "7"},
                                                        {"aggregation", "kemeny"},
                                                        {"answer", "first_token"},
                                                        {"score", "graded"},
                                                        {"calibrate", "true"},
                                                        {"documents", "decayed_sum"},
                                                        {"cascade", "late_interaction:100,pointwise:20"},
                                                        {"mix", "0.75"},
                                                        {"prompt_language", "sw"},
                                                        {"budget", "40calls,500ms"},
                                                        {"adapters", "rank.gguf:0.5,c:\\lora.gguf:1"},
                                                        {"passages", "both"},
                                                        {"query_text", "translated"},
                                                        {"passage_translations", "metadata:english"},
                                                        {"query_translations", "english.tsv"},
                                                        {"translator", "lexicon"},
                                                        {"translate_into", "sw"},
                                                        {"requests_per_minute", "60"},
                                                        {"tokens_per_minute", "90000"},
                                                        {"call_limit", "100"},
                                                        {"token_limit", "5000"},
                                                        {"price", "0.15:0.6"},
                                                        {"spend_limit", "2.5"}};
  RerankOptions options;
  EXPECT_THAT(rerank_option_values(options), testing::Contains(testing::Pair("mix", "auto")));
  EXPECT_THAT(rerank_option_values(options), testing::Contains(testing::Pair("budget", "")));
  for (const auto& [name, value] : chosen) {
    set_rerank_option(options, name, value);
    EXPECT_THAT(rerank_option_values(options), testing::Contains(testing::Pair(name, value)));
  }
  set_rerank_option(options, "mix", "off");
  EXPECT_EQ(options.mix, 0.0f);
  set_rerank_option(options, "mix", "auto");
  EXPECT_FALSE(options.mix.has_value());
  set_rerank_option(options, "adapters", "a:b.gguf, plain.gguf");
  EXPECT_EQ(options.adapters, (std::vector<LanguageModelAdapter>{{"a:b.gguf", 1}, {"plain.gguf", 1}}));
  EXPECT_THROW(set_rerank_option(options, "adapters", ":0.5"), InvalidArgument);
  set_rerank_option(options, "price", "3");
  EXPECT_EQ(options.limits.answer_price, 3) << "one number is the price of both";
  EXPECT_THROW(set_rerank_option(options, "spend_limit", "-1"), InvalidArgument);
  EXPECT_THROW(set_rerank_option(options, "passages", "some"), InvalidArgument);
  EXPECT_THROW(set_rerank_option(options, "translator", "babel"), InvalidArgument);
  set_rerank_option(options, "budget", "2s");
  EXPECT_EQ(options.budget_ms, 2000u);
  EXPECT_EQ(options.budget_calls, 0u) << "one budget takes the place of another";
}

TEST(OptionNames, RefuseBudgetsAndCascadesByTheirForm) {
  RerankOptions options;
  EXPECT_THAT(
      [&] { set_rerank_option(options, "budget", "40"); },
      ThrowsMessage<InvalidArgument>("budget is '40', must be as 40calls, 500ms or 2s, or two of them with a comma"));
  EXPECT_THAT(
      [&] { set_rerank_option(options, "cascade", "pointwise"); },
      ThrowsMessage<InvalidArgument>("cascade has 'pointwise', must be a method with its depth, as pointwise:20"));
  EXPECT_THAT([&] { set_rerank_option(options, "mix", "2"); },
              ThrowsMessage<InvalidArgument>("mix is '2', must be a number from 0 to 1"));
}

TEST(OptionNames, GiveBackTheValuesThatWereSet) {
  const std::pair<const char*, const char*> chosen[] = {{"stages", "dense,bm25"},
                                                        {"depth", "7"},
                                                        {"fuse", "sum"},
                                                        {"fuse_weights", "bm25:0.25,dense:2"},
                                                        {"debias", "center"},
                                                        {"exposure", "guaranteed:0.5"},
                                                        {"k1", "1.25"},
                                                        {"statistics", "pooled"},
                                                        {"in", "sw,zh-Hant"},
                                                        {"exact", "true"},
                                                        {"ef", "40"},
                                                        {"nprobe", "3"}};
  SearchOptions options;
  for (const auto& [name, value] : chosen) set_retrieval_option(options, name, value);
  const NamedValues values = retrieval_option_values(options);
  EXPECT_EQ(values.size(), retrieval_option_names().size());
  for (const auto& [name, value] : chosen) EXPECT_THAT(values, testing::Contains(testing::Pair(name, value)));
  EXPECT_THAT(values, testing::Contains(testing::Pair("b", "0.4")));  // A default.
  RerankOptions rerank;
  rerank.window = 8;
  EXPECT_THAT(rerank_option_values(rerank),
              testing::IsSupersetOf({testing::Pair("method", "listwise"), testing::Pair("window", "8")}));
}

TEST(OptionNames, SetFeedback) {
  SearchOptions options;
  for (const auto& [name, value] :
       {std::pair{"rm3", "true"}, {"rm3_documents", "5"}, {"rm3_terms", "20"}, {"rm3_weight", "0.25"}}) {
    set_retrieval_option(options, name, value);
    EXPECT_THAT(retrieval_option_values(options), testing::Contains(testing::Pair(name, value)));
  }
  EXPECT_TRUE(options.rm3.on);
  EXPECT_EQ(options.rm3.documents, 5u);
  EXPECT_EQ(options.rm3.terms, 20u);
  EXPECT_EQ(options.rm3.query_weight, 0.25f);
  EXPECT_THROW(set_retrieval_option(options, "rm3_weight", "1.5"), InvalidArgument);
}

TEST(OptionNames, EachOfTheListIsKnown) {
  for (const std::string_view name : retrieval_option_names()) {
    SearchOptions options;
    if (name == "debias_queries") {
      set_retrieval_option(options, name, "?");  // Any text names a file.
      continue;
    }
    EXPECT_THAT([&] { set_retrieval_option(options, name, "?"); },
                testing::Throws<InvalidArgument>(
                    testing::Property(&std::exception::what, testing::Not(testing::StartsWith("unknown option")))))
        << name;
  }
}

TEST(OptionNames, RefuseWhatIsNotLegalNamingWhatIs) {
  SearchOptions options;
  EXPECT_THAT([&] { set_retrieval_option(options, "dept", "1"); },
              ThrowsMessage<InvalidArgument>(
                  "unknown option 'dept'; there are stages, depth, fuse, rrf_k, fuse_weights, debias, debias_queries, "
                  "exposure, k1, b, "
                  "statistics, weighting, mu, by_language, field_weights, match, phrases, proximity, proximity_depth, "
                  "rm3, rm3_documents, rm3_terms, rm3_weight, exact, ef, nprobe, sparse_weighting, sparse_method, "
                  "sparse_postings, sparse_full_scores, "
                  "multivector_method, multivector_probes, multivector_full_scores, translate, translation_tables, "
                  "translators, in, "
                  "query_languages"));
  EXPECT_THAT(
      [&] { set_retrieval_option(options, "field_weights", "title"); },
      ThrowsMessage<InvalidArgument>("field_weights has 'title', must be a field with its weight and perhaps its "
                                     "b, as title:2:0.3"));
  EXPECT_THAT([&] { set_retrieval_option(options, "field_weights", "title:-1"); },
              ThrowsMessage<InvalidArgument>("weight is '-1', must be a number from 0 to 1000000"));
  EXPECT_THAT([&] { set_retrieval_option(options, "depth", "ten"); },
              ThrowsMessage<InvalidArgument>("depth is 'ten', must be a whole number from 1 up"));
  EXPECT_THAT([&] { set_retrieval_option(options, "b", "1.5"); },
              ThrowsMessage<InvalidArgument>("b is '1.5', must be a number from 0 to 1"));
  EXPECT_THAT([&] { set_retrieval_option(options, "k1", "nan"); },
              ThrowsMessage<InvalidArgument>("k1 is 'nan', must be a number from 0 up"));
  EXPECT_THAT(
      [&] { set_retrieval_option(options, "exposure", "guaranteed"); },
      ThrowsMessage<InvalidArgument>("exposure is 'guaranteed', must be relevance, or proportional or guaranteed "
                                     "with a number, as guaranteed:0.5"));
  EXPECT_THAT([&] { set_retrieval_option(options, "debias", "some"); },
              ThrowsMessage<InvalidArgument>("debias is 'some', must be one of: none, center, auto"));
  EXPECT_THAT(
      [&] { set_retrieval_option(options, "fuse_weights", "bm25"); },
      ThrowsMessage<InvalidArgument>("fuse_weights has 'bm25', must be a first stage with its weight, as bm25:0.2"));
  EXPECT_THAT([&] { set_retrieval_option(options, "stages", " , "); },
              ThrowsMessage<InvalidArgument>("stages is empty; choose of bm25, dense, sparse, multivector"));
  EXPECT_THAT(
      [] {
        RerankOptions rerank;
        set_rerank_option(rerank, "method", "groupwise");
      },
      ThrowsMessage<InvalidArgument>("reranking method is 'groupwise', must be one of: pointwise, pairwise, setwise, "
                                     "listwise, tournament, late_interaction, cascade"));
}

}  // namespace
}  // namespace dragoman
