#include "dragoman/dataset/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/json.h"
#include "dataset/dataset_writer.h"
#include "dataset/id_table.h"
#include "dataset/input_file.h"
#include "dataset/text_checks.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"
#include "evaluate/records.h"

namespace dragoman {
namespace {

constexpr std::size_t kShownBytes = 60;
constexpr std::uint64_t kLinesBetweenReports = 4096;

struct ProblemRow {
  Problem problem;
  std::string_view name;
  Severity severity;
};

constexpr std::array<ProblemRow, 19> kProblems = {{
    {Problem::ill_formed_utf8, "ill_formed_utf8", Severity::error},
    {Problem::malformed_record, "malformed_record", Severity::error},
    {Problem::duplicate_document_id, "duplicate_document_id", Severity::error},
    {Problem::duplicate_query_id, "duplicate_query_id", Severity::error},
    {Problem::conflicting_grades, "conflicting_grades", Severity::error},
    {Problem::unknown_query, "unknown_query", Severity::error},
    {Problem::unknown_document, "unknown_document", Severity::error},
    {Problem::split_leak, "split_leak", Severity::error},
    {Problem::shared_query, "shared_query", Severity::warning},
    {Problem::duplicate_document_text, "duplicate_document_text", Severity::warning},
    {Problem::duplicate_query_text, "duplicate_query_text", Severity::warning},
    {Problem::empty_text, "empty_text", Severity::warning},
    {Problem::replacement_character, "replacement_character", Severity::warning},
    {Problem::wrong_script, "wrong_script", Severity::warning},
    {Problem::missing_language, "missing_language", Severity::warning},
    {Problem::long_text, "long_text", Severity::warning},
    {Problem::query_without_judgements, "query_without_judgements", Severity::warning},
    {Problem::query_without_relevant, "query_without_relevant", Severity::warning},
    {Problem::grade_out_of_range, "grade_out_of_range", Severity::warning},
}};

const ProblemRow& row_of(Problem problem) { return kProblems[static_cast<std::size_t>(problem)]; }

class Findings {
 public:
  explicit Findings(std::size_t examples) : most_(examples) {}

  void add(Problem problem, const std::string& example) {
    Finding& finding = found_[problem];
    finding.problem = problem;
    ++finding.count;
    if (finding.examples.size() < most_) finding.examples.push_back(example);
  }
  std::vector<Finding> take() {
    std::vector<Finding> list;
    for (auto& [problem, finding] : found_) list.push_back(std::move(finding));
    return list;
  }

 private:
  std::size_t most_;
  std::map<Problem, Finding> found_;
};

/// A document or a query, as far as it can be read.
struct Record {
  std::string id, title, text, tag;
  std::string place;
  std::uint64_t line = 0;
};

/// Texts by their key, and the lines that have them, to be compared when all are read.
class TextLines {
 public:
  void add(std::uint64_t key, std::uint64_t line) { lines_.emplace_back(key, line); }

  /// Calls `found(line, first line with the same text)`, by ascending line.
  void repeated(const std::function<void(std::uint64_t, std::uint64_t)>& found) {
    std::ranges::sort(lines_);
    std::vector<std::pair<std::uint64_t, std::uint64_t>> pairs;
    std::uint64_t first = 0;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (i == 0 || lines_[i].first != lines_[i - 1].first) {
        first = lines_[i].second;
      } else {
        pairs.emplace_back(lines_[i].second, first);
      }
    }
    std::ranges::sort(pairs);
    for (const auto& [line, before] : pairs) found(line, before);
  }

