#include "experiment/cell_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace dragoman {
namespace {

OrderedJson values_json(const Experiment& experiment, const std::vector<double>& values) {
  OrderedJson json = OrderedJson::object();
  for (std::size_t m = 0; m < values.size(); ++m) json[experiment.measures[m].name] = number_or_null(values[m]);
  return json;
}

OrderedJson row_json(const Experiment& experiment, const EvaluationRow& row) {
  return {{"queries", row.queries}, {"values", values_json(experiment, row.values)}};
}

OrderedJson rows_json(const Experiment& experiment, const std::vector<EvaluationRow>& rows) {
  OrderedJson json = OrderedJson::object();
  for (const EvaluationRow& row : rows) json[row.label] = row_json(experiment, row);
  return json;
}

OrderedJson intervals_json(const Experiment& experiment, const EvaluationGroup& group) {
  OrderedJson json = OrderedJson::object();
  for (std::size_t m = 0; m < experiment.measures.size(); ++m) {
    std::vector<double> values;
    for (const QueryValues& query : group.queries) values.push_back(query.values[m]);
    const Interval interval = bootstrap_mean(values, resampling_of(experiment));
    json[experiment.measures[m].name] = {number_or_null(interval.low), number_or_null(interval.high)};
  }
  return json;
}

/// The row that the group is about: "all", or the member of one of the objects of rows.
OrderedJson& row_of(OrderedJson& effectiveness, const std::string& group) {
  if (group == "all") return effectiveness["all"];
  const std::size_t colon = group.find(':');
  return effectiveness["by_" + group.substr(0, colon)][group.substr(colon + 1)];
}

OrderedJson by_language_json(const std::map<Language, double>& values) {
  OrderedJson json = OrderedJson::object();
  for (const auto& [language, value] : values) json[language.tag()] = number_or_null(value);
  return json;
}

struct StageSum {
  std::size_t queries = 0;
  Cost cost;
  RerankReport rerank;
  std::uint64_t memory_bytes = 0, disk_bytes = 0;

  void add(const StageSum& other) {
    queries = std::max(queries, other.queries);
    cost += other.cost;
    rerank += other.rerank;
    memory_bytes = std::max(memory_bytes, other.memory_bytes);
    disk_bytes += other.disk_bytes;
  }
};

StageSum sum_up(const AnswerPart& part, const JournalContent& answers) {
  StageSum sum;
  sum.memory_bytes = answers.memory_bytes;
  for (const Query& query : *part.queries) {
    const JournalEntry& entry = answers.entries.at(query.id);
    ++sum.queries;
    sum.cost += entry.cost;
    sum.rerank += entry.rerank;
  }
  return sum;
}

OrderedJson stage_json(std::string_view name, const StageSum& sum) {
  OrderedJson json = {
      {"stage", name}, {"queries", sum.queries}, {"wall_s", sum.cost.wall_s}, {"cpu_s", sum.cost.cpu_s}};
  if (sum.rerank.calls != 0) {
    json["calls"] = sum.rerank.calls;
    json["tokens_evaluated"] = sum.rerank.tokens_evaluated;
    json["tokens_reused"] = sum.rerank.tokens_reused;
    json["inconsistent_pairs"] = sum.rerank.inconsistent_pairs;
    json["truncated"] = sum.rerank.truncated;
  }
  json["memory_bytes"] = sum.memory_bytes;
  if (sum.disk_bytes != 0) json["disk_bytes"] = sum.disk_bytes;
  if (sum.cost.energy_j) json["energy_j"] = *sum.cost.energy_j;
  return json;
}

std::uint64_t segment_bytes(const std::filesystem::path& collection) {
  std::uint64_t bytes = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(collection / "segments", ignored)) {
    bytes += entry.file_size(ignored);
  }
  return bytes;
}

}  // namespace

ResamplingOptions resampling_of(const Experiment& experiment) { return {.seed = experiment.seed}; }

std::vector<Measure> measures_of(const Experiment& experiment) {
  std::vector<Measure> measures;
  for (const NamedMeasure& named : experiment.measures) measures.push_back(named.measure);
  return measures;
}

Run run_of(const Cell& cell, const Answers& answers) {
  Run run;
  for (const auto& [query, entry] : answers[cell.reranking.value_or(cell.first_stage)].entries) {
    run.emplace(query, entry.ranking);
  }
  return run;
}

std::vector<EvaluationGroup> groups_of(const JudgedCell& judged, const JudgedCollection& collection,
                                       const Experiment& experiment) {
  std::vector<EvaluationGroup> groups = {{"all", judged.evaluation.queries}};
  const auto measures = measures_of(experiment);
  for (const Grouping grouping : {Grouping::query_language, Grouping::resource_class}) {
    for (EvaluationGroup& group :
         evaluate_groups(collection.judgements, judged.run, measures, grouping, collection.pool.query_languages,
                         collection.pool.document_languages, {}, collection.classes)) {
      groups.push_back({fmt::format("{}:{}", to_string(grouping), group.label), std::move(group.queries)});
    }
  }
  return groups;
}

