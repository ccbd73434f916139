#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "dragoman/base/parallel.h"
#include "dragoman/retrieve/retriever.h"
#include "dragoman/text/analyzer.h"
#include "dragoman/text/skeleton.h"

namespace dragoman {
namespace {

/// Both lists are read so deep before they are added up, as a document may be far down in one of them.
constexpr std::size_t kLeastDepth = 1000;

/// Keys below this length may be fragments: among Arabic passages single Latin letters are rare, and would count most.
constexpr std::size_t kSurelyAWord = 3;

bool has_letter(std::string_view word) {
  return std::ranges::any_of(word, [](char c) { return c < '0' || c > '9'; });
}

class RomanizedRetriever : public Retriever {
 public:
  explicit RomanizedRetriever(RomanizedSearch search) : search_(std::move(search)) {}

  std::string_view name() const override { return "bm25"; }

  std::vector<RetrievedList> search(std::span<const Query> queries, std::size_t depth,
                                    std::span<const std::uint8_t> allowed) const override {
    // Queries of one language may see the same documents.
    std::map<Language, Documents> documents;
    for (const Query& query : queries) {
      const Language language = told(query);
      if (!documents.contains(language)) documents.emplace(language, documents_for(language, allowed));
    }
    std::vector<RetrievedList> lists(queries.size());
    parallel_for(queries.size(), search_.threads, [&](std::size_t q, std::size_t) {
      lists[q] = search_one(queries[q], documents.at(told(queries[q])), depth, allowed);
    });
    return lists;
  }

 private:
  /// What a query's language says of where to look.
  struct Documents {
    bool native = false;               ///< There are documents in its language and script.
    bool other_script = false;         ///< There are documents in its language, in another script alone.
    std::vector<std::uint8_t> within;  ///< Those the romanised index may return; empty for `allowed`.
  };

  /// A romanised text resembles some language in Latin letters, so a guess of one says no more than the letters.
  static Language told(const Query& query) {
    const bool guess = query.language_identified && query.language.script() == "Latn";
    return guess ? Language::parse("und-Latn") : query.language;
  }

  Documents documents_for(const Language& language, std::span<const std::uint8_t> allowed) const {
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
    if (documents.native || !documents.other_script) return documents;
    documents.within.assign(known.of.size(), 0);
    for (std::size_t d = 0; d < known.of.size(); ++d) {
      documents.within[d] = of_language[known.of[d]] && (allowed.empty() || (d < allowed.size() && allowed[d]));
    }
    return documents;
  }

  RetrievedList search_one(const Query& query, const Documents& documents, std::size_t depth,
                           std::span<const std::uint8_t> allowed) const {
    std::span<const std::uint8_t> within = documents.within.empty() ? allowed : documents.within;
    const std::vector<Token> terms = romanized_terms(query, documents, within);
    if (terms.empty()) return native(query, depth, allowed);
    const std::size_t read = std::max(depth, kLeastDepth);
    RetrievedList list = native(query, read, within);
    const auto romanized = search_.romanized->search(terms, read, search_.options, within);
    list.romanized = !romanized.empty();
    std::map<DocumentNumber, float> sums;
    for (const Retrieved& found : list.documents) sums[found.document] += found.score;
    for (const ScoredDocument& found : romanized) sums[found.document] += search_.weight * found.score;
    list.documents.clear();
    for (const auto& [document, score] : sums) list.documents.push_back({document, score, std::nullopt});
    std::ranges::stable_sort(list.documents, std::greater{}, &Retrieved::score);
    if (list.documents.size() > depth) list.documents.resize(depth);
    return list;
  }

  RetrievedList native(const Query& query, std::size_t depth, std::span<const std::uint8_t> within) const {
    return std::move(search_.native_search->search({&query, 1}, depth, within).front());
  }

  /// The keys to look up; none for a query that the native index serves.
  /// @param within documents that count, as in Bm25Index::search().
  std::vector<Token> romanized_terms(const Query& query, const Documents& documents,
                                     std::span<const std::uint8_t> within) const {
    // A word is known if documents have any of the forms that it is looked for in.
    const std::string_view text = query.text;
    const std::vector<Token> words =
        search_.documents->analyzer().analyze_query(text, query.language, search_.documents->languages().languages);
    std::unordered_map<std::string_view, bool> known;  // By the word as it stands in the query.
    for (const Token& word : words) {
      if (!has_letter(word.text)) continue;
      bool& is_known = known.try_emplace(text.substr(word.begin, word.end - word.begin), false).first->second;
      is_known = is_known || !search_.native->search({&word, 1}, 1, search_.options, within).empty();
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
      if (documents.other_script && !documents.native && term.text.size() >= kSurelyAWord) return false;
      return std::ranges::none_of(words, [&](const Token& word) {
        const auto found = known.find(text.substr(word.begin, word.end - word.begin));
        return word.begin < term.end && term.begin < word.end && found != known.end() && !found->second;
      });
    });
    if (sure || known_words == 0 || heard_words(text, terms, words, within) > known_words) return terms;
    return {};
  }

  /// How many different words have a key in the romanised index.
  std::size_t heard_words(std::string_view text, const std::vector<Token>& terms, const std::vector<Token>& words,
                          std::span<const std::uint8_t> within) const {
    std::set<std::string_view> heard;
    for (const Token& term : terms) {
      if (search_.romanized->search({&term, 1}, 1, search_.options, within).empty()) continue;
      for (const Token& word : words) {
        if (word.begin < term.end && term.begin < word.end)
          heard.insert(text.substr(word.begin, word.end - word.begin));
      }
    }
    return heard.size();
  }

  RomanizedSearch search_;
};

}  // namespace

std::unique_ptr<Retriever> make_romanized_retriever(RomanizedSearch search) {
  return std::make_unique<RomanizedRetriever>(std::move(search));
}

}  // namespace dragoman
