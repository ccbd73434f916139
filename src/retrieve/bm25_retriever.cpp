#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "dragoman/base/parallel.h"
#include "dragoman/retrieve/retriever.h"
#include "dragoman/text/analyzer.h"
#include "retrieve/read_phrases.h"
#include "retrieve/texts_of.h"

namespace dragoman {
namespace {

class Bm25Retriever : public Retriever {
 public:
  Bm25Retriever(std::shared_ptr<const Bm25Index> index, std::shared_ptr<const AnalyzedDocuments> documents,
                const Bm25Options& options, std::size_t threads)
      : index_(std::move(index)), documents_(std::move(documents)), options_(options), threads_(threads) {}

  std::string_view name() const override { return "bm25"; }

  std::vector<RetrievedList> search(std::span<const Query> queries, std::size_t depth,
                                    std::span<const std::uint8_t> allowed) const override {
    // Once for all queries: making a set takes longer than a search.
    std::map<std::size_t, AnalyzedDocuments::Parts> parts;  // By the rules of a query's language.
    for (const Query& query : queries) {
      const std::size_t rules = documents_->analyzer().rules_of(query.language);
      if (!parts.contains(rules)) parts.emplace(rules, documents_->split(rules, allowed));
    }
    std::vector<RetrievedList> lists(queries.size());
    parallel_for(queries.size(), threads_, [&](std::size_t q, std::size_t) {
      lists[q] = search(queries[q], depth, parts.at(documents_->analyzer().rules_of(queries[q].language)));
    });
    return lists;
  }

 private:
  RetrievedList search(const Query& query, std::size_t depth, const AnalyzedDocuments::Parts& parts) const {
    const Analyzer& analyzer = documents_->analyzer();
    RetrievedList list;
    QuotedQuery quoted = read_phrases(query.text, *index_, options_.phrases);
    // Punctuation alone is nothing to look for.
    std::erase_if(quoted.phrases,
                  [&](const QuotedText& phrase) { return analyzer.analyze(phrase.text, query.language).empty(); });
    for (const QuotedText& phrase : quoted.phrases) list.phrases.push_back(phrase.text);
    const std::vector<Token> words = analyzer.analyze_query(quoted.text, query.language);
    list.query_terms = words.size();
    list.full_score = static_cast<float>(index_->full_score(words, options_, query.language));
    const auto add = [&](std::span<const Token> tokens, std::span<const Language> forms, const DocumentSet* documents) {
      const std::vector<Phrase> phrases = phrases_of(quoted, query.language, forms);
      const auto texts = with_words_of(phrases, texts_of(tokens));
      for (const ScoredDocument& found : index_->search(texts, phrases, depth, options_, documents)) {
        list.documents.push_back({found.document, found.score, std::nullopt});
      }
    };
    if (parts.native) add(words, {}, parts.all_native ? nullptr : parts.native.get());
    if (!parts.foreign) return list;
    // Whoever wants all words would be asked for all forms of each.
    const bool all = options_.match == LexicalMatch::all;
    const auto& languages = documents_->languages().languages;
    add(all ? words : analyzer.analyze_query(quoted.text, query.language, languages), languages, parts.foreign.get());
    std::ranges::sort(list.documents, [](const Retrieved& a, const Retrieved& b) {
      return a.score != b.score ? a.score > b.score : a.document < b.document;
    });
    if (list.documents.size() > depth) list.documents.resize(depth);
    return list;
  }

  /// Each phrase as the query's language has it, and as each of `others` has it.
  std::vector<Phrase> phrases_of(const QuotedQuery& quoted, const Language& own,
                                 std::span<const Language> others) const {
    const Analyzer& analyzer = documents_->analyzer();
    std::vector<Phrase> phrases;
    for (const QuotedText& text : quoted.phrases) {
      Phrase phrase{.forms = {phrase_form(analyzer.analyze(text.text, own))}, .slop = text.slop};
      std::set<std::size_t> rules = {analyzer.rules_of(own)};
      for (const Language& language : others) {
        if (!rules.insert(analyzer.rules_of(language)).second) continue;
        PhraseForm form = phrase_form(analyzer.analyze(text.text, language));
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
};

}  // namespace

AnalyzedDocuments::AnalyzedDocuments(std::shared_ptr<const Analyzer> analyzer, Collection::DocumentLanguages languages)
    : analyzer_(std::move(analyzer)), languages_(std::move(languages)) {
  for (const Language& language : languages_.languages) rules_.push_back(analyzer_->rules_of(language));
}

AnalyzedDocuments::Parts AnalyzedDocuments::split(std::size_t rules, std::span<const std::uint8_t> allowed) const {
  if (!all_live(allowed)) return make_parts(rules, allowed);
  const std::lock_guard lock(mutex_);
  const auto found = unfiltered_.find(rules);
  if (found != unfiltered_.end()) return found->second;
  return unfiltered_.emplace(rules, make_parts(rules, languages_.live)).first->second;
}

AnalyzedDocuments::Parts AnalyzedDocuments::make_parts(std::size_t rules, std::span<const std::uint8_t> allowed) const {
  const std::size_t size = languages_.of.size();
  std::vector<std::uint8_t> native(size), foreign(size);
  std::size_t natives = 0, foreigners = 0;
  for (std::size_t d = 0; d < size; ++d) {
    if (!allowed.empty() && (d >= allowed.size() || allowed[d] == 0)) continue;
    if (!languages_.live.empty() && languages_.live[d] == 0) continue;
    const bool is_native = rules_[languages_.of[d]] == rules;
    (is_native ? native : foreign)[d] = 1;
    ++(is_native ? natives : foreigners);
  }
  Parts parts;
  if (natives != 0) parts.native = std::make_shared<DocumentSet>(DocumentSet::of_bytes(native));
  if (foreigners != 0) parts.foreign = std::make_shared<DocumentSet>(DocumentSet::of_bytes(foreign));
  parts.all_native = all_live(allowed) && foreigners == 0;
  return parts;
}

std::unique_ptr<Retriever> make_bm25_retriever(std::shared_ptr<const Bm25Index> index,
                                               std::shared_ptr<const AnalyzedDocuments> documents,
                                               const Bm25Options& options, std::size_t threads) {
  return std::make_unique<Bm25Retriever>(std::move(index), std::move(documents), options, threads);
}

}  // namespace dragoman
