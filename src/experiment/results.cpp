#include "experiment/results.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/parallel.h"
#include "dragoman/collection/collection.h"
#include "dragoman/evaluate/run_file.h"
#include "dragoman/text/passages.h"
#include "experiment/cell_results.h"
#include "experiment/comparisons.h"

namespace dragoman {
namespace {

constexpr std::size_t kShownHits = 10;
constexpr std::size_t kSnippetCodePoints = 400;

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (!line.starts_with("model name")) continue;
    const std::size_t colon = line.find(": ");
    return colon == std::string::npos ? "" : line.substr(colon + 2);
  }
  return "";
}

OrderedJson machine_json(const GridOptions& options) {
  const auto pages = static_cast<std::uint64_t>(std::max(0L, sysconf(_SC_PHYS_PAGES)));
  const auto page_bytes = static_cast<std::uint64_t>(std::max(0L, sysconf(_SC_PAGESIZE)));
  return {{"processor", processor_name()},
          {"threads", threads_or_all(options.threads)},
          {"memory_bytes", pages * page_bytes},
          {"version", DRAGOMAN_VERSION}};
}

/// "a/b,c=1" as the name of a file: what would be a path or a nuisance becomes '-'.
std::string file_name(std::string_view id) {
  std::string name(id);
  std::ranges::replace_if(
      name, [](char c) { return c == '/' || c == '\\' || c == ':' || c == '*' || c == '?' || c == '"'; }, '-');
  return name;
}

class ResultsWriter {
 public:
  ResultsWriter(const Experiment& experiment, const GridParts& parts, const GridOptions& options)
      : experiment_(experiment), parts_(parts), options_(options) {}

  std::vector<std::string> write(const std::string& began) {
    if (!experiment_.resource_classes.empty()) classes_ = read_resource_classes(experiment_.resource_classes.string());
    for (std::size_t c = 0; c < experiment_.collections.size(); ++c) open_collection(c);
    for (const AnswerPart& part : parts_.answers) answers_.push_back(Journal::read(part.journal));
    judge_cells();
    OrderedJson json = {{"format", "dragoman-results-1"},         {"name", experiment_.name},
                        {"description", experiment_.description}, {"began", began},
                        {"machine", machine_json(options_)},      {"seed", experiment_.seed}};
    for (const NamedMeasure& measure : experiment_.measures) json["measures"].push_back(measure.name);
    json["baseline"] = cells_[baselines_.front()].cell->id;
    json["resource_classes"] = OrderedJson::object();
    for (const auto& [language, name] : classes_) json["resource_classes"][language.tag()] = name;
    for (std::size_t c = 0; c < collections_.size(); ++c) json["collections"].push_back(collection_json(c));
    json["cells"] = cells_json();
    json["comparisons"] = OrderedJson::array();
    for (const std::size_t baseline : baselines_) {
      for (auto& one : comparisons_json(cells_, baseline, experiment_, options_.threads)) {
        json["comparisons"].push_back(std::move(one));
      }
    }
    for (std::size_t c = 0; c < collections_.size(); ++c) {
      json["queries"][experiment_.collections[c].name] = queries_json(c);
      json["documents"][experiment_.collections[c].name] = documents_json(c);
    }
    json["expected"] = expected_json(json["cells"]);
    write_json(options_.output / "results.json", json);
    return std::move(failed_);
  }

 private:
  void open_collection(std::size_t c) {
    // All indexes of a collection hold the same documents.
    const auto index = std::ranges::find(parts_.indexes, c, &IndexPart::collection);
    collections_.push_back(Collection::open(index->folder));
    const Collection& collection = collections_.back();
    JudgedCollection& judged = judged_.emplace_back();
    judged.classes = classes_;
    const auto known = collection.document_languages();
    for (DocumentNumber number = 0; number < known.of.size(); ++number) {
      if (!known.is_live(number)) continue;
      judged.pool.document_languages.emplace(collection.document_id(number), known.languages[known.of[number]]);
    }
    for (const auto& [language, count] : collection.language_counts()) judged.pool.documents.emplace(language, count);
    const Selection& selection = parts_.selections[c];
    for (const Query& query : selection.queries) judged.pool.query_languages.emplace(query.id, query.language);
    judged.pool.questions.insert(selection.questions.begin(), selection.questions.end());
    judged.judgements = selection.judgements;
    // Nobody can find what was left out on purpose.
    if (experiment_.collections[c].languages.empty()) return;
    for (auto& [query, grades] : judged.judgements) {
      std::erase_if(grades, [&](const auto& grade) { return !judged.pool.document_languages.contains(grade.first); });
    }
    judged.unanswerable = std::erase_if(judged.judgements, [](const auto& query) { return query.second.empty(); });
    if (judged.judgements.empty()) {
      throw InvalidData(fmt::format("{}: no judged document is in a language of collection '{}'",
                                    experiment_.collections[c].judgements.string(), experiment_.collections[c].name));
    }
  }

