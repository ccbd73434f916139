#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "collection/allowed.h"
#include "dragoman/base/error.h"
#include "dragoman/base/parallel.h"
#include "dragoman/retrieve/retriever.h"
#include "dragoman/text/analyzer.h"
#include "retrieve/query_forms.h"
#include "retrieve/read_phrases.h"
#include "retrieve/sort_by_score.h"
#include "retrieve/texts_of.h"
#include "text/language_key.h"

namespace dragoman {
namespace {

void check(const Rm3Options& options, const Bm25Options& bm25) {
  if (options.documents == 0) throw InvalidArgument("rm3_documents is 0, must be at least 1");
  if (options.terms == 0) throw InvalidArgument("rm3_terms is 0, must be at least 1");
  if (!(options.query_weight >= 0 && options.query_weight <= 1)) {
    throw InvalidArgument(fmt::format("rm3_weight is {}, must be between 0 and 1", options.query_weight));
  }
  if (bm25.match == LexicalMatch::all) {
    throw InvalidArgument("rm3 adds words to a query, each of which match 'all' would ask for; choose match 'any'");
  }
  if (bm25.proximity > 0) {
    throw InvalidArgument(
        "rm3 adds words to a query, which have no place in it that proximity could go by; choose one");
  }
}

class Bm25Retriever : public Retriever {
 public:
  Bm25Retriever(std::shared_ptr<const Bm25Index> index, std::shared_ptr<const AnalyzedDocuments> documents,
                const Bm25Options& options, std::size_t threads, Feedback feedback)
      : index_(std::move(index)),
        documents_(std::move(documents)),
        options_(options),
        threads_(threads),
        feedback_(std::move(feedback)) {
    if (has_feedback()) check(feedback_.options, options_);
    // Neither of the others knows unions.
    joins_forms_ = Analyzer::finds_spans(documents_->analyzer().name()) && options_.proximity == 0 &&
                   options_.weighting == LexicalWeighting::bm25;
  }

  std::string_view name() const override { return "bm25"; }

  std::vector<RetrievedList> search(std::span<const Query> queries, std::size_t depth,
                                    std::span<const std::uint8_t> allowed) const override {
    // Once for all queries: making a set takes longer than a search.
    std::map<PartsKey, AnalyzedDocuments::Parts> parts;
    for (const Query& query : queries) {
      const PartsKey key = parts_key(query.language);
      if (parts.contains(key)) continue;
      parts.emplace(key,
                    has_feedback() ? documents_->split(key.second, allowed) : documents_->split(key.first, allowed));
    }
    std::vector<RetrievedList> lists(queries.size());
    parallel_for(queries.size(), threads_, [&](std::size_t q, std::size_t) {
      lists[q] = search(queries[q], depth, parts.at(parts_key(queries[q].language)));
    });
    return lists;
  }

 private:
  /// The rules of a query's language; and the language, where that matters.
  using PartsKey = std::pair<std::size_t, Language>;

  bool has_feedback() const { return feedback_.options.on && feedback_.words; }

  PartsKey parts_key(const Language& language) const {
    return {documents_->analyzer().rules_of(language), has_feedback() ? language_key(language) : Language()};
  }