OrderedJson effectiveness_json(const JudgedCell& judged, const JudgedCollection& collection,
                               const Experiment& experiment) {
  const auto measures = measures_of(experiment);
  const auto by = evaluate_by_language(collection.judgements, judged.run, measures, collection.pool.query_languages,
                                       collection.pool.document_languages, {}, collection.classes);
  OrderedJson json = {{"all", row_json(experiment, by.all)},
                      {"same", row_json(experiment, by.same)},
                      {"cross", row_json(experiment, by.cross)},
                      {"by_query_language", rows_json(experiment, by.by_query_language)},
                      {"by_document_language", rows_json(experiment, by.by_document_language)},
                      {"by_pair", rows_json(experiment, by.by_pair)},
                      {"by_query_script", rows_json(experiment, by.by_query_script)},
                      {"by_document_script", rows_json(experiment, by.by_document_script)},
                      {"by_resource_class", rows_json(experiment, by.by_resource_class)}};
  for (const EvaluationGroup& group : judged.groups) {
    row_of(json, group.label)["intervals"] = intervals_json(experiment, group);
  }
  return json;
}

OrderedJson fairness_json(const JudgedCell& judged, const JudgedCollection& collection, const Experiment& experiment) {
  const FairnessOptions options{.depth = experiment.fairness_depth, .resampling = resampling_of(experiment)};
  const FairnessReport report = fairness(collection.judgements, judged.run, collection.pool, options);
  OrderedJson json = {{"depth", report.depth}, {"own_language_share", number_or_null(report.own_language_share)}};
  json["own_language_share_of"] = by_language_json(report.own_language_share_of);
  if (report.own_language_bias.queries != 0) {
    const PairedComparison& bias = report.own_language_bias;
    json["own_language_bias"] = {{"share", number_or_null(bias.system_mean)},
                                 {"fair", number_or_null(bias.baseline_mean)},
                                 {"interval", {number_or_null(bias.interval.low), number_or_null(bias.interval.high)}},
                                 {"p", number_or_null(bias.p_randomisation)}};
  }
  json["exposure"] = OrderedJson::object();
  for (const auto& [language, shares] : report.exposure) json["exposure"][language.tag()] = by_language_json(shares);
  json["fair_exposure"] = by_language_json(report.fair_exposure);
  if (report.questions != 0) {
    json["overlap"] = number_or_null(report.overlap);
    json["rank_biased_overlap"] = number_or_null(report.rank_biased_overlap);
  }
  if (report.rank_variance_queries != 0) json["rank_variance"] = number_or_null(report.rank_variance);
  if (report.alignment.queries != 0) {
    json["weak_alignment"] = number_or_null(report.alignment.weak);
    json["strong_alignment"] = number_or_null(report.alignment.strong);
  }
  json["dial"] = OrderedJson::array();
  for (const DialPoint& point : exposure_curve(collection.judgements, judged.run, measures_of(experiment),
                                               collection.pool, experiment.dial, options)) {
    json["dial"].push_back({{"dial", point.dial},
                            {"own_language_share", number_or_null(point.own_language_share)},
                            {"values", values_json(experiment, point.values)}});
  }
  return json;
}

OrderedJson cost_json(const GridParts& parts, const Cell& cell, const Answers& answers) {
  const AnswerPart& first = parts.answers[cell.first_stage];
  StageSum total = sum_up(first, answers[cell.first_stage]);
  total.disk_bytes = segment_bytes(parts.indexes[first.index].folder);
  OrderedJson stages = OrderedJson::array({stage_json("retrieve", total)});
  if (cell.reranking) {
    const StageSum rerank = sum_up(parts.answers[*cell.reranking], answers[*cell.reranking]);
    stages.push_back(stage_json("rerank", rerank));
    total.add(rerank);
  }
  const auto sharing = std::ranges::count(parts.cells, cell.first_stage, &Cell::first_stage);
  if (sharing > 1) stages[0]["shared"] = first.label;
  OrderedJson json = {{"stages", stages}, {"total", stage_json("total", total)}};
  return json;
}

OrderedJson per_query_json(const JudgedCell& judged, const JudgedCollection& collection, const Answers& answers,
                           const Experiment& experiment, std::size_t shown_hits) {
  OrderedJson json = OrderedJson::object();
  for (const QueryValues& query : judged.evaluation.queries) {
    OrderedJson& one = json[query.query_id] = {{"values", values_json(experiment, query.values)}};
    one["hits"] = OrderedJson::array();
    const QueryJudgements& grades = collection.judgements.at(query.query_id);
    const auto ranking = judged.run.find(query.query_id);
    if (ranking != judged.run.end()) {
      for (const Hit& hit : std::span(ranking->second).first(std::min(shown_hits, ranking->second.size()))) {
        const auto grade = grades.find(hit.id);
        one["hits"].push_back(
            {hit.id, hit.score, grade == grades.end() ? OrderedJson(nullptr) : OrderedJson(grade->second)});
      }
    }
    if (judged.cell->reranking) {
      one["wall_ms"] = 1000 * answers[*judged.cell->reranking].entries.at(query.query_id).cost.wall_s;
    }
  }
  return json;
}

}  // namespace dragoman
