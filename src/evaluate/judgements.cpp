#include "dragoman/evaluate/judgements.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/evaluate/measures.h"
#include "evaluate/records.h"

namespace dragoman {
namespace {

enum class Format { trec, beir };

struct Judgement {
  std::string_view query, document, grade;
};

/// What stands over the grades in BEIR folders and their relatives. A closed list: taking any word for a header would
/// swallow a first line whose grade is damaged.
bool is_grade_header(std::string_view field) {
  static constexpr std::array<std::string_view, 6> kNames = {"score", "relevance", "rel",
                                                             "grade", "label",     "judgement"};
  return std::find(kNames.begin(), kNames.end(), field) != kNames.end();
}

std::optional<int> parse_grade(std::string_view text) {
  int grade = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), grade);
  if (error != std::errc() || end != text.data() + text.size() || grade == GradedRanking::kUnjudged)
    return std::nullopt;
  return grade;
}

/// Three fields between tabs are BEIR's, unless they are also four columns: TREC takes any mixture of white space.
Format tell_format(std::string_view first_record) {
  std::vector<std::string_view> fields;
  split_tabs(first_record, fields);
  return fields.size() == 3 && Columns(first_record).size() != 4 ? Format::beir : Format::trec;
}

Judgement split(std::string_view record, Format format, std::vector<std::string_view>& fields, const RecordReader& at) {
  if (format == Format::trec) {
    const Columns columns(record);
    if (columns.size() == 4) return {columns[0], columns[2], columns[3]};
    throw InvalidData(fmt::format("{}: expected 4 columns (query iteration document grade), or 3 between tabs, got {}",
                                  at.place(), columns.size()));
  }
  split_tabs(record, fields);
  if (fields.size() == 3) return {fields[0], fields[1], fields[2]};
  throw InvalidData(
      fmt::format("{}: expected 3 fields between tabs (query-id corpus-id score), got {}", at.place(), fields.size()));
}

}  // namespace

Judgements read_judgements(const std::string& path) {
  RecordReader records(path);
  Judgements judgements;
  auto query = judgements.end();
  std::optional<Format> format;
  std::vector<std::string_view> fields;
  std::string_view record;
  while (records.next(record)) {
    const bool is_first = !format;
    if (is_first) format = tell_format(record);
    const Judgement judgement = split(record, *format, fields, records);
    if (is_first && *format == Format::beir && is_grade_header(judgement.grade)) continue;
    if (judgement.query.empty() || judgement.document.empty()) {
      throw InvalidData(fmt::format("{}: an id is empty, expected a query id and a document id", records.place()));
    }
    const auto grade = parse_grade(judgement.grade);
    if (!grade) {
      throw InvalidData(
          fmt::format("{}: the grade is \"{}\", expected an integer", records.place(), printable(judgement.grade)));
    }
    // The lines of a query usually stand together.
    if (query == judgements.end() || query->first != judgement.query) {
      query = judgements.try_emplace(std::string(judgement.query)).first;
    }
    // Documents often stand in the order of their ids: then the hint makes it O(1).
    const std::size_t documents = query->second.size();
    const auto old = query->second.try_emplace(query->second.end(), std::string(judgement.document), *grade);
    if (query->second.size() == documents && old->second != *grade) {
      throw InvalidData(
          fmt::format("{}: document \"{}\" of query \"{}\" has grade {}, but {} on an earlier line; expected one grade",
                      records.place(), printable(judgement.document), printable(judgement.query), *grade, old->second));
    }
  }
  return judgements;
}

}  // namespace dragoman
