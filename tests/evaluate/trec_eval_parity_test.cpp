// Values of pytrec_eval (trec_eval's own code) and ir_measures on two runs full of awkward cases: ties, queries missing
// on either side, negative grades, ids that are no ASCII, scores equal as float32 alone.

#include <fmt/format.h>
#include <gtest/gtest.h>

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
  std::vector<std::string> names = {"map", "recip_rank", "ndcg"};
  for (const char* name : {"ndcg_cut", "map_cut", "P", "recall", "success"}) {
    for (const int k : {1, 3, 5, 10, 20, 100}) names.push_back(fmt::format("{}_{}", name, k));
  }
  return names;
}

const std::vector<std::string> kIrMeasures = {"nDCG@1", "nDCG@3",      "nDCG@5",     "nDCG@10",   "nDCG@20", "nDCG@100",
                                              "nDCG",   "AP",          "AP@10",      "AP(rel=2)", "RR",      "P@1",
                                              "P@5",    "P@10",        "P(rel=2)@5", "R@5",       "R@10",    "R@20",
                                              "R@100",  "R(rel=2)@10", "Success@1",  "Success@10"};

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

// For RR with a cut-off ir_measures uses a script that breaks ties by ascending document id, unlike trec_eval. In that
// order, which is a Ranking's own, the values agree.
TEST_P(Parity, EqualsIrMeasuresReciprocalRankWithACutoffWhereTiesAscend) {
  const std::vector<std::string> names = {"RR@10", "RR(rel=2)@10"};
  for (auto& of_query : run_) sort_ranking(of_query.second);
  const auto evaluation = evaluate(judgements_, run_, parse(names));
  expect_queries(names, evaluation, expected_["ir_measures"]["per_query"]);
  expect_values(names, evaluation.all.values, expected_["ir_measures"]["aggregate"], "mean");
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
