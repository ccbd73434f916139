#include <gmock/gmock.h>

#include <chrono>
#include <numeric>
#include <random>
#include <thread>

#include "dragoman/base/error.h"
#include "dragoman/encode/encoder.h"
#include "rerank/passages_to_documents.h"
#include "rerank/rerank_support.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::candidates;
using test::FakeLanguageModel;
using test::model;
using test::moody;
using test::order;
using test::rerank;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;
using testing::Not;
using testing::SizeIs;
using testing::ThrowsMessage;

RerankOptions method(RerankMethod method) {
  RerankOptions options;
  options.method = method;
  options.depth = 100;
  options.top = 0;
  return options;
}

TEST(Graded, ScoresByTheExpectedGrade) {
  RerankOptions options = method(RerankMethod::pointwise);
  options.score = PointwiseScore::graded;
  const auto result = rerank(options, model(test::planted_grades), candidates({1, 4, 0, 3}));
  EXPECT_THAT(order(result), ElementsAre(1, 3, 0, 2));
  // Planted: a logit of 5 on the grade, 0 on the four others. So 4 gets (e^5 * 4 + 0+1+2+3) / (e^5 + 4).
  EXPECT_NEAR(result.order[0].score, (std::exp(5.0) * 4 + 6) / (std::exp(5.0) + 4), 1e-5);
}

TEST(Likelihood, PrefersPassagesThatTheQueryFollowsFrom) {
  // Likes the letters of the query where the passage has the word "mvua", rain.
  const auto opinion = [](const std::string& prompt, const std::string& answer, std::vector<float>& logits) {
    const std::string query = "mvua?";
    if (prompt.find("Passage: Leo mvua") != std::string::npos && answer.size() < query.size()) {
      logits[static_cast<unsigned char>(query[answer.size()])] = 4;
    }
  };
  RerankOptions options = method(RerankMethod::pointwise);
  options.score = PointwiseScore::likelihood;
  auto list = candidates({0, 0});
  list[1].text = "Leo mvua inanyesha.";
  const auto asked = model(opinion);
  const auto result = rerank(options, asked, list, "mvua?");
  EXPECT_THAT(order(result), ElementsAre(1, 0));
  EXPECT_NEAR(result.order[1].score, -std::log(258.0), 1e-5) << "each byte as likely as any of the fake's 258 tokens";
  for (const std::string& prompt : asked->prompts) EXPECT_THAT(prompt, Not(HasSubstr("mvua?")));
}

TEST(Calibration, TakesOffWhatTheModelSaysOfNothing) {
  // Says yes by 2 whatever it reads.
  const auto eager = [](const std::string& prompt, const std::string& answer, std::vector<float>& logits) {
    test::planted_pointwise(prompt, answer, logits);
    logits['Y'] += 2;
  };
  RerankOptions options = method(RerankMethod::pointwise);
  options.calibrate = true;
  const auto result = rerank(options, model(eager), candidates({1, 3}));
  EXPECT_THAT(order(result), ElementsAre(1, 0));
  EXPECT_EQ(result.order[0].score, 3);
  EXPECT_EQ(result.order[1].score, 1);
  EXPECT_EQ(result.report.calls, 3u);
}

TEST(Sliding, FindsThePlantedOrderInPairsAndSets) {
  RerankOptions pairs = method(RerankMethod::pairwise);
  pairs.sort = RerankSort::sliding;
  EXPECT_THAT(order(rerank(pairs, model(test::planted_pairwise), candidates({3, 1, 7, 5, 2}))),
              ElementsAre(2, 3, 0, 4, 1));
  pairs.top = 1;
  const auto one = rerank(pairs, model(test::planted_pairwise), candidates({3, 1, 7, 5, 2}));
  EXPECT_THAT(order(one), ElementsAre(2, 0, 1, 3, 4));
  EXPECT_EQ(one.report.calls, 2u * 4);

  RerankOptions sets = method(RerankMethod::setwise);
  sets.sort = RerankSort::sliding;
  sets.set_size = 3;
  sets.top = 1;
  const auto best = rerank(sets, model(test::planted_setwise), candidates({3, 1, 7, 5, 2}));
  EXPECT_THAT(order(best), ElementsAre(2, 0, 1, 3, 4));
  EXPECT_EQ(best.report.calls, 2u) << "5 passages, windows of 3 that overlap by one";
}

