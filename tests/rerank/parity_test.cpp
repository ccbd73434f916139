#include <ggml.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/encode/language_model.h"
#include "dragoman/encode/model_store.h"
#include "dragoman/rerank/reranker.h"
#include "encode/cached_language_model.h"
#include "encode/tiny_language_model.h"
#include "rerank/rerank_support.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::TemporaryFolder;
using testing::HasSubstr;
using testing::Not;
using Tokens = std::vector<TokenId>;

/// Sends every prompt through the model whole, one after another, and generates a token at a time: what everybody
/// believes to be right.
class PlainModel final : public LanguageModel {
 public:
  explicit PlainModel(std::shared_ptr<LanguageModel> model) : model_(std::move(model)) {}

  Tokens tokenize(std::string_view text) const override { return model_->tokenize(text); }
  std::string detokenize(std::span<const TokenId> tokens) const override { return model_->detokenize(tokens); }
  Tokens chat(std::span<const Message> messages) const override { return model_->chat(messages); }
  std::vector<float> next_token_logits(std::span<const TokenId> prompt, std::size_t) override {
    return model_->next_token_logits(prompt, 0);
  }
  double log_likelihood(std::span<const TokenId> prompt, std::size_t, std::span<const TokenId> text) override {
    Tokens tokens(prompt.begin(), prompt.end());
    double sum = 0;
    for (const TokenId token : text) {
      const auto logits = model_->next_token_logits(tokens, 0);
      double all = 0;
      for (const float logit : logits) all += std::exp(static_cast<double>(logit));
      sum += logits[static_cast<std::size_t>(token)] - std::log(all);
      tokens.push_back(token);
    }
    return sum;
  }
  Tokens generate(std::span<const TokenId> prompt, std::size_t, Grammar& grammar) override {
    Tokens tokens(prompt.begin(), prompt.end()), output;
    while (!grammar.finished()) {
      const auto logits = model_->next_token_logits(tokens, 0);
      const auto logit = [&](TokenId token) { return logits[static_cast<std::size_t>(token)]; };
      const Tokens allowed = grammar.allowed();  // Ascending: the first of equal ones is the lower token.
      output.push_back(*std::ranges::max_element(allowed, {}, logit));
      tokens.push_back(output.back());
      grammar.accept(output.back());
    }
    return output;
  }
  std::size_t context_tokens() const override { return model_->context_tokens(); }
  LanguageModelUsage usage() const override { return model_->usage(); }
  const std::string& stamp() const override { return model_->stamp(); }

 private:
  std::shared_ptr<LanguageModel> model_;
};

std::vector<Candidate> passages() {
  const std::vector<std::string> texts = {"Paris is the capital of France.",
                                          "Берлин является столицей Германии.",
                                          "东京是日本的首都。",
                                          "दिल्ली भारत की राजधानी है।",
                                          "القاهرة هي عاصمة مصر.",
                                          "กรุงเทพเป็นเมืองหลวงของไทย",
                                          "Nairobi ni mji mkuu wa Kenya.",
                                          "dilli bharat ki rajdhani hai",
                                          "東京は日本の首都です。"};
  std::vector<Candidate> list;
  for (std::size_t i = 0; i < texts.size(); ++i) list.push_back({"d" + std::to_string(i), texts[i]});
  return list;
}

class Parity : public testing::TestWithParam<ggml_type> {
 protected:
  void SetUp() override {
    const auto file = folder_.path() / "tiny.gguf";
    test::write_tiny_language_model(file, 7, GetParam());
    model_file_ = ModelStore(folder_.path()).find(file.string());
    fast_ = open({});
    plain_ = std::make_shared<PlainModel>(open({}));
  }

  std::shared_ptr<LanguageModel> open(LanguageModelOptions options) const {
    if (options.weights == LanguageModelWeights::automatic) options.weights = LanguageModelWeights::stored;
    return open_language_model(model_file_, options);
  }

