#include "dragoman/retrieve/translated_retriever.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>

#include "collection/allowed.h"
#include "dragoman/base/error.h"
#include "dragoman/base/parallel.h"
#include "dragoman/text/analyzer.h"
#include "dragoman/translate/table_set.h"
#include "retrieve/overlap.h"
#include "retrieve/read_phrases.h"
#include "retrieve/search_some.h"
#include "retrieve/sort_by_score.h"
#include "text/language_key.h"
#include "translate/bitext.h"

namespace dragoman {
namespace {

/// A query as documents of one language have it.
struct TranslatedQuery {
  QueryTranslation explanation;
  std::vector<Token> forms;  ///< Of words without a translation.
  std::vector<WordUnion> unions;
  double full_score = 0;
};

class TranslatedRetriever : public Retriever {
 public:
  explicit TranslatedRetriever(TranslatedSearch search) : search_(std::move(search)) {
    if (search_.options.weighting == LexicalWeighting::dirichlet) {
      throw InvalidArgument("translated words are weighed by bm25; weighting dirichlet does not go with translate");
    }
    const std::string version = search_.documents->analyzer().version();
    for (const auto& table : search_.tables->tables()) {
      if (serves_documents(table->info().to)) table->require_analyzer(version);
    }
    search_.options.proximity = 0;
  }

  std::string_view name() const override { return "bm25"; }

  std::vector<RetrievedList> search(std::span<const Query> queries, std::size_t depth,
                                    std::span<const std::uint8_t> allowed) const override {
    std::map<Language, std::shared_ptr<const Parts>> parts;
    std::map<Language, std::vector<std::size_t>> by_language;
    std::vector<std::size_t> as_written;
    for (std::size_t q = 0; q < queries.size(); ++q) {
      const Language key = language_key(queries[q].language);
      if (!parts.contains(key)) parts.emplace(key, parts_for(key, allowed));
      const bool quoted = !read_phrases(queries[q].text, *search_.index, search_.options.phrases).phrases.empty();
      quoted || parts.at(key)->translated.empty() ? as_written.push_back(q) : by_language[key].push_back(q);
    }
    std::vector<RetrievedList> lists(queries.size());
    search_some(*search_.native_search, queries, as_written, depth, allowed, lists);
    for (const auto& [language, numbers] : by_language) {
      const Parts& of = *parts.at(language);
      // Also where nothing is left to find: it says what a full match scores in the query's own language.
      search_some(*search_.native_search, queries, numbers, depth, of.rest, lists);
      const auto said = say(queries, numbers, of);
      parallel_for(numbers.size(), search_.threads, [&](std::size_t i, std::size_t) {
        add_translated(queries[numbers[i]], depth, of, said[i], lists[numbers[i]]);
      });
    }
    return lists;
  }

 private:
  /// Documents in a language that a table or a translator leads to.
  struct TranslatedPart {
    Language language;
    std::vector<Language> tags;                     ///< That documents in it have: with regions, or without.
    std::shared_ptr<const TranslationTable> table;  ///< None: the translator.
    std::string route;                              ///< Of the translator.
    DocumentSet documents;
    double size = 0;  ///< Live documents in the language, allowed or not.
  };
  struct Parts {
    std::vector<TranslatedPart> translated;
    std::vector<std::uint8_t> rest;  ///< All other documents that are allowed.
    bool has_own = false;            ///< There are documents in the query's own language.
  };

  bool serves_documents(const Language& language) const {
    return std::ranges::any_of(search_.documents->languages().languages,
                               [&](const Language& of) { return same_written_language(of, language); });
  }

  std::shared_ptr<const Parts> parts_for(const Language& query, std::span<const std::uint8_t> allowed) const {
    if (!search_.documents->all_live(allowed)) return make_parts(query, allowed);
    const std::lock_guard lock(mutex_);
    auto& known = unfiltered_[query];
    if (!known) known = make_parts(query, allowed);
    return known;
  }

