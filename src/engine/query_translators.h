#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/engine/engine.h"
#include "dragoman/retrieve/query_translator.h"
#include "dragoman/translate/translator_registry.h"

namespace dragoman {

/// The best route of each pair of languages, opened when it is first asked for, and kept open.
class RegistryQueryTranslator final : public QueryTranslator {
 public:
  /// @param translators as SearchOptions. @throws as TranslatorRegistry.
  RegistryQueryTranslator(const EngineOptions& options, const std::vector<std::string>& translators);

  std::string route(const Language& from, const Language& to) const override;
  std::vector<std::optional<std::string>> translate(std::span<const std::string> texts, const Language& from,
                                                    const Language& to) override;

  bool empty() const { return registry_.steps().empty(); }
  std::vector<std::string> notices() const;

 private:
  TranslatorRegistry registry_;
  mutable std::mutex mutex_;
  std::map<std::pair<Language, Language>, std::unique_ptr<CachedTranslator>> open_;
};

}  // namespace dragoman
