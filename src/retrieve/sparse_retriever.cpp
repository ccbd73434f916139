#include "dragoman/base/parallel.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/retrieve/retriever.h"
#include "dragoman/sparse/sparse_index.h"

namespace dragoman {
namespace {

constexpr EncodeOptions kSparse = {.heads = {.dense = false, .sparse = true}};

class SparseRetriever : public Retriever {
 public:
  SparseRetriever(std::shared_ptr<const SparseIndex> index, std::shared_ptr<const Encoder> encoder,
                  const SparseOptions& options, std::size_t threads)
      : index_(std::move(index)), encoder_(std::move(encoder)), options_(options), threads_(threads) {}

  std::string_view name() const override { return "sparse"; }

  std::vector<RetrievedList> search(std::span<const Query> queries, std::size_t depth,
                                    std::span<const std::uint8_t> allowed) const override {
    std::vector<std::string_view> texts;
    for (const Query& query : queries) texts.push_back(query.text);
    const std::vector<Encoding> encodings = encoder_->encode(texts, EncodeAs::query, kSparse);
    std::optional<DocumentSet> passages;
    if (!allowed.empty()) passages = index_->allowed_passages(allowed);

    std::vector<RetrievedList> lists(queries.size());
    parallel_for(queries.size(), threads_, [&](std::size_t q, std::size_t) {
      const Encoding& encoding = encodings[q];
      for (const SparseMatch& match :
           index_->search(encoding.sparse, depth, options_, passages ? &*passages : nullptr)) {
        lists[q].documents.push_back({match.passage.document, match.score, match.passage.range});
      }
      lists[q].full_score = static_cast<float>(index_->full_score(encoding.sparse, options_.weighting));
      lists[q].query_terms = encoding.tokens_read;
      lists[q].query_truncated = encoding.tokens_read < encoding.tokens_total;
    });
    return lists;
  }

 private:
  std::shared_ptr<const SparseIndex> index_;
  std::shared_ptr<const Encoder> encoder_;
  SparseOptions options_;
  std::size_t threads_;
};

}  // namespace

std::unique_ptr<Retriever> make_sparse_retriever(std::shared_ptr<const SparseIndex> index,
                                                 std::shared_ptr<const Encoder> encoder, const SparseOptions& options,
                                                 std::size_t threads) {
  return std::make_unique<SparseRetriever>(std::move(index), std::move(encoder), options, threads);
}

}  // namespace dragoman
