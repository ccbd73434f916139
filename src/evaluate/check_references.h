#pragma once

#include <fmt/format.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/error.h"

namespace dragoman {

/// @throws InvalidArgument, naming `function`, if there is none.
inline void check_references(std::string_view function, std::span<const std::string> references) {
  if (references.empty()) throw InvalidArgument(fmt::format("{}: there is no reference to compare with", function));
}

/// @throws InvalidArgument, naming `function`, if the two do not fit each other.
inline void check_references(std::string_view function, std::span<const std::string> hypotheses,
                             std::span<const std::vector<std::string>> references) {
  if (hypotheses.empty()) throw InvalidArgument(fmt::format("{}: there is no text to judge", function));
  if (hypotheses.size() != references.size()) {
    throw InvalidArgument(
        fmt::format("{}: there are {} texts, but references of {}", function, hypotheses.size(), references.size()));
  }
  for (std::size_t i = 0; i < references.size(); ++i) {
    if (references[i].empty()) throw InvalidArgument(fmt::format("{}: text {} has no reference", function, i + 1));
  }
}

}  // namespace dragoman
