#include <optional>

#include "dragoman/dense/dense_index.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/retrieve/retriever.h"
#include "retrieve/encoded_queries.h"

namespace dragoman {
namespace {

class DenseRetriever : public Retriever {
 public:
  DenseRetriever(std::shared_ptr<const DenseIndex> index, std::shared_ptr<const Encoder> encoder,
                 const DenseSearchOptions& options, std::size_t threads, std::shared_ptr<const LanguageBias> bias,
                 Debias debias, CommonOfQuestion common)
      : index_(std::move(index)),
        encoder_(std::move(encoder)),
        options_(options),
        threads_(threads),
        bias_(debias == Debias::none ? nullptr : std::move(bias)),
        debias_(debias),
        common_(std::move(common)) {
    if (bias_) scales_ = bias_->scales(debias_);
  }

  std::string_view name() const override { return "dense"; }

  std::vector<RetrievedList> search(std::span<const Query> queries, std::size_t depth,
                                    std::span<const std::uint8_t> allowed) const override {
    const std::vector<Encoding> encodings = encode_queries(*encoder_, queries);

    const std::size_t dimension = encoder_->dimension();
    std::vector<float> vectors, offsets;
    vectors.reserve(queries.size() * dimension);
    for (std::size_t q = 0; q < queries.size(); ++q) {
      if (!bias_) {
        vectors.insert(vectors.end(), encodings[q].dense.begin(), encodings[q].dense.end());
        continue;
      }
      const LanguageBias::Query query = common_
                                            ? bias_->transform_less(encodings[q].dense, common_(queries[q]), debias_)
                                            : bias_->transform(encodings[q].dense, queries[q].language, debias_);
      vectors.insert(vectors.end(), query.vector.begin(), query.vector.end());
      offsets.insert(offsets.end(), query.offsets.begin(), query.offsets.end());
    }
    std::optional<ScoreAdjustment> adjustment;
    if (bias_) adjustment = ScoreAdjustment{scales_, bias_->passage_languages(), offsets, bias_->languages().size()};
    const auto matches =
        index_->search(vectors, dimension, depth, allowed, options_, threads_, adjustment ? &*adjustment : nullptr);

    std::vector<RetrievedList> lists;
    for (std::size_t q = 0; q < queries.size(); ++q) {
      lists.push_back(retrieved_list(matches[q], encodings[q], 1));  // A cosine of 1, of unit vectors.
    }
    return lists;
  }

 private:
  std::shared_ptr<const DenseIndex> index_;
  std::shared_ptr<const Encoder> encoder_;
  DenseSearchOptions options_;
  std::size_t threads_;
  std::shared_ptr<const LanguageBias> bias_;  // Null unless scores are to be freed of it.
  Debias debias_;
  CommonOfQuestion common_;
  std::span<const float> scales_;  // Of the bias.
};

}  // namespace

std::unique_ptr<Retriever> make_dense_retriever(std::shared_ptr<const DenseIndex> index,
                                                std::shared_ptr<const Encoder> encoder,
                                                const DenseSearchOptions& options, std::size_t threads,
                                                std::shared_ptr<const LanguageBias> bias, Debias debias,
                                                CommonOfQuestion common) {
  return std::make_unique<DenseRetriever>(std::move(index), std::move(encoder), options, threads, std::move(bias),
                                          debias, std::move(common));
}

}  // namespace dragoman
