#include "experiment/estimate.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "dragoman/encode/model_store.h"
#include "experiment/journal.h"

namespace dragoman {
namespace {

// Rules of thumb, from one core of a server of 2023; CPU seconds.
constexpr double kPerCorpusByte = 0.0004;     // Encoding, bytes as they lie on the disk, compressed as a rule.
constexpr double kPerCorpusByteWords = 5e-7;  // Analysing alone.
constexpr double kPerDenseQuery = 0.025, kPerBm25Query = 0.001;
constexpr double kPerTokenAndModelByte = 5.7e-11;
constexpr double kPassageTokens = 200, kInstructionTokens = 80;

/// Prompts for one query, and passages in each.
struct Prompts {
  double count, passages;
};

Prompts prompts_of(const RerankOptions& options) {
  const auto n = static_cast<double>(options.depth);
  switch (options.method) {
    case RerankMethod::pointwise:
      return {n, 1};
    case RerankMethod::pairwise:
      return {options.sort == PairwiseSort::heap ? 2 * n * std::max(1.0, std::log2(n)) : n * (n - 1), 2};
    case RerankMethod::listwise:
      break;
  }
  const auto window = static_cast<double>(std::min(options.window, options.depth));
  return {1 + std::ceil((n - window) / static_cast<double>(options.stride)), window};
}

double rule_of_thumb(const AnswerPart& part, const ModelStore& store) {
  if (!part.first_stage) {
    const bool dense = std::ranges::find(part.options.retrieve, FirstStage::dense) != part.options.retrieve.end();
    return dense ? kPerDenseQuery : kPerBm25Query;
  }
  const RerankOptions& options = *part.options.rerank;
  const Prompts prompts = prompts_of(options);
  const double passage = options.passage_tokens == 0 ? kPassageTokens : static_cast<double>(options.passage_tokens);
  const double tokens = prompts.count * (prompts.passages * passage + kInstructionTokens);
  return tokens * kPerTokenAndModelByte * static_cast<double>(store.find(part.options.rerank_model).bytes);
}

/// Parts that cost about the same a prompt.
std::string kind_of(const AnswerPart& part) {
  std::string kind;
  for (const FirstStage stage : part.options.retrieve) kind += std::string(name_of(stage)) + " ";
  if (!part.first_stage) return kind;
  kind = part.options.rerank_model;
  for (const auto& [name, value] : rerank_option_values(*part.options.rerank)) kind += " " + name + "=" + value;
  return kind;
}

struct Measured {
  double cpu_s = 0;
  std::size_t queries = 0;
};

}  // namespace

std::vector<PlannedPart> estimate(const Experiment& experiment, const GridParts& parts, const GridOptions& options) {
  const ModelStore store(options.models);
  std::vector<std::set<std::string>> users(parts.answers.size()), index_users(parts.indexes.size());
  for (const Cell& cell : parts.cells) {
    users[cell.first_stage].insert(cell.id);
    if (cell.reranking) users[*cell.reranking].insert(cell.id);
    index_users[parts.answers[cell.first_stage].index].insert(cell.id);
  }
  std::vector<PlannedPart> planned;
  for (std::size_t i = 0; i < parts.indexes.size(); ++i) {
    const IndexPart& part = parts.indexes[i];
    const ExperimentCollection& collection = experiment.collections[part.collection];
    PlannedPart& one = planned.emplace_back(PlannedPart{.kind = "index",
                                                        .label = collection.name,
                                                        .queries = 0,
                                                        .done = std::filesystem::exists(part.done),
                                                        .cells = index_users[i].size(),
                                                        .left_cpu_s = 0,
                                                        .estimated_by = "done"});
    if (one.done != 0) continue;
    std::uintmax_t bytes = 0;
    std::error_code ignored;
    if (std::filesystem::is_directory(collection.corpus, ignored)) {
      for (const auto& entry : std::filesystem::directory_iterator(collection.corpus, ignored)) {
        if (entry.path().filename().string().starts_with("corpus.jsonl")) bytes += entry.file_size();
      }
    } else {
      bytes = std::filesystem::file_size(collection.corpus, ignored);
    }
    one.left_cpu_s = static_cast<double>(bytes) * (part.encoder.empty() ? kPerCorpusByteWords : kPerCorpusByte);
    one.estimated_by = "a rule of thumb";
  }

  std::vector<Measured> own(parts.answers.size());
  std::map<std::string, Measured> alike;
  for (std::size_t i = 0; i < parts.answers.size(); ++i) {
    for (const auto& [query, entry] : Journal::read(parts.answers[i].journal)) {
      own[i].cpu_s += entry.cost.cpu_s;
      ++own[i].queries;
    }
    Measured& sum = alike[kind_of(parts.answers[i])];
    sum.cpu_s += own[i].cpu_s;
    sum.queries += own[i].queries;
  }
  for (std::size_t i = 0; i < parts.answers.size(); ++i) {
    const AnswerPart& part = parts.answers[i];
    PlannedPart one{.kind = part.first_stage ? "rerank" : "retrieve",
                    .label = part.label,
                    .queries = part.queries->size(),
                    .done = std::min(own[i].queries, part.queries->size()),
                    .cells = users[i].size(),
                    .left_cpu_s = 0,
                    .estimated_by = "done"};
    const auto left = static_cast<double>(one.queries - one.done);
    const Measured& kind = alike[kind_of(part)];
    if (left > 0 && own[i].queries != 0) {
      one.left_cpu_s = left * own[i].cpu_s / static_cast<double>(own[i].queries);
      one.estimated_by = "its own answers so far";
    } else if (left > 0 && kind.queries != 0) {
      one.left_cpu_s = left * kind.cpu_s / static_cast<double>(kind.queries);
      one.estimated_by = "like parts measured here";
    } else if (left > 0) {
      one.left_cpu_s = left * rule_of_thumb(part, store);
      one.estimated_by = "a rule of thumb";
    }
    planned.push_back(std::move(one));
  }
  return planned;
}

}  // namespace dragoman