  static RerankResult rerank(std::shared_ptr<LanguageModel> model, RerankOptions options,
                             std::string_view query = "Was ist die Hauptstadt von Japan?") {
    options.depth = 9;
    options.mix = 0.0f;  // What the model says, and nothing else.
    Query asked;
    asked.text = query;
    const auto list = passages();
    return make_reranker(options, std::move(model))->rerank(asked, list);
  }

  TemporaryFolder folder_;
  Model model_file_;
  std::shared_ptr<LanguageModel> fast_, plain_;
};

// Products of quantised matrices round differently in batches of other shapes; f32 shows that nothing else differs.
double tolerance(ggml_type type) { return type == GGML_TYPE_F32 ? 2e-3 : 0.1; }

/// Of a likelihood: llama.cpp's attention sums over fewer than 64 tokens, such as a short prefix, in half precision.
double tolerance_of_sum(ggml_type type, std::size_t tokens) {
  return std::max(tolerance(type), 0.01) * static_cast<double>(tokens);
}

TEST_P(Parity, PointwiseScoresAreThoseOfWholePrompts) {
  const auto fast = rerank(fast_, {.method = RerankMethod::pointwise});
  const auto plain = rerank(plain_, {.method = RerankMethod::pointwise});
  std::vector<float> by_candidate(9);
  for (const Reranked& item : plain.order) by_candidate[item.candidate] = item.score;
  for (const Reranked& item : fast.order) {
    EXPECT_NEAR(item.score, by_candidate[item.candidate], tolerance(GetParam()));
  }
  EXPECT_LT(fast.report.tokens_evaluated * 2, plain.report.tokens_evaluated);
  EXPECT_EQ(fast.report.tokens_evaluated + fast.report.tokens_reused, plain.report.tokens_evaluated);
}

TEST_P(Parity, PairwiseDecisionsAreThoseOfWholePrompts) {
  for (const RerankSort sort : {RerankSort::all_pairs, RerankSort::heap}) {
    const RerankOptions options = {.method = RerankMethod::pairwise, .sort = sort};
    const auto fast = rerank(fast_, options), plain = rerank(plain_, options);
    EXPECT_EQ(test::order(fast), test::order(plain));
    EXPECT_EQ(fast.report.inconsistent_pairs, plain.report.inconsistent_pairs);
    EXPECT_EQ(fast.report.calls, plain.report.calls);
    EXPECT_LT(fast.report.tokens_evaluated * 2, plain.report.tokens_evaluated);
  }
}

TEST_P(Parity, PermutationsAreThoseOfGreedyGeneration) {
  // A model that knows nothing nearly ties all the time, and a rounded product then decides.
  if (GetParam() != GGML_TYPE_F32) GTEST_SKIP() << "rounds differently a token at a time";
  const RerankOptions options = {.method = RerankMethod::listwise, .window = 5, .stride = 2};
  for (const std::string query : {"столица Германии", "印度的首都"}) {
    EXPECT_EQ(test::order(rerank(fast_, options, query)), test::order(rerank(plain_, options, query)));
  }
}

TEST_P(Parity, LikelihoodIsTheSumOfTheLogitsOfEveryToken) {
  const Tokens prompt = fast_->tokenize("東京は日本の首都です。 Question:"), answer = fast_->tokenize(" где это?");
  const double whole = plain_->log_likelihood(prompt, 0, answer);
  EXPECT_NEAR(fast_->log_likelihood(prompt, 0, answer), whole, tolerance(GetParam()));
  EXPECT_NEAR(fast_->log_likelihood(prompt, 9, answer), whole, tolerance(GetParam()));
}

SharedPrompts many_prompts(const LanguageModel& model) {
  SharedPrompts prompts{model.tokenize("The same beginning of all, with a frame. "), 8, {}};
  for (const Candidate& passage : passages()) {
    for (const char* end : {" Yes?", " No!"}) prompts.suffixes.push_back(model.tokenize(passage.text + end));
  }
  return prompts;
}

