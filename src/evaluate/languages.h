#pragma once

#include <string>

#include "dragoman/evaluate/evaluation.h"

namespace dragoman {

/// The language of a query or document, "und" where the map has none.
const Language& language_of(const std::string& id, const LanguageOf& languages);

}  // namespace dragoman
