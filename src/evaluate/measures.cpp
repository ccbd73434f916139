#include "dragoman/evaluate/measures.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "evaluate/measure_families.h"

namespace dragoman {
namespace {

/// A spelling taken apart: `name(parameters)@at`, the last two empty where they are missing.
struct Spelling {
  std::string_view whole, name, parameters, at;
  bool has_at = false;
};

[[noreturn]] void refuse(const Spelling& spelling, std::string_view reason) {
  throw InvalidArgument(fmt::format("measure \"{}\": {}", printable(spelling.whole), reason));
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

template <typename Range>
bool contains(const Range& range, std::string_view name) {
  return std::find(range.begin(), range.end(), name) != range.end();
}

Spelling take_apart(std::string_view text) {
  Spelling spelling{text, text, {}, {}};
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    spelling.has_at = true;
    spelling.at = text.substr(at + 1);
    spelling.name = text.substr(0, at);
  }
  if (const std::size_t open = spelling.name.find('('); open != std::string_view::npos) {
    if (!spelling.name.ends_with(')'))
      refuse(spelling, "a closing parenthesis is missing, expected as in AP(rel=2)@100");
    spelling.parameters = spelling.name.substr(open + 1, spelling.name.size() - open - 2);
    spelling.name = spelling.name.substr(0, open);
  }
  return spelling;
}

std::string known_measures() {
  std::vector<std::string> names;
  for (const MeasureFamily& family : measure_families()) {
    if (!family.preset.empty()) continue;
    const bool needs_at = contains(family.required, family.at);
    names.push_back(fmt::format("{}{}", family.names[0], needs_at ? family.at == "cutoff" ? "@k" : "@x" : ""));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

const MeasureFamily* find_family(std::string_view name) {
  for (const MeasureFamily& family : measure_families()) {
    for (const std::string_view known : family.names) {
      if (same_name(known, name)) return &family;
    }
  }
  return nullptr;
}

/// The family whose trec_eval prefix stands before a '_' or '.': "ndcg_cut" of "ndcg_cut_10" and "ndcg_cut.10".
const MeasureFamily* find_trec_family(std::string_view name) {
  for (const MeasureFamily& family : measure_families()) {
    const std::string_view prefix = family.trec.prefix;
    if (prefix.empty() || name.size() <= prefix.size() || !same_name(prefix, name.substr(0, prefix.size()))) continue;
    if (name[prefix.size()] == '_' || name[prefix.size()] == '.') return &family;
  }
  return nullptr;
}

/// Settings in the making.
class SettingsParser {
 public:
  SettingsParser(const Spelling& spelling, const MeasureFamily& family)
      : spelling_(spelling), family_(family), settings_(family.defaults) {}

  /// `title` is what the message calls it.
  void set(std::string_view name, std::string_view value, std::string_view title) {
    const MeasureParameter& parameter = measure_parameter(name);
    if (contains(given_, name)) refuse(spelling_, fmt::format("{} is given twice", title));
    given_.push_back(name);
    if (!parameter.set(settings_, value)) {
      refuse(spelling_, fmt::format("{} is \"{}\", expected {}", title, printable(value), parameter.legal));
    }
  }

  /// The value behind '@', or behind trec_eval's prefix.
  void set_at(std::string_view name, std::string_view value) {
    set(name, value, fmt::format("the {}", measure_parameter(name).title));
  }

  /// "rel=2"
  void assign(std::string_view assignment) {
    const std::size_t equals = assignment.find('=');
    const std::string_view name = assignment.substr(0, equals);
    if (!contains(family_.parameters, name) && (name.empty() || name != family_.at)) {
      const auto legal = family_.parameters.empty() ? "none" : fmt::format("{}", fmt::join(family_.parameters, ", "));
      refuse(spelling_,
             fmt::format("{} has no parameter \"{}\", expected {}", family_.names[0], printable(name), legal));
    }
    set(name, equals == std::string_view::npos ? "" : assignment.substr(equals + 1), name);
  }

  MeasureSettings finish() {
    for (const std::string_view name : family_.required) {
      if (contains(given_, name)) continue;
      const MeasureParameter& parameter = measure_parameter(name);
      refuse(spelling_,
             name == family_.at
                 ? fmt::format("{0} needs a {1}, as in {0}@{2}", family_.names[0], parameter.title, parameter.example)
                 : fmt::format("{0} needs {1}, as in {0}({1}={2})", family_.names[0], name, parameter.example));
    }
    return std::move(settings_);
  }

 private:
  const Spelling& spelling_;
  const MeasureFamily& family_;
  MeasureSettings settings_;
  std::vector<std::string_view> given_;
};

/// Cuts at commas, but not at those inside braces.
std::vector<std::string_view> split_parameters(std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{') ++depth;
    if (text[i] == '}') --depth;
    if (text[i] != ',' || depth > 0) continue;
    parts.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  if (begin < text.size()) parts.push_back(text.substr(begin));
  for (std::string_view& part : parts) part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
  return parts;
}

std::string canonical_name(const MeasureFamily& family, const MeasureSettings& settings) {
  const auto is_default = [&](const MeasureParameter& parameter) {
    return parameter.print(settings) == parameter.print(family.defaults);
  };
  std::vector<std::string> parameters;
  for (const std::string_view name : family.parameters) {
    const MeasureParameter& parameter = measure_parameter(name);
    if (!is_default(parameter)) parameters.push_back(fmt::format("{}={}", name, parameter.print(settings)));
  }
  std::string result(family.names[0]);
  if (!parameters.empty()) result += fmt::format("({})", fmt::join(parameters, ","));
  if (family.at.empty()) return result;
  const MeasureParameter& at = measure_parameter(family.at);
  if (contains(family.required, family.at) || !is_default(at)) result += fmt::format("@{}", at.print(settings));
  return result;
}

}  // namespace

double Measure::compute(const GradedRanking& ranking) const {
  if (!settings.judged_only && settings.gains.empty()) return function(ranking, settings);
  GradedRanking seen = ranking;
  for (std::vector<int>* grades : {&seen.retrieved, &seen.judged}) {
    for (int& grade : *grades) {
      if (const auto gain = settings.gains.find(grade); gain != settings.gains.end()) grade = gain->second;
    }
  }
  std::sort(seen.judged.begin(), seen.judged.end(), std::greater<>());
  if (settings.judged_only) std::erase_if(seen.retrieved, [](int grade) { return grade < 0; });
  return function(seen, settings);
}

double Measure::aggregate(double sum, std::size_t queries) const {
  if (queries == 0) return std::numeric_limits<double>::quiet_NaN();
  if (aggregation == Aggregation::sum) return sum;
  const double mean = sum / static_cast<double>(queries);
  return aggregation == Aggregation::mean ? mean : std::exp(mean);
}

Measure parse_measure(std::string_view text) {
  const Spelling spelling = take_apart(text);
  const MeasureFamily* family = find_family(spelling.name);
  const MeasureFamily* trec_family =
      family == nullptr && spelling.name.size() == text.size() ? find_trec_family(text) : nullptr;
  if (family == nullptr) family = trec_family;
  if (family == nullptr) refuse(spelling, fmt::format("unknown, expected one of {}", known_measures()));
  if (spelling.has_at && family->at.empty()) {
    refuse(spelling, fmt::format("{} takes nothing behind an '@'", family->names[0]));
  }

  SettingsParser parser(spelling, *family);
  if (!family->preset.empty()) parser.assign(family->preset);
  if (spelling.has_at) parser.set_at(family->at, spelling.at);
  if (trec_family != nullptr) {
    parser.set_at(trec_family->trec.parameter, text.substr(trec_family->trec.prefix.size() + 1));
  }
  for (const std::string_view assignment : split_parameters(spelling.parameters)) parser.assign(assignment);
  const MeasureSettings settings = parser.finish();
  return {canonical_name(*family, settings), std::string(text), settings, family->compute, family->aggregation};
}

}  // namespace dragoman
