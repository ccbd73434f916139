#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dragoman/engine/engine.h"
#include "dragoman/rerank/reranker.h"
#include "dragoman/text/language_identifier.h"
#include "dragoman/translate/translator_registry.h"

namespace dragoman {

/// Translations of texts that rerankers show: given ones from files, which are held in memory, and others from whoever
/// translates the pair. Opens what it needs when it first needs it, and remembers some of what it translated.
/// Thread-safe: one caller at a time.
class ShownTranslations {
 public:
  /// @throws NotFound, InvalidData for files of given translations, as CorpusReader and read_queries().
  ShownTranslations(const TranslationSources& sources, const EngineOptions& options);

  /// The given translation of a document, or of a query.
  const std::string* of_document(const std::string& id) const;
  const std::string* of_query(const std::string& id) const;

  /// Texts of one language in another; nothing for those that nobody can translate.
  std::vector<std::optional<std::string>> translate(std::span<const std::string> texts, const Language& from,
                                                    const Language& to);

  /// The language itself, or what the text tells where nobody said it.
  Language language_of(const Language& said, std::string_view text);

 private:
  /// Null if nobody translates the pair.
  Translator* translator(const Language& from, const Language& to);

  TranslationSources sources_;
  EngineOptions options_;
  std::unordered_map<std::string, std::string> documents_, queries_;  ///< By id.
  std::mutex mutex_;
  std::shared_ptr<const LanguageIdentifier> identifier_;
  std::unique_ptr<TranslatorRegistry> registry_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<Translator>> translators_;  ///< By tags of languages.
  /// By languages and text; empty where there is none.
  std::unordered_map<std::string, std::optional<std::string>> known_;
};

/// A reranker that is shown translations as the options say. Candidates that come with a translation keep it.
std::unique_ptr<Reranker> with_translations(std::unique_ptr<Reranker> inner, const RerankOptions& options,
                                            std::shared_ptr<ShownTranslations> translations);

}  // namespace dragoman