TEST(Setwise, AsksFewerPromptsThanPairsDo) {
  std::vector<int> worths(20);
  std::iota(worths.begin(), worths.end(), 1);
  std::ranges::shuffle(worths, std::mt19937(7));
  RerankOptions pairs = method(RerankMethod::pairwise), sets = method(RerankMethod::setwise);
  pairs.sort = RerankSort::heap;
  const auto by_pairs = rerank(pairs, model(test::planted_pairwise), candidates(worths));
  const auto by_sets = rerank(sets, model(test::planted_setwise), candidates(worths));
  EXPECT_EQ(order(by_sets), order(by_pairs));
  EXPECT_LT(by_sets.report.calls, by_pairs.report.calls / 3);
}

TEST(Setwise, ReportsWhatDependsOnPlacesWhenItIsShuffled) {
  // Always the first letter, whatever stands there.
  const auto first = [](const std::string&, const std::string&, std::vector<float>& logits) { logits['A'] = 1; };
  RerankOptions options = method(RerankMethod::setwise);
  options.shuffles = 1;
  options.set_size = 2;
  const auto result = rerank(options, model(first), candidates({1, 2}));
  EXPECT_THAT(order(result), ElementsAre(0, 1)) << "both orders together say nothing";
  EXPECT_EQ(result.report.compared_pairs, result.report.inconsistent_pairs);
  EXPECT_GE(result.report.compared_pairs, 1u);
}

TEST(FirstToken, OrdersAWindowByOnePrompt) {
  RerankOptions options = method(RerankMethod::listwise);
  options.answer = ListwiseAnswer::first_token;
  const auto asked = model(test::planted_setwise);
  const auto result = rerank(options, asked, candidates({3, 1, 7, 5, 2}));
  EXPECT_THAT(order(result), ElementsAre(2, 3, 0, 4, 1));
  EXPECT_EQ(result.report.calls, 1u);
  EXPECT_TRUE(asked->answers.empty()) << "nothing is generated";
}

TEST(Listwise, SecondPassBringsUpWhatTheFirstCould) {
  RerankOptions options = method(RerankMethod::listwise);
  options.window = 2;
  options.stride = 1;
  const std::vector<int> worths = {1, 2, 3, 4, 5};
  EXPECT_THAT(order(rerank(options, model(test::planted_listwise), candidates(worths))), ElementsAre(4, 0, 1, 2, 3));
  options.passes = 2;
  EXPECT_THAT(order(rerank(options, model(test::planted_listwise), candidates(worths))), ElementsAre(4, 3, 0, 1, 2));
}

TEST(Listwise, ShufflesAreAggregatedAndTheirDisagreementReported) {
  RerankOptions options = method(RerankMethod::listwise);
  options.shuffles = 3;
  for (const auto aggregation : {RankAggregation::borda, RankAggregation::kemeny}) {
    options.aggregation = aggregation;
    const auto result = rerank(options, model(test::planted_listwise), candidates({3, 1, 7, 5, 2}));
    EXPECT_THAT(order(result), ElementsAre(2, 3, 0, 4, 1));
    EXPECT_EQ(result.report.calls, 4u);
    EXPECT_EQ(result.report.compared_pairs, 6u * 10) << "pairs of rankings, pairs of candidates";
    EXPECT_EQ(result.report.inconsistent_pairs, 0u);
  }
  EXPECT_GT(rerank(options, model(moody), candidates({3, 1, 7, 5, 2})).report.inconsistent_pairs, 0u);
}

TEST(Tournament, GivesAPointForEachStageSurvived) {
  // Of five, three go on, then two, then one; twice.
  const auto result =
      rerank(method(RerankMethod::tournament), model(test::planted_setwise), candidates({3, 1, 7, 5, 2}));
  EXPECT_THAT(order(result), ElementsAre(2, 3, 0, 1, 4)) << "without a point: first-stage order";
  EXPECT_EQ(result.order[0].score, 6);
  EXPECT_EQ(result.order[1].score, 4);
  EXPECT_EQ(result.order[2].score, 2);
  EXPECT_EQ(result.report.calls, 6u);
}

