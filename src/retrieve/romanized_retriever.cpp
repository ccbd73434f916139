#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "collection/allowed.h"
#include "dragoman/base/parallel.h"
#include "dragoman/retrieve/retriever.h"
#include "dragoman/text/analyzer.h"
#include "dragoman/text/skeleton.h"
#include "retrieve/overlap.h"
#include "retrieve/read_phrases.h"
#include "retrieve/search_some.h"
#include "retrieve/sort_by_score.h"
#include "retrieve/texts_of.h"

namespace dragoman {
namespace {

/// Both lists are read so deep before they are added up, as a document may be far down in one of them.
constexpr std::size_t kLeastDepth = 1000;

/// Keys below this length may be fragments: among Arabic passages single Latin letters are rare, and would count most.
constexpr std::size_t kSurelyAWord = 3;

bool has_letter(std::string_view word) {
  return std::ranges::any_of(word, [](char c) { return c < '0' || c > '9'; });
}

/// A token's word as the query has it.
std::string_view spelling(std::string_view text, const Token& token) {
  return text.substr(token.begin, token.end - token.begin);
}

class RomanizedRetriever : public Retriever {
 public:
  explicit RomanizedRetriever(RomanizedSearch search) : search_(std::move(search)), by_sound_(search_.options) {
    by_sound_.fields.clear();  // The romanised index has none,
    by_sound_.proximity = 0;   // and keys have no positions.
    search_.options.proximity = 0;
  }

  std::string_view name() const override { return "bm25"; }

  std::vector<RetrievedList> search(std::span<const Query> queries, std::size_t depth,
                                    std::span<const std::uint8_t> allowed) const override {
    if (allowed.empty()) allowed = search_.documents->languages().live;
    // Once for all queries of a language: sets of documents take longer to make than a search.
    std::map<Language, Documents> documents;
    for (const Query& query : queries) {
      const Language language = told(query);
      if (!documents.contains(language)) documents.emplace(language, documents_for(language, allowed));
    }
    std::vector<std::vector<Token>> terms(queries.size());
    parallel_for(queries.size(), search_.threads, [&](std::size_t q, std::size_t) {
      terms[q] = romanized_terms(queries[q], documents.at(told(queries[q])));
    });
    std::vector<std::size_t> served;  // By the native index.
    std::map<Language, std::vector<std::size_t>> others;
    for (std::size_t q = 0; q < queries.size(); ++q) {
      (terms[q].empty() ? served : others[told(queries[q])]).push_back(q);
    }
    std::vector<RetrievedList> lists(queries.size());
    search_some(*search_.native_search, queries, served, depth, allowed, lists);
    const std::size_t read = std::max(depth, kLeastDepth);
    for (const auto& [language, numbers] : others) {
      const Documents& within = documents.at(language);
      search_some(*search_.native_search, queries, numbers, read, within.bytes.empty() ? allowed : within.bytes, lists);
      parallel_for(numbers.size(), search_.threads, [&](std::size_t i, std::size_t) {
        const std::size_t q = numbers[i];
        const auto romanized = search_.romanized->search(texts_of(terms[q]), read, by_sound_, within.all_or_set());
        lists[q] = with_romanized(std::move(lists[q]), romanized, depth);
      });
    }
    return lists;
  }

 private:
  /// What a query's language says of where to look.
  struct Documents {
    bool native = false;              ///< There are documents in its language and script.
    bool other_script = false;        ///< There are documents in its language, in another script alone.
    std::vector<std::uint8_t> bytes;  ///< Those the romanised index may return; empty for `allowed`.
    std::optional<DocumentSet> set;   ///< The same ones; nothing for all live documents.

    const DocumentSet* all_or_set() const { return set ? &*set : nullptr; }
  };

  /// A romanised text resembles some language in Latin letters, so a guess of one says no more than the letters.
  static Language told(const Query& query) {
    const bool guess = query.language_identified && query.language.script() == "Latn";
    return guess ? Language::parse("und-Latn") : query.language;
  }

  Documents documents_for(const Language& language, std::span<const std::uint8_t> allowed) const {
    Documents documents = documents_in(language, allowed);
    const std::span<const std::uint8_t> within = documents.bytes.empty() ? allowed : documents.bytes;
    if (!search_.documents->all_live(within)) documents.set = DocumentSet::of_bytes(within);
    return documents;
  }

