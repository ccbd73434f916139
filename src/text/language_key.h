#pragma once

#include <fmt/format.h>

#include "dragoman/text/language.h"

namespace dragoman {

/// What languages that differ in region alone have in common: the language and its script.
inline Language language_key(const Language& language) {
  const std::string script = language.script();
  return Language::parse(script.empty() ? std::string(language.primary())
                                        : fmt::format("{}-{}", language.primary(), script));
}

}  // namespace dragoman
