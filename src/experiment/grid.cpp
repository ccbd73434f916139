#include "dragoman/experiment/grid.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <span>

#include "base/file_lock.h"
#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/parallel.h"
#include "dragoman/engine/engine.h"
#include "dragoman/engine/indexer.h"
#include "dragoman/experiment/report.h"
#include "experiment/cost_meter.h"
#include "experiment/estimate.h"
#include "experiment/journal.h"
#include "experiment/plan.h"
#include "experiment/results.h"

namespace dragoman {
namespace {

/// Queries that a first stage answers together; their cost is shared out evenly among them.
constexpr std::size_t kBlock = 64;

/// The time of the first call in this folder: a grid that was interrupted began when it was first begun.
std::string began(const std::filesystem::path& work) {
  const auto file = work / "began.json";
  if (std::filesystem::exists(file)) {
    try {
      return required_string(parse_json_object(read_file(file), file.string()), "began", file.string());
    } catch (const InvalidData&) {
      // It was being written when the power went.
    }
  }
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  std::string text = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", now);
  write_json(file, {{"began", text}});
  return text;
}

class Runner {
 public:
  Runner(const Experiment& experiment, const GridParts& parts, const GridOptions& options,
         const ProgressCallback& progress, GridReport& report)
      : experiment_(experiment), parts_(parts), options_(options), progress_(progress), report_(report) {}

  void run() {
    for (const IndexPart& part : parts_.indexes) build(part);
    std::vector<const AnswerPart*> first_stages, rerankings;
    for (const AnswerPart& part : parts_.answers) (part.first_stage ? rerankings : first_stages).push_back(&part);
    retrieve(first_stages);
    // One model after another, so that only one kind is in memory at a time.
    std::ranges::stable_sort(rerankings, {}, [](const AnswerPart* part) { return part->options.rerank_model; });
    for (auto begin = rerankings.begin(); begin != rerankings.end();) {
      const auto end = std::find_if(begin, rerankings.end(), [&](const AnswerPart* part) {
        return part->options.rerank_model != (*begin)->options.rerank_model;
      });
      rerank({begin, end});
      begin = end;
    }
  }

 private:
  EngineOptions engine_options(std::size_t threads) const {
    return {
        .models = options_.models, .threads = threads, .cache = options_.cache, .cache_bytes = options_.cache_bytes};
  }

  void build(const IndexPart& part) {
    if (std::filesystem::exists(part.done)) return;
    const ExperimentCollection& collection = experiment_.collections[part.collection];
    const bool interrupted = std::filesystem::exists(part.folder);
    IndexOptions options{.corpus = collection.corpus.string(),
                         .into = part.folder,
                         .stages = part.stages,
                         .languages = collection.languages,
                         .fields = collection.fields,
                         .encoder = part.encoder,
                         .models = options_.models,
                         .threads = options_.threads,
                         .precision = part.precision,
                         .cache = options_.cache,
                         .cache_bytes = options_.cache_bytes};
    options.lexical.positions = part.positions;
    options.translate_to = part.translate_to;
    options.translators = part.translators;
    reset_peak_memory();
    CostMeter meter(CostMeter::Scope::process);
    const IndexReport report = index_corpus(options, progress_);
    const Cost cost = meter.lap();
    OrderedJson json = {{"stage", "index"},
                        {"queries", 0},
                        {"wall_s", cost.wall_s},
                        {"cpu_s", cost.cpu_s},
                        {"tokens_evaluated", report.tokens},
                        {"memory_bytes", peak_memory()},
                        {"disk_bytes", report.index_bytes}};
    if (cost.energy_j) json["energy_j"] = *cost.energy_j;
    // What was done before the interruption cost as well, but nobody counted it.
    if (interrupted) json["interrupted"] = true;
    write_json(part.done, json);
  }

  /// The places of the queries that a part has not answered yet.
  std::vector<std::size_t> open_queries(const AnswerPart& part, const Journal& journal) {
    std::vector<std::size_t> left;
    for (std::size_t q = 0; q < part.queries->size(); ++q) {
      if (!journal.holds((*part.queries)[q].id)) left.push_back(q);
    }
    report_.answers_kept += part.queries->size() - left.size();
    report_.answers_made += left.size();
    return left;
  }

  void retrieve(const std::vector<const AnswerPart*>& first_stages) {
    std::size_t done = 0, total = 0;
    for (const AnswerPart* part : first_stages) total += part->queries->size();
    std::size_t opened = 0;
    std::unique_ptr<Engine> engine;
    for (const AnswerPart* part : first_stages) {
      Journal journal(part->journal);
      const auto left = open_queries(*part, journal);
      done += part->queries->size() - left.size();
      if (!left.empty() && (!engine || opened != part->index)) {
        engine = std::make_unique<Engine>(parts_.indexes[part->index].folder, engine_options(options_.threads));
        opened = part->index;
      }
      reset_peak_memory();
      for (std::size_t begin = 0; begin < left.size(); begin += kBlock) {
        const auto block = std::span(left).subspan(begin, std::min(kBlock, left.size() - begin));
        if (begin == 0) warm_up(*engine, *part);
        answer_block(*engine, *part, block, journal);
        done += block.size();
        dragoman::report(progress_, {"retrieve", "queries", done, total});
      }
      if (!left.empty()) journal.add_memory(peak_memory());
    }
  }

  /// Opens what the first search would open, which is no query's cost.
  static void warm_up(const Engine& engine, const AnswerPart& part) {
    engine.search(part.queries->front(), part.options);
  }

