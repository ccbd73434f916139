// Values of pytrec_eval (trec_eval's own code) and ir_measures on two runs full of awkward cases: ties, queries missing
// on either side, negative grades, ids that are no ASCII, scores equal as float32 alone.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>

#include "base/json.h"
#include "dragoman/base/file.h"
#include "dragoman/evaluate/evaluation.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

constexpr double kTolerance = 1e-12;

std::filesystem::path fixture_path(const std::string& name) {
  return test::shared_dir() / "reference/eval-fixture" / name;
}

class Parity : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::string name = GetParam();
    if (!std::filesystem::exists(fixture_path(name + ".qrels"))) GTEST_SKIP() << fixture_path(name) << " is not here";
    judgements_ = read_judgements(fixture_path(name + ".qrels").string());
    run_ = read_run(fixture_path(name + ".run").string());
    expected_ = parse_json_object(read_file(fixture_path(name + ".expected.json")), name);
  }

  Judgements judgements_;
  dragoman::Run run_;
  Json expected_;
};
INSTANTIATE_TEST_SUITE_P(Fixture, Parity, testing::Values("small", "large"));

std::vector<std::string> trec_eval_measures() {
  std::vector<std::string> names = {"map",   "recip_rank", "ndcg",       "Rprec", "bpref",
                                    "infAP", "11pt_avg",   "set_recall", "set_P", "set_F"};
  for (const char* name : {"ndcg_cut", "map_cut", "P", "recall", "success"}) {
    for (const int k : {1, 3, 5, 10, 20, 100}) names.push_back(fmt::format("{}_{}", name, k));
  }
  return names;
}

/// Summed over queries, not averaged.
const std::vector<std::string> kCounts = {"num_ret", "num_rel", "num_rel_ret"};
const std::vector<std::string> kIrMeasures = {"nDCG@1", "nDCG@3", "nDCG@5", "nDCG@10",     "nDCG@20",    "nDCG@100",
                                              "nDCG",   "AP",     "AP@10",  "AP(rel=2)",   "RR",         "Rprec",
                                              "Bpref",  "P@1",    "P@5",    "P@10",        "P(rel=2)@5", "R@5",
                                              "R@10",   "R@20",   "R@100",  "R(rel=2)@10", "Success@1",  "Success@10"};

// For these ir_measures breaks ties by ascending document id, unlike trec_eval.
const std::vector<std::string> kWithAscendingTies = {"RR@10", "RR(rel=2)@10", "Judged@5", "Judged@10", "Judged@20"};

// For these it breaks them by the order of the lines.
const std::vector<std::string> kWithTiesInOrderOfLines = {"RBP(rel=1)", "RBP(p=0.5,rel=1)", "RBP(p=0.95,rel=1)"};

// gdeval prints 5 digits, and takes numbers alone for ids of queries: there are no values for "small".
const std::vector<std::string> kRoundedTo5Digits = {"ERR@10", "nDCG(dcg='exp-log2')@10"};

/// Equal scores, as doubles, in the order of their lines.
dragoman::Run read_in_order_of_lines(const std::string& name) {
  std::map<std::string, std::vector<std::pair<double, std::string>>> lines;
  std::ifstream file(fixture_path(name + ".run"));
  std::string query, document, score, ignored;
  while (file >> query >> ignored >> document >> ignored >> score >> ignored) {
    lines[query].emplace_back(-std::stod(score), document);
  }
  dragoman::Run run;
  for (auto& [id, hits] : lines) {
    std::stable_sort(hits.begin(), hits.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [negated, document_id] : hits) run[id].push_back({document_id, static_cast<float>(-negated)});
  }
  return run;
}

std::vector<Measure> parse(const std::vector<std::string>& names) {
  std::vector<Measure> measures;
  for (const std::string& name : names) measures.push_back(parse_measure(name));
  return measures;
}

/// `expected` maps names of measures to numbers; each must be ours, as a double and as trec_eval would print it.
void expect_values(const std::vector<std::string>& names, const std::vector<double>& values, const Json& expected,
                   const std::string& where) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const double theirs = expected.at(names[i]).get<double>();
    EXPECT_NEAR(values[i], theirs, kTolerance) << where << ' ' << names[i];
    EXPECT_EQ(fmt::format("{:.4f}", values[i]), fmt::format("{:.4f}", theirs)) << where << ' ' << names[i];
  }
}

void expect_queries(const std::vector<std::string>& names, const Evaluation& evaluation, const Json& expected) {
  ASSERT_EQ(evaluation.queries.size(), expected.size());
  for (const QueryValues& query : evaluation.queries) {
    expect_values(names, query.values, expected.at(query.query_id), "query " + query.query_id);
  }
}

TEST_P(Parity, EqualsTrecEvalForEveryQuery) {
  const auto names = trec_eval_measures();
  const auto evaluation = evaluate(judgements_, run_, parse(names), {QuerySet::judged_and_retrieved});
  expect_queries(names, evaluation, expected_["pytrec_eval"]["per_query"]);
}

