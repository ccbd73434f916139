#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace dragoman {

/// What the results of a grid (docs/formats/results.md) can be turned into.
enum class ReportFormat {
  html,      ///< One page: charts, tables, and every query with its rankings. Opens without a network or a server.
  csv,       ///< A line a cell, group and measure, with intervals and comparisons; for spreadsheets and statistics.
  json,      ///< results.json without texts and single queries; for leaderboards.
  latex,     ///< Tables for a paper; they need the package booktabs.
  markdown,  ///< The same tables, for a README or an issue.
};

/// @throws InvalidArgument, naming those there are.
ReportFormat parse_report_format(std::string_view name);

/// Reads `results`, checks every member that a report is made from, and returns the report. Takes memory in the order
/// of ten times the file.
///
/// Texts of queries and documents are hostile: the page shows them as text, each isolated in its own direction, and its
/// content security policy allows the page's own script and nothing else.
///
/// @throws NotFound if there is no such file; InvalidData, naming file and member
///         ("results.json: cells[3].effectiveness.all.queries: expected a whole number, got string").
std::string render_report(const std::filesystem::path& results, ReportFormat format = ReportFormat::html);

/// render_report() into a file that appears whole or not at all. @throws also Unavailable, if it cannot be written.
void write_report(const std::filesystem::path& results, const std::filesystem::path& output,
                  ReportFormat format = ReportFormat::html);

}  // namespace dragoman
