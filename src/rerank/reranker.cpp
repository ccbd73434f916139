#include "dragoman/rerank/reranker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "dragoman/base/error.h"
#include "rerank/endpoint_judge.h"
#include "rerank/local_judge.h"
#include "rerank/methods.h"

namespace dragoman {
namespace reranking {
namespace {

constexpr Method (*kMethods[])() = {pointwise_method, pairwise_method, listwise_method};

Method find_method(RerankMethod wanted) {
  for (const auto& make : kMethods) {
    if (const Method method = make(); method.method == wanted) return method;
  }
  throw InvalidArgument(fmt::format("rerank: unknown method {}", static_cast<int>(wanted)));
}

void check(const RerankOptions& options) {
  if (options.depth == 0) throw InvalidArgument("rerank: depth is 0, it must be at least 1");
  if (options.window < 2)
    throw InvalidArgument(fmt::format("rerank: window is {}, it must be at least 2", options.window));
  if (options.stride < 1 || options.stride > options.window) {
    throw InvalidArgument(fmt::format("rerank: stride is {}, it must be at least 1 and at most the window, {}",
                                      options.stride, options.window));
  }
}

/// A float that is below `above` and, where it can be, `score`. Finite, so that there is always something below.
float below(float above, double score) {
  constexpr double kFurthest = 1e30;
  const auto wanted = static_cast<float>(std::isnan(score) ? -kFurthest : std::clamp(score, -kFurthest, kFurthest));
  return std::min(wanted, std::nextafter(above, -std::numeric_limits<float>::infinity()));
}

}  // namespace

Verdict by_score(const std::vector<double>& scores) {
  std::vector<double> sortable = scores;
  for (double& score : sortable) {
    if (std::isnan(score)) score = -std::numeric_limits<double>::infinity();
  }
  Verdict verdict;
  verdict.order.resize(scores.size());
  std::iota(verdict.order.begin(), verdict.order.end(), std::size_t{0});
  std::stable_sort(verdict.order.begin(), verdict.order.end(),
                   [&](std::size_t a, std::size_t b) { return sortable[a] > sortable[b]; });
  for (const std::size_t candidate : verdict.order) verdict.scores.push_back(sortable[candidate]);
  return verdict;
}

std::vector<std::string> JudgingReranker::labels(std::initializer_list<std::string_view> names) const {
  std::vector<std::string> labels;
  for (const std::string_view name : names) labels.push_back(prompt_.answers.find(name)->second);
  return labels;
}

RerankResult JudgingReranker::rerank(const Query& query, std::span<const Candidate> candidates) {
  const std::size_t judged = std::min(options_.depth, candidates.size());
  RerankResult result;
  Verdict verdict;
  if (judged > 1) {
    const auto the_judge = answerer_->judge(prompt_, query, candidates.first(judged), options_);
    verdict = judge(*the_judge, result.report);
    result.report += the_judge->report();
  }
  for (std::size_t i = verdict.order.size(); i < candidates.size(); ++i) verdict.order.push_back(i);

  // Places count down to 1 at the end of the list; below the last score of a method, they count down from it.
  float above = std::numeric_limits<float>::infinity();
  const auto unscored = static_cast<double>(candidates.size() - verdict.scores.size());
  const double floor = verdict.scores.empty() ? 0 : verdict.scores.back() - 1 - unscored;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const bool scored = i < verdict.scores.size();
    above = below(above, scored ? verdict.scores[i] : floor + static_cast<double>(candidates.size() - i));
    result.order.push_back({verdict.order[i], above});
  }
  return result;
}

}  // namespace reranking

RerankReport& RerankReport::operator+=(const RerankReport& other) {
  for (const Count& count : kCounts) this->*count.field += other.*count.field;
  return *this;
}

std::unique_ptr<Reranker> make_reranker(const RerankOptions& options, std::shared_ptr<LanguageModel> model) {
  reranking::check(options);
  const reranking::Method method = reranking::find_method(options.method);
  return method.make(options, reranking::make_local_answerer(std::move(model)),
                     reranking::read_prompt(prompt_file(options), method.schema));
}

std::unique_ptr<Reranker> make_reranker(const RerankOptions& options, std::shared_ptr<RerankEndpoint> endpoint) {
  reranking::check(options);
  const reranking::Method method = reranking::find_method(options.method);
  return method.make(options, reranking::make_endpoint_answerer(std::move(endpoint)),
                     reranking::read_prompt(prompt_file(options), method.schema));
}

std::filesystem::path prompt_file(const RerankOptions& options) {
  if (!options.prompt.empty()) return options.prompt;
  return reranking::shipped_prompt(reranking::find_method(options.method).schema.method);
}

}  // namespace dragoman