TEST(Tournament, FindsTheBestInGroups) {
  RerankOptions options = method(RerankMethod::tournament);
  options.window = 4;
  options.stride = 4;
  std::vector<int> worths(19);
  std::iota(worths.begin(), worths.end(), 1);
  EXPECT_EQ(rerank(options, model(test::planted_setwise), candidates(worths)).order.front().candidate, 18u);
}

TEST(Cascade, AsksTheDearMethodAboutTheBestAlone) {
  RerankOptions options = method(RerankMethod::cascade);
  options.cascade = {{RerankMethod::pointwise, 5}, {RerankMethod::pairwise, 2}};
  const auto both = [](const std::string& prompt, const std::string& answer, std::vector<float>& logits) {
    if (prompt.find("Passage A:") == std::string::npos) return test::planted_pointwise(prompt, answer, logits);
    // Of two, the worse one: so it can be told who decided.
    test::planted_pairwise(prompt, answer, logits);
    std::swap(logits['A'], logits['B']);
  };
  const auto result = rerank(options, model(both), candidates({3, 1, 7, 5, 2, 9}));
  EXPECT_EQ(result.report.calls, 5u + 2);
  options.mix = 0;
  EXPECT_THAT(order(rerank(options, model(both), candidates({3, 1, 7, 5, 2, 9}))), ElementsAre(3, 2, 0, 4, 1, 5));
}

class EveryVariant : public testing::TestWithParam<RerankOptions> {};

std::vector<RerankOptions> variants() {
  std::vector<RerankOptions> all;
  const auto add = [&](
                       RerankMethod which, const std::function<void(RerankOptions&)>& change = [](RerankOptions&) {}) {
    all.push_back(method(which));
    change(all.back());
  };
  add(RerankMethod::pointwise);
  add(RerankMethod::pointwise, [](RerankOptions& o) { o.calibrate = true; });
  add(RerankMethod::pointwise, [](RerankOptions& o) { o.score = PointwiseScore::graded; });
  add(RerankMethod::pointwise, [](RerankOptions& o) { o.score = PointwiseScore::likelihood; });
  for (const RerankSort sort : {RerankSort::all_pairs, RerankSort::heap, RerankSort::sliding}) {
    add(RerankMethod::pairwise, [&](RerankOptions& o) { o.sort = sort; });
    if (sort != RerankSort::all_pairs) add(RerankMethod::setwise, [&](RerankOptions& o) { o.sort = sort; });
  }
  add(RerankMethod::setwise, [](RerankOptions& o) { o.shuffles = 2; });
  add(RerankMethod::listwise, [](RerankOptions& o) { o.window = 4, o.stride = 2, o.passes = 2; });
  add(RerankMethod::listwise, [](RerankOptions& o) { o.window = 5, o.stride = 2, o.shuffles = 2; });
  add(RerankMethod::listwise,
      [](RerankOptions& o) { o.window = 4, o.stride = 3, o.answer = ListwiseAnswer::first_token; });
  add(RerankMethod::tournament, [](RerankOptions& o) { o.window = 3, o.stride = 3; });
  add(RerankMethod::cascade, [](RerankOptions& o) {
    o.cascade = {{RerankMethod::pointwise, 10}, {RerankMethod::setwise, 6}, {RerankMethod::pairwise, 3}};
  });
  return all;
}

INSTANTIATE_TEST_SUITE_P(Rerank, EveryVariant, testing::ValuesIn(variants()));

TEST_P(EveryVariant, GivesAWholeOrderWithinAnyBudget) {
  for (std::uint64_t budget = 1; budget <= 40; ++budget) {
    RerankOptions options = GetParam();
    options.budget_calls = budget;
    const auto asked = model(moody);
    const auto result = rerank(options, asked, candidates(std::vector<int>(11, 1)));
    auto found = order(result);
    std::ranges::sort(found);
    std::vector<std::size_t> all(11);
    std::iota(all.begin(), all.end(), std::size_t{0});
    EXPECT_EQ(found, all) << "a budget of " << budget;
    EXPECT_LE(asked->usage().calls, budget);
  }
}

