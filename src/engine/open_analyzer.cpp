#include "engine/open_analyzer.h"

#include "dragoman/collection/collection.h"
#include "dragoman/encode/language_identifiers.h"
#include "engine/index_stamp.h"

namespace dragoman {
namespace {

constexpr std::string_view kSetting = "span_identifier";

}  // namespace

std::shared_ptr<const Analyzer> open_analyzer(std::string_view name, std::string_view identifier,
                                              const std::filesystem::path& models) {
  if (!Analyzer::finds_spans(name)) return std::make_shared<const Analyzer>(name);
  return std::make_shared<const Analyzer>(name, open_language_identifier(models, identifier));
}

std::shared_ptr<const Analyzer> open_analyzer(const Collection& collection, const std::filesystem::path& models) {
  return open_analyzer(analyzer_of(collection), span_identifier_of(collection), models);
}

std::string span_identifier_of(const Collection& collection) { return collection.setting(kSetting); }

void set_span_identifier(Collection& collection, std::string_view identifier) {
  collection.set_setting(kSetting, std::string(identifier));
}

std::string span_identifier(std::string_view identifier, const std::filesystem::path& models) {
  if (!identifier.empty()) return std::string(identifier);
  return has_default_identifier(models) ? kDefaultIdentifier : "script";
}

}  // namespace dragoman
