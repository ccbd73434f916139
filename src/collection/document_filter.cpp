#include "dragoman/collection/document_filter.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <compare>
#include <optional>
#include <span>

#include "base/json.h"
#include "collection/collection_state.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

struct Operator {
  std::string_view name;
  Comparison comparison;
};
// Longer ones first, of those that begin alike.
constexpr std::array kOperators = {Operator{"!=", Comparison::not_equal}, Operator{"<=", Comparison::at_most},
                                   Operator{">=", Comparison::at_least},  Operator{"=", Comparison::equal},
                                   Operator{"<", Comparison::less},       Operator{">", Comparison::more}};

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

[[noreturn]] void refuse(std::string_view condition, std::string_view why) {
  throw InvalidArgument(fmt::format("condition '{}' {}; write MEMBER=VALUE, with one of = != < <= > >=, as year>=2020",
                                    printable(condition), why));
}

/// Whole numbers exactly, others as doubles do.
struct Number {
  std::optional<std::int64_t> whole;
  double value = 0;
};

std::optional<Number> number_of(std::string_view text) {
  Number number;
  const char* const end = text.data() + text.size();
  std::int64_t whole = 0;
  if (const auto [rest, error] = std::from_chars(text.data(), end, whole); error == std::errc() && rest == end) {
    number.whole = whole;
    number.value = static_cast<double>(whole);
    return number;
  }
  const auto [rest, error] = std::from_chars(text.data(), end, number.value);
  // "inf" and "nan" are words.
  const bool is_number = error == std::errc() && rest == end && !text.empty() &&
                         text.find_first_not_of("+-.0123456789eE") == std::string_view::npos;
  return is_number ? std::optional(number) : std::nullopt;
}

std::partial_ordering order(const Number& a, const Number& b) {
  if (a.whole && b.whole) return *a.whole <=> *b.whole;
  return a.value <=> b.value;
}

/// A condition ready to be compared with many values.
class Test {
 public:
  explicit Test(const MetadataCondition& condition)
      : condition_(condition), number_(condition.is_text ? std::nullopt : number_of(condition.value)) {}

  /// @param is_text whether a document's value is a text, rather than a number.
  bool passes(std::string_view value, bool is_text) const {
    const auto other = is_text && !number_ ? std::nullopt : number_of(value);
    if (number_ && other) return holds(order(*other, *number_));
    if (number_ || !is_text) return condition_.comparison == Comparison::not_equal;
    return holds(value <=> std::string_view(condition_.value));
  }

 private:
  bool holds(std::partial_ordering value_to_wanted) const {
    switch (condition_.comparison) {
      case Comparison::equal:
        return value_to_wanted == 0;
      case Comparison::not_equal:
        return value_to_wanted != 0;
      case Comparison::less:
        return value_to_wanted < 0;
      case Comparison::at_most:
        return value_to_wanted <= 0;
      case Comparison::more:
        return value_to_wanted > 0;
      default:
        return value_to_wanted >= 0;
    }
  }

  const MetadataCondition& condition_;
  std::optional<Number> number_;
};

}  // namespace

MetadataCondition parse_metadata_condition(std::string_view condition) {
  const std::size_t at = condition.find_first_of("=!<>");
  if (at == std::string_view::npos) refuse(condition, "compares nothing");
  MetadataCondition parsed;
  parsed.member = trimmed(condition.substr(0, at));
  std::string_view rest = condition.substr(at);
  const auto* found = kOperators.begin();
  while (found != kOperators.end() && !rest.starts_with(found->name)) ++found;
  if (found == kOperators.end()) refuse(condition, "has no operator");
  parsed.comparison = found->comparison;
  rest = trimmed(rest.substr(found->name.size()));
  if (parsed.member.empty()) refuse(condition, "names no member of the metadata");
  if (parsed.member.find_first_of("\"\\") != std::string::npos) {
    refuse(condition, "has a quote or backslash in its member");
  }
  if (find_invalid_utf8(condition) < condition.size()) refuse(condition, "is not UTF-8");
  if (rest.starts_with('=') || rest.starts_with('<') || rest.starts_with('>')) {
    refuse(condition, fmt::format("has '{}' where a value belongs (quote it if it is one)", rest.substr(0, 1)));
  }
  if (rest.starts_with('"')) {
    const Json value = Json::parse(rest, nullptr, false);
    if (!value.is_string()) refuse(condition, "has a quoted value that does not end, or is no JSON string");
    parsed.value = value.get<std::string>();
    parsed.is_text = true;
  } else {
    parsed.value = rest;
    if (rest.empty()) refuse(condition, "has no value (\"\" is the empty text)");
  }
  return parsed;
}

std::string to_string(const MetadataCondition& condition) {
  std::string_view name;
  for (const Operator& known : kOperators) {
    if (known.comparison == condition.comparison) name = known.name;
  }
  return fmt::format("{}{}{}", condition.member, name,
                     condition.is_text ? Json(condition.value).dump() : condition.value);
}

std::vector<std::uint8_t> Collection::matching(std::span<const MetadataCondition> conditions) const {
  const std::lock_guard lock(state_->mutex);
  const Snapshot snapshot(state_->database);
  std::vector<std::uint8_t> passed(size());
  if (conditions.empty()) {
    Statement rows(state_->database.get(), "SELECT number FROM documents");
    while (rows.step()) passed[static_cast<std::size_t>(rows.number(0))] = 1;
    return passed;
  }
  for (std::size_t c = 0; c < conditions.size(); ++c) {
    const Test test(conditions[c]);
    Statement rows(state_->database.get(),
                   "SELECT number, json_type(metadata, ?1), json_extract(metadata, ?1) FROM documents "
                   "WHERE metadata <> '{}'");
    const std::string path = fmt::format("$.\"{}\"", conditions[c].member);
    rows.bind(1, path);
    std::vector<std::uint8_t> now(passed.size());
    while (rows.step()) {
      const auto number = static_cast<std::size_t>(rows.number(0));
      const std::string_view type = rows.text(1);
      if (type.empty() || type == "null" || (c > 0 && passed[number] == 0)) continue;
      const bool is_boolean = type == "true" || type == "false";
      now[number] = test.passes(is_boolean ? type : rows.text(2), type != "integer" && type != "real");
    }
    passed = std::move(now);
  }
  return passed;
}

}  // namespace dragoman
