#include "experiment/estimate.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "dragoman/collection/corpus_reader.h"
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

/// Groups of `width` that a sort compares.
double comparisons(const RerankOptions& options, std::size_t width) {
  const auto n = static_cast<double>(options.depth), others = static_cast<double>(width - 1);
  const double top = options.top == 0 ? n : std::min(n, static_cast<double>(options.top));
  if (options.sort == RerankSort::sliding) return top * n / others;
  return 2 * n / others + top * std::max(1.0, std::log2(n) / std::log2(std::max(2.0, others)));
}

Prompts prompts_of(const RerankOptions& options) {
  const auto n = static_cast<double>(options.depth);
  const auto window = static_cast<double>(std::min(options.window, options.depth));
  const auto repeats = static_cast<double>(1 + options.shuffles);
  switch (options.method) {
    case RerankMethod::pointwise:
      return {n, 1};
    case RerankMethod::pairwise: {
      const bool sorts = options.sort == RerankSort::heap || options.sort == RerankSort::sliding;
      return {sorts ? 2 * comparisons(options, 2) : n * (n - 1), 2};
    }
    case RerankMethod::setwise:
      return {repeats * comparisons(options, options.set_size), static_cast<double>(options.set_size)};
    case RerankMethod::tournament:
      return {(1 + repeats) * std::ceil(2 * n / window), window};
    case RerankMethod::late_interaction:
      return {0, 0};
    case RerankMethod::cascade: {
      Prompts sum{0, 0};
      for (const CascadeStage& stage : options.cascade) {
        RerankOptions of_stage = options;
        of_stage.method = stage.method;
        of_stage.depth = stage.depth;
        const Prompts more = prompts_of(of_stage);
        const double count = sum.count + more.count;
        if (count > 0) sum.passages = (sum.count * sum.passages + more.count * more.passages) / count;
        sum.count = count;
      }
      return sum;
    }
    case RerankMethod::listwise:
      break;
  }
  const auto passes = repeats * static_cast<double>(options.passes);
  return {passes * (1 + std::ceil((n - window) / static_cast<double>(options.stride))), window};
}

double rule_of_thumb(const AnswerPart& part, const ModelStore& store) {
  if (!part.first_stage) {
    return uses_encoder(part.options) ? kPerDenseQuery : kPerBm25Query;
  }
  const RerankOptions& options = *part.options.rerank;
  const Prompts prompts = prompts_of(options);
  const double passage = options.passage_tokens == 0 ? kPassageTokens : static_cast<double>(options.passage_tokens);
  if (part.options.rerank_model.empty()) return options.depth * kPerDenseQuery;
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

  Measured& operator+=(const Measured& other) {
    cpu_s += other.cpu_s;
    queries += other.queries;
    return *this;
  }
  double per_query() const { return cpu_s / static_cast<double>(queries); }
};

Measured measure(const AnswerPart& part) {
  Measured measured;
  const JournalContent answers = Journal::read(part.journal);
  for (const auto& [query, entry] : answers.entries) measured += {entry.cost.cpu_s, 1};
  return measured;
}

PlannedPart plan_index(const IndexPart& part, const ExperimentCollection& collection) {
  PlannedPart planned{.kind = "index",
                      .label = collection.name,
                      .queries = 0,
                      .done = std::filesystem::exists(part.done),
                      .cells = 0,
                      .left_cpu_s = 0,
                      .estimated_by = "done"};
  if (planned.done != 0) return planned;
  const double per_byte = part.encoder.empty() ? kPerCorpusByteWords : kPerCorpusByte;
  planned.left_cpu_s =
      static_cast<double>(std::filesystem::file_size(corpus_file(collection.corpus.string()))) * per_byte;
  planned.estimated_by = "a rule of thumb";
  return planned;
}

PlannedPart plan_answers(const AnswerPart& part, const Measured& own, const Measured& alike, const ModelStore& store) {
  PlannedPart planned{.kind = part.first_stage ? "rerank" : "retrieve",
                      .label = part.label,
                      .queries = part.queries->size(),
                      .done = std::min(own.queries, part.queries->size()),
                      .cells = 0,
                      .left_cpu_s = 0,
                      .estimated_by = "done"};
  const auto left = static_cast<double>(planned.queries - planned.done);
  if (left == 0) return planned;
  if (own.queries != 0) {
    planned.left_cpu_s = left * own.per_query();
    planned.estimated_by = "its own answers so far";
  } else if (alike.queries != 0) {
    planned.left_cpu_s = left * alike.per_query();
    planned.estimated_by = "like parts measured here";
  } else {
    planned.left_cpu_s = left * rule_of_thumb(part, store);
    planned.estimated_by = "a rule of thumb";
  }
  return planned;
}

}  // namespace

std::vector<PlannedPart> estimate(const Experiment& experiment, const GridParts& parts, const GridOptions& options) {
  std::vector<PlannedPart> planned;
  for (const IndexPart& part : parts.indexes)
    planned.push_back(plan_index(part, experiment.collections[part.collection]));

  const ModelStore store(options.models);
  std::vector<Measured> own;
  std::map<std::string, Measured> alike;
  for (const AnswerPart& part : parts.answers) {
    own.push_back(measure(part));
    alike[kind_of(part)] += own.back();
  }
  for (std::size_t i = 0; i < parts.answers.size(); ++i) {
    planned.push_back(plan_answers(parts.answers[i], own[i], alike[kind_of(parts.answers[i])], store));
  }

  PlannedPart* const answers = planned.data() + parts.indexes.size();
  for (const Cell& cell : parts.cells) {
    ++planned[parts.answers[cell.first_stage].index].cells;
    ++answers[cell.first_stage].cells;
    if (cell.reranking) ++answers[*cell.reranking].cells;
  }
  return planned;
}

}  // namespace dragoman
