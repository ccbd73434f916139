#include "dragoman/encode/encoder.h"
#include "dragoman/multivector/multi_vector_index.h"
#include "dragoman/retrieve/retriever.h"
#include "retrieve/encoded_queries.h"

namespace dragoman {
namespace {

constexpr EncodeOptions kMultiVector = {.heads = {.dense = false, .multi_vector = true}};

class MultiVectorRetriever : public Retriever {
 public:
  MultiVectorRetriever(std::shared_ptr<const MultiVectorIndex> index, std::shared_ptr<const Encoder> encoder,
                       const MultiVectorOptions& options, std::size_t threads)
      : index_(std::move(index)), encoder_(std::move(encoder)), options_(options), threads_(threads) {}

  std::string_view name() const override { return "multivector"; }

  std::vector<RetrievedList> search(std::span<const Query> queries, std::size_t depth,
                                    std::span<const std::uint8_t> allowed) const override {
    const std::vector<Encoding> encodings = encode_queries(*encoder_, queries, kMultiVector);
    const std::size_t dimension = encoder_->multi_vector_dimension();
    std::vector<MatrixView> vectors;
    for (const Encoding& encoding : encodings) {
      vectors.push_back({encoding.multi_vector, encoding.multi_vector.size() / dimension, dimension});
    }
    const auto matches = index_->search(vectors, depth, options_, allowed, threads_);

    std::vector<RetrievedList> lists;
    for (std::size_t q = 0; q < queries.size(); ++q) {
      const auto full_score = static_cast<float>(vectors[q].rows);  // A cosine of 1 for each token.
      lists.push_back(retrieved_list(matches[q], encodings[q], full_score));
    }
    return lists;
  }

 private:
  std::shared_ptr<const MultiVectorIndex> index_;
  std::shared_ptr<const Encoder> encoder_;
  MultiVectorOptions options_;
  std::size_t threads_;
};

}  // namespace

std::unique_ptr<Retriever> make_multi_vector_retriever(std::shared_ptr<const MultiVectorIndex> index,
                                                       std::shared_ptr<const Encoder> encoder,
                                                       const MultiVectorOptions& options, std::size_t threads) {
  return std::make_unique<MultiVectorRetriever>(std::move(index), std::move(encoder), options, threads);
}

}  // namespace dragoman