  RetrievedList search(const Query& query, std::size_t depth, const AnalyzedDocuments::Parts& parts) const {
    const Analyzer& analyzer = documents_->analyzer();
    RetrievedList list;
    QuotedQuery quoted = read_phrases(query.text, *index_, options_.phrases);
    // Punctuation alone is nothing to look for.
    std::erase_if(quoted.phrases,
                  [&](const QuotedText& phrase) { return analyzer.analyze(phrase.text, query.language).empty(); });
    for (const QuotedText& phrase : quoted.phrases) list.phrases.push_back(phrase.text);
    const std::vector<Token> words = own_forms(analyzer, quoted.text, query.language);
    list.query_terms = words.size();
    list.full_score = static_cast<float>(index_->full_score(words, options_, query.language));
    const auto take = [&](std::span<const ScoredDocument> found) {
      for (const ScoredDocument& one : found) list.documents.push_back({one.document, one.score, std::nullopt});
    };
    const auto add = [&](std::span<const Token> tokens, std::span<const Language> forms, const DocumentSet* documents) {
      if (joins_forms_ && quoted.phrases.empty()) {
        const QueryForms joined(analyzer, quoted.text, query.language, forms);
        if (joined.has_alternatives()) return take(index_->search(joined.unions(), depth, options_, documents));
      }
      const std::vector<Phrase> phrases = phrases_of(quoted, query.language, forms);
      const auto texts = with_words_of(phrases, texts_of(tokens));
      take(index_->search(texts, phrases, depth, options_, documents));
    };
    if (parts.own) {
      const std::vector<Phrase> phrases = phrases_of(quoted, query.language, {});
      add_own(with_words_of(phrases, texts_of(words)), phrases, depth, *parts.own, list);
    }
    if (parts.native) add(words, {}, parts.all_native && !parts.own ? nullptr : parts.native.get());
    if (parts.foreign) {
      // Whoever wants all words would be asked for all forms of each.
      const bool all = options_.match == LexicalMatch::all;
      const auto& languages = documents_->languages().languages;
      add(all ? words : analyzer.analyze_query(quoted.text, query.language, languages), languages, parts.foreign.get());
    }
    if (!parts.own && !parts.foreign) return list;
    keep_best(list.documents, depth);
    return list;
  }

  /// Adds the documents in the query's own language, with what feedback makes of the query.
  void add_own(std::span<const std::string_view> words, std::span<const Phrase> phrases, std::size_t depth,
               const DocumentSet& own, RetrievedList& list) const {
    const Rm3Options& options = feedback_.options;
    std::vector<ScoredDocument> found =
        index_->search(words, phrases, std::max(depth, options.documents), options_, &own);
    std::vector<FeedbackDocument> read;
    if (!words.empty() && options.query_weight < 1) {
      for (const ScoredDocument& document : std::span(found).first(std::min(found.size(), options.documents))) {
        read.push_back({feedback_.words->of(document.document), document.score});
      }
    }
    if (const auto model = relevance_model(read, options.terms); !model.empty()) {
      list.expansion = interpolate(words, model, options.query_weight);
      std::vector<WeightedWord> weighted;
      for (const WordShare& word : list.expansion) {
        weighted.push_back({word.word, word.share * static_cast<float>(words.size())});
      }
      found = index_->search_weighted(weighted, phrases, depth, options_, &own);
    }
    if (found.size() > depth) found.resize(depth);
    for (const ScoredDocument& document : found) {
      list.documents.push_back({document.document, document.score, std::nullopt});
    }
  }

  /// Each phrase as the query's language has it, and as each of `others` has it.
  std::vector<Phrase> phrases_of(const QuotedQuery& quoted, const Language& own,
                                 std::span<const Language> others) const {
    const Analyzer& analyzer = documents_->analyzer();
    std::vector<Phrase> phrases;
    for (const QuotedText& text : quoted.phrases) {
      // Each word in one form: whatever spans a document has, words as its own language has them are there.
      Phrase phrase{.forms = {phrase_form(analyzer.analyze(text.text, {}, own))}, .slop = text.slop};
      std::set<std::size_t> rules = {analyzer.rules_of(own)};
      for (const Language& language : others) {
        if (!rules.insert(analyzer.rules_of(language)).second) continue;
        PhraseForm form = phrase_form(analyzer.analyze(text.text, {}, language));
        if (std::ranges::find(phrase.forms, form) == phrase.forms.end()) phrase.forms.push_back(std::move(form));
      }
      std::erase_if(phrase.forms, [](const PhraseForm& form) { return form.empty(); });
      phrases.push_back(std::move(phrase));
    }
    return phrases;
  }