/// Takes its time over each call, and counts those that began when a time from the first one on was over.
class SlowModel final : public FakeLanguageModel {
 public:
  explicit SlowModel(std::chrono::milliseconds time) : FakeLanguageModel(moody), time_(time) {}

  std::vector<std::vector<float>> choice_logits(const SharedPrompts& group, std::span<const TokenId> wanted) override {
    take_time();
    return FakeLanguageModel::choice_logits(group, wanted);
  }
  std::vector<double> log_likelihoods(const SharedPrompts& group, std::span<const TokenId> continuation) override {
    take_time();
    return FakeLanguageModel::log_likelihoods(group, continuation);
  }
  std::vector<TokenId> generate(std::span<const TokenId> prompt, std::size_t shared, Grammar& grammar) override {
    take_time();
    return FakeLanguageModel::generate(prompt, shared, grammar);
  }

  std::size_t began = 0, began_late = 0;

 private:
  using Clock = std::chrono::steady_clock;

  void take_time() {
    const auto now = Clock::now();
    if (began++ == 0) end_ = now + time_;
    began_late += now >= end_;
    std::this_thread::sleep_for(std::chrono::milliseconds(4));
  }

  std::chrono::milliseconds time_;
  Clock::time_point end_;
};

// What began in time is finished, so a budget is exceeded by one call at most. Its clock starts before the first call.
TEST_P(EveryVariant, BeginsAtMostOneCallWhenItsTimeIsOver) {
  RerankOptions options = GetParam();
  const auto list = candidates(std::vector<int>(11, 1));
  const auto unhurried = std::make_shared<SlowModel>(std::chrono::hours(1));
  rerank(options, unhurried, list);
  options.budget_ms = 6;
  const auto hurried = std::make_shared<SlowModel>(std::chrono::milliseconds(options.budget_ms));
  EXPECT_THAT(order(rerank(options, hurried, list)), SizeIs(11));
  EXPECT_LE(hurried->began_late, 1u);
  if (unhurried->began > 3) {
    EXPECT_LT(hurried->began, unhurried->began);
  }
}

/// Takes its time over each prompt of a call.
class SlowReader final : public FakeLanguageModel {
 public:
  static constexpr std::chrono::milliseconds kEach{30};

  SlowReader() : FakeLanguageModel(moody) {}

  std::vector<std::vector<float>> choice_logits(const SharedPrompts& group, std::span<const TokenId> wanted) override {
    std::this_thread::sleep_for(kEach * group.suffixes.size());
    return FakeLanguageModel::choice_logits(group, wanted);
  }
};

// Prompts that share a beginning go through a model together, but only those that end in time: 6 of 30 ms within
// 200 ms, and the one that was begun last. A slow machine answers fewer.
TEST(Budget, IsExceededByOnePromptOfABatchAtMost) {
  RerankOptions options = method(RerankMethod::pointwise);
  options.depth = 64;
  options.passage_tokens = 4;
  options.budget_ms = 200;
  const auto asked = std::make_shared<SlowReader>();
  const auto result = rerank(options, asked, candidates(std::vector<int>(64, 1)));
  EXPECT_THAT(order(result), SizeIs(64));
  EXPECT_GE(result.report.calls, 1u);
  EXPECT_LE(result.report.calls, 7u);
  EXPECT_EQ(result.report.skipped, 64 - result.report.calls);
}

TEST_P(EveryVariant, GivesTheSameTwice) {
  const auto list = candidates({3, 1, 4, 1, 5, 9, 2, 6, 5, 3});
  EXPECT_EQ(order(rerank(GetParam(), model(moody), list)), order(rerank(GetParam(), model(moody), list)));
}

