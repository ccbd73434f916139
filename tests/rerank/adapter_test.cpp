#include <ggml.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/encode/language_model.h"
#include "dragoman/encode/model_store.h"
#include "dragoman/rerank/reranker.h"
#include "encode/tiny_language_model.h"
#include "rerank/rerank_support.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::TinyAdapter;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// A tiny model, an adapter "rank" and an adapter "language" of it, and the same model with both worked into its
/// matrices by hand, at 0.75 and -0.5.
class Adapters : public testing::Test {
 protected:
  static constexpr float kRankWeight = 0.75f, kLanguageWeight = -0.5f;

  void SetUp() override {
    test::write_tiny_language_model(path("base"), 7, GGML_TYPE_F32);
    rank_.write(path("rank"));
    language_.write(path("language"));
    test::write_tiny_language_model(path("merged"), 7, GGML_TYPE_F32, [&](const auto& name, auto numbers) {
      rank_.add_to(name, numbers, kRankWeight);
      language_.add_to(name, numbers, kLanguageWeight);
    });
  }

  std::filesystem::path path(const std::string& name) const { return folder_.path() / (name + ".gguf"); }

  std::unique_ptr<LanguageModel> open(const std::string& name, std::vector<LanguageModelAdapter> adapters = {},
                                      const std::filesystem::path& cache = {}) const {
    return open_language_model(
        ModelStore(folder_.path()).find(path(name).string()),
        {.weights = LanguageModelWeights::stored, .adapters = std::move(adapters), .cache = cache});
  }

  LanguageModelAdapter adapter(const std::string& name, float weight) const { return {path(name).string(), weight}; }

  static std::vector<float> logits(LanguageModel& model) {
    return model.next_token_logits(model.tokenize("東京は日本の首都です। কলকাতা"), 0);
  }

  static float furthest(const std::vector<float>& a, const std::vector<float>& b) {
    float most = 0;
    for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
    return most;
  }

  test::TemporaryFolder folder_;
  TinyAdapter rank_{11}, language_{12};
};

TEST_F(Adapters, OfWeightZeroAreAsGoodAsNone) {
  const auto bare = open("base"), with = open("base", {adapter("rank", 0), adapter("language", 0)});
  EXPECT_EQ(logits(*with), logits(*bare));
  EXPECT_EQ(with->stamp(), bare->stamp());
}

TEST_F(Adapters, AddUpToTheModelThatTheyAreMergedInto) {
  const auto composed = open("base", {adapter("rank", kRankWeight), adapter("language", kLanguageWeight)});
  const auto merged = logits(*open("merged"));
  EXPECT_LT(furthest(logits(*composed), merged), 1e-3f);
  // Twice one half is once the whole.
  EXPECT_LT(furthest(logits(*open("base", {adapter("rank", 0.5f), adapter("rank", 0.5f)})),
                     logits(*open("base", {adapter("rank", 1)}))),
            1e-4f);
  // Each of them matters.
  EXPECT_GT(furthest(logits(*open("base")), merged), 0.05f);
  EXPECT_GT(furthest(logits(*open("base", {adapter("rank", kRankWeight)})), merged), 0.05f);
  EXPECT_GT(furthest(logits(*open("base", {adapter("language", kLanguageWeight)})), merged), 0.05f);
}

TEST_F(Adapters, HaveAnswersOfTheirOwnInTheCache) {
  const auto list = test::candidates({1, 2, 3});
  const auto hits = [&](std::vector<LanguageModelAdapter> adapters) {
    Query query;
    query.text = "Was ist neu?";
    const std::shared_ptr<LanguageModel> model = open("base", std::move(adapters), folder_.path() / "cache");
    return make_reranker({.method = RerankMethod::pointwise}, model)->rerank(query, list).report.cache_hits;
  };
  EXPECT_EQ(hits({}), 0u);
  EXPECT_EQ(hits({adapter("rank", 1)}), 0u);
  EXPECT_EQ(hits({adapter("rank", 0.5f)}), 0u);
  EXPECT_EQ(hits({adapter("language", 1)}), 0u);
  EXPECT_EQ(hits({adapter("rank", 0.5f)}), 3u);
  EXPECT_EQ(hits({adapter("rank", 0)}), 3u);  // As without.
}

TEST_F(Adapters, AreRefusedByNameWhereTheyCannotBeUsed) {
  EXPECT_THAT([&] { open("base", {adapter("nowhere", 1)}); },
              ThrowsMessage<NotFound>(AllOf(HasSubstr("nowhere.gguf: no such adapter"), HasSubstr("convert_lora"))));
  EXPECT_THAT([&] { open("base", {adapter("merged", 1)}); },
              ThrowsMessage<InvalidData>(HasSubstr("merged.gguf: is of type \"model\", not an adapter")));
  rank_.write(path("of_gemma"), "gemma3");
  EXPECT_THAT([&] { open("base", {adapter("of_gemma", 1)}); },
              ThrowsMessage<InvalidArgument>(AllOf(HasSubstr("of_gemma.gguf: not an adapter of base"),
                                                   HasSubstr("use it with the model that it was trained on"))));
  rank_.write(path("wide"), "llama", 128);
  EXPECT_THAT([&] { open("base", {adapter("wide", 1)}); },
              ThrowsMessage<InvalidArgument>(
                  AllOf(HasSubstr("wide.gguf: not an adapter of base"), HasSubstr("incorrect shape"))));
  folder_.write("noise.gguf", "no adapter at all");
  EXPECT_THAT([&] { open("base", {adapter("noise", 1)}); }, ThrowsMessage<InvalidData>(HasSubstr("noise.gguf")));
}

TEST_F(Adapters, AreOfLanguageModelsAlone) {
  RerankOptions options{.method = RerankMethod::late_interaction};
  options.adapters = {adapter("rank", 1)};
  EXPECT_THAT([&] { make_reranker(options, RerankModels{}); },
              ThrowsMessage<InvalidArgument>(HasSubstr("adapters are of language models")));
}

}  // namespace
}  // namespace dragoman