  /// Whoever quotes a word means it, also one that only asks.
  static std::vector<std::string_view> with_words_of(std::span<const Phrase> phrases,
                                                     std::vector<std::string_view> words) {
    std::set<std::string_view> known(words.begin(), words.end());
    for (const Phrase& phrase : phrases) {
      for (const PhraseForm& form : phrase.forms) {
        for (const PhraseTerm& term : form) {
          if (known.insert(term.text).second) words.push_back(term.text);
        }
      }
    }
    return words;
  }

  std::shared_ptr<const Bm25Index> index_;
  std::shared_ptr<const AnalyzedDocuments> documents_;
  Bm25Options options_;
  std::size_t threads_;
  Feedback feedback_;
  bool joins_forms_ = false;  // Documents may have a word in several forms.
};

}  // namespace

AnalyzedDocuments::AnalyzedDocuments(std::shared_ptr<const Analyzer> analyzer, Collection::DocumentLanguages languages)
    : analyzer_(std::move(analyzer)), languages_(std::move(languages)) {
  for (const Language& language : languages_.languages) rules_.push_back(analyzer_->rules_of(language));
}

AnalyzedDocuments::Parts AnalyzedDocuments::split(std::size_t rules, std::span<const std::uint8_t> allowed) const {
  return find_parts(rules, std::nullopt, allowed);
}

AnalyzedDocuments::Parts AnalyzedDocuments::split(const Language& own, std::span<const std::uint8_t> allowed) const {
  return find_parts(analyzer_->rules_of(own), language_key(own), allowed);
}

AnalyzedDocuments::Parts AnalyzedDocuments::find_parts(std::size_t rules, const std::optional<Language>& own,
                                                       std::span<const std::uint8_t> allowed) const {
  if (!all_live(allowed)) return make_parts(rules, own, allowed);
  const std::lock_guard lock(mutex_);
  const auto found = unfiltered_.find({rules, own});
  if (found != unfiltered_.end()) return found->second;
  return unfiltered_.emplace(std::pair(rules, own), make_parts(rules, own, languages_.live)).first->second;
}

AnalyzedDocuments::Parts AnalyzedDocuments::make_parts(std::size_t rules, const std::optional<Language>& own,
                                                       std::span<const std::uint8_t> allowed) const {
  const std::size_t size = languages_.of.size();
  std::vector<std::uint8_t> native(size), foreign(size), in_own(own ? size : 0);
  std::size_t natives = 0, foreigners = 0, owned = 0;
  std::vector<std::uint8_t> is_own;  // By language.
  for (const Language& language : languages_.languages) is_own.push_back(own && language_key(language) == *own);
  for (std::size_t d = 0; d < size; ++d) {
    if (!is_allowed(allowed, d)) continue;
    if (!languages_.live.empty() && languages_.live[d] == 0) continue;
    const bool is_native = rules_[languages_.of[d]] == rules;
    if (is_native && is_own[languages_.of[d]] != 0) {
      in_own[d] = 1;
      ++owned;
      continue;
    }
    (is_native ? native : foreign)[d] = 1;
    ++(is_native ? natives : foreigners);
  }
  Parts parts;
  if (owned != 0) parts.own = std::make_shared<DocumentSet>(DocumentSet::of_bytes(in_own));
  if (natives != 0) parts.native = std::make_shared<DocumentSet>(DocumentSet::of_bytes(native));
  if (foreigners != 0) parts.foreign = std::make_shared<DocumentSet>(DocumentSet::of_bytes(foreign));
  parts.all_native = all_live(allowed) && foreigners == 0;
  return parts;
}

std::unique_ptr<Retriever> make_bm25_retriever(std::shared_ptr<const Bm25Index> index,
                                               std::shared_ptr<const AnalyzedDocuments> documents,
                                               const Bm25Options& options, std::size_t threads, Feedback feedback) {
  return std::make_unique<Bm25Retriever>(std::move(index), std::move(documents), options, threads, std::move(feedback));
}

}  // namespace dragoman
