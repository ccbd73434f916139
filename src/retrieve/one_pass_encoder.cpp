#include "dragoman/retrieve/one_pass_encoder.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "encode/encoders.h"

namespace dragoman {
namespace {

class OnePassEncoder : public Encoder {
 public:
  OnePassEncoder(std::shared_ptr<const Encoder> encoder, Heads heads) : encoder_(std::move(encoder)), heads_(heads) {}

  std::vector<Encoding> encode(std::span<const std::string_view> texts, EncodeAs as,
                               const EncodeOptions& options) const override {
    if (!covers(heads_, options.heads)) return encoder_->encode(texts, as, options);
    EncodeOptions wanted = options;
    wanted.heads = heads_;
    const std::lock_guard lock(mutex_);
    const bool known = as == as_ && wanted == options_ && std::ranges::equal(texts, texts_);
    if (!known) {
      encodings_ = encoder_->encode(texts, as, wanted);
      texts_.assign(texts.begin(), texts.end());
      as_ = as;
      options_ = wanted;
    }
    std::vector<Encoding> result;
    result.reserve(encodings_.size());
    for (const Encoding& encoding : encodings_) {
      Encoding& part = result.emplace_back();
      if (options.heads.dense) part.dense = encoding.dense;
      if (options.heads.sparse) part.sparse = encoding.sparse;
      if (options.heads.multi_vector) part.multi_vector = encoding.multi_vector;
      part.tokens_read = encoding.tokens_read;
      part.tokens_total = encoding.tokens_total;
    }
    return result;
  }

  std::vector<std::int32_t> tokenize(std::string_view text, EncodeAs as) const override {
    return encoder_->tokenize(text, as);
  }
  std::size_t count_tokens(std::string_view text) const override { return encoder_->count_tokens(text); }
  std::size_t passage_budget() const override { return encoder_->passage_budget(); }
  Heads heads() const override { return encoder_->heads(); }
  std::size_t dimension() const override { return encoder_->dimension(); }
  std::size_t sparse_dimension() const override { return encoder_->sparse_dimension(); }
  std::size_t multi_vector_dimension() const override { return encoder_->multi_vector_dimension(); }
  Precision precision() const override { return encoder_->precision(); }
  const std::string& stamp() const override { return encoder_->stamp(); }
  EncoderUsage usage() const override { return encoder_->usage(); }
  std::vector<std::string> notices() const override { return encoder_->notices(); }

 private:
  std::shared_ptr<const Encoder> encoder_;
  Heads heads_;
  mutable std::mutex mutex_;
  mutable std::vector<std::string> texts_;
  mutable EncodeAs as_ = EncodeAs::query;
  mutable EncodeOptions options_;
  mutable std::vector<Encoding> encodings_;
};

}  // namespace

std::shared_ptr<const Encoder> make_one_pass_encoder(std::shared_ptr<const Encoder> encoder, Heads heads) {
  return std::make_shared<OnePassEncoder>(std::move(encoder), heads);
}

}  // namespace dragoman