 private:
  std::vector<std::pair<std::uint64_t, std::uint64_t>> lines_;
};

std::optional<std::string> first_of(const Json& object, std::initializer_list<const char*> names,
                                    const std::string& place) {
  for (const char* name : names) {
    if (auto value = string_member(object, name, place)) return value;
  }
  return std::nullopt;
}

Record parse_json_record(std::string_view line, const std::string& place, std::string_view what) {
  const Json object = parse_json_object(line, place);
  Record record;
  auto id = first_of(object, {"_id", "id", "docid"}, place);
  if (!id) throw InvalidData(fmt::format("{}: \"_id\" is missing", place));
  check_id(*id, what, place);
  auto text = first_of(object, {"text", "query", "contents"}, place);
  if (!text) throw InvalidData(fmt::format("{}: \"text\" is missing", place));
  record.id = *std::move(id);
  record.text = *std::move(text);
  record.title = first_of(object, {"title"}, place).value_or("");
  record.tag = first_of(object, {"lang", "language"}, place).value_or("");
  return record;
}

Record parse_tab_record(std::string_view line, const std::string& place) {
  std::vector<std::string_view> fields;
  split_tabs(line, fields);
  if (fields.size() != 2) {
    throw InvalidData(fmt::format("{}: expected 2 fields (id, tab, text), got {}", place, fields.size()));
  }
  check_id(fields[0], "query", place);
  return {std::string(fields[0]), "", std::string(fields[1]), "", "", 0};
}

struct QueryInfo {
  std::uint64_t key = 0;  ///< Of language and text; 0 for an empty text.
  std::string place;
  bool judged = false;
};

class Checker {
 public:
  Checker(const CheckOptions& options, ProgressCallback progress)
      : options_(options), progress_(std::move(progress)), findings_(options.examples) {}

  void check_corpus(const std::string& path) {
    TextLines texts;
    each_record(path, "document", [&](const Record& record) {
      ++report_.documents;
      if (const auto before = documents_.add(record.id, 0, record.place)) {
        findings_.add(Problem::duplicate_document_id, fmt::format("{}: the document id '{}' was already at {}",
                                                                  record.place, printable(record.id), before->place));
      }
      check_text(record);
      const std::string whole = record.title + "\n" + record.text;
      if (!trimmed(whole).empty()) texts.add(text_key(whole), record.line);
    });
    texts.repeated([&](std::uint64_t line, std::uint64_t before) {
      findings_.add(Problem::duplicate_document_text,
                    fmt::format("{}:{}: has the text of line {}", path, line, before));
    });
    has_corpus_ = true;
  }

  void check_queries(const std::string& path) {
    std::unordered_map<std::uint64_t, std::string> first_with;
    each_record(path, "query", [&](const Record& record) {
      ++report_.queries;
      check_text(record);
      QueryInfo info{0, record.place, false};
      if (!trimmed(record.text).empty()) {
        info.key = text_key(record.tag + "\n" + record.text);
        const auto [before, is_new] = first_with.emplace(info.key, record.id);
        if (!is_new && before->second != record.id) {
          findings_.add(Problem::duplicate_query_text,
                        fmt::format("{}: the query '{}' has the text of '{}': {}", record.place, printable(record.id),
                                    printable(before->second), printable(record.text, kShownBytes)));
        }
      }
      const auto [before, is_new] = queries_.emplace(record.id, info);
      if (!is_new) {
        findings_.add(Problem::duplicate_query_id, fmt::format("{}: the query id '{}' was already at {}", record.place,
                                                               printable(record.id), before->second.place));
      }
    });
    has_queries_ = true;
  }

  void check_judgements(const std::string& split, const std::string& path) {
    std::map<std::string, std::map<std::string, int>> grades;
    each_line(path, [&](std::string_view line, const std::string& place, std::uint64_t) {
      check_judgement(line, place, grades);
    });
    std::set<std::string>& of_split = queries_of_split_[split];
    for (const auto& [query, judged] : grades) {
      of_split.insert(query);
      if (const auto known = queries_.find(query); known != queries_.end()) known->second.judged = true;
      if (std::ranges::none_of(judged, [](const auto& entry) { return entry.second > 0; })) {
        findings_.add(Problem::query_without_relevant,
                      fmt::format("{}: the query '{}' has no document above 0", path, printable(query)));
      }
    }
  }

