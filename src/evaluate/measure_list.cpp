#include <fmt/format.h>

#include <algorithm>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "evaluate/measure_families.h"

namespace dragoman {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Cuts at commas and white space outside of brackets. "5" of "P.5,10" is cut off as well.
std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> parts;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= list.size(); ++i) {
    const char c = i < list.size() ? list[i] : ',';
    if (c == '(' || c == '{') ++depth;
    if (c == ')' || c == '}') --depth;
    const bool is_separator = c == ',' || c == ' ' || (c >= '\t' && c <= '\r');
    if (!is_separator || (depth > 0 && i < list.size())) continue;
    if (i > begin) parts.push_back(list.substr(begin, i - begin));
    begin = i + 1;
  }
  return parts;
}

/// A further parameter for the measure before it. No measure's name is a number (11pt_avg is none).
bool is_number(std::string_view part) {
  return std::all_of(part.begin(), part.end(), [](char c) { return is_digit(c) || c == '.'; });
}

/// trec_eval's prefix in "P.5": the family's, where a number follows behind '_' or '.'.
const TrecSpelling* trec_spelling(std::string_view part) {
  for (const MeasureFamily& family : measure_families()) {
    if (!family.trec.prefix.empty() && part.starts_with(family.trec.prefix) &&
        (part.size() == family.trec.prefix.size() || part[family.trec.prefix.size()] == '_' ||
         part[family.trec.prefix.size()] == '.')) {
      return &family.trec;
    }
  }
  return nullptr;
}

class MeasureList {
 public:
  void add(std::string_view part) {
    if (const std::string_view group = measure_group(part); !group.empty()) {
      for (const std::string_view member : split(group)) add(member);
      return;
    }
    const TrecSpelling* trec = trec_spelling(part);
    if (is_number(part) && last_ != nullptr) return add_one(fmt::format("{}_{}", last_->prefix, part));
    last_ = trec != nullptr && part.size() > trec->prefix.size() ? trec : nullptr;
    if (trec == nullptr || part != trec->prefix || trec->defaults.empty()) return add_one(part);
    for (const std::string_view value : trec->defaults) add_one(fmt::format("{}_{}", trec->prefix, value));
  }

  std::vector<Measure> measures;

 private:
  void add_one(std::string_view spelling) {
    Measure measure = parse_measure(spelling);
    const auto same = [&](const Measure& other) { return other.spelling == measure.spelling; };
    if (std::none_of(measures.begin(), measures.end(), same)) measures.push_back(std::move(measure));
  }

  const TrecSpelling* last_ = nullptr;  // of the part before, if it had a parameter
};

}  // namespace

std::vector<Measure> parse_measures(std::string_view list) {
  MeasureList result;
  for (const std::string_view part : split(list)) result.add(part);
  if (result.measures.empty()) {
    throw InvalidArgument(
        fmt::format("the list of measures is \"{}\", expected at least one, as in nDCG@10,AP", printable(list)));
  }
  return std::move(result.measures);
}

}  // namespace dragoman
