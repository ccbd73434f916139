// The formats for people: the same tables for a paper (LaTeX) and for a page of text (Markdown).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string_view>

#include "experiment/report_formats.h"

namespace dragoman::reporting {
namespace {

enum class Mark { none, better, worse };

struct Entry {
  std::string text;
  Mark mark = Mark::none;
  bool best = false;
};

/// Cells of one collection, a row each; the first entry names the cell, all others are numbers.
struct Table {
  std::string collection, title;
  std::vector<std::string> header;
  std::vector<std::vector<Entry>> rows;
};

Entry value_entry(const Results& results, const Cell& cell, std::size_t measure, const std::string& group) {
  const GroupRow* row = cell.row(group);
  if (row == nullptr || std::isnan(row->values[measure])) return {"–"};
  Entry entry{fmt::format("{:.4f}", row->values[measure])};
  if (const Comparison* found = results.comparison(cell.id, results.measures[measure], group)) {
    if (found->verdict == "better") entry.mark = Mark::better;
    if (found->verdict == "worse") entry.mark = Mark::worse;
  }
  return entry;
}

Entry name_entry(const Results& results, const Cell& cell) {
  return {cell.label() + (cell.id == results.baseline ? " (baseline)" : "")};
}

/// Of numbers with four digits the text decides, so that what looks the same is marked the same.
void mark_best(Table& table, std::size_t column) {
  std::string best;
  for (const auto& row : table.rows) {
    if (row[column].text != "–") best = std::max(best, row[column].text);
  }
  for (auto& row : table.rows) row[column].best = row[column].text == best && table.rows.size() > 1;
}

Table measures_table(const Results& results, const std::string& collection, const std::vector<const Cell*>& cells) {
  Table table{collection, fmt::format("Effectiveness and cost on {}", collection), {"system"}, {}};
  table.header.insert(table.header.end(), results.measures.begin(), results.measures.end());
  const bool timed = std::ranges::any_of(cells, [](const Cell* cell) { return cell->cost.contains("cpu_s"); });
  if (timed) table.header.emplace_back("CPU s a query");
  for (const Cell* cell : cells) {
    std::vector<Entry> row = {name_entry(results, *cell)};
    for (std::size_t i = 0; i < results.measures.size(); ++i) row.push_back(value_entry(results, *cell, i, "all"));
    if (timed) {
      const auto cpu = cell->cost.find("cpu_s");
      row.push_back(cpu == cell->cost.end() || cell->asked == 0
                        ? Entry{"–"}
                        : Entry{fmt::format("{:.3g}", cpu->second / static_cast<double>(cell->asked))});
    }
    table.rows.push_back(std::move(row));
  }
  for (std::size_t i = 0; i < results.measures.size(); ++i) mark_best(table, i + 1);
  return table;
}

Table languages_table(const Results& results, const std::string& collection, const std::vector<const Cell*>& cells) {
  constexpr std::string_view kPrefix = "query_language:";
  Table table{
      collection, fmt::format("{} by query language on {}", results.measures.front(), collection), {"system"}, {}};
  std::vector<std::string> groups;
  for (const Cell* cell : cells) {
    for (const GroupRow& row : cell->rows) {
      if (row.group.starts_with(kPrefix)) groups.push_back(row.group);
    }
  }
  std::ranges::sort(groups);
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  for (const std::string& group : groups) table.header.push_back(group.substr(kPrefix.size()));
  for (const Cell* cell : cells) {
    std::vector<Entry> row = {name_entry(results, *cell)};
    for (const std::string& group : groups) row.push_back(value_entry(results, *cell, 0, group));
    table.rows.push_back(std::move(row));
  }
  for (std::size_t i = 0; i < groups.size(); ++i) mark_best(table, i + 1);
  return table;
}

std::vector<Table> make_tables(const Results& results) {
  std::vector<Table> tables;
  for (const std::string& collection : results.collections) {
    std::vector<const Cell*> cells;
    for (const Cell& cell : results.cells) {
      if (cell.collection == collection) cells.push_back(&cell);
    }
    if (cells.empty()) continue;
    tables.push_back(measures_table(results, collection, cells));
    Table languages = languages_table(results, collection, cells);
    if (languages.header.size() > 1) tables.push_back(std::move(languages));
  }
  return tables;
}

/// Each character that has a meaning of its own becomes one that has not.
std::string escaped(std::string_view text, const std::function<std::string_view(char)>& escape) {
  std::string result;
  for (const char c : text) {
    if (const std::string_view other = escape(c); !other.empty()) {
      result += other;
    } else {
      result += c;
    }
  }
  return result;
}

std::string latex(std::string_view text) {
  return escaped(text, [](char c) -> std::string_view {
    switch (c) {
      case '\\':
        return "\\textbackslash{}";
      case '{':
        return "\\{";
      case '}':
        return "\\}";
      case '$':
        return "\\$";
      case '&':
        return "\\&";
      case '#':
        return "\\#";
      case '%':
        return "\\%";
      case '_':
        return "\\_";
      case '^':
        return "\\textasciicircum{}";
      case '~':
        return "\\textasciitilde{}";
      case '<':
        return "\\textless{}";
      case '>':
        return "\\textgreater{}";
      case '\n':
      case '\r':
        return " ";
      default:
        return {};
    }
  });
}

std::string markdown(std::string_view text) {
  return escaped(text, [](char c) -> std::string_view {
    switch (c) {
      case '\\':
        return "\\\\";
      case '|':
        return "\\|";
      case '*':
        return "\\*";
      case '_':
        return "\\_";
      case '`':
        return "\\`";
      case '[':
        return "\\[";
      case ']':
        return "\\]";
      case '#':
        return "\\#";
      case '<':
        return "&lt;";
      case '>':
        return "&gt;";
      case '&':
        return "&amp;";
      case '\n':
      case '\r':
        return " ";
      default:
        return {};
    }
  });
}

std::string latex_entry(const Entry& entry) {
  std::string text = entry.text == "–" ? "--" : latex(entry.text);
  if (entry.best) text = "\\textbf{" + text + "}";
  if (entry.mark == Mark::better) text += "$^{+}$";
  if (entry.mark == Mark::worse) text += "$^{-}$";
  return text;
}

std::string markdown_entry(const Entry& entry) {
  std::string text = markdown(entry.text);
  if (entry.best) text = "**" + text + "**";
  if (entry.mark == Mark::better) text += " ▲";
  if (entry.mark == Mark::worse) text += " ▼";
  return text;
}

/// What the marks of both formats mean; nothing where nothing was compared.
std::string explanation(const Results& results, std::string_view better, std::string_view worse,
                        std::string_view chance) {
  if (results.comparisons.empty()) return "Bold: best of its column.";
  return fmt::format(
      "Bold: best of its column. {} and {}: better and worse than the baseline, {} by a "
      "randomisation test, adjusted for all comparisons.",
      better, worse, chance);
}

template <class Piece>
std::string joined(const std::vector<Piece>& pieces, std::string_view between, std::string (*show)(const Piece&)) {
  std::string line;
  for (const Piece& piece : pieces) line += (&piece == &pieces.front() ? "" : std::string(between)) + show(piece);
  return line;
}

}  // namespace

std::string render_latex(const Results& results) {
  std::string text = "% " + latex(results.name) + ". Needs \\usepackage{booktabs}.\n";
  for (const Table& table : make_tables(results)) {
    text += "\\begin{table}\n  \\centering\n";
    text += fmt::format("  \\caption{{{}. {}}}\n", latex(table.title),
                        explanation(results, "$^{+}$", "$^{-}$", "$p < 0.05$"));
    text += fmt::format("  \\begin{{tabular}}{{l{}}}\n    \\toprule\n", std::string(table.header.size() - 1, 'r'));
    text += "    " + joined<std::string>(table.header, " & ", [](const std::string& name) { return latex(name); }) +
            " \\\\\n    \\midrule\n";
    for (const auto& row : table.rows) text += "    " + joined<Entry>(row, " & ", latex_entry) + " \\\\\n";
    text += "    \\bottomrule\n  \\end{tabular}\n\\end{table}\n";
  }
  return text;
}

std::string render_markdown(const Results& results) {
  std::string text = "# " + markdown(results.name) + "\n";
  if (!results.description.empty()) text += "\n" + markdown(results.description) + "\n";
  for (const Table& table : make_tables(results)) {
    text += "\n## " + markdown(table.title) + "\n\n";
    text += "| " + joined<std::string>(table.header, " | ", [](const std::string& name) { return markdown(name); }) +
            " |\n|---|";
    for (std::size_t i = 1; i < table.header.size(); ++i) text += "--:|";
    text += "\n";
    for (const auto& row : table.rows) text += "| " + joined<Entry>(row, " | ", markdown_entry) + " |\n";
  }
  return text + "\n" + explanation(results, "▲", "▼", "p < 0.05") + "\n";
}

}  // namespace dragoman::reporting