  CheckReport finish() {
    check_splits();
    if (!queries_of_split_.empty()) {
      std::vector<std::pair<std::string_view, std::string_view>> unjudged;
      for (const auto& [id, info] : queries_) {
        if (!info.judged) unjudged.emplace_back(info.place, id);
      }
      std::ranges::sort(unjudged, by_place);
      for (const auto& [place, id] : unjudged) {
        findings_.add(Problem::query_without_judgements,
                      fmt::format("{}: the query '{}' is judged in no split", place, printable(id)));
      }
    }
    report_.findings = findings_.take();
    return std::move(report_);
  }

 private:
  /// "q.jsonl:9" before "q.jsonl:10".
  static bool by_place(const std::pair<std::string_view, std::string_view>& a,
                       const std::pair<std::string_view, std::string_view>& b) {
    return std::pair(a.first.size(), a.first) < std::pair(b.first.size(), b.first);
  }

  void each_line(const std::string& path,
                 const std::function<void(std::string_view, const std::string&, std::uint64_t)>& visit) {
    LineReader lines(path);
    for (std::string_view line; lines.next(line);) {
      if (lines.line_number() % kLinesBetweenReports == 0) {
        report(progress_, {path, "bytes", lines.bytes_read(), lines.bytes_total()});
      }
      if (std::ranges::all_of(line, is_white_space)) continue;
      const std::string place = lines.place();
      if (const std::size_t at = find_invalid_utf8(line); at != std::string_view::npos) {
        findings_.add(Problem::ill_formed_utf8, fmt::format("{}: byte {} of the line is no UTF-8", place, at + 1));
        continue;
      }
      try {
        visit(line, place, lines.line_number());
      } catch (const InvalidData& error) {
        findings_.add(Problem::malformed_record, error.what());
      }
    }
    report(progress_, {path, "bytes", lines.bytes_read(), lines.bytes_total()});
  }

  void each_record(const std::string& path, std::string_view what, const std::function<void(const Record&)>& visit) {
    each_line(path, [&](std::string_view line, const std::string& place, std::uint64_t number) {
      const bool json = what == "document" || line[line.find_first_not_of(" \t")] == '{';
      Record record = json ? parse_json_record(line, place, what) : parse_tab_record(line, place);
      record.place = place;
      record.line = number;
      visit(record);
    });
  }

  void check_text(const Record& record) {
    const std::string id = printable(record.id);
    const std::string whole = record.title.empty() ? record.text : record.title + "\n" + record.text;
    if (trimmed(whole).empty())
      findings_.add(Problem::empty_text, fmt::format("{}: '{}' has no text", record.place, id));
    if (whole.find("\xEF\xBF\xBD") != std::string::npos) {
      findings_.add(Problem::replacement_character,
                    fmt::format("{}: '{}' holds U+FFFD, which stands for what was lost", record.place, id));
    }
    if (whole.size() > options_.long_text_bytes) {
      findings_.add(Problem::long_text, fmt::format("{}: '{}' has {} bytes", record.place, id, whole.size()));
    }
    if (record.tag.empty()) {
      findings_.add(Problem::missing_language, fmt::format("{}: '{}' says no language", record.place, id));
      return;
    }
    try {
      const Language language = Language::parse(record.tag);
      if (const std::string seen = contradicting_script(language, whole); !seen.empty()) {
        findings_.add(Problem::wrong_script,
                      fmt::format("{}: '{}' is said to be {}, which is written in {}, but is in {}: {}", record.place,
                                  id, language.tag(), language.script(), seen, printable(trimmed(whole), kShownBytes)));
      }
    } catch (const InvalidArgument& error) {
      throw InvalidData(fmt::format("{}: {}", record.place, error.what()));
    }
  }

