#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dragoman/text/language.h"

namespace dragoman {

/// Says whole questions in another language. Thread-safe.
class QueryTranslator {
 public:
  virtual ~QueryTranslator() = default;

  /// By whom, "apertium:eng-spa"; empty if nobody translates this pair.
  virtual std::string route(const Language& from, const Language& to) const = 0;

  /// One answer a text, in their order; none where there is none. @throws as the provider does.
  virtual std::vector<std::optional<std::string>> translate(std::span<const std::string> texts, const Language& from,
                                                            const Language& to) = 0;
};

}  // namespace dragoman
