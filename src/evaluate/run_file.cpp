#include "dragoman/evaluate/run_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iostream>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "evaluate/id_table.h"
#include "evaluate/records.h"

namespace dragoman {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr std::size_t kMostReserved = 1000;

/// The lines of one query.
struct QueryLines {
  Ranking hits;
  /// Line numbers of hits, but for those whose line follows that of the hit before.
  std::vector<std::pair<std::size_t, std::uint64_t>> line_numbers;
  std::uint64_t last_line = 0;

  void add(Hit hit, std::uint64_t line) {
    if (line != last_line + 1) line_numbers.emplace_back(hits.size(), line);
    last_line = line;
    hits.push_back(std::move(hit));
  }

  std::uint64_t line_number(std::size_t hit) const {
    const auto next = std::upper_bound(line_numbers.begin(), line_numbers.end(), hit,
                                       [](std::size_t of, const auto& entry) { return of < entry.first; });
    if (next == line_numbers.begin()) return hit + 1;  // all lines up to here are those of this query
    return std::prev(next)->second + (hit - std::prev(next)->first);
  }
};

/// trec_eval reads a double and rounds it; reading a float at once can round to its neighbour.
std::optional<float> parse_score(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double score = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), score);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!(std::abs(score) <= std::numeric_limits<float>::max())) return std::nullopt;  // neither infinite nor NaN
  return static_cast<float>(score);
}

bool before_in_trec_eval(const Hit& a, const Hit& b) { return a.score != b.score ? a.score > b.score : a.id > b.id; }

/// The first hit that repeats the document of an earlier one, and that one. `table` is kept from query to query.
std::optional<std::pair<std::size_t, std::size_t>> find_repetition(const Ranking& hits, IdTable& table) {
  table.reset(hits.size());
  for (std::size_t i = 0; i < hits.size(); ++i) {
    if (const std::size_t first = table.number(hits[i].id); first != i) return std::pair(i, first);
  }
  return std::nullopt;
}

void check_column(std::string_view text, std::string_view what) {
  const bool is_column = !text.empty() && std::none_of(text.begin(), text.end(), is_white_space) &&
                         find_invalid_utf8(text) == std::string_view::npos;
  if (is_column) return;
  throw InvalidArgument(fmt::format("{} is \"{}\"; a run can only hold UTF-8 without white space, and not nothing",
                                    what, printable(text)));
}

void refuse_repeated_document(std::string_view query_id, const Ranking& ranking) {
  std::unordered_set<std::string_view> seen;
  for (const Hit& hit : ranking) {
    if (!seen.insert(hit.id).second) {
      throw InvalidArgument(
          fmt::format("document \"{}\" is ranked twice for query \"{}\"", printable(hit.id), printable(query_id)));
    }
  }
}

}  // namespace

Run read_run(const std::string& path) {
  RecordReader records(path);
  std::map<std::string, QueryLines, std::less<>> lines_of;
  auto query = lines_of.end();
  std::string_view record;
  while (records.next(record)) {
    const Columns columns(record);
    if (columns.size() != 6) {
      throw InvalidData(fmt::format("{}: expected 6 columns (query Q0 document rank score tag), got {}",
                                    records.place(), columns.size()));
    }
    const auto score = parse_score(columns[4]);
    if (!score) {
      throw InvalidData(fmt::format("{}: the score is \"{}\", expected a finite number in the range of float32",
                                    records.place(), printable(columns[4])));
    }
    // The lines of a query usually stand together, and queries have about as many.
    if (query == lines_of.end() || query->first != columns[0]) {
      const std::size_t lines_before = query == lines_of.end() ? 0 : query->second.hits.size();
      query = lines_of.try_emplace(std::string(columns[0])).first;
      if (query->second.hits.empty()) query->second.hits.reserve(std::min(lines_before, kMostReserved));
    }
    query->second.add({std::string(columns[2]), *score}, records.line_number());
  }

  Run run;
  IdTable table;
  for (auto& [query_id, lines] : lines_of) {
    if (const auto repeated = find_repetition(lines.hits, table)) {
      const auto [second, first] = *repeated;
      throw InvalidData(fmt::format("{}:{}: document \"{}\" of query \"{}\" was listed on line {}, expected it once",
                                    path == "-" ? "standard input" : path, lines.line_number(second),
                                    printable(lines.hits[second].id), printable(query_id), lines.line_number(first)));
    }
    if (!std::is_sorted(lines.hits.begin(), lines.hits.end(), before_in_trec_eval)) {
      std::sort(lines.hits.begin(), lines.hits.end(), before_in_trec_eval);
    }
    run.emplace_hint(run.end(), query_id, std::move(lines.hits));
  }
  return run;
}

RunWriter::RunWriter(std::ostream& out, std::string tag) : out_(&out), tag_(std::move(tag)) {
  check_column(tag_, "the run's tag");
}

RunWriter::RunWriter(const std::string& path, std::string tag) : RunWriter(std::cout, std::move(tag)) {
  if (path == "-") return;
  file_ = std::make_unique<AtomicFile>(path);
  out_ = nullptr;
}

void RunWriter::put(std::string_view bytes) {
  if (file_) return file_->write(bytes);
  if (!out_->write(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
    throw Unavailable("the run cannot be written: the output stream is broken");
  }
}

void RunWriter::write(std::string_view query_id, const Ranking& ranking) {
  check_column(query_id, "a query id");
  refuse_repeated_document(query_id, ranking);
  fmt::memory_buffer lines;
  float bound = kInfinity;
  for (std::size_t i = 0; i < ranking.size(); ++i) {
    const auto& [document_id, given_score] = ranking[i];
    check_column(document_id, "a document id");
    const float score = given_score < bound ? given_score : std::nextafter(bound, -kInfinity);
    if (!std::isfinite(given_score) || !std::isfinite(score)) {
      throw InvalidArgument(
          fmt::format("the score of document \"{}\" for query \"{}\" is {}; a run needs finite scores", document_id,
                      query_id, given_score));
    }
    bound = score;
    fmt::format_to(std::back_inserter(lines), "{} Q0 {} {} {:.9g} {}\n", query_id, document_id, i + 1, score, tag_);
  }
  if (!written_.emplace(query_id).second) {
    throw InvalidArgument(fmt::format("query \"{}\" was written to the run before", query_id));
  }
  put({lines.data(), lines.size()});
}

void RunWriter::commit() {
  if (file_) return file_->commit();
  if (!out_->flush()) throw Unavailable("the run cannot be written: the output stream is broken");
}

}  // namespace dragoman