  std::shared_ptr<const Parts> make_parts(const Language& query, std::span<const std::uint8_t> allowed) const {
    const auto& known = search_.documents->languages();
    auto parts = std::make_shared<Parts>();
    std::map<Language, std::size_t> numbers;  // Of translated parts, by language.
    constexpr std::size_t kRest = ~std::size_t{0};
    std::vector<std::size_t> part_of;  // Of each language of documents.
    std::vector<std::uint8_t> is_own;
    for (const Language& language : known.languages) {
      const Language key = language_key(language);
      is_own.push_back(key == query);
      const auto table = is_own.back() ? nullptr : search_.tables->find(query, key);
      const bool asks = !is_own.back() && !table && search_.translator;
      std::string route = asks ? search_.translator->route(query, key) : std::string();
      if (!table && route.empty()) {
        part_of.push_back(kRest);
        continue;
      }
      const auto [at, is_new] = numbers.emplace(key, numbers.size());
      if (is_new) parts->translated.push_back({key, {}, table, std::move(route), DocumentSet(), 0});
      auto& tags = parts->translated[at->second].tags;
      if (std::ranges::find(tags, language) == tags.end()) tags.push_back(language);
      part_of.push_back(at->second);
    }
    if (parts->translated.empty()) return parts;
    std::vector<std::vector<std::uint8_t>> bytes(parts->translated.size(), std::vector<std::uint8_t>(known.of.size()));
    parts->rest.assign(known.of.size(), 0);
    for (std::size_t d = 0; d < known.of.size(); ++d) {
      if (!known.live.empty() && known.live[d] == 0) continue;
      const std::size_t part = part_of[known.of[d]];
      if (part != kRest) parts->translated[part].size += 1;
      if (is_own[known.of[d]]) parts->has_own = true;
      if (!is_allowed(allowed, d)) continue;
      (part == kRest ? parts->rest : bytes[part])[d] = 1;
    }
    for (std::size_t p = 0; p < bytes.size(); ++p) parts->translated[p].documents = DocumentSet::of_bytes(bytes[p]);
    return parts;
  }

  /// What the translator says of some questions of one language: [question][part], none for parts that have a table.
  using Said = std::vector<std::optional<std::string>>;
  std::vector<Said> say(std::span<const Query> queries, std::span<const std::size_t> numbers,
                        const Parts& parts) const {
    std::vector<Said> said(numbers.size(), Said(parts.translated.size()));
    std::vector<std::string> texts;
    for (const std::size_t q : numbers) texts.push_back(queries[q].text);
    for (std::size_t p = 0; p < parts.translated.size(); ++p) {
      const TranslatedPart& part = parts.translated[p];
      if (part.table) continue;
      auto answers = search_.translator->translate(texts, queries[numbers[0]].language, part.language);
      for (std::size_t i = 0; i < numbers.size(); ++i) said[i][p] = std::move(answers[i]);
    }
    return said;
  }

  void add_translated(const Query& query, std::size_t depth, const Parts& parts, const Said& said,
                      RetrievedList& list) const {
    std::vector<TranslatedQuery> translated;
    double full = parts.has_own ? static_cast<double>(list.full_score) : 0;
    for (std::size_t p = 0; p < parts.translated.size(); ++p) {
      const TranslatedPart& part = parts.translated[p];
      translated.push_back(part.table ? translate(query, part) : as_said(query, part, said[p]));
      if (!parts.has_own) full = std::max(full, translated.back().full_score);
    }
    list.full_score = static_cast<float>(full);
    for (std::size_t p = 0; p < translated.size(); ++p) {
      TranslatedQuery& as = translated[p];
      const double scale = full > 0 && as.full_score > 0 ? full / as.full_score : 1;
      for (const ScoredDocument& found :
           search_.index->search(as.unions, depth, search_.options, &parts.translated[p].documents)) {
        list.documents.push_back(
            {found.document, static_cast<float>(scale * static_cast<double>(found.score)), std::nullopt});
      }
      list.translations.push_back(std::move(as.explanation));
    }
    keep_best(list.documents, depth);
  }