  void check_judgement(std::string_view line, const std::string& place,
                       std::map<std::string, std::map<std::string, int>>& grades) {
    std::vector<std::string_view> fields;
    split_tabs(line, fields);
    if (fields.size() != 3) {
      const Columns columns(line);
      if (columns.size() != 3 && columns.size() != 4) {
        throw InvalidData(
            fmt::format("{}: expected 4 columns (query iteration document grade), or 3 between tabs, got {}", place,
                        columns.size()));
      }
      fields.clear();
      for (std::size_t i = 0; i < columns.size(); ++i) fields.push_back(columns[i]);
    }
    const std::string query(fields[0]), document(fields[fields.size() - 2]);
    int grade = 0;
    const auto [end, error] = std::from_chars(fields.back().data(), fields.back().data() + fields.back().size(), grade);
    if (error != std::errc() || end != fields.back().data() + fields.back().size()) {
      if (grades.empty() && place.ends_with(":1") && fields.size() == 3) return;  // A header.
      throw InvalidData(fmt::format("{}: the grade is \"{}\", expected an integer", place, printable(fields.back())));
    }
    ++report_.judgements;
    const auto [before, is_new] = grades[query].emplace(document, grade);
    if (!is_new && before->second != grade) {
      findings_.add(Problem::conflicting_grades,
                    fmt::format("{}: document '{}' of query '{}' has grade {}, but {} before", place,
                                printable(document), printable(query), grade, before->second));
    }
    if (has_queries_ && !queries_.contains(query)) {
      findings_.add(Problem::unknown_query, fmt::format("{}: there is no query '{}'", place, printable(query)));
    }
    if (has_corpus_ && !documents_.contains(document)) {
      findings_.add(Problem::unknown_document,
                    fmt::format("{}: there is no document '{}'", place, printable(document)));
    }
    if (grade < options_.lowest_grade || grade > options_.highest_grade) {
      findings_.add(Problem::grade_out_of_range, fmt::format("{}: the grade is {}, expected {} to {}", place, grade,
                                                             options_.lowest_grade, options_.highest_grade));
    }
  }

  /// What is asked in more than one split.
  void check_splits() {
    for (auto first = queries_of_split_.begin(); first != queries_of_split_.end(); ++first) {
      std::unordered_map<std::uint64_t, std::string_view> id_of_text;
      for (const std::string& id : first->second) {
        if (const auto known = queries_.find(id); known != queries_.end() && known->second.key != 0) {
          id_of_text.emplace(known->second.key, id);
        }
      }
      for (auto second = std::next(first); second != queries_of_split_.end(); ++second) {
        const bool train = first->first == "train" || second->first == "train";
        const Problem problem = train ? Problem::split_leak : Problem::shared_query;
        for (const std::string& id : second->second) {
          const auto known = queries_.find(id);
          const auto same = known == queries_.end() ? id_of_text.end() : id_of_text.find(known->second.key);
          if (first->second.contains(id)) {
            findings_.add(problem,
                          fmt::format("the query '{}' is in {} and in {}", printable(id), first->first, second->first));
          } else if (same != id_of_text.end()) {
            findings_.add(problem, fmt::format("the query '{}' of {} has the text of '{}' of {}", printable(id),
                                               second->first, printable(same->second), first->first));
          }
        }
      }
    }
  }

  const CheckOptions& options_;
  ProgressCallback progress_;
  Findings findings_;
  CheckReport report_;
  IdTable documents_;
  std::unordered_map<std::string, QueryInfo> queries_;
  std::map<std::string, std::set<std::string>> queries_of_split_;
  bool has_corpus_ = false, has_queries_ = false;
};

}  // namespace

std::string_view problem_name(Problem problem) { return row_of(problem).name; }
Severity severity_of(Problem problem) { return row_of(problem).severity; }

bool CheckReport::has_errors() const {
  return std::ranges::any_of(findings,
                             [](const Finding& finding) { return severity_of(finding.problem) == Severity::error; });
}

CheckReport check_dataset(const DatasetFiles& files, const CheckOptions& options, const ProgressCallback& progress) {
  if (options.lowest_grade > options.highest_grade) {
    throw InvalidArgument(
        fmt::format("the lowest grade is {}, above the highest, {}", options.lowest_grade, options.highest_grade));
  }
  Checker checker(options, progress);
  if (!files.corpus.empty()) checker.check_corpus(files.corpus);
  if (!files.queries.empty()) checker.check_queries(files.queries);
  for (const auto& [split, path] : files.judgements) checker.check_judgements(split, path);
  return checker.finish();
}

}  // namespace dragoman
