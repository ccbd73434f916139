#include "dragoman/base/parallel.h"
#include "dragoman/retrieve/retriever.h"
#include "dragoman/text/analyzer.h"

namespace dragoman {
namespace {

class Bm25Retriever : public Retriever {
 public:
  Bm25Retriever(std::shared_ptr<const Bm25Index> index, std::shared_ptr<const Analyzer> analyzer,
                const Bm25Options& options, std::size_t threads)
      : index_(std::move(index)), analyzer_(std::move(analyzer)), options_(options), threads_(threads) {}

  std::string_view name() const override { return "bm25"; }

  std::vector<RetrievedList> search(std::span<const Query> queries, std::size_t depth,
                                    std::span<const std::uint8_t> allowed) const override {
    std::vector<RetrievedList> lists(queries.size());
    // Once for all queries: making the set takes longer than a search.
    const DocumentSet set = DocumentSet::of_bytes(allowed);
    const DocumentSet* filter = allowed.empty() ? nullptr : &set;
    parallel_for(queries.size(), threads_, [&](std::size_t q, std::size_t) {
      const std::vector<Token> tokens = analyzer_->analyze(queries[q].text);
      lists[q].query_terms = tokens.size();
      std::vector<std::string_view> words;
      for (const Token& token : tokens) words.push_back(token.text);
      for (const ScoredDocument& found : index_->search(words, depth, options_, filter)) {
        lists[q].documents.push_back({found.document, found.score, std::nullopt});
      }
    });
    return lists;
  }

 private:
  std::shared_ptr<const Bm25Index> index_;
  std::shared_ptr<const Analyzer> analyzer_;
  Bm25Options options_;
  std::size_t threads_;
};

}  // namespace

std::unique_ptr<Retriever> make_bm25_retriever(std::shared_ptr<const Bm25Index> index,
                                               std::shared_ptr<const Analyzer> analyzer, const Bm25Options& options,
                                               std::size_t threads) {
  return std::make_unique<Bm25Retriever>(std::move(index), std::move(analyzer), options, threads);
}

}  // namespace dragoman
