#include "engine/query_translators.h"

#include <algorithm>

namespace dragoman {

RegistryQueryTranslator::RegistryQueryTranslator(const EngineOptions& options,
                                                 const std::vector<std::string>& translators)
    : registry_({.models = options.models,
                 .providers = translators,
                 .threads = options.threads,
                 .cache = options.cache,
                 .cache_bytes = options.cache_bytes}) {}

std::string RegistryQueryTranslator::route(const Language& from, const Language& to) const {
  if (from.undetermined() || to.undetermined()) return {};
  const auto routes = registry_.routes(from, to);
  return routes.empty() ? std::string() : routes.front().name();
}

std::vector<std::optional<std::string>> RegistryQueryTranslator::translate(std::span<const std::string> texts,
                                                                           const Language& from, const Language& to) {
  const std::lock_guard lock(mutex_);
  auto& translator = open_[{from, to}];
  if (!translator) translator = registry_.open(from, to);
  return translator->translate(texts, from, to);
}

std::vector<std::string> RegistryQueryTranslator::notices() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> all;
  for (const auto& [pair, translator] : open_) {
    for (std::string& notice : translator->notices()) {
      if (std::ranges::find(all, notice) == all.end()) all.push_back(std::move(notice));
    }
  }
  return all;
}

}  // namespace dragoman
