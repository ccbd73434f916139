#include "engine/rerank_translations.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "dragoman/collection/corpus_reader.h"
#include "dragoman/encode/language_identifiers.h"
#include "dragoman/engine/rerank_texts.h"
#include "dragoman/evaluate/topics.h"
#include "engine/index_stamp.h"
#include "rerank/shown_text.h"

namespace dragoman {
namespace {

/// Candidates of some hundred queries; beyond that memory matters more than time.
constexpr std::size_t kMostKnown = 20'000;

}  // namespace

ShownTranslations::ShownTranslations(const TranslationSources& sources, const EngineOptions& options)
    : sources_(sources), options_(options) {
  if (!sources.passages.empty() && !sources.passages.starts_with(kOfMetadata)) {
    CorpusReader corpus(sources.passages);
    for (Document document; corpus.next(document);) {
      documents_[document.id] = with_title(document.title, document.text);
    }
  }
  if (!sources.queries.empty()) {
    for (Query& query : read_queries(sources.queries)) queries_[query.id] = std::move(query.text);
  }
}

const std::string* ShownTranslations::of_document(const std::string& id) const {
  const auto found = documents_.find(id);
  return found == documents_.end() ? nullptr : &found->second;
}

const std::string* ShownTranslations::of_query(const std::string& id) const {
  const auto found = queries_.find(id);
  return found == queries_.end() ? nullptr : &found->second;
}

Language ShownTranslations::language_of(const Language& said, std::string_view text) {
  if (!said.undetermined()) return said;
  const std::lock_guard lock(mutex_);
  if (!identifier_) identifier_ = open_language_identifier(options_.models, options_.identifier);
  return identifier_->posterior(text).guess().language;
}

Translator* ShownTranslations::translator(const Language& from, const Language& to) {
  if (sources_.translator == "none") return nullptr;
  if (!registry_) {
    const bool any = sources_.translator == "auto";
    registry_ = std::make_unique<TranslatorRegistry>(
        TranslatorRegistryOptions{.models = options_.models,
                                  .providers = any ? std::vector<std::string>() : parse_providers(sources_.translator),
                                  .threads = options_.threads,
                                  .cache = options_.cache,
                                  .cache_bytes = options_.cache_bytes});
  }
  const auto [place, is_new] = translators_.try_emplace({std::string(from.tag()), std::string(to.tag())});
  if (is_new && !registry_->routes(from, to).empty()) place->second = registry_->open(from, to);
  return place->second.get();
}

std::vector<std::optional<std::string>> ShownTranslations::translate(std::span<const std::string> texts,
                                                                     const Language& from, const Language& to) {
  const std::lock_guard lock(mutex_);
  std::vector<std::optional<std::string>> answers(texts.size());
  Translator* const translates = translator(from, to);
  if (translates == nullptr) return answers;
  if (known_.size() > kMostKnown) known_.clear();
  const auto key = [&](const std::string& text) { return fmt::format("{} {} {}", from.tag(), to.tag(), text); };
  std::vector<std::string> unknown;
  for (const std::string& text : texts) {
    if (!known_.contains(key(text)) && std::ranges::find(unknown, text) == unknown.end()) unknown.push_back(text);
  }
  if (!unknown.empty()) {
    auto translated = translates->translate(unknown, from, to);
    for (std::size_t i = 0; i < unknown.size(); ++i) known_[key(unknown[i])] = std::move(translated[i]);
  }
  for (std::size_t i = 0; i < texts.size(); ++i) answers[i] = known_[key(texts[i])];
  return answers;
}

namespace {

class WithTranslations final : public Reranker {
 public:
  WithTranslations(std::unique_ptr<Reranker> inner, const RerankOptions& options,
                   std::shared_ptr<ShownTranslations> translations)
      : inner_(std::move(inner)),
        options_(options),
        into_(Language::parse(options.translations.into)),
        translations_(std::move(translations)) {}

  RerankResult rerank(const Query& query, std::span<const Candidate> candidates) override {
    std::vector<Candidate> shown(candidates.begin(), candidates.end());
    const Query asked = shown_query(query);
    const std::size_t read = std::min(deepest(options_), shown.size());
    const std::uint64_t untranslated =
        options_.passages == ShownText::original ? 0 : translate(std::span(shown).first(read), asked.language);
    RerankResult result = inner_->rerank(asked, shown);
    result.report.untranslated += untranslated;
    return result;
  }

 private:
  Query shown_query(const Query& query) const {
    Query shown = query;
    shown.language = translations_->language_of(query.language, query.text);
    if (options_.query_text == ShownText::original) return shown;
    std::optional<std::string> translation;
    if (const std::string* given = translations_->of_query(query.id)) {
      translation = *given;
    } else if (!same_written_language(shown.language, into_)) {
      translation = translations_->translate(std::span(&query.text, 1), shown.language, into_).front();
    }
    if (!translation) return shown;
    shown.text = reranking::shown_text(query.text, *translation, options_.query_text);
    shown.language = into_;
    return shown;
  }

  /// How many have none. A document in the query's language needs none.
  std::uint64_t translate(std::span<Candidate> candidates, const Language& into) const {
    std::uint64_t without = 0;
    std::map<std::string, std::pair<Language, std::vector<Candidate*>>> by_language;
    for (Candidate& candidate : candidates) {
      if (!candidate.translation.empty()) continue;
      if (const std::string* given = translations_->of_document(candidate.id)) {
        candidate.translation = *given;
        continue;
      }
      const Language from = translations_->language_of(candidate.language, candidate.text);
      if (same_written_language(from, into)) continue;
      auto& [language, those] = by_language[std::string(from.tag())];
      language = from;
      those.push_back(&candidate);
    }
    for (const auto& [tag, group] : by_language) {
      const auto& [language, those] = group;
      std::vector<std::string> texts;
      for (const Candidate* candidate : those) texts.push_back(candidate->text);
      const auto translations = translations_->translate(texts, language, into);
      for (std::size_t i = 0; i < those.size(); ++i) {
        those[i]->translation = translations[i].value_or("");
        without += those[i]->translation.empty();
      }
    }
    return without;
  }

  std::unique_ptr<Reranker> inner_;
  RerankOptions options_;
  Language into_;
  std::shared_ptr<ShownTranslations> translations_;
};

}  // namespace

std::unique_ptr<Reranker> with_translations(std::unique_ptr<Reranker> inner, const RerankOptions& options,
                                            std::shared_ptr<ShownTranslations> translations) {
  return std::make_unique<WithTranslations>(std::move(inner), options, std::move(translations));
}

std::string translation_in(const RerankOptions& options, std::string_view metadata) {
  std::string_view name = options.translations.passages;
  if (options.passages == ShownText::original || !name.starts_with(kOfMetadata)) return {};
  name.remove_prefix(kOfMetadata.size());
  const Json json = Json::parse(metadata, nullptr, false);
  if (!json.is_object()) return {};
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace dragoman
