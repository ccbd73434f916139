#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/choice.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/engine/option_names.h"

namespace dragoman::option_table {

inline constexpr std::array kYesNo = {Choice<bool>{"false", false}, Choice<bool>{"true", true}};
inline constexpr float kUnbounded = std::numeric_limits<float>::infinity();

/// A whole number from `least` up. @throws InvalidArgument naming the option `name`; so do all below.
std::size_t parse_count(std::string_view name, std::string_view value, std::size_t least);
float parse_number(std::string_view name, std::string_view value, float least, float most);

/// What stands between commas, without spaces around it; nothing for nothing.
std::vector<std::string_view> parts(std::string_view list);

template <class T, std::size_t N>
std::string name_among(const std::array<Choice<T>, N>& choices, T value) {
  return std::string(chosen_name(choices, value));
}

/// One option: `get` gives what `set` would take.
template <class Options>
struct Option {
  std::string_view name;
  void (*set)(Options& options, std::string_view value);
  std::string (*get)(const Options& options);
};

template <class Options, std::size_t N>
constexpr std::array<std::string_view, N> names_of(const std::array<Option<Options>, N>& options) {
  std::array<std::string_view, N> names{};
  for (std::size_t i = 0; i < N; ++i) names[i] = options[i].name;
  return names;
}

template <class Options, std::size_t N>
NamedValues values_of(const std::array<Option<Options>, N>& known, const Options& options) {
  NamedValues values;
  for (const auto& option : known) values.emplace_back(option.name, option.get(options));
  return values;
}

template <class Options, std::size_t N>
void set_option(const std::array<Option<Options>, N>& known, Options& options, std::string_view name,
                std::string_view value) {
  for (const auto& option : known) {
    if (option.name == name) return option.set(options, value);
  }
  throw InvalidArgument(
      fmt::format("unknown option '{}'; there are {}", printable(name), fmt::join(names_of(known), ", ")));
}

}  // namespace dragoman::option_table
