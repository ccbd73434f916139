#include "dragoman/rerank/reranker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <numeric>

#include "dragoman/base/error.h"
#include "dragoman/encode/cross_encoder.h"
#include "dragoman/rerank/mix.h"
#include "rerank/check_options.h"
#include "rerank/endpoint_judge.h"
#include "rerank/local_judge.h"
#include "rerank/methods.h"
#include "rerank/sets.h"

namespace dragoman {
namespace reranking {
namespace {

constexpr Method (*kMethods[])() = {pointwise_method, graded_method,   likelihood_method,  pairwise_method,
                                    setwise_method,   listwise_method, first_token_method, tournament_method};

Method find_method(const RerankOptions& options) {
  for (const auto& make : kMethods) {
    if (const Method method = make(); method.method == options.method && method.is_meant(options)) return method;
  }
  throw InvalidArgument(fmt::format("rerank: unknown method {}", static_cast<int>(options.method)));
}

/// The file for one language; English where the query has another than those that ship.
std::filesystem::path prompt_file(const RerankOptions& options, std::string_view language) {
  if (!options.prompt.empty()) return options.prompt;
  return shipped_prompt(find_method(options).schema.method, language);
}

constexpr std::string_view kOfTheQuery = "query";

/// A prompt in each query's own language.
class ByQueryLanguage final : public Reranker {
 public:
  ByQueryLanguage(RerankOptions options, RerankModels models)
      : options_(std::move(options)), models_(std::move(models)) {}

  RerankResult rerank(const Query& query, std::span<const Candidate> candidates) override {
    std::string language(query.language.tag());
    language = language.substr(0, language.find('-'));
    auto& reranker = rerankers_[language];
    if (!reranker) {
      RerankOptions of_language = options_;
      const bool ships = find_shipped_prompt(find_method(options_).schema.method, language).has_value();
      of_language.prompt_language = ships ? language : "en";
      reranker = make_reranker(of_language, models_);
    }
    return reranker->rerank(query, candidates);
  }

 private:
  RerankOptions options_;
  RerankModels models_;
  std::map<std::string, std::unique_ptr<Reranker>> rerankers_;
};

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

namespace {

/// Scores of all judged candidates in their own order; where the verdict has none, places counted from the end.
std::vector<double> scores_of(const Verdict& verdict) {
  std::vector<double> scores(verdict.order.size());
  const auto unscored = static_cast<double>(scores.size() - verdict.scores.size());
  const double floor = verdict.scores.empty() ? 0 : verdict.scores.back() - 1 - unscored;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    scores[verdict.order[i]] =
        i < verdict.scores.size() ? verdict.scores[i] : floor + static_cast<double>(scores.size() - i);
  }
  return scores;
}

}  // namespace

RerankResult settle(const RerankOptions& options, std::span<const Candidate> candidates, std::size_t judged,
                    const Verdict& verdict) {
  RerankResult result;
  Verdict final = verdict;
  if (judged > 1) {
    std::vector<double> first;
    for (const Candidate& candidate : candidates.first(judged)) first.push_back(static_cast<double>(candidate.score));
    const std::vector<double> of_method = scores_of(verdict);
    result.mix = options.mix ? static_cast<double>(*options.mix)
                             : first_stage_share(first, of_method, verdict.agreement.share());
    if (result.mix > 0) final = by_score(mix_scores(first, of_method, result.mix));
  }
  for (std::size_t i = final.order.size(); i < candidates.size(); ++i) final.order.push_back(i);

  // Places count down to 1 at the end of the list; below the last score of a method, they count down from it.
  const std::vector<double> scores = scores_of(final);
  float above = std::numeric_limits<float>::infinity();
  for (const std::size_t candidate : final.order) {
    above = below(above, scores[candidate]);
    result.order.push_back({candidate, above});
  }
  return result;
}

std::vector<std::string> JudgingReranker::labels(const std::vector<std::string_view>& names) const {
  std::vector<std::string> labels;
  for (const std::string_view name : names) labels.push_back(prompt_.answers.find(name)->second);
  answerer_->check_labels(prompt_, labels);
  return labels;
}

std::vector<std::string> JudgingReranker::letter_labels(std::size_t passages) const {
  const Template label(prompt_.answers.find("label")->second);
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < std::min(passages, kMostLetters); ++i)
    labels.push_back(label.fill({{"letter", letter(i)}}));
  answerer_->check_labels(prompt_, labels);
  return labels;
}

RerankResult JudgingReranker::rerank(const Query& query, std::span<const Candidate> candidates) {
  const std::size_t judged = std::min(options_.depth, candidates.size());
  if (judged < 2) return settle(options_, candidates, judged, {});
  const auto the_judge = answerer_->judge(prompt_, query, candidates.first(judged), options_);
  RerankReport report;
  const Verdict verdict = judge(*the_judge, report);
  RerankResult result = settle(options_, candidates, judged, verdict);
  report += the_judge->report();
  report.compared_pairs += verdict.agreement.compared;
  report.inconsistent_pairs += verdict.agreement.inconsistent;
  result.report = report;
  return result;
}

}  // namespace reranking

