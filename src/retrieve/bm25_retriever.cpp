#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "dragoman/base/parallel.h"
#include "dragoman/retrieve/retriever.h"
#include "dragoman/text/analyzer.h"
#include "retrieve/texts_of.h"

namespace dragoman {
namespace {

class Bm25Retriever : public Retriever {
 public:
  Bm25Retriever(std::shared_ptr<const Bm25Index> index, std::shared_ptr<const Analyzer> analyzer,
                Collection::DocumentLanguages languages, const Bm25Options& options, std::size_t threads)
      : index_(std::move(index)),
        analyzer_(std::move(analyzer)),
        languages_(std::move(languages)),
        options_(options),
        threads_(threads) {
    for (const Language& language : languages_.languages) rules_.push_back(analyzer_->rules_of(language));
  }

  std::string_view name() const override { return "bm25"; }

  std::vector<RetrievedList> search(std::span<const Query> queries, std::size_t depth,
                                    std::span<const std::uint8_t> allowed) const override {
    // Once for all queries: making a set takes longer than a search.
    std::map<std::size_t, Parts> parts;  // By the rules of a query's language.
    for (const Query& query : queries) {
      const std::size_t rules = analyzer_->rules_of(query.language);
      if (!parts.contains(rules)) parts.emplace(rules, split(rules, allowed));
    }
    std::vector<RetrievedList> lists(queries.size());
    parallel_for(queries.size(), threads_, [&](std::size_t q, std::size_t) {
      lists[q] = search(queries[q], depth, parts.at(analyzer_->rules_of(queries[q].language)));
    });
    return lists;
  }

 private:
  /// The documents that are analysed by a query's own rules, and all others; none where there are none of them.
  struct Parts {
    std::optional<DocumentSet> native, foreign;
    bool native_are_all = false;
  };

  Parts split(std::size_t rules, std::span<const std::uint8_t> allowed) const {
    const std::size_t size = languages_.of.size();
    std::vector<std::uint8_t> native(size), foreign(size);
    std::size_t natives = 0, foreigners = 0;
    for (std::size_t d = 0; d < size; ++d) {
      if (!allowed.empty() && (d >= allowed.size() || allowed[d] == 0)) continue;
      const bool is_native = rules_[languages_.of[d]] == rules;
      (is_native ? native : foreign)[d] = 1;
      ++(is_native ? natives : foreigners);
    }
    Parts parts;
    if (natives != 0) parts.native = DocumentSet::of_bytes(native);
    if (foreigners != 0) parts.foreign = DocumentSet::of_bytes(foreign);
    parts.native_are_all = natives == size;
    return parts;
  }

  RetrievedList search(const Query& query, std::size_t depth, const Parts& parts) const {
    RetrievedList list;
    const std::vector<Token> words = analyzer_->analyze_query(query.text, query.language);
    list.query_terms = words.size();
    const auto add = [&](std::span<const Token> tokens, const DocumentSet* documents) {
      const std::vector<std::string_view> texts = texts_of(tokens);
      for (const ScoredDocument& found : index_->search(texts, depth, options_, documents)) {
        list.documents.push_back({found.document, found.score, std::nullopt});
      }
    };
    if (parts.native) add(words, parts.native_are_all ? nullptr : &*parts.native);
    if (!parts.foreign) return list;
    // Whoever wants all words would be asked for all forms of each.
    const bool all = options_.match == LexicalMatch::all;
    add(all ? words : analyzer_->analyze_query(query.text, query.language, languages_.languages), &*parts.foreign);
    std::ranges::sort(list.documents, [](const Retrieved& a, const Retrieved& b) {
      return a.score != b.score ? a.score > b.score : a.document < b.document;
    });
    if (list.documents.size() > depth) list.documents.resize(depth);
    return list;
  }

  std::shared_ptr<const Bm25Index> index_;
  std::shared_ptr<const Analyzer> analyzer_;
  Collection::DocumentLanguages languages_;
  std::vector<std::size_t> rules_;  // Of each of the languages.
  Bm25Options options_;
  std::size_t threads_;
};

}  // namespace

std::unique_ptr<Retriever> make_bm25_retriever(std::shared_ptr<const Bm25Index> index,
                                               std::shared_ptr<const Analyzer> analyzer,
                                               Collection::DocumentLanguages languages, const Bm25Options& options,
                                               std::size_t threads) {
  return std::make_unique<Bm25Retriever>(std::move(index), std::move(analyzer), std::move(languages), options, threads);
}

}  // namespace dragoman
