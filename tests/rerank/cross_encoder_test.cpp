#include "dragoman/encode/cross_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/encode/language_model.h"
#include "dragoman/encode/model_store.h"
#include "dragoman/rerank/reranker.h"
#include "encode/cross_encoders.h"
#include "encode/tiny_cross_encoder.h"
#include "encode/tiny_language_model.h"
#include "rerank/rerank_support.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::TinyCrossEncoder;
using testing::HasSubstr;
using testing::ThrowsMessage;

const std::vector<std::string_view> kPassages = {"cat dog",
                                                 "чай",
                                                 "茶 猫",
                                                 "paka chai chai",
                                                 "चाय",
                                                 "кошка собака tea",
                                                 "tea tea tea tea tea tea tea tea tea tea tea tea tea tea tea tea tea"};

class CrossEncoders : public testing::TestWithParam<TinyCrossEncoder::Pairs> {
 protected:
  void SetUp() override {
    tiny_.write(path());
    model_ = ModelStore(folder_.path()).find(path().string());
  }

  std::filesystem::path path() const { return folder_.path() / "tiny-reranker.gguf"; }

  /// By hand: "chai кошка" and a passage of known words.
  double by_hand(std::string_view passage) const {
    const std::int32_t begin = TinyCrossEncoder::id("[CLS]"), end = TinyCrossEncoder::id("[SEP]");
    std::vector<std::int32_t> tokens = {begin, TinyCrossEncoder::id("chai"), TinyCrossEncoder::id("кошка"), end};
    if (GetParam() == TinyCrossEncoder::Pairs::doubled_separator) tokens.push_back(end);
    const std::size_t second = tokens.size();
    for (std::string_view rest = passage; !rest.empty();) {
      const std::string_view word = rest.substr(0, rest.find(' '));
      tokens.push_back(TinyCrossEncoder::id(std::string(word)));
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    }
    tokens.push_back(end);
    return tiny_.score(tokens, second);
  }

  std::unique_ptr<CrossEncoder> open(CrossEncoderOptions options = {}) const {
    options.threads = 2;
    options.precision = Precision::f32;
    return open_cross_encoder(model_, options);
  }

  test::TemporaryFolder folder_;
  TinyCrossEncoder tiny_{5, GetParam()};
  Model model_;
};

TEST_P(CrossEncoders, ScoreAsTheFormulasSay) {
  const auto scores = open()->score("chai кошка", kPassages);
  ASSERT_EQ(scores.size(), kPassages.size());
  double least = 1e9, most = -1e9;
  for (std::size_t i = 0; i < kPassages.size(); ++i) {
    EXPECT_NEAR(scores[i].score, by_hand(kPassages[i]), 1e-4) << kPassages[i];
    EXPECT_FALSE(scores[i].truncated);
    least = std::min(least, by_hand(kPassages[i]));
    most = std::max(most, by_hand(kPassages[i]));
  }
  EXPECT_GT(most - least, 0.01);  // Passages matter.
}

TEST_P(CrossEncoders, OfLlamaScoreAlikeWhereSegmentsAreNotToldApart) {
  if (GetParam() == TinyCrossEncoder::Pairs::segments) GTEST_SKIP() << "llama.cpp knows one type of tokens";
  const auto scores = open_llama_cross_encoder(model_, {.threads = 2})->score("chai кошка", kPassages);
  for (std::size_t i = 0; i < kPassages.size(); ++i) {
    // llama.cpp's WordPiece takes marks off letters whatever the vocabulary is like, and does not know these then.
    if (kPassages[i] == "чай" || kPassages[i] == "चाय") continue;
    EXPECT_NEAR(scores[i].score, by_hand(kPassages[i]), 5e-3) << kPassages[i];
  }
}

