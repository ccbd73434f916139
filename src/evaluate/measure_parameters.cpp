#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>

#include "evaluate/measure_families.h"

namespace dragoman {
namespace {

template <typename Number>
std::optional<Number> parse_number(std::string_view text, Number lowest, Number highest) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_legal = error == std::errc() && end == text.data() + text.size() && value >= lowest && value <= highest;
  return is_legal ? std::optional(value) : std::nullopt;
}

/// Puts a number into its field; false if it is not legal.
template <typename Number>
bool set_number(Number& field, std::string_view text, Number lowest, Number highest) {
  const auto value = parse_number(text, lowest, highest);
  field = value.value_or(field);
  return value.has_value();
}

/// Python's words, and the usual ones.
bool set_flag(bool& field, std::string_view text) {
  const bool is_true = text == "True" || text == "true" || text == "1";
  const bool is_false = text == "False" || text == "false" || text == "0";
  if (is_true || is_false) field = is_true;
  return is_true || is_false;
}

/// Shortest, and with a point, as Python prints it: "0.95", "1.0".
std::string print_real(double value) {
  std::string text = fmt::format("{}", value);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string print_flag(bool value) { return value ? "True" : "False"; }

/// 2 to that power is still a number.
constexpr int kMostGain = 1000;

bool set_gain(MeasureSettings& settings, std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == text.back() && (text.front() == '\'' || text.front() == '"');
  if (quoted) text = text.substr(1, text.size() - 2);
  if (text != "log2" && text != "exp-log2") return false;
  settings.gain = text == "log2" ? Gain::log2 : Gain::exp_log2;
  return true;
}

/// "{1:3, 2:7}"
bool set_gains(MeasureSettings& settings, std::string_view text) {
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') return false;
  std::map<int, int> gains;
  for (std::string_view rest = text.substr(1, text.size() - 2); !rest.empty();) {
    std::string pair(rest.substr(0, rest.find(',')));
    rest = pair.size() == rest.size() ? "" : rest.substr(pair.size() + 1);
    std::erase(pair, ' ');
    const std::size_t colon = std::min(pair.find(':'), pair.size());
    constexpr int kHighest = std::numeric_limits<int>::max();
    const auto grade = parse_number(std::string_view(pair).substr(0, colon), -kHighest, kHighest);
    const auto gain =
        parse_number(std::string_view(pair).substr(std::min(colon + 1, pair.size())), -kHighest, kHighest);
    if (!grade || !gain || !gains.emplace(*grade, *gain).second) return false;
  }
  settings.gains = std::move(gains);
  return true;
}

/// ir_measures leaves out what stays as it is.
std::string print_gains(const MeasureSettings& settings) {
  std::vector<std::string> pairs;
  for (const auto& [grade, gain] : settings.gains) {
    if (grade != gain) pairs.push_back(fmt::format("{}:{}", grade, gain));
  }
  return fmt::format("{{{}}}", fmt::join(pairs, ","));
}

constexpr double kHuge = 1e6;
constexpr double kTiny = 1e-6;
constexpr std::string_view kFromOne = "a whole number from 1 up";
constexpr std::string_view kFlag = "True or False";

using Settings = MeasureSettings;
using Text = std::string_view;

constexpr MeasureParameter kParameters[] = {
    {"cutoff", "cut-off", kFromOne, "10",
     [](Settings& to, Text text) {
       return set_number(to.cutoff, text, std::size_t{1}, std::numeric_limits<std::size_t>::max());
     },
     [](const Settings& of) { return fmt::format("{}", of.cutoff); }},
    {"rel", "rel", kFromOne, "1",
     [](Settings& to, Text text) { return set_number(to.rel, text, 1, std::numeric_limits<int>::max()); },
     [](const Settings& of) { return fmt::format("{}", of.rel); }},
    {"judged_only", "judged_only", kFlag, "True",
     [](Settings& to, Text text) { return set_flag(to.judged_only, text); },
     [](const Settings& of) { return print_flag(of.judged_only); }},
    {"dcg", "dcg", "log2 or exp-log2", "exp-log2", set_gain,
     [](const Settings& of) -> std::string { return of.gain == Gain::log2 ? "'log2'" : "'exp-log2'"; }},
    {"gains", "gains", "grades and gains as in {1:3,2:7}, none above 1000", "{1:3,2:7}", set_gains, print_gains},
    {"p", "p", "a number above 0 and below 1", "0.8",
     [](Settings& to, Text text) { return set_number(to.p, text, kTiny, 1 - kTiny); },
     [](const Settings& of) { return print_real(of.p); }},
    {"beta", "beta", "a number from 0 up", "2.0",
     [](Settings& to, Text text) { return set_number(to.beta, text, 0.0, kHuge); },
     [](const Settings& of) { return print_real(of.beta); }},
    {"recall", "recall", "a number from 0 to 1", "0.1",
     [](Settings& to, Text text) { return set_number(to.recall, text, 0.0, 1.0); },
     [](const Settings& of) { return print_real(of.recall); }},
    {"multiple", "multiple", "a number above 0", "0.2",
     [](Settings& to, Text text) { return set_number(to.multiple, text, kTiny, kHuge); },
     [](const Settings& of) { return print_real(of.multiple); }},
    {"relative", "relative", kFlag, "True", [](Settings& to, Text text) { return set_flag(to.relative, text); },
     [](const Settings& of) { return print_flag(of.relative); }},
    {"max_rel", "max_rel", "a whole number from 1 to 30", "5",
     [](Settings& to, Text text) { return set_number(to.max_rel, text, 1, 30); },
     [](const Settings& of) { return fmt::format("{}", of.max_rel); }},
};

}  // namespace

const MeasureParameter& measure_parameter(std::string_view name) {
  for (const MeasureParameter& parameter : kParameters) {
    if (parameter.name == name) return parameter;
  }
  throw std::out_of_range("no such parameter of a measure: " + std::string(name));
}

}  // namespace dragoman