  void judge_cells() {
    const auto measures = measures_of(experiment_);
    make_folder(options_.output / "runs");
    baselines_.resize(collections_.size());
    for (std::size_t i = 0; i < parts_.cells.size(); ++i) {
      const Cell& cell = parts_.cells[i];
      const std::string name = experiment_.collections[cell.collection].name;
      if (cell.id == name + "/" + experiment_.baseline) baselines_[cell.collection] = i;
      JudgedCell& judged = cells_.emplace_back(JudgedCell{&cell, run_of(cell, answers_), {}, {}});
      judged.evaluation = evaluate(judged_[cell.collection].judgements, judged.run, measures);
      judged.groups = groups_of(judged, judged_[cell.collection], experiment_);
      RunWriter writer((options_.output / run_path(cell)).string(), "dragoman");
      for (const auto& [query, ranking] : judged.run) writer.write(query, ranking);
      writer.commit();
    }
  }

  static std::string run_path(const Cell& cell) { return fmt::format("runs/{}.run", file_name(cell.id)); }

  OrderedJson collection_json(std::size_t c) const {
    const Selection& selection = parts_.selections[c];
    OrderedJson json = {{"name", experiment_.collections[c].name},
                        {"documents", collections_[c].size()},
                        {"queries", selection.queries.size()},
                        {"document_languages", OrderedJson::object()},
                        {"query_languages", selection.languages}};
    for (const auto& [language, count] : judged_[c].pool.documents) json["document_languages"][language.tag()] = count;
    std::string sampling = selection.sampling;
    if (judged_[c].unanswerable != 0) {
      sampling += fmt::format("{}{} of these have no judged document in the collection's languages and are not judged",
                              sampling.empty() ? "" : "; ", judged_[c].unanswerable);
    }
    if (!sampling.empty()) json["sampling"] = sampling;
    for (const IndexPart& part : parts_.indexes) {
      if (part.collection != c) continue;
      json["cost"] = OrderedJson::parse(read_file(part.done));
      break;
    }
    return json;
  }

  OrderedJson cells_json() {
    // Independent of one another, and resampling takes its time.
    std::vector<OrderedJson> all(cells_.size());
    parallel_for(cells_.size(), options_.threads, [&](std::size_t i, std::size_t) { all[i] = cell_json(cells_[i]); });
    return all;
  }

  OrderedJson cell_json(const JudgedCell& judged) const {
    const Cell& cell = *judged.cell;
    const JudgedCollection& collection = judged_[cell.collection];
    const ExperimentRetriever& retriever = experiment_.retrievers[cell.retriever];
    const ExperimentReranker& reranker = experiment_.rerankers[cell.reranker];
    OrderedJson settings = OrderedJson::object();
    for (const auto& [name, value] : retrieval_option_values(retriever.options)) settings[name] = value;
    const auto& index = parts_.indexes[parts_.answers[cell.first_stage].index];
    if (uses_encoder(retriever.options)) {
      settings["encoder"] = index.encoder;
      if (index.precision) settings["precision"] = to_string(*index.precision);
    }
    if (reranker.options) {
      settings["rerank_model"] = reranker.model;
      RerankOptions named = *reranker.options;
      // A path is this machine's affair.
      const auto keep_name = [](std::string& file) { file = std::filesystem::path(file).filename().string(); };
      for_each_file(named, keep_name);
      keep_name(named.prompt);
      for (const auto& [name, value] : rerank_option_values(named)) settings["rerank_" + name] = value;
    }
    return {{"id", cell.id},
            {"collection", experiment_.collections[cell.collection].name},
            {"retrieve", retriever.name},
            {"translate", experiment_.translations[cell.translation].name},
            {"rerank", reranker.name},
            {"settings", settings},
            {"run", run_path(cell)},
            {"effectiveness", effectiveness_json(judged, collection, experiment_)},
            {"fairness", fairness_json(judged, collection, experiment_)},
            {"cost", cost_json(parts_, cell, answers_)},
            {"per_query", per_query_json(judged, collection, answers_, experiment_, kShownHits)}};
  }