TEST(Documents, AreWhatTheirPassagesMakeOfThem) {
  using reranking::document_score;
  const std::vector<double> scores = {-1, 3, 0, 2};
  const auto p = [](double x) { return 1 / (1 + std::exp(-x)); };
  EXPECT_EQ(document_score(scores, DocumentReading::best), 3);
  EXPECT_DOUBLE_EQ(document_score(scores, DocumentReading::top_mean), (3.0 + 2 + 0) / 3);
  EXPECT_DOUBLE_EQ(document_score(scores, DocumentReading::sum), p(3) + p(2) + p(0) + p(-1));
  EXPECT_DOUBLE_EQ(document_score(scores, DocumentReading::decayed_sum), p(3) + p(2) / 2 + p(0) / 4 + p(-1) / 8);
  EXPECT_EQ(document_score({}, DocumentReading::sum), -std::numeric_limits<double>::infinity());
}

TEST(Documents, AreReadToTheirEndWhereAskedTo) {
  auto list = candidates({0, 0});
  for (int i = 0; i < 6; ++i) list[1].text += " Sentensi ya kujaza nafasi tu.";
  list[1].text += " Jibu worth 50 .";
  RerankOptions options = method(RerankMethod::pointwise);
  options.passage_tokens = 64;
  options.documents = DocumentReading::best;
  const auto whole = rerank(options, model(test::planted_pointwise), list);
  EXPECT_THAT(order(whole), ElementsAre(1, 0));
  EXPECT_EQ(whole.report.truncated, 0u);
  EXPECT_EQ(whole.report.pieces, whole.report.calls) << "a prompt a piece";
  EXPECT_GE(whole.report.pieces, 5u);

  options.documents = DocumentReading::first;
  const auto beginning = rerank(options, model(test::planted_pointwise), list);
  EXPECT_THAT(order(beginning), ElementsAre(0, 1));
  EXPECT_EQ(beginning.report.truncated, 1u);
  EXPECT_EQ(beginning.report.calls, 2u);
}

TEST(PromptLanguage, IsTheQuerysWhereOneShips) {
  RerankOptions options = method(RerankMethod::pointwise);
  options.prompt_language = "query";
  const auto asked = model(moody);
  const auto reranker = make_reranker(options, asked);
  Query query;
  query.text = "Habari gani?";
  for (const auto& [language, words] : std::vector<std::pair<std::string, std::string>>{
           {"sw", "Swali: Habari"}, {"zh-Hant", "查询: "}, {"ja", "Query: "}, {"und", "Query: "}}) {
    query.language = Language::parse(language);
    asked->prompts.clear();
    reranker->rerank(query, candidates({1, 2}));
    EXPECT_THAT(asked->prompts.front(), HasSubstr(words)) << language;
  }
}

TEST(PromptLanguage, ShipsForEveryMethodAndIsUnderstood) {
  for (const RerankOptions& variant : variants()) {
    for (const std::string language : {"en", "ar", "de", "es", "hi", "sw", "zh"}) {
      RerankOptions options = variant;
      options.prompt_language = language;
      EXPECT_EQ(rerank(options, model(moody), candidates({1, 2, 3})).order.size(), 3u) << language;
    }
  }
}

TEST(VariantOptions, ThatContradictEachOtherAreRefused) {
  const auto refuse = [](const RerankOptions& options, const std::string& message) {
    EXPECT_THAT([&] { make_reranker(options, model(moody)); }, ThrowsMessage<InvalidArgument>(HasSubstr(message)));
  };
  RerankOptions options = method(RerankMethod::setwise);
  options.sort = RerankSort::all_pairs;
  refuse(options, "setwise sorts by heap or sliding");
  options = method(RerankMethod::setwise);
  options.set_size = 27;
  refuse(options, "set size is 27, it must be in [2, 26]");
  options = method(RerankMethod::listwise);
  options.documents = DocumentReading::sum;
  refuse(options, "only pointwise scores every passage");
  options = method(RerankMethod::cascade);
  options.cascade = {{RerankMethod::pointwise, 5}};
  refuse(options, "a cascade needs two or more stages");
  options.cascade = {{RerankMethod::pointwise, 5}, {RerankMethod::pairwise, 6}};
  refuse(options, "depths must not rise, 6 follows 5");
  options = method(RerankMethod::pointwise);
  options.mix = 1.5f;
  refuse(options, "mix is 1.5, it must be in [0, 1]");
  options = method(RerankMethod::pointwise);
  options.prompt_language = "tlh";
  refuse(options, "prompt language is 'tlh', must be one of: en, ar, de, es, hi, sw, zh, query");
  refuse(method(RerankMethod::late_interaction), "needs an encoder with token vectors");
}

