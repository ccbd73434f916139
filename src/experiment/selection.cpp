#include "experiment/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"
#include "dragoman/base/utf8.h"
#include "dragoman/evaluate/topics.h"

namespace dragoman {
namespace {

std::string question_of(const std::string& query_id, const std::string& separator) {
  if (separator.empty()) return query_id;
  return query_id.substr(0, query_id.rfind(separator));
}

bool is_wanted(const Language& language, const std::vector<Language>& languages) {
  return languages.empty() ||
         std::ranges::any_of(languages, [&](const Language& wanted) { return matches(wanted, language); });
}

/// A shuffle that depends on seed and question alone, so that languages agree on which questions come first.
std::uint64_t place(const std::string& question, std::uint64_t seed) {
  return checksum(fmt::format("{}\n{}", seed, question));
}

/// Keeps the first `count` queries of each language, in the order of the shuffle.
void sample(std::vector<Query>& queries, const Selection& selection, std::size_t count, std::uint64_t seed) {
  const auto key = [&](const Query& query) {
    const std::string& question = selection.questions.at(query.id);
    return std::tuple(place(question, seed), std::string_view(question), std::string_view(query.id));
  };
  std::ranges::sort(queries, [&](const Query& a, const Query& b) { return key(a) < key(b); });
  std::map<std::string, std::size_t> taken;
  std::erase_if(queries, [&](const Query& query) { return ++taken[query.language.tag()] > count; });
}

}  // namespace

Selection select_queries(const ExperimentCollection& collection, std::uint64_t seed,
                         const LanguageIdentifier& identifier) {
  Selection selection;
  const Judgements judgements = read_judgements(collection.judgements.string());
  const auto& wanted = collection.query_languages.empty() ? collection.languages : collection.query_languages;
  std::size_t in_file = 0, unjudged = 0;
  for (Query& query : read_queries(collection.topics.string())) {
    ++in_file;
    if (query.language.undetermined()) {
      query.language = identifier.posterior(query.text).guess().language;
      query.language_identified = true;
    }
    if (!is_wanted(query.language, wanted)) continue;
    if (!judgements.contains(query.id)) {
      ++unjudged;
      continue;
    }
    selection.questions.emplace(query.id, question_of(query.id, collection.question_separator));
    selection.queries.push_back(std::move(query));
  }
  if (selection.queries.empty()) {
    throw InvalidData(fmt::format("{}: none of its {} queries is judged in {} and in a language of collection '{}'",
                                  collection.topics.string(), in_file, collection.judgements.string(),
                                  collection.name));
  }
  const std::size_t judged = selection.queries.size();
  if (collection.queries_per_language != 0) {
    sample(selection.queries, selection, collection.queries_per_language, seed);
  }
  if (selection.queries.size() < judged) {
    selection.sampling =
        fmt::format("{} queries a language out of {} in all, seed {}", collection.queries_per_language, judged, seed);
  }
  if (unjudged != 0) {
    selection.sampling +=
        fmt::format("{}{} queries without judgements left out", selection.sampling.empty() ? "" : "; ", unjudged);
  }
  std::ranges::sort(selection.queries, {}, &Query::id);
  for (const Query& query : selection.queries) {
    selection.judgements.emplace(query.id, judgements.at(query.id));
    ++selection.languages[query.language.tag()];
  }
  return selection;
}

std::vector<Query> translated_queries(const Selection& selection, const std::filesystem::path& topics) {
  std::unordered_map<std::string, Query> translations;
  for (Query& query : read_queries(topics.string())) translations.emplace(query.id, std::move(query));
  std::vector<Query> queries;
  for (const Query& query : selection.queries) {
    const auto found = translations.find(query.id);
    if (found == translations.end()) {
      throw InvalidData(fmt::format("{}: query '{}' is missing; a translation is needed for every query asked",
                                    topics.string(), printable(query.id)));
    }
    queries.push_back(found->second);
  }
  return queries;
}

}  // namespace dragoman