TEST_P(CrossEncoders, CutWhatDoesNotFitAndSaySo) {
  std::string longer = "tea";
  for (int i = 0; i < 100; ++i) longer += " tea";
  const auto model = open();
  const auto scores = model->score("chai кошка", std::vector<std::string_view>{longer, "tea"});
  EXPECT_TRUE(scores[0].truncated);
  EXPECT_EQ(scores[0].tokens_read, TinyCrossEncoder::kPositions);
  EXPECT_FALSE(scores[1].truncated);
  EXPECT_EQ(model->score("chai кошка", std::vector<std::string_view>{"tea tea"}, 1)[0].score,
            model->score("chai кошка", std::vector<std::string_view>{"tea"})[0].score);
  // A query that is too long keeps half.
  EXPECT_EQ(model->score(longer, std::vector<std::string_view>{longer})[0].tokens_read, TinyCrossEncoder::kPositions);
}

TEST_P(CrossEncoders, AreAskedNothingTwiceWithACache) {
  const CrossEncoderOptions options = {.cache = folder_.path() / "cache"};
  const auto first = open(options)->score("chai кошка", kPassages),
             again = open(options)->score("chai кошка", kPassages);
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].score, again[i].score);
    EXPECT_GT(first[i].tokens_read, 0u);
    EXPECT_EQ(again[i].tokens_read, 0u);
  }
  EXPECT_GT(open(options)->score("кошка chai", kPassages)[0].tokens_read, 0u);
}

TEST_P(CrossEncoders, RerankByTheirScores) {
  std::vector<Candidate> list;
  for (std::size_t i = 0; i < kPassages.size(); ++i)
    list.push_back({"d" + std::to_string(i), std::string(kPassages[i])});
  std::vector<std::size_t> order(kPassages.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](std::size_t i) { return -by_hand(kPassages[i]); });
  RerankOptions options{.method = RerankMethod::pointwise, .score = PointwiseScore::cross_encoder};
  options.mix = 0.0f;
  Query query;
  query.text = "chai кошка";
  const std::shared_ptr<const CrossEncoder> model = open();
  const auto result = make_reranker(options, RerankModels{.cross_encoder = model})->rerank(query, list);
  EXPECT_EQ(test::order(result), order);
  EXPECT_EQ(result.report.calls, kPassages.size());
  options.budget_calls = 3;
  const auto budgeted = make_reranker(options, RerankModels{.cross_encoder = model})->rerank(query, list);
  EXPECT_EQ(budgeted.report.calls, 3u);
  EXPECT_EQ(budgeted.report.skipped, kPassages.size() - 3);
  EXPECT_EQ(budgeted.order.size(), list.size());
}

TEST_P(CrossEncoders, AreOfAKindOfTheirOwn) {
  EXPECT_EQ(model_.kind, ModelKind::cross_encoder);
  EXPECT_THAT([&] { open_encoder(model_); }, ThrowsMessage<InvalidArgument>(HasSubstr("a cross-encoder")));
  RerankOptions options{.method = RerankMethod::cascade, .score = PointwiseScore::cross_encoder};
  options.cascade = {{RerankMethod::pointwise, 20}, {RerankMethod::listwise, 10}};
  EXPECT_THAT([&] { make_reranker(options, RerankModels{}); },
              ThrowsMessage<InvalidArgument>(HasSubstr("a cascade asks one model")));
}

INSTANTIATE_TEST_SUITE_P(Layouts, CrossEncoders,
                         testing::Values(TinyCrossEncoder::Pairs::segments, TinyCrossEncoder::Pairs::doubled_separator),
                         [](const auto& pairs) {
                           return pairs.param == TinyCrossEncoder::Pairs::segments ? "segments" : "doubled_separator";
                         });

class HeadsOfTwoOutputs : public testing::Test {
 protected:
  std::filesystem::path path() const { return folder_.path() / "tiny-reranker.gguf"; }

  Model written(const std::vector<std::string>& labels, std::uint64_t outputs = 2) const {
    TinyCrossEncoder(5, kPairs, outputs).write(path(), labels);
    return ModelStore(folder_.path()).find(path().string());
  }

