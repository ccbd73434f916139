#include "dragoman/evaluate/measures.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "evaluate/measure_families.h"

namespace dragoman {
namespace {

using Cutoff = MeasureFamily::Cutoff;

/// A spelling taken apart: `name(parameters)@cutoff`, the last two empty where they are missing.
struct Spelling {
  std::string_view whole, name, parameters, cutoff;
  bool has_cutoff = false;
};

[[noreturn]] void refuse(const Spelling& spelling, std::string_view reason) {
  throw InvalidArgument(fmt::format("measure \"{}\": {}", printable(spelling.whole), reason));
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

/// A whole number from 1 up.
template <typename Number>
std::optional<Number> parse_positive(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1) return std::nullopt;
  return value;
}

Spelling take_apart(std::string_view text) {
  Spelling spelling{text, text, {}, {}};
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    spelling.has_cutoff = true;
    spelling.cutoff = text.substr(at + 1);
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

/// The family that the spelling names. For "ndcg_cut_10" it moves the 10 to where "nDCG@10" would have it.
const MeasureFamily* find_family(Spelling& spelling) {
  const std::string_view name = spelling.name;
  for (const MeasureFamily& family : measure_families()) {
    for (const std::string_view known : family.names) {
      if (same_name(known, name)) return &family;
    }
  }
  // trec_eval prints "ndcg_cut_10" and takes "ndcg_cut.10".
  const std::size_t mark = name.find_last_of("_.");
  if (mark == std::string_view::npos || name.size() != spelling.whole.size()) return nullptr;
  for (const MeasureFamily& family : measure_families()) {
    if (family.trec_cut_name.empty() || !same_name(family.trec_cut_name, name.substr(0, mark))) continue;
    spelling.has_cutoff = true;
    spelling.cutoff = name.substr(mark + 1);
    return &family;
  }
  return nullptr;
}

std::string known_measures() {
  std::vector<std::string> names;
  for (const MeasureFamily& family : measure_families()) {
    names.push_back(fmt::format("{}{}", family.names[0], family.cutoff == Cutoff::required ? "@k" : ""));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

/// A parameter in parentheses: how it is written, and where its value goes.
struct Parameter {
  std::string_view name;
  std::string_view legal;
  bool (*set)(MeasureSettings& settings, std::string_view value);
};

constexpr Parameter kParameters[] = {
    {"rel", "a whole number from 1 up",
     [](MeasureSettings& settings, std::string_view value) {
       const auto rel = parse_positive<int>(value);
       settings.rel = rel.value_or(settings.rel);
       return rel.has_value();
     }},
};

void set_parameter(std::string_view assignment, const MeasureFamily& family, const Spelling& spelling,
                   MeasureSettings& settings) {
  const std::size_t equals = assignment.find('=');
  const std::string_view name = assignment.substr(0, equals);
  if (std::find(family.parameters.begin(), family.parameters.end(), name) == family.parameters.end()) {
    refuse(spelling,
           fmt::format("{} has no parameter \"{}\", expected {}", family.names[0], printable(name),
                       family.parameters.empty() ? "none" : fmt::format("{}", fmt::join(family.parameters, ", "))));
  }
  const Parameter& parameter = *std::find_if(std::begin(kParameters), std::end(kParameters),
                                             [&](const Parameter& known) { return known.name == name; });
  const std::string_view value = equals == std::string_view::npos ? "" : assignment.substr(equals + 1);
  if (!parameter.set(settings, value)) {
    refuse(spelling, fmt::format("{} is \"{}\", expected {}", name, printable(value), parameter.legal));
  }
}

MeasureSettings parse_settings(const Spelling& spelling, const MeasureFamily& family) {
  MeasureSettings settings;
  if (spelling.has_cutoff) {
    const auto cutoff = parse_positive<std::size_t>(spelling.cutoff);
    if (!cutoff) {
      refuse(spelling,
             fmt::format("the cut-off is \"{}\", expected a whole number from 1 up", printable(spelling.cutoff)));
    }
    settings.cutoff = *cutoff;
  } else if (family.cutoff == Cutoff::required) {
    refuse(spelling, fmt::format("{} needs a cut-off, as in {}@10", family.names[0], family.names[0]));
  }
  for (std::string_view rest = spelling.parameters; !rest.empty();) {
    const std::size_t comma = rest.find(',');
    set_parameter(rest.substr(0, comma), family, spelling, settings);
    rest = comma == std::string_view::npos ? "" : rest.substr(comma + 1);
  }
  return settings;
}

std::string canonical_name(const MeasureFamily& family, const MeasureSettings& settings) {
  const std::string rel = settings.rel == MeasureSettings().rel ? "" : fmt::format("(rel={})", settings.rel);
  const std::string cutoff = settings.cutoff == 0 ? "" : fmt::format("@{}", settings.cutoff);
  return fmt::format("{}{}{}", family.names[0], rel, cutoff);
}

}  // namespace

Measure parse_measure(std::string_view text) {
  Spelling spelling = take_apart(text);
  const MeasureFamily* family = find_family(spelling);
  if (family == nullptr) refuse(spelling, fmt::format("unknown, expected one of {}", known_measures()));
  const MeasureSettings settings = parse_settings(spelling, *family);
  return {canonical_name(*family, settings), settings, family->compute};
}

}  // namespace dragoman