/// Two directions: a token vector points east for the word "mvua", north for any other.
class WordEncoder : public Encoder {
 public:
  std::vector<Encoding> encode(std::span<const std::string_view> texts, EncodeAs, const EncodeOptions&) const override {
    std::vector<Encoding> encodings;
    for (const std::string_view text : texts) {
      Encoding& encoding = encodings.emplace_back();
      for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        const bool rain = text.substr(begin, end - begin).starts_with("mvua");
        encoding.multi_vector.insert(encoding.multi_vector.end(), {rain ? 1.0f : 0.0f, rain ? 0.0f : 1.0f});
        ++encoding.tokens_read;
        begin = end + 1;
      }
      encoding.tokens_total = encoding.tokens_read;
    }
    return encodings;
  }
  std::vector<std::int32_t> tokenize(std::string_view, EncodeAs) const override { return {}; }
  std::size_t count_tokens(std::string_view text) const override {
    return static_cast<std::size_t>(std::ranges::count(text, ' ')) + 1;
  }
  std::size_t passage_budget() const override { return 6; }
  Heads heads() const override { return {.dense = false, .sparse = false, .multi_vector = true}; }
  std::size_t dimension() const override { return 0; }
  std::size_t sparse_dimension() const override { return 0; }
  std::size_t multi_vector_dimension() const override { return 2; }
  Precision precision() const override { return Precision::f32; }
  const std::string& stamp() const override { return stamp_; }

 private:
  std::string stamp_ = "words";
};

TEST(LateInteraction, ReranksByTokenVectorsWithoutAnIndex) {
  auto list = candidates({0, 0, 0});
  list[0].text = "Habari za leo.";
  list[1].text = "mvua mvua mvua.";
  list[2].text = "Habari za leo asubuhi ni hizi hapa. Baadaye mvua itanyesha.";  // Two pieces; the second has both.
  RerankOptions options = method(RerankMethod::late_interaction);
  Query query;
  query.text = "mvua lini";
  const auto result =
      make_reranker(options, RerankModels{nullptr, nullptr, std::make_shared<WordEncoder>()})->rerank(query, list);
  // Both words have their like in 2 (1 + 1), one of them in 0 and 1.
  EXPECT_THAT(order(result), ElementsAre(2, 0, 1));
  EXPECT_EQ(result.order[0].score, 2);
  EXPECT_EQ(result.report.pieces, 4u);
  EXPECT_EQ(result.report.calls, 0u);
}

class SlowWordEncoder final : public WordEncoder {
 public:
  std::vector<Encoding> encode(std::span<const std::string_view> texts, EncodeAs as,
                               const EncodeOptions& options) const override {
    if (as == EncodeAs::passage) std::this_thread::sleep_for(std::chrono::milliseconds(30) * texts.size());
    return WordEncoder::encode(texts, as, options);
  }
};

TEST(LateInteraction, ReadsNoMoreThanItsTimeAllows) {
  auto list = candidates(std::vector<int>(40, 0));
  for (Candidate& candidate : list) candidate.text = "Habari za leo.";
  list[39].text = "mvua";  // The best, too far down to be reached.
  RerankOptions options = method(RerankMethod::late_interaction);
  options.depth = 40;
  options.budget_ms = 200;
  Query query;
  query.text = "mvua lini";
  const auto result =
      make_reranker(options, RerankModels{nullptr, nullptr, std::make_shared<SlowWordEncoder>()})->rerank(query, list);
  EXPECT_THAT(order(result), SizeIs(40));
  EXPECT_EQ(order(result).back(), 39u);
  EXPECT_GE(result.report.skipped, 33u);
  EXPECT_LT(result.report.skipped, 40u);
}

}  // namespace
}  // namespace dragoman