TEST_P(Parity, LikelihoodsOfManyPromptsAreThoseOneByOne) {
  SharedPrompts prompts = many_prompts(*fast_);
  for (const std::string text : {"где?", "x", "यह"}) {
    const Tokens answer = fast_->tokenize(text);
    const auto before = fast_->usage();
    const auto together = fast_->log_likelihoods(prompts, answer);
    const auto spent = fast_->usage();
    const auto alone = plain_->log_likelihoods(prompts, answer);
    ASSERT_EQ(together.size(), alone.size());
    for (std::size_t i = 0; i < alone.size(); ++i) {
      EXPECT_NEAR(together[i], alone[i], tolerance_of_sum(GetParam(), answer.size())) << text;
    }
    EXPECT_EQ(together, open({})->log_likelihoods(prompts, answer)) << "whatever was asked before";
    EXPECT_EQ(spent.calls - before.calls, prompts.suffixes.size());
    EXPECT_GT(spent.tokens_reused - before.tokens_reused, (prompts.suffixes.size() - 4) * prompts.prefix.size());
  }
  EXPECT_EQ(fast_->log_likelihoods(prompts, {}), std::vector<double>(prompts.suffixes.size(), 0));
  // Longer than a batch: one after another.
  prompts.suffixes = {Tokens(700, 77), Tokens(3, 77)};
  const Tokens answer = fast_->tokenize("где?");
  const auto together = fast_->log_likelihoods(prompts, answer), alone = plain_->log_likelihoods(prompts, answer);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(together[i], alone[i], tolerance_of_sum(GetParam(), answer.size()));
  }
}

TEST_P(Parity, QueryLikelihoodIsThatOfWholePrompts) {
  const RerankOptions options = {.method = RerankMethod::pointwise, .score = PointwiseScore::likelihood};
  const auto fast = rerank(fast_, options), plain = rerank(plain_, options);
  std::vector<float> by_candidate(9);
  for (const Reranked& item : plain.order) by_candidate[item.candidate] = item.score;
  for (const Reranked& item : fast.order) {
    EXPECT_NEAR(item.score, by_candidate[item.candidate], tolerance(GetParam()));
  }
  EXPECT_EQ(fast.report.calls, 9u);
  EXPECT_GT(fast.report.tokens_reused, 0u);
}

TEST_P(Parity, ManyPromptsAtOnceAreThoseOneByOne) {
  SharedPrompts prompts = many_prompts(*fast_);
  prompts.suffixes.push_back(Tokens(700, 77));  // Longer than a batch.
  const Tokens wanted = {fast_->tokenize("Yes").front(), fast_->tokenize("No").front(), 5};
  const auto together = fast_->choice_logits(prompts, wanted);
  const auto again = fast_->choice_logits(prompts, wanted);
  const auto alone = plain_->choice_logits(prompts, wanted);
  EXPECT_EQ(together, again);
  EXPECT_EQ(together, open({})->choice_logits(prompts, wanted));
  ASSERT_EQ(together.size(), alone.size());
  for (std::size_t i = 0; i < alone.size(); ++i) {
    for (std::size_t k = 0; k < wanted.size(); ++k) EXPECT_NEAR(together[i][k], alone[i][k], tolerance(GetParam()));
  }
}