  static void answer_block(const Engine& engine, const AnswerPart& part, std::span<const std::size_t> block,
                           Journal& journal) {
    std::vector<Query> queries;
    for (const std::size_t q : block) queries.push_back((*part.queries)[q]);
    std::vector<JournalEntry> entries;
    CostMeter meter(CostMeter::Scope::process);
    engine.search(queries, part.options, [&](const SearchResult& result) {
      entries.push_back({ranking_of(result), {}, {}});
    });
    Cost cost = meter.lap();
    const auto share = 1.0 / static_cast<double>(block.size());
    cost = {cost.wall_s * share, cost.cpu_s * share,
            cost.energy_j ? std::optional(*cost.energy_j * share) : std::nullopt};
    for (std::size_t i = 0; i < entries.size(); ++i) {
      entries[i].cost = cost;
      journal.add(queries[i].id, entries[i]);
    }
  }

  static Ranking ranking_of(const SearchResult& result) {
    Ranking ranking;
    for (const SearchHit& hit : result.hits) ranking.push_back({hit.id, hit.score});
    return ranking;
  }

  /// Rerankings with one model. Every worker has an engine, and so a model, of its own: a language model serves one
  /// caller at a time, on one thread.
  void rerank(const std::vector<const AnswerPart*>& parts) {
    struct Task {
      std::size_t part, query;
    };
    std::vector<std::unique_ptr<Journal>> journals;
    std::vector<JournalEntries> first_stages;
    std::vector<Task> tasks;
    std::size_t total = 0;
    for (std::size_t p = 0; p < parts.size(); ++p) {
      journals.push_back(std::make_unique<Journal>(parts[p]->journal));
      const auto left = open_queries(*parts[p], *journals[p]);
      for (const std::size_t q : left) tasks.push_back({p, q});
      first_stages.push_back(left.empty() ? JournalEntries()
                                          : Journal::read(parts_.answers[*parts[p]->first_stage].journal).entries);
      total += parts[p]->queries->size();
    }
    if (tasks.empty()) return;
    const std::size_t threads = threads_or_all(options_.threads);
    struct Worker {
      std::size_t index = 0;
      std::unique_ptr<Engine> engine;
      const AnswerPart* warm = nullptr;
    };
    std::vector<Worker> workers(threads);
    std::mutex progress_mutex;
    std::size_t done = total - tasks.size();
    reset_peak_memory();
    parallel_for(tasks.size(), threads, [&](std::size_t i, std::size_t w) {
      const AnswerPart& part = *parts[tasks[i].part];
      const Query& query = (*part.queries)[tasks[i].query];
      Worker& worker = workers[w];
      if (!worker.engine || worker.index != part.index) {
        worker.engine = std::make_unique<Engine>(parts_.indexes[part.index].folder, engine_options(1));
        worker.index = part.index;
      }
      if (worker.warm != &part) {
        worker.engine->rerank(query, {}, part.options);  // Opens the model, which is no query's cost.
        worker.warm = &part;
      }
      const Ranking& candidates = first_stages[tasks[i].part].at(query.id).ranking;
      SearchOptions options = part.options;
      options.hits = std::max<std::size_t>(1, candidates.size());
      CostMeter meter(CostMeter::Scope::thread);
      const SearchResult result = worker.engine->rerank(query, candidates, options);
      const Cost cost = meter.lap();
      journals[tasks[i].part]->add(query.id,
                                   {ranking_of(result), cost, result.explanation.rerank.value_or(RerankReport{})});
      const std::lock_guard lock(progress_mutex);
      dragoman::report(progress_, {"rerank", "queries", ++done, total});
    });
    for (std::size_t p = 0; p < parts.size(); ++p) journals[p]->add_memory(peak_memory());
  }

  const Experiment& experiment_;
  const GridParts& parts_;
  const GridOptions& options_;
  const ProgressCallback& progress_;
  GridReport& report_;
};

}  // namespace

GridPlan plan_grid(const Experiment& experiment, const GridOptions& options) {
  const GridParts parts = take_apart(experiment, options);
  GridPlan plan;
  plan.parts = estimate(experiment, parts, options);
  for (const Cell& cell : parts.cells) {
    plan.cells.push_back(cell.id);
    plan.parts_unshared += cell.reranking ? 3 : 2;
  }
  for (const PlannedPart& part : plan.parts) plan.left_cpu_s += part.left_cpu_s;
  const std::size_t threads = threads_or_all(options.threads);
  plan.left_wall_s = plan.left_cpu_s / static_cast<double>(threads);
  return plan;
}

GridReport run_grid(const Experiment& experiment, const GridOptions& options, const ProgressCallback& progress) {
  if (options.output.empty()) throw InvalidArgument("a grid needs a folder for its results; give one with --output");
  const auto work = work_folder(options);
  for (const char* folder : {"answers", "indexes"}) make_folder(work / folder);
  FileLock lock(work / "lock");
  if (!lock.try_lock()) {
    throw Unavailable(
        fmt::format("{}: another grid is at work here; wait for it, or choose another --output", work.string()));
  }
  const std::string first_began = began(work);
  const GridParts parts = take_apart(experiment, options);
  GridReport report;
  report.cells = parts.cells.size();
  report.results = options.output / "results.json";
  Runner(experiment, parts, options, progress, report).run();
  report.page = options.output / "report.html";
  report.failed_expectations = write_results(experiment, parts, options, first_began);
  write_report(report.results, report.page);
  return report;
}

}  // namespace dragoman
