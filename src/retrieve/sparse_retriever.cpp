#include "dragoman/base/parallel.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/retrieve/retriever.h"
#include "dragoman/sparse/sparse_index.h"
#include "retrieve/encoded_queries.h"

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
    const std::vector<Encoding> encodings = encode_queries(*encoder_, queries, kSparse);
    std::optional<DocumentSet> passages;
    if (!allowed.empty()) passages = index_->allowed_passages(allowed);

    std::vector<RetrievedList> lists(queries.size());
    parallel_for(queries.size(), threads_, [&](std::size_t q, std::size_t) {
      const auto& query = encodings[q].sparse;
      const auto matches = index_->search(query, depth, options_, passages ? &*passages : nullptr);
      const auto full_score = static_cast<float>(index_->full_score(query, options_.weighting));
      lists[q] = retrieved_list(matches, encodings[q], full_score);
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
