#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "dragoman/text/analyzer.h"

namespace dragoman {

class Collection;

/// The analyser of a name. Where it finds spans, `identifier` tells it their languages.
/// @param identifier as open_language_identifier() takes it.
/// @throws NotFound, InvalidData as Analyzer and, where it is opened, open_language_identifier().
std::shared_ptr<const Analyzer> open_analyzer(std::string_view name, std::string_view identifier,
                                              const std::filesystem::path& models);

/// What makes, or is to make, the collection's lexical index.
std::shared_ptr<const Analyzer> open_analyzer(const Collection& collection, const std::filesystem::path& models);

/// What tells the collection's analyser the languages of spans, now and whenever documents are added; empty before it
/// was ever asked.
std::string span_identifier_of(const Collection& collection);
void set_span_identifier(Collection& collection, std::string_view identifier);

/// What a user names, as it is to be kept: models that are installed later do not change it.
std::string span_identifier(std::string_view identifier, const std::filesystem::path& models);

}  // namespace dragoman
