#include <cmath>

#include "dragoman/base/parallel.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/retrieve/retriever.h"
#include "dragoman/retrieve/sparse_language_bias.h"
#include "dragoman/sparse/sparse_index.h"
#include "retrieve/encoded_queries.h"

namespace dragoman {
namespace {

constexpr EncodeOptions kSparse = {.heads = {.dense = false, .sparse = true}};

class SparseRetriever : public Retriever {
 public:
  SparseRetriever(std::shared_ptr<const SparseIndex> index, std::shared_ptr<const Encoder> encoder,
                  const SparseOptions& options, std::size_t threads, std::shared_ptr<const SparseLanguageBias> bias,
                  float strength)
      : index_(std::move(index)),
        encoder_(std::move(encoder)),
        options_(options),
        threads_(threads),
        bias_(std::move(bias)),
        strength_(strength) {}

  std::string_view name() const override { return "sparse"; }

  std::vector<RetrievedList> search(std::span<const Query> queries, std::size_t depth,
                                    std::span<const std::uint8_t> allowed) const override {
    const std::vector<Encoding> encodings = encode_queries(*encoder_, queries, kSparse);
    std::optional<DocumentSet> passages;
    if (!allowed.empty()) passages = index_->allowed_passages(allowed);

    std::vector<RetrievedList> lists(queries.size());
    parallel_for(queries.size(), threads_, [&](std::size_t q, std::size_t) {
      std::vector<SparseWeight> query = encodings[q].sparse, full = query;
      for (std::size_t i = 0; bias_ && i < query.size(); ++i) {
        const float factor = bias_->factor(query[i].dimension, strength_);
        query[i].weight *= factor;
        full[i].weight *= std::sqrt(factor);  // Whose square is what the query scores against itself.
      }
      const auto matches = index_->search(query, depth, options_, passages ? &*passages : nullptr);
      const auto full_score = static_cast<float>(index_->full_score(full, options_.weighting));
      lists[q] = retrieved_list(matches, encodings[q], full_score);
    });
    return lists;
  }

 private:
  std::shared_ptr<const SparseIndex> index_;
  std::shared_ptr<const Encoder> encoder_;
  SparseOptions options_;
  std::size_t threads_;
  std::shared_ptr<const SparseLanguageBias> bias_;  // Null: none.
  float strength_;
};

}  // namespace

std::unique_ptr<Retriever> make_sparse_retriever(std::shared_ptr<const SparseIndex> index,
                                                 std::shared_ptr<const Encoder> encoder, const SparseOptions& options,
                                                 std::size_t threads, std::shared_ptr<const SparseLanguageBias> bias,
                                                 float strength) {
  return std::make_unique<SparseRetriever>(std::move(index), std::move(encoder), options, threads, std::move(bias),
                                           strength);
}

}  // namespace dragoman
