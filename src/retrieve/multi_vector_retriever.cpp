#include "dragoman/encode/encoder.h"
#include "dragoman/multivector/multi_vector_index.h"
#include "dragoman/retrieve/retriever.h"

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
    std::vector<std::string_view> texts;
    for (const Query& query : queries) texts.push_back(query.text);
    const std::vector<Encoding> encodings = encoder_->encode(texts, EncodeAs::query, kMultiVector);
    const std::size_t dimension = encoder_->multi_vector_dimension();
    std::vector<MatrixView> vectors;
    for (const Encoding& encoding : encodings) {
      vectors.push_back({encoding.multi_vector, encoding.multi_vector.size() / dimension, dimension});
    }
    const auto matches = index_->search(vectors, depth, options_, allowed, threads_);

    std::vector<RetrievedList> lists(queries.size());
    for (std::size_t q = 0; q < queries.size(); ++q) {
      for (const MultiVectorMatch& match : matches[q]) {
        lists[q].documents.push_back({match.passage.document, match.score, match.passage.range});
      }
      lists[q].full_score = static_cast<float>(vectors[q].rows);  // A cosine of 1 for each token.
      lists[q].query_terms = encodings[q].tokens_read;
      lists[q].query_truncated = encodings[q].tokens_read < encodings[q].tokens_total;
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
