#include "dragoman/evaluate/run_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iostream>
#include <iterator>
#include <optional>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "evaluate/records.h"

namespace dragoman {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct RunLine {
  Hit hit;
  std::uint64_t line_number;
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

void refuse_repeated_document(std::vector<RunLine>& lines, const std::string& query_id, const std::string& path) {
  std::sort(lines.begin(), lines.end(), [](const RunLine& a, const RunLine& b) {
    return a.hit.id != b.hit.id ? a.hit.id < b.hit.id : a.line_number < b.line_number;
  });
  const auto same_id = [](const RunLine& a, const RunLine& b) { return a.hit.id == b.hit.id; };
  const auto first = std::adjacent_find(lines.begin(), lines.end(), same_id);
  if (first == lines.end()) return;
  throw InvalidData(fmt::format("{}:{}: document \"{}\" of query \"{}\" was listed on line {}, expected it once",
                                path == "-" ? "standard input" : path, std::next(first)->line_number,
                                printable(first->hit.id), printable(query_id), first->line_number));
}

Ranking in_order_of_trec_eval(std::vector<RunLine> lines) {
  Ranking ranking;
  ranking.reserve(lines.size());
  for (RunLine& line : lines) ranking.push_back(std::move(line.hit));
  std::sort(ranking.begin(), ranking.end(),
            [](const Hit& a, const Hit& b) { return a.score != b.score ? a.score > b.score : a.id > b.id; });
  return ranking;
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
  std::map<std::string, std::vector<RunLine>, std::less<>> lines_of;
  auto query = lines_of.end();
  std::vector<std::string_view> columns;
  std::string_view record;
  while (records.next(record)) {
    split_columns(record, columns);
    if (columns.size() != 6) {
      throw InvalidData(fmt::format("{}: expected 6 columns (query Q0 document rank score tag), got {}",
                                    records.place(), columns.size()));
    }
    const auto score = parse_score(columns[4]);
    if (!score) {
      throw InvalidData(fmt::format("{}: the score is \"{}\", expected a finite number in the range of float32",
                                    records.place(), printable(columns[4])));
    }
    // The lines of a query usually stand together.
    if (query == lines_of.end() || query->first != columns[0]) {
      query = lines_of.try_emplace(std::string(columns[0])).first;
    }
    query->second.push_back({{std::string(columns[2]), *score}, records.line_number()});
  }
  Run run;
  for (auto& [query_id, lines] : lines_of) {
    refuse_repeated_document(lines, query_id, path);
    run.emplace_hint(run.end(), query_id, in_order_of_trec_eval(std::move(lines)));
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
