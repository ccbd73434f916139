#include "engine/translate_documents.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "dragoman/base/error.h"
#include "dragoman/translate/translator_registry.h"
#include "text/language_key.h"

namespace dragoman {
namespace {

constexpr const char* kSetting = "translated";
/// Enough to tell how long the others take; few enough to be done at once.
constexpr std::size_t kSampleDocuments = 16;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point began) { return std::chrono::duration<double>(Clock::now() - began).count(); }

/// Documents of one language on their way into another.
class Batches {
 public:
  Batches(Collection& collection, const Language& from, const Language& to, CachedTranslator& translator,
          std::string route)
      : collection_(collection), from_(from), to_(to), translator_(translator), route_(std::move(route)) {}

  /// Translates and keeps some. @return how many have a translation.
  std::size_t run(std::span<const Collection::Untranslated> documents) {
    std::vector<std::string> texts;  // A title, a text, a title, a text ...
    for (const auto& one : documents) {
      Document document = collection_.document(one.document);
      texts.push_back(std::move(document.title));
      texts.push_back(std::move(document.text));
    }
    auto said = translator_.translate(texts, from_, to_);
    std::vector<DocumentTranslation> translations;
    std::size_t translated = 0;
    for (std::size_t i = 0; i < documents.size(); ++i) {
      auto& title = said[2 * i];
      auto& text = said[2 * i + 1];
      // Of an empty title the translation says nothing.
      const bool any = (title && !title->empty()) || (text && !text->empty());
      const auto& record = translator_.records()[2 * i + 1];
      DocumentTranslation& one = translations.emplace_back(DocumentTranslation{.document = documents[i].document,
                                                                               .to = to_,
                                                                               .translated = any,
                                                                               .route = route_,
                                                                               .stamp = translator_.stamp(),
                                                                               .made = record.made});
      if (!any) continue;
      ++translated;
      one.title = title.value_or(std::move(texts[2 * i]));
      one.text = text.value_or(std::move(texts[2 * i + 1]));
    }
    collection_.add_translations(translations);
    return translated;
  }

 private:
  Collection& collection_;
  Language from_, to_;
  CachedTranslator& translator_;
  std::string route_;
};

void translate_language(Collection& collection, const TranslatorRegistry& registry, const Language& from,
                        const Language& to, std::span<const Collection::Untranslated> documents,
                        const IndexOptions& options, IndexReport& report, const ProgressCallback& progress) {
  DocumentsTranslated& done = report.translations.emplace_back();
  done.from = from;
  done.to = to;
  done.documents = documents.size();
  for (const auto& one : documents) done.bytes += one.bytes;
  const auto routes = registry.routes(from, to);
  if (routes.empty()) {
    std::string why = "nobody knows their language";
    try {
      if (!from.undetermined()) registry.open(from, to);
    } catch (const NotFound& error) {
      why = error.what();
    }
    report.notices.push_back(
        fmt::format("{} documents in '{}' stay as they are: {}", documents.size(), from.tag(), why));
    return;
  }
  done.route = routes.front().name();
  const auto translator = registry.open(routes.front(), from, to);
  Batches batches(collection, from, to, *translator, done.route);
  const std::string stage = fmt::format("translate {} to {}", from.tag(), to.tag());
  const auto began = Clock::now();
  const std::size_t most = std::max<std::size_t>(translator->batch_texts() / 2, 1);
  std::uint64_t bytes = 0;
  for (std::size_t begin = 0; begin < documents.size();) {
    const std::size_t wanted = begin == 0 ? std::min(most, kSampleDocuments) : most;
    const auto batch = documents.subspan(begin, std::min(wanted, documents.size() - begin));
    const std::size_t translated = batches.run(batch);
    done.translated += translated;
    done.untranslated += batch.size() - translated;
    for (const auto& one : batch) bytes += one.bytes;
    done.seconds = seconds_since(began);
    if (begin == 0) {
      done.estimated_seconds =
          done.seconds * static_cast<double>(done.bytes) / static_cast<double>(std::max<std::uint64_t>(bytes, 1));
    }
    begin += batch.size();
    dragoman::report(progress, {stage, "documents", begin, documents.size(), "bytes", bytes});
    if (options.estimate) break;
  }
  for (std::string& notice : translator->notices()) report.notices.push_back(std::move(notice));
}

}  // namespace

std::vector<Language> translated_languages(const Collection& collection) {
  std::vector<Language> languages;
  const std::string list = collection.setting(kSetting);
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    languages.push_back(Language::parse(list.substr(begin, end - begin)));
    begin = end + 1;
  }
  return languages;
}

void add_translated_languages(Collection& collection, std::span<const Language> languages) {
  std::vector<Language> all = translated_languages(collection);
  for (const Language& language : languages) {
    if (language.undetermined()) throw InvalidArgument("documents cannot be translated into 'und'");
    if (std::ranges::find(all, language) == all.end()) all.push_back(language);
  }
  std::vector<std::string> tags;
  for (const Language& language : all) tags.push_back(language.tag());
  const std::string list = fmt::format("{}", fmt::join(tags, ","));
  if (list != collection.setting(kSetting)) collection.set_setting(kSetting, list);
}

std::string translated_kind(const Language& to) { return fmt::format("translated-{}", to.tag()); }

void translate_documents(Collection& collection, const Language& to, const IndexOptions& options, IndexReport& report,
                         const ProgressCallback& progress) {
  std::map<Language, std::vector<Collection::Untranslated>> by_language;
  for (const auto& one : collection.untranslated(to)) by_language[language_key(one.language)].push_back(one);
  if (by_language.empty()) return;
  const TranslatorRegistry registry({.models = options.models,
                                     .providers = options.translators,
                                     .threads = options.threads,
                                     .cache = options.cache,
                                     .cache_bytes = options.cache_bytes});
  DocumentNumber covered = 0;
  for (const SegmentRecord& segment : collection.segments(translated_kind(to))) {
    covered = std::max(covered, segment.first + segment.count);
  }
  for (const auto& [from, documents] : by_language) {
    const bool stale = documents.front().document < covered && !registry.routes(from, to).empty();
    if (stale) {
      collection.drop_segments(translated_kind(to));
      covered = 0;
    }
    translate_language(collection, registry, from, to, documents, options, report, progress);
  }
}

Collection::DocumentLanguages languages_as_translated(const Collection& collection, const Language& to) {
  Collection::DocumentLanguages known = collection.document_languages();
  const auto translated = collection.translated(to);
  auto at = std::ranges::find(known.languages, to);
  if (at == known.languages.end()) at = known.languages.insert(at, to);
  const auto number = static_cast<std::uint16_t>(at - known.languages.begin());
  for (std::size_t d = 0; d < std::min(known.of.size(), translated.size()); ++d) {
    if (translated[d] != 0) known.of[d] = number;
  }
  return known;
}

}  // namespace dragoman