  OrderedJson queries_json(std::size_t c) const {
    const Selection& selection = parts_.selections[c];
    OrderedJson json = OrderedJson::array();
    for (const Query& query : selection.queries) {
      json.push_back({{"id", query.id},
                      {"language", query.language.tag()},
                      {"text", query.text},
                      {"question", selection.questions.at(query.id)}});
    }
    return json;
  }

  /// The documents that the shown hits name.
  OrderedJson documents_json(std::size_t c) const {
    std::set<std::string> ids;
    for (const JudgedCell& judged : cells_) {
      if (judged.cell->collection != c) continue;
      for (const auto& [query, ranking] : judged.run) {
        for (std::size_t i = 0; i < std::min(kShownHits, ranking.size()); ++i) ids.insert(ranking[i].id);
      }
    }
    OrderedJson json = OrderedJson::object();
    for (const std::string& id : ids) {
      const auto number = collections_[c].find(id);
      if (!number) continue;
      const Document document = collections_[c].document(*number);
      json[id] = {{"language", document.language.tag()},
                  {"title", document.title},
                  {"text", beginning_of(document.text, kSnippetCodePoints)}};
    }
    return json;
  }

  OrderedJson expected_json(const OrderedJson& cells) {
    OrderedJson json = OrderedJson::array();
    for (const ExpectedScore& expected : experiment_.expected) {
      const auto cell = std::ranges::find_if(cells, [&](const OrderedJson& one) { return one["id"] == expected.cell; });
      const OrderedJson value = value_of((*cell)["effectiveness"], expected);
      const bool holds = value.is_number() && std::abs(value.get<double>() - expected.value) <= expected.tolerance;
      json.push_back({{"cell", expected.cell},
                      {"measure", expected.measure},
                      {"group", expected.group},
                      {"expected", expected.value},
                      {"tolerance", expected.tolerance},
                      {"value", value},
                      {"holds", holds}});
      if (holds) continue;
      failed_.push_back(fmt::format("{}: {} of {} ({}) is {}, expected {} within {}", experiment_.file.string(),
                                    expected.measure, expected.cell, expected.group,
                                    value.is_number() ? fmt::format("{:.6f}", value.get<double>()) : "not there",
                                    expected.value, expected.tolerance));
    }
    return json;
  }

  /// Null where there is no such group.
  static OrderedJson value_of(const OrderedJson& effectiveness, const ExpectedScore& expected) {
    const std::size_t colon = expected.group.find(':');
    const OrderedJson* row = &effectiveness;
    const auto enter = [&](const std::string& member) { row = row->contains(member) ? &row->at(member) : nullptr; };
    enter(colon == std::string::npos ? expected.group : "by_" + expected.group.substr(0, colon));
    if (row != nullptr && colon != std::string::npos) enter(expected.group.substr(colon + 1));
    if (row == nullptr || !row->contains("values")) return nullptr;
    return row->at("values").value(expected.measure, OrderedJson(nullptr));
  }

  const Experiment& experiment_;
  const GridParts& parts_;
  const GridOptions& options_;
  ResourceClasses classes_;
  std::vector<Collection> collections_;
  std::vector<JudgedCollection> judged_;
  Answers answers_;
  std::vector<JudgedCell> cells_;
  std::vector<std::size_t> baselines_;  ///< By collection, into cells_.
  std::vector<std::string> failed_;
};

}  // namespace

std::vector<std::string> write_results(const Experiment& experiment, const GridParts& parts, const GridOptions& options,
                                       const std::string& began) {
  return ResultsWriter(experiment, parts, options).write(began);
}

}  // namespace dragoman
