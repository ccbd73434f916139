#include "experiment/report_results.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "dragoman/base/file.h"
#include "experiment/checked_json.h"

namespace dragoman::reporting {
namespace {

constexpr std::string_view kFormat = "dragoman-results-1";

/// The members of `effectiveness` that are rows by label, and what a group of theirs is called.
constexpr std::pair<const char*, std::string_view> kGroups[] = {{"by_query_language", "query_language"},
                                                                {"by_document_language", "document_language"},
                                                                {"by_pair", "pair"},
                                                                {"by_query_script", "query_script"},
                                                                {"by_document_script", "document_script"},
                                                                {"by_resource_class", "resource_class"}};

Interval read_interval(const CheckedJson& json) {
  if (!json.json().is_array() || json.json().size() != 2) json.expected("[low, high]");
  double ends[2];
  json.each_element([&](std::size_t i, const CheckedJson& end) { ends[i] = end.number_or_null(); });
  return {ends[0], ends[1]};
}

void check_values(const CheckedJson& json) {
  json.each_member([](const std::string&, const CheckedJson& value) { value.number_or_null(); });
}

/// A map from names to numbers, as fair_exposure is one.
void check_numbers(const CheckedJson& json) {
  json.each_member([](const std::string&, const CheckedJson& value) { value.number(); });
}

GroupRow read_row(const CheckedJson& json, std::string group, const std::vector<std::string>& measures) {
  GroupRow row{.group = std::move(group), .queries = 0, .values = {}, .intervals = {}};
  row.queries = json.member("queries", [](const CheckedJson& value) { return value.count(); });
  row.values.assign(measures.size(), std::numeric_limits<double>::quiet_NaN());
  row.intervals.resize(measures.size());
  const auto place_of = [&](const std::string& measure) {
    return static_cast<std::size_t>(std::find(measures.begin(), measures.end(), measure) - measures.begin());
  };
  json.member("values", [&](const CheckedJson& values) {
    values.each_member([&](const std::string& measure, const CheckedJson& value) {
      const double number = value.number_or_null();
      if (const auto i = place_of(measure); i < measures.size()) row.values[i] = number;
    });
  });
  json.optional_member("intervals", [&](const CheckedJson& intervals) {
    intervals.each_member([&](const std::string& measure, const CheckedJson& value) {
      if (value.json().is_null()) return;
      const Interval interval = read_interval(value);
      if (const auto i = place_of(measure); i < measures.size()) row.intervals[i] = interval;
    });
  });
  return row;
}

std::vector<GroupRow> read_effectiveness(const CheckedJson& json, const std::vector<std::string>& measures) {
  std::vector<GroupRow> rows;
  json.member("all", [&](const CheckedJson& row) { rows.push_back(read_row(row, "all", measures)); });
  for (const char* name : {"same", "cross"}) {
    json.optional_member(name, [&](const CheckedJson& row) { rows.push_back(read_row(row, name, measures)); });
  }
  for (const auto& entry : kGroups) {
    const std::string_view group = entry.second;
    json.optional_member(entry.first, [&](const CheckedJson& labels) {
      labels.each_member([&](const std::string& label, const CheckedJson& row) {
        rows.push_back(read_row(row, fmt::format("{}:{}", group, label), measures));
      });
    });
  }
  return rows;
}

/// What a stage is measured by; all other members may be anything.
constexpr std::array<std::string_view, 8> kStageNumbers = {
    "wall_s", "cpu_s", "calls", "tokens_evaluated", "tokens_reused", "memory_bytes", "disk_bytes", "energy_j"};

/// The numbers of a stage; texts ("stage", "shared") and the count of queries aside.
std::map<std::string, double> read_stage(const CheckedJson& json) {
  std::map<std::string, double> numbers;
  json.each_member([&](const std::string& name, const CheckedJson& value) {
    if (name == "stage" || name == "shared") {
      value.text();
    } else if (name == "queries") {
      value.count();
    } else if (!value.json().is_null() && std::ranges::find(kStageNumbers, name) != kStageNumbers.end()) {
      numbers[name] = value.number();
    }
  });
  return numbers;
}

void read_cost(const CheckedJson& json, Cell& cell) {
  json.optional_member("stages", [](const CheckedJson& stages) {
    stages.each_element([](std::size_t, const CheckedJson& stage) { read_stage(stage); });
  });
  json.optional_member("total", [&](const CheckedJson& total) {
    cell.cost = read_stage(total);
    total.optional_member("queries", [&](const CheckedJson& queries) { cell.asked = queries.count(); });
  });
}

void check_fairness(const CheckedJson& json) {
  for (const char* name : {"depth", "own_language_share", "overlap", "rank_variance"}) {
    json.optional_member(name, [](const CheckedJson& value) { value.number_or_null(); });
  }
  json.optional_member("exposure", [](const CheckedJson& languages) {
    languages.each_member([](const std::string&, const CheckedJson& shares) { check_numbers(shares); });
  });
  json.optional_member("fair_exposure", check_numbers);
  json.optional_member("dial", [](const CheckedJson& dial) {
    dial.each_element([](std::size_t, const CheckedJson& point) {
      point.member("dial", [](const CheckedJson& value) { value.number(); });
      point.optional_member("own_language_share", [](const CheckedJson& value) { value.number_or_null(); });
      point.member("values", check_values);
    });
  });
}

void check_hits(const CheckedJson& hits) {
  hits.each_element([](std::size_t, const CheckedJson& hit) {
    if (!hit.json().is_array() || hit.json().size() != 3) hit.expected("[document id, score, grade or null]");
    hit.each_element([](std::size_t i, const CheckedJson& part) {
      if (i == 0) part.text();
      if (i == 1) part.number();
      if (i == 2) part.number_or_null();
    });
  });
}

void check_per_query(const CheckedJson& json) {
  json.each_member([](const std::string&, const CheckedJson& query) {
    query.member("values", check_values);
    query.optional_member("hits", check_hits);
    query.optional_member("wall_ms", [](const CheckedJson& value) { value.number_or_null(); });
  });
}

Cell read_cell(const CheckedJson& json, const Results& results) {
  Cell cell;
  cell.id = json.text_member("id");
  cell.collection = json.member("collection", [&](const CheckedJson& name) {
    const std::string collection = name.text();
    if (std::find(results.collections.begin(), results.collections.end(), collection) == results.collections.end()) {
      name.fail(fmt::format("'{}' is none of the collections", printable(collection)));
    }
    return collection;
  });
  cell.retrieve = json.text_member("retrieve");
  cell.translate = json.optional_text("translate");
  cell.rerank = json.optional_text("rerank");
  for (std::string* name : {&cell.translate, &cell.rerank}) {
    if (name->empty()) *name = "none";
  }
  json.optional_text("run");
  json.optional_member("settings", [](const CheckedJson& settings) {
    settings.each_member([](const std::string&, const CheckedJson& value) { value.check_scalar(); });
  });
  json.member("effectiveness",
              [&](const CheckedJson& groups) { cell.rows = read_effectiveness(groups, results.measures); });
  json.optional_member("fairness", check_fairness);
  json.optional_member("cost", [&](const CheckedJson& cost) { read_cost(cost, cell); });
  if (cell.asked == 0) cell.asked = cell.rows.front().queries;
  json.optional_member("per_query", check_per_query);
  return cell;
}

void read_cells(const CheckedJson& cells, Results& results) {
  std::set<std::string> ids;
  cells.each_element([&](std::size_t, const CheckedJson& json) {
    results.cells.push_back(read_cell(json, results));
    if (!ids.insert(results.cells.back().id).second) {
      json.fail(fmt::format("the id '{}' stands twice", printable(results.cells.back().id)));
    }
  });
  if (results.cells.empty()) cells.fail("holds no cell");
}

void read_comparison(const CheckedJson& json, Results& results) {
  const auto known = [&](const char* name) {
    return json.member(name, [&](const CheckedJson& value) {
      const std::string id = value.text();
      if (std::ranges::none_of(results.cells, [&](const Cell& cell) { return cell.id == id; })) {
        value.fail(fmt::format("'{}' is none of the cells", printable(id)));
      }
      return id;
    });
  };
  Comparison comparison;
  known("baseline");
  comparison.verdict = json.text_member("verdict");
  comparison.difference = json.member("difference", [](const CheckedJson& value) { return value.number_or_null(); });
  comparison.p_adjusted = json.member("p_adjusted", [](const CheckedJson& value) { return value.number_or_null(); });
  json.optional_member("interval", [&](const CheckedJson& value) {
    if (!value.json().is_null()) comparison.interval = read_interval(value);
  });
  for (const char* name : {"queries", "p_t", "p_randomisation", "effect_size", "wins", "losses", "ties"}) {
    json.optional_member(name, [](const CheckedJson& value) { value.number_or_null(); });
  }
  json.optional_text("sentence");
  results.comparisons[{known("cell"), json.text_member("measure"), json.text_member("group")}] = comparison;
}

void read_collections(const CheckedJson& collections, Results& results) {
  collections.each_element([&](std::size_t, const CheckedJson& json) {
    results.collections.push_back(json.text_member("name"));
    json.optional_text("sampling");
    for (const char* name : {"documents", "queries"}) {
      json.member(name, [](const CheckedJson& value) { value.count(); });
    }
    for (const char* name : {"document_languages", "query_languages"}) json.optional_member(name, check_numbers);
    json.optional_member("cost", [](const CheckedJson& stage) { read_stage(stage); });
  });
}

void check_texts(const CheckedJson& root) {
  root.optional_member("queries", [](const CheckedJson& collections) {
    collections.each_member([](const std::string&, const CheckedJson& queries) {
      queries.each_element([](std::size_t, const CheckedJson& query) {
        for (const char* name : {"id", "language", "text"}) query.text_member(name);
        query.optional_text("question");
      });
    });
  });
  root.optional_member("documents", [](const CheckedJson& collections) {
    collections.each_member([](const std::string&, const CheckedJson& documents) {
      documents.each_member([](const std::string&, const CheckedJson& document) {
        for (const char* name : {"language", "title", "text"}) document.optional_text(name);
      });
    });
  });
}

void check_expected(const CheckedJson& rows) {
  rows.each_element([](std::size_t, const CheckedJson& row) {
    for (const char* name : {"cell", "measure", "group"}) row.text_member(name);
    for (const char* name : {"expected", "tolerance", "value"}) {
      row.member(name, [](const CheckedJson& value) { value.number_or_null(); });
    }
    row.member("holds", [](const CheckedJson& value) { value.check_flag(); });
  });
}

void check_about(const CheckedJson& root) {
  root.optional_text("began");
  root.optional_member("seed", [](const CheckedJson& value) { value.number(); });
  for (const char* name : {"machine", "resource_classes"}) {
    root.optional_member(name, [](const CheckedJson& object) {
      object.each_member([](const std::string&, const CheckedJson& value) { value.check_scalar(); });
    });
  }
}

}  // namespace

const GroupRow* Cell::row(std::string_view group) const {
  const auto found = std::ranges::find(rows, group, &GroupRow::group);
  return found == rows.end() ? nullptr : &*found;
}

std::string Cell::label() const {
  std::string label = retrieve;
  if (translate != "none") label += " + " + translate;
  if (rerank != "none") label += " + " + rerank;
  return label;
}

const Comparison* Results::comparison(const std::string& cell, const std::string& measure,
                                      const std::string& group) const {
  const auto found = comparisons.find({cell, measure, group});
  return found == comparisons.end() ? nullptr : &found->second;
}

Results read_results(const std::filesystem::path& path) {
  const std::string file = path.string();
  Results results;
  results.json = parse_json_object(read_file(path), file);
  const CheckedJson root(results.json, file);
  root.member("format", [](const CheckedJson& format) {
    if (const std::string name = format.text(); name != kFormat) {
      format.fail(fmt::format("is '{}'; this version of dragoman reads '{}'", printable(name), kFormat));
    }
  });
  results.name = root.text_member("name");
  results.description = root.optional_text("description");
  check_about(root);
  root.member("measures", [&](const CheckedJson& measures) {
    measures.each_element([&](std::size_t, const CheckedJson& name) { results.measures.push_back(name.text()); });
    if (results.measures.empty()) measures.fail("holds no measure");
  });
  root.member("collections", [&](const CheckedJson& collections) { read_collections(collections, results); });
  root.member("cells", [&](const CheckedJson& cells) { read_cells(cells, results); });
  results.baseline = root.optional_text("baseline");
  root.optional_member("comparisons", [&](const CheckedJson& comparisons) {
    comparisons.each_element([&](std::size_t, const CheckedJson& json) { read_comparison(json, results); });
  });
  check_texts(root);
  root.optional_member("expected", check_expected);
  return results;
}

}  // namespace dragoman::reporting