  /// By hand, of "tea" and "paka chai": the one output less the other.
  double lead(std::size_t of, std::size_t over) const {
    const std::int32_t end = TinyCrossEncoder::id("[SEP]");
    const auto outputs = TinyCrossEncoder(5, kPairs, 2)
                             .outputs({TinyCrossEncoder::id("[CLS]"), TinyCrossEncoder::id("tea"), end, end,
                                       TinyCrossEncoder::id("paka"), TinyCrossEncoder::id("chai"), end},
                                      4);
    return outputs[of] - outputs[over];
  }

  static double score(const CrossEncoder& model) {
    return static_cast<double>(model.score("tea", std::vector<std::string_view>{"paka chai"}).front().score);
  }

  static constexpr TinyCrossEncoder::Pairs kPairs = TinyCrossEncoder::Pairs::doubled_separator;
  test::TemporaryFolder folder_;
};

TEST_F(HeadsOfTwoOutputs, ScoreByTheLeadOfTheOneThatSpeaksForThePassage) {
  EXPECT_GT(std::abs(lead(0, 1)), 0.01);
  const CrossEncoderOptions options = {.threads = 1, .precision = Precision::f32};
  EXPECT_NEAR(score(*open_cross_encoder(written({}), options)), lead(1, 0), 1e-4);
  EXPECT_NEAR(score(*open_cross_encoder(written({"yes", "no"}), options)), lead(0, 1), 1e-4);
  EXPECT_NEAR(score(*open_cross_encoder(written({"LABEL_0", "LABEL_1"}), options)), lead(1, 0), 1e-4);
  EXPECT_NEAR(score(*open_cross_encoder(written({"irrelevant", "Relevant"}), options)), lead(1, 0), 1e-4);
  EXPECT_NEAR(score(*open_llama_cross_encoder(written({"yes", "no"}), {.threads = 1})), lead(0, 1), 5e-3);
}

TEST_F(HeadsOfTwoOutputs, AreRefusedWhereNobodyKnowsWhatTheyMean) {
  const auto open = [&](const std::vector<std::string>& labels, std::uint64_t outputs) {
    const Model model = written(labels, outputs);
    EXPECT_THAT([&] { open_llama_cross_encoder(model, {}); }, testing::Throws<Error>());
    open_cross_encoder(model, {});
  };
  EXPECT_THAT([&] { open({"joy", "anger"}, 2); }, ThrowsMessage<InvalidArgument>(HasSubstr("outputs 'joy', 'anger'")));
  EXPECT_THAT([&] { open({"yes", "true"}, 2); }, ThrowsMessage<InvalidArgument>(HasSubstr("or not one alone")));
  EXPECT_THAT([&] { open({"a", "b", "c"}, 3); }, ThrowsMessage<InvalidArgument>(HasSubstr("3 outputs")));
}

// The head is two rows of the model's own vocabulary, so the score is what the model would say: Yes or No.
TEST_F(HeadsOfTwoOutputs, OfDecodersAreTheLogOddsOfTheirWords) {
  test::write_tiny_qwen3_reranker(path(), 11);
  const Model model = ModelStore(folder_.path()).find(path().string());
  const auto reranker = open_cross_encoder(model, {.threads = 2});
  const auto language_model = open_language_model(model, {.threads = 1});
  const auto yes = static_cast<std::size_t>(language_model->tokenize("Yes").front()),
             no = static_cast<std::size_t>(language_model->tokenize("No").front());
  const std::vector<std::string_view> passages = {"chai", "кошка", "茶 猫", "चाय", "tea tea tea tea"};
  const auto scores = reranker->score("what is tea?", passages);
  double least = 1e9, most = -1e9;
  for (std::size_t i = 0; i < passages.size(); ++i) {
    const auto prompt = language_model->tokenize("query what is tea? passage " + std::string(passages[i]) + " answer ");
    const auto logits = language_model->next_token_logits(prompt, 0);
    const auto expected = static_cast<double>(logits[yes] - logits[no]);
    EXPECT_NEAR(static_cast<double>(scores[i].score), expected, 5e-3) << passages[i];
    EXPECT_EQ(scores[i].tokens_read, prompt.size());
    least = std::min(least, expected);
    most = std::max(most, expected);
  }
  EXPECT_GT(most - least, 0.1);
}

}  // namespace
}  // namespace dragoman
