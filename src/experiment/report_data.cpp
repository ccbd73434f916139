// The formats for other programs: CSV and JSON.
#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "experiment/report_formats.h"

namespace dragoman::reporting {
namespace {

/// A field by RFC 4180.
std::string field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

/// The shortest digits that give the same number again; nothing for NaN.
std::string digits(double value) { return std::isnan(value) ? "" : fmt::format("{}", value); }

std::string digits(const std::optional<Interval>& interval) {
  if (!interval) return ",";
  return digits(interval->low) + "," + digits(interval->high);
}

void add_row(std::string& csv, std::string_view head, const Results& results, const Cell& cell, const GroupRow& row) {
  for (std::size_t i = 0; i < results.measures.size(); ++i) {
    const std::string& measure = results.measures[i];
    fmt::format_to(std::back_inserter(csv), "{},{},{},{},{},{},", head, field(row.group), field(measure), row.queries,
                   digits(row.values[i]), digits(row.intervals[i]));
    if (const Comparison* found = results.comparison(cell.id, measure, row.group)) {
      fmt::format_to(std::back_inserter(csv), "{},{},{},{}\n", digits(found->difference), digits(found->interval),
                     digits(found->p_adjusted), field(found->verdict));
    } else {
      csv += ",,,,\n";
    }
  }
}

}  // namespace

std::string render_csv(const Results& results) {
  std::string csv =
      "cell,collection,retrieve,translate,rerank,group,measure,queries,value,low,high,"
      "difference,difference_low,difference_high,p_adjusted,verdict\n";
  for (const Cell& cell : results.cells) {
    const std::string head = fmt::format("{},{},{},{},{}", field(cell.id), field(cell.collection), field(cell.retrieve),
                                         field(cell.translate), field(cell.rerank));
    for (const GroupRow& row : cell.rows) add_row(csv, head, results, cell, row);
    for (const auto& [name, number] : cell.cost) {
      fmt::format_to(std::back_inserter(csv), "{},cost,{},{},{},,,,,,,\n", head, field(name), cell.asked,
                     digits(number));
    }
  }
  return csv;
}

std::string render_json(const Results& results) {
  Json summary = results.json;
  summary.erase("queries");
  summary.erase("documents");
  for (Json& cell : summary["cells"]) cell.erase("per_query");
  return to_line(summary) + "\n";
}

}  // namespace dragoman::reporting