TEST_P(Parity, EqualsTrecEvalsMeanOverJudgedAndRetrievedQueries) {
  const auto names = trec_eval_measures();
  const auto evaluation = evaluate(judgements_, run_, parse(names), {QuerySet::judged_and_retrieved});
  expect_values(names, evaluation.all.values, expected_["pytrec_eval"]["mean_over_intersection"], "mean");
}

TEST_P(Parity, EqualsTrecEvalsMeanOverAllJudgedQueries) {
  const auto names = trec_eval_measures();
  const auto evaluation = evaluate(judgements_, run_, parse(names), {QuerySet::all_judged});
  expect_values(names, evaluation.all.values, expected_["pytrec_eval"]["mean_over_all_qrels (trec_eval -c)"], "mean");
}

TEST_P(Parity, EqualsIrMeasures) {
  const auto evaluation = evaluate(judgements_, run_, parse(kIrMeasures));
  expect_queries(kIrMeasures, evaluation, expected_["ir_measures"]["per_query"]);
  expect_values(kIrMeasures, evaluation.all.values, expected_["ir_measures"]["aggregate"], "mean");
}

// In the order that is a Ranking's own.
TEST_P(Parity, EqualsIrMeasuresWhereTiesAscend) {
  for (auto& of_query : run_) sort_ranking(of_query.second);
  const auto evaluation = evaluate(judgements_, run_, parse(kWithAscendingTies));
  expect_queries(kWithAscendingTies, evaluation, expected_["ir_measures"]["per_query"]);
  expect_values(kWithAscendingTies, evaluation.all.values, expected_["ir_measures"]["aggregate"], "mean");
}

TEST_P(Parity, EqualsIrMeasuresWhereTiesAreInTheOrderOfLines) {
  const auto evaluation = evaluate(judgements_, read_in_order_of_lines(GetParam()), parse(kWithTiesInOrderOfLines));
  expect_queries(kWithTiesInOrderOfLines, evaluation, expected_["ir_measures"]["per_query"]);
  expect_values(kWithTiesInOrderOfLines, evaluation.all.values, expected_["ir_measures"]["aggregate"], "mean");
}

TEST_P(Parity, EqualsGdevalToItsFiveDigits) {
  if (GetParam() == std::string("small")) return;
  const auto evaluation = evaluate(judgements_, run_, parse(kRoundedTo5Digits));
  for (const QueryValues& query : evaluation.queries) {
    for (std::size_t i = 0; i < kRoundedTo5Digits.size(); ++i) {
      const double theirs = expected_["ir_measures"]["per_query"][query.query_id][kRoundedTo5Digits[i]].get<double>();
      EXPECT_EQ(fmt::format("{:.5f}", query.values[i]), fmt::format("{:.5f}", theirs)) << query.query_id;
    }
  }
}

TEST_P(Parity, SumsCountsAsTrecEval) {
  const auto evaluation = evaluate(judgements_, run_, parse(kCounts), {QuerySet::judged_and_retrieved});
  expect_queries(kCounts, evaluation, expected_["pytrec_eval"]["per_query"]);
  for (std::size_t i = 0; i < kCounts.size(); ++i) {
    double sum = 0;
    for (const auto& query : expected_["pytrec_eval"]["per_query"]) sum += query[kCounts[i]].get<double>();
    EXPECT_EQ(evaluation.all.values[i], sum) << kCounts[i];
  }
}

// With -c trec_eval takes log(0.00001) for a query without a ranking.
TEST_P(Parity, AveragesGmMapAsTrecEval) {
  const std::vector<std::string> names = {"gm_map"};
  const auto retrieved = evaluate(judgements_, run_, parse(names), {QuerySet::judged_and_retrieved});
  expect_queries(names, retrieved, expected_["pytrec_eval"]["per_query"]);
  double sum = 0;
  for (const auto& query : expected_["pytrec_eval"]["per_query"]) sum += query["gm_map"].get<double>();
  const auto count = static_cast<double>(retrieved.all.queries), all = static_cast<double>(judgements_.size());
  EXPECT_NEAR(retrieved.all.values[0], std::exp(sum / count), kTolerance);
  EXPECT_NEAR(evaluate(judgements_, run_, parse(names)).all.values[0],
              std::exp((sum + (all - count) * std::log(0.00001)) / all), kTolerance);
}

TEST_P(Parity, SurvivesBeingWrittenAndReadAgain) {
  const test::TemporaryFolder folder;
  const std::string path = (folder.path() / "copy.run").string();
  RunWriter writer(path, "copy");
  for (const auto& [query_id, ranking] : run_) writer.write(query_id, ranking);
  writer.commit();
  const auto measures = parse(trec_eval_measures());
  EXPECT_EQ(evaluate(judgements_, read_run(path), measures).all.values,
            evaluate(judgements_, run_, measures).all.values);
}

}  // namespace
}  // namespace dragoman