  TranslatedQuery translate(const Query& query, const TranslatedPart& part) const {
    const Analyzer& analyzer = search_.documents->analyzer();
    const std::vector<Token> all = analyzer.analyze_query(query.text, query.language);
    // Of words that lie within one another, as characters in pairs of them, those without translations say nothing, and
    // of the others the longest say most.
    std::vector<Token> known, unknown;
    for (const Token& word : all) (part.table->find(word.text).empty() ? unknown : known).push_back(word);
    known = without_parts(std::move(known));
    std::erase_if(unknown, [&](const Token& word) {
      return std::ranges::any_of(known, [&](const Token& other) { return overlap(word, other); });
    });
    unknown = without_parts(std::move(unknown));

    TranslatedQuery as;
    as.explanation = {part.language, std::string(to_string(part.table->info().kind)), {}};
    as.forms = unknown.empty() ? std::vector<Token>()
                               : analyzer.analyze_query(query.text, query.language, std::span(&part.language, 1));
    std::map<std::string_view, float> times;
    for (const Token& word : known) times[word.text] += 1;
    for (const auto& [word, count] : times) {
      WordUnion of{.words = {}, .times = count, .frequency = UnionFrequency::expected};
      TranslatedWord& explained = as.explanation.words.emplace_back(TranslatedWord{std::string(word), {}});
      for (const TableTranslation& translation : part.table->find(word)) {
        of.words.push_back({translation.word, translation.probability});
        explained.translations.push_back({std::string(translation.word), translation.probability});
      }
      as.full_score += full_score_of(of, part);
      as.unions.push_back(std::move(of));
    }
    add_as_written(unknown, part, as);
    return as;
  }

  /// The words of a question that a translator said; of one that it has no translation for, those of the question.
  TranslatedQuery as_said(const Query& query, const TranslatedPart& part,
                          const std::optional<std::string>& said) const {
    const Analyzer& analyzer = search_.documents->analyzer();
    TranslatedQuery as;
    as.explanation = {part.language, part.route, {}, said.value_or("")};
    if (!said) {
      as.forms = analyzer.analyze_query(query.text, query.language, std::span(&part.language, 1));
      add_as_written(without_parts(analyzer.analyze_query(query.text, query.language)), part, as);
      return as;
    }
    as.forms = analyzer.analyze_query(*said, part.language);  // Unions see their words there.
    std::map<std::string_view, float> times;
    for (const Token& word : as.forms) times[word.text] += 1;
    for (const auto& [word, count] : times) {
      WordUnion of{.words = {{word, 1}}, .times = count, .frequency = UnionFrequency::any};
      as.explanation.words.push_back({std::string(word), {{std::string(word), 1}}});
      as.full_score += full_score_of(of, part);
      as.unions.push_back(std::move(of));
    }
    return as;
  }

  /// Words without a translation, in the forms that both languages' rules give them.
  void add_as_written(std::span<const Token> unknown, const TranslatedPart& part, TranslatedQuery& as) const {
    for (const Token& word : unknown) {
      WordUnion of{.words = {}, .times = 1, .frequency = UnionFrequency::any};
      for (const Token& form : as.forms) {
        const bool is_new = std::ranges::none_of(of.words, [&](const WeightedWord& w) { return w.word == form.text; });
        if (overlap(form, word) && is_new) of.words.push_back({form.text, 1});
      }
      if (of.words.empty()) continue;
      as.explanation.words.push_back({word.text, {}});
      as.full_score += full_score_of(of, part);
      as.unions.push_back(std::move(of));
    }
  }

  /// What a document of average length scores that has one occurrence's worth of the union.
  double full_score_of(const WordUnion& of, const TranslatedPart& part) const {
    if (!search_.index->fields().empty()) return 0;  // As Bm25Index::full_score().
    double documents = 0;
    for (const WeightedWord& word : of.words) {
      double df = 0;
      for (const double of_tag : search_.index->document_frequencies(word.word, part.tags)) df += of_tag;
      documents += of.frequency == UnionFrequency::expected ? static_cast<double>(word.weight) * df : df;
    }
    documents = std::min(documents, part.size);
    const double idf = std::log1p((part.size - documents + 0.5) / (documents + 0.5));
    return static_cast<double>(of.times) * idf / (1 + static_cast<double>(search_.options.k1));
  }

  TranslatedSearch search_;
  mutable std::mutex mutex_;
  mutable std::map<Language, std::shared_ptr<const Parts>> unfiltered_;  // By the query's language_key().
};

}  // namespace

std::unique_ptr<Retriever> make_translated_retriever(TranslatedSearch search) {
  return std::make_unique<TranslatedRetriever>(std::move(search));
}

}  // namespace dragoman