  Documents documents_in(const Language& language, std::span<const std::uint8_t> allowed) const {
    Documents documents;
    const auto& known = search_.documents->languages();
    if (language.undetermined()) {
      // Nobody writes a foreign language in another script than Latin.
      const std::string script = language.script();
      documents.native = !script.empty() && script != "Latn" &&
                         std::ranges::any_of(known.languages, [&](const Language& l) { return l.script() == script; });
      return documents;
    }
    std::vector<std::uint8_t> of_language(known.languages.size());
    for (std::size_t i = 0; i < known.languages.size(); ++i) {
      if (known.languages[i].primary() != language.primary()) continue;
      of_language[i] = 1;
      (known.languages[i].script() == language.script() ? documents.native : documents.other_script) = true;
    }
    if (documents.native) documents.other_script = false;
    if (!documents.other_script) return documents;
    documents.bytes.assign(known.of.size(), 0);
    for (std::size_t d = 0; d < known.of.size(); ++d) {
      documents.bytes[d] = of_language[known.of[d]] && is_allowed(allowed, d);
    }
    return documents;
  }

  /// A list of the native index with the scores of the romanised one added.
  RetrievedList with_romanized(RetrievedList list, std::span<const ScoredDocument> romanized, std::size_t depth) const {
    list.romanized = !romanized.empty();
    std::map<DocumentNumber, float> sums;
    for (const Retrieved& found : list.documents) sums[found.document] += found.score;
    for (const ScoredDocument& found : romanized) sums[found.document] += search_.weight * found.score;
    list.documents.clear();
    for (const auto& [document, score] : sums) list.documents.push_back({document, score, std::nullopt});
    keep_best(list.documents, depth);
    return list;
  }

  bool has(const Bm25Index& index, std::string_view word, const Documents& within) const {
    const Bm25Options& options = &index == search_.romanized.get() ? by_sound_ : search_.options;
    return !index.search({&word, 1}, 1, options, within.all_or_set()).empty();
  }

  /// The keys to look up; none for a query that the native index serves.
  std::vector<Token> romanized_terms(const Query& query, const Documents& documents) const {
    if (!read_phrases(query.text, *search_.native, search_.options.phrases).phrases.empty()) return {};
    // A word is known if documents have any of the forms that it is looked for in.
    const std::string_view text = query.text;
    const std::vector<Token> words =
        search_.documents->analyzer().analyze_query(text, query.language, search_.documents->languages().languages);
    std::unordered_map<std::string_view, bool> known;  // By the word as it stands in the query.
    for (const Token& word : words) {
      if (!has_letter(word.text)) continue;
      bool& is_known = known.try_emplace(spelling(text, word), false).first->second;
      is_known = is_known || has(*search_.native, word.text, documents);
    }
    const auto known_words =
        static_cast<std::size_t>(std::ranges::count_if(known, [](const auto& word) { return word.second; }));
    if (documents.native && known_words != 0) return {};
    const bool sure = documents.native || documents.other_script;
    if (!sure && 2 * known_words > known.size()) return {};

    std::vector<Token> terms = skeleton_terms(text, told(query), SkeletonSide::query);
    // Only for what the native index does not know. A pair of syllables may belong to two words. Where the query said
    // that it is in another script, a Latin word in the documents is no more than a second sign of the same word.
    std::erase_if(terms, [&](const Token& term) {
      if (documents.other_script && term.text.size() >= kSurelyAWord) return false;
      return std::ranges::none_of(words, [&](const Token& word) {
        if (!overlap(word, term)) return false;
        const auto found = known.find(spelling(text, word));
        return found != known.end() && !found->second;
      });
    });
    if (sure || known_words == 0 || hears_more_than(known_words, text, terms, words, documents)) return terms;
    return {};
  }

  /// Have more than so many different words a key in the romanised index?
  bool hears_more_than(std::size_t limit, std::string_view text, const std::vector<Token>& terms,
                       const std::vector<Token>& words, const Documents& within) const {
    std::set<std::string_view> heard;
    for (const Token& term : terms) {
      const auto is_new = [&](const Token& word) {
        return overlap(word, term) && !heard.contains(spelling(text, word));
      };
      if (std::ranges::none_of(words, is_new) || !has(*search_.romanized, term.text, within)) continue;
      for (const Token& word : words) {
        if (overlap(word, term)) heard.insert(spelling(text, word));
      }
      if (heard.size() > limit) return true;
    }
    return false;
  }

  RomanizedSearch search_;
  Bm25Options by_sound_;
};

}  // namespace

std::unique_ptr<Retriever> make_romanized_retriever(RomanizedSearch search) {
  return std::make_unique<RomanizedRetriever>(std::move(search));
}

}  // namespace dragoman
