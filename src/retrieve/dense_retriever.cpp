#include "dragoman/base/error.h"
#include "dragoman/dense/dense_index.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/retrieve/retriever.h"

namespace dragoman {
namespace {

class DenseRetriever : public Retriever {
 public:
  DenseRetriever(std::shared_ptr<const DenseIndex> index, std::shared_ptr<const Encoder> encoder,
                 const DenseSearchOptions& options, std::size_t threads)
      : index_(std::move(index)), encoder_(std::move(encoder)), options_(options), threads_(threads) {}

  std::string_view name() const override { return "dense"; }

  std::vector<RetrievedList> search(std::span<const Query> queries, std::size_t depth,
                                    std::span<const std::uint8_t> allowed) const override {
    std::vector<std::string_view> texts;
    for (const Query& query : queries) texts.push_back(query.text);
    const std::vector<Encoding> encodings = encoder_->encode(texts, EncodeAs::query);

    const std::size_t dimension = encoder_->dimension();
    std::vector<float> vectors;
    vectors.reserve(queries.size() * dimension);
    for (const Encoding& encoding : encodings) {
      vectors.insert(vectors.end(), encoding.dense.begin(), encoding.dense.end());
    }
    const auto matches = index_->search(vectors, dimension, depth, allowed, options_, threads_);

    std::vector<RetrievedList> lists(queries.size());
    for (std::size_t q = 0; q < queries.size(); ++q) {
      for (const DenseMatch& match : matches[q]) {
        lists[q].documents.push_back({match.passage.document, match.score, match.passage.range});
      }
      lists[q].query_terms = encodings[q].tokens_read;
      lists[q].query_truncated = encodings[q].tokens_read < encodings[q].tokens_total;
    }
    return lists;
  }

 private:
  std::shared_ptr<const DenseIndex> index_;
  std::shared_ptr<const Encoder> encoder_;
  DenseSearchOptions options_;
  std::size_t threads_;
};

}  // namespace

std::unique_ptr<Retriever> make_dense_retriever(std::shared_ptr<const DenseIndex> index,
                                                std::shared_ptr<const Encoder> encoder,
                                                const DenseSearchOptions& options, std::size_t threads) {
  return std::make_unique<DenseRetriever>(std::move(index), std::move(encoder), options, threads);
}

}  // namespace dragoman