RerankReport& RerankReport::operator+=(const RerankReport& other) {
  for (const Count& count : kCounts) this->*count.field += other.*count.field;
  return *this;
}

std::unique_ptr<Reranker> make_reranker(const RerankOptions& options, const RerankModels& models) {
  reranking::check_options(options);
  if (options.method == RerankMethod::cascade) return reranking::make_cascade(options, models);
  if (options.method == RerankMethod::late_interaction)
    return reranking::make_late_interaction(options, models.encoder);
  if (needs_cross_encoder(options)) return reranking::make_by_cross_encoder(options, models.cross_encoder);
  if (!models.language_model && !models.endpoint)
    throw InvalidArgument("rerank: this method asks a language model, and none is given");
  if (options.prompt.empty() && options.prompt_language == reranking::kOfTheQuery) {
    return std::make_unique<reranking::ByQueryLanguage>(options, models);
  }
  const reranking::Method method = reranking::find_method(options);
  const auto file = reranking::prompt_file(options, options.prompt_language);
  auto answerer = models.endpoint ? reranking::make_endpoint_answerer(models.endpoint)
                                  : reranking::make_local_answerer(models.language_model);
  return method.make(options, std::move(answerer), reranking::read_prompt(file, method.schema));
}

std::unique_ptr<Reranker> make_reranker(const RerankOptions& options, std::shared_ptr<LanguageModel> model) {
  return make_reranker(options, RerankModels{.language_model = std::move(model)});
}

std::unique_ptr<Reranker> make_reranker(const RerankOptions& options, std::shared_ptr<RerankEndpoint> endpoint) {
  return make_reranker(options, RerankModels{.endpoint = std::move(endpoint)});
}

namespace {

/// What a method asks.
enum class Asks { encoder, cross_encoder, language_model };

Asks asks(RerankMethod method, const RerankOptions& options) {
  if (method == RerankMethod::late_interaction) return Asks::encoder;
  const bool crosses = method == RerankMethod::pointwise && options.score == PointwiseScore::cross_encoder;
  return crosses ? Asks::cross_encoder : Asks::language_model;
}

/// Does the method ask it, or one that a cascade is made of?
bool any_asks(const RerankOptions& options, Asks what) {
  if (options.method != RerankMethod::cascade) return asks(options.method, options) == what;
  return std::ranges::any_of(options.cascade,
                             [&](const CascadeStage& stage) { return asks(stage.method, options) == what; });
}

}  // namespace

bool needs_encoder(const RerankOptions& options) { return any_asks(options, Asks::encoder); }
bool needs_cross_encoder(const RerankOptions& options) { return any_asks(options, Asks::cross_encoder); }
bool needs_language_model(const RerankOptions& options) { return any_asks(options, Asks::language_model); }
bool needs_model(const RerankOptions& options) { return needs_language_model(options) || needs_cross_encoder(options); }

bool shows_translations(const RerankOptions& options) {
  return options.passages != ShownText::original || options.query_text != ShownText::original;
}

std::vector<std::string> notices(const RerankModels& models) {
  std::vector<std::string> all;
  const auto take = [&](std::vector<std::string> more) { std::ranges::move(more, std::back_inserter(all)); };
  if (models.endpoint) take(notices(*models.endpoint));
  if (models.language_model) take(models.language_model->notices());
  if (models.cross_encoder) take(models.cross_encoder->notices());
  return all;
}

std::size_t deepest(const RerankOptions& options) {
  return options.method == RerankMethod::cascade && !options.cascade.empty() ? options.cascade.front().depth
                                                                             : options.depth;
}

bool reads_whole_documents(const RerankOptions& options) { return options.documents != DocumentReading::passage; }

void for_each_file(RerankOptions& options, const std::function<void(std::string& file)>& take) {
  for (LanguageModelAdapter& adapter : options.adapters) take(adapter.file);
  std::string& passages = options.translations.passages;
  if (!passages.empty() && !passages.starts_with(kOfMetadata)) take(passages);
  if (!options.translations.queries.empty()) take(options.translations.queries);
}

std::vector<std::filesystem::path> prompt_files(const RerankOptions& options) {
  std::vector<std::filesystem::path> files;
  if (options.method == RerankMethod::cascade) {
    for (const CascadeStage& stage : options.cascade) {
      RerankOptions of_stage = options;
      of_stage.method = stage.method;
      for (auto& file : prompt_files(of_stage)) files.push_back(std::move(file));
    }
  } else if (needs_language_model(options)) {
    if (options.prompt_language != reranking::kOfTheQuery || !options.prompt.empty()) {
      return {reranking::prompt_file(options, options.prompt_language)};
    }
    for (const std::string_view language : reranking::kPromptLanguages) {
      files.push_back(reranking::prompt_file(options, language));
    }
  }
  return files;
}

}  // namespace dragoman
