#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <string_view>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {

/// A value, mostly of an enumeration, that a user chooses by its name.
template <class T>
struct Choice {
  std::string_view name;
  T value;
};

/// @throws InvalidArgument for any other name, naming the legal ones.
template <class T, std::size_t N>
T pick(std::string_view what, std::string_view name, const std::array<Choice<T>, N>& choices) {
  std::vector<std::string_view> names;
  for (const Choice<T>& choice : choices) {
    if (choice.name == name) return choice.value;
    names.push_back(choice.name);
  }
  throw InvalidArgument(fmt::format("{} is '{}', must be one of: {}", what, printable(name), fmt::join(names, ", ")));
}

template <class T, std::size_t N>
std::string_view chosen_name(const std::array<Choice<T>, N>& choices, T value) {
  const auto found =
      std::find_if(choices.begin(), choices.end(), [&](const auto& choice) { return choice.value == value; });
  assert(found != choices.end());
  return found->name;
}

}  // namespace dragoman