TEST_P(Parity, ACacheGivesTheSameBitsAndAsksNothing) {
  const LanguageModelOptions options = {.cache = folder_.path() / "cache"};
  for (const RerankOptions& rerank_options :
       {RerankOptions{.method = RerankMethod::pointwise}, RerankOptions{.method = RerankMethod::pairwise},
        RerankOptions{.method = RerankMethod::pointwise, .score = PointwiseScore::likelihood},
        RerankOptions{.method = RerankMethod::listwise, .window = 4, .stride = 2}}) {
    const auto uncached = rerank(fast_, rerank_options), first = rerank(open(options), rerank_options),
               second = rerank(open(options), rerank_options);
    for (std::size_t i = 0; i < uncached.order.size(); ++i) {
      EXPECT_EQ(first.order[i].candidate, uncached.order[i].candidate);
      EXPECT_EQ(first.order[i].score, uncached.order[i].score);
      EXPECT_EQ(second.order[i].candidate, uncached.order[i].candidate);
      EXPECT_EQ(second.order[i].score, uncached.order[i].score);
    }
    EXPECT_EQ(first.report.cache_hits, 0u);
    EXPECT_EQ(second.report.calls, 0u);
    EXPECT_EQ(second.report.cache_hits, uncached.report.calls);
    EXPECT_EQ(second.report.tokens_evaluated, 0u);
  }
}

// What was answered before stays answered; the rest is asked in the same groups as in an undisturbed run.
TEST_P(Parity, ARunThatStoppedHalfwayGoesOnToTheSameBits) {
  const LanguageModelOptions options = {.cache = folder_.path() / "cache"};
  RerankOptions some = {.method = RerankMethod::pairwise};
  some.budget_calls = 20;
  const auto part = rerank(open(options), some);
  EXPECT_EQ(part.report.calls, 20u);
  EXPECT_EQ(part.report.skipped, 52u);
  const auto whole = rerank(open(options), {.method = RerankMethod::pairwise});
  EXPECT_GT(whole.report.cache_hits, 0u);
  EXPECT_EQ(whole.report.cache_hits + whole.report.calls, 72u);
  EXPECT_EQ(test::order(whole), test::order(rerank(fast_, {.method = RerankMethod::pairwise})));
}

TEST_P(Parity, AnswersOfOtherPromptsAndModelsAreNotTaken) {
  const LanguageModelOptions options = {.cache = folder_.path() / "cache"};
  rerank(open(options), {.method = RerankMethod::pointwise});
  EXPECT_EQ(rerank(open(options), {.method = RerankMethod::pointwise}, "Anything else?").report.cache_hits, 0u);
  LanguageModelOptions shorter = options;
  shorter.context_tokens = 1024;
  EXPECT_EQ(rerank(open(shorter), {.method = RerankMethod::pointwise}).report.cache_hits, 0u);
}

TEST_P(Parity, WidenedMatricesSayNearlyTheSame) {
  if (GetParam() == GGML_TYPE_F32) GTEST_SKIP() << "nothing to widen";
  const auto widened = open({.weights = LanguageModelWeights::bf16});
  EXPECT_THAT(widened->stamp(), HasSubstr(" bf16"));
  EXPECT_THAT(fast_->stamp(), Not(HasSubstr(" bf16")));
  const Tokens prompt = fast_->tokenize("Nairobi ni mji mkuu wa Kenya.");
  const auto a = widened->next_token_logits(prompt, 0), b = fast_->next_token_logits(prompt, 0);
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 0.2);
}

TEST_P(Parity, AnAnswerThatHasBegunStandsBehindTheTurnThatAsksForIt) {
  const std::vector<Message> asked = {{"user", "Ni nini?"}},
                             begun = {{"user", "Ni nini?"}, {"assistant", "<think>\n\n</think>\n\n"}};
  Tokens expected = fast_->chat(asked);
  for (const TokenId token : fast_->tokenize("<think>\n\n</think>\n\n")) expected.push_back(token);
  EXPECT_EQ(fast_->chat(begun), expected);
  EXPECT_THAT(fast_->detokenize(fast_->chat(begun)), testing::EndsWith("assistant\n<think>\n\n</think>\n\n"));
}

INSTANTIATE_TEST_SUITE_P(Formats, Parity, testing::Values(GGML_TYPE_F32, GGML_TYPE_Q8_0),
                         [](const auto& type) { return type.param == GGML_TYPE_F32 ? "f32" : "q8_0"; });

}  // namespace
}  // namespace dragoman
