#include <algorithm>

#include "dragoman/encode/encoder.h"
#include "dragoman/multivector/multi_vector_index.h"
#include "dragoman/retrieve/multi_vector_language_bias.h"
#include "dragoman/retrieve/retriever.h"
#include "retrieve/encoded_queries.h"

namespace dragoman {
namespace {

constexpr EncodeOptions kMultiVector = {.heads = {.dense = false, .multi_vector = true}};

class MultiVectorRetriever : public Retriever {
 public:
  MultiVectorRetriever(std::shared_ptr<const MultiVectorIndex> index, std::shared_ptr<const Encoder> encoder,
                       const MultiVectorOptions& options, std::size_t threads,
                       std::shared_ptr<const MultiVectorLanguageBias> bias = nullptr,
                       std::shared_ptr<const AnalyzedDocuments> documents = nullptr, float strength = 0)
      : index_(std::move(index)),
        encoder_(std::move(encoder)),
        options_(options),
        threads_(threads),
        bias_(std::move(bias)),
        documents_(std::move(documents)),
        strength_(strength) {}

  std::string_view name() const override { return "multivector"; }

  std::vector<RetrievedList> search(std::span<const Query> queries, std::size_t depth,
                                    std::span<const std::uint8_t> allowed) const override {
    const std::vector<Encoding> encodings = encode_queries(*encoder_, queries, kMultiVector);
    const std::size_t dimension = encoder_->multi_vector_dimension();
    std::vector<MatrixView> vectors;
    for (const Encoding& encoding : encodings) {
      vectors.push_back({encoding.multi_vector, encoding.multi_vector.size() / dimension, dimension});
    }
    auto matches = index_->search(vectors, scored(depth), options_, allowed, threads_);
    if (bias_) {
      for (std::size_t q = 0; q < queries.size(); ++q) {
        lower(matches[q], queries[q].language, static_cast<float>(vectors[q].rows), depth);
      }
    }

    std::vector<RetrievedList> lists;
    for (std::size_t q = 0; q < queries.size(); ++q) {
      // A cosine of 1 for each token, above what it has in any document.
      const float unrelated = bias_ ? bias_->unrelated(queries[q].language) : 0;
      const float full_score = static_cast<float>(vectors[q].rows) * (1 - unrelated);
      lists.push_back(retrieved_list(matches[q], encodings[q], full_score));
    }
    return lists;
  }

 private:
  /// How many documents are asked for, that `depth` be left when scores were lowered: all that have a score.
  std::size_t scored(std::size_t depth) const {
    if (!bias_) return depth;
    const bool all = options_.method == MultiVectorMethod::exhaustive;
    return std::max(depth, all ? index_->passage_count() : options_.full_scores);
  }

  void lower(std::vector<MultiVectorMatch>& matches, const Language& query, float tokens, std::size_t depth) const {
    const Collection::DocumentLanguages& languages = documents_->languages();
    const float unrelated = bias_->unrelated(query);
    std::vector<float> heights;
    for (const Language& language : languages.languages) {
      heights.push_back(tokens * (unrelated + strength_ * bias_->height(query, language)));
    }
    for (MultiVectorMatch& match : matches) match.score -= heights[languages.of[match.passage.document]];
    std::ranges::sort(matches, [](const MultiVectorMatch& a, const MultiVectorMatch& b) {
      return a.score != b.score ? a.score > b.score : a.passage.document < b.passage.document;
    });
    if (matches.size() > depth) matches.resize(depth);
  }

  std::shared_ptr<const MultiVectorIndex> index_;
  std::shared_ptr<const Encoder> encoder_;
  MultiVectorOptions options_;
  std::size_t threads_;
  std::shared_ptr<const MultiVectorLanguageBias> bias_;  // Null: none.
  std::shared_ptr<const AnalyzedDocuments> documents_;
  float strength_;
};

}  // namespace

std::unique_ptr<Retriever> make_multi_vector_retriever(std::shared_ptr<const MultiVectorIndex> index,
                                                       std::shared_ptr<const Encoder> encoder,
                                                       const MultiVectorOptions& options, std::size_t threads) {
  return std::make_unique<MultiVectorRetriever>(std::move(index), std::move(encoder), options, threads);
}

std::unique_ptr<Retriever> make_multi_vector_retriever(std::shared_ptr<const MultiVectorIndex> index,
                                                       std::shared_ptr<const Encoder> encoder,
                                                       const MultiVectorOptions& options, std::size_t threads,
                                                       std::shared_ptr<const MultiVectorLanguageBias> bias,
                                                       std::shared_ptr<const AnalyzedDocuments> documents,
                                                       float strength) {
  return std::make_unique<MultiVectorRetriever>(std::move(index), std::move(encoder), options, threads, std::move(bias),
                                                std::move(documents), strength);
}

}  // namespace dragoman
