#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <optional>

#include "dragoman/base/error.h"
#include "dragoman/base/parallel.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/encode/model_store.h"
#include "encode/encoders.h"
#include "encode/llama_runtime.h"
#include "encode/text_reader.h"

namespace dragoman {
namespace {

// llama.cpp's encoders are fastest at 160 to 512 tokens a batch, and take at most 256 sequences in one.
constexpr std::size_t kBatchTokens = 512;
constexpr std::size_t kBatchTexts = 64;

enum llama_pooling_type llama_pooling(std::optional<Pooling> pooling) {
  if (!pooling) return LLAMA_POOLING_TYPE_UNSPECIFIED;  // What the file says.
  switch (*pooling) {
    case Pooling::mean:
      return LLAMA_POOLING_TYPE_MEAN;
    case Pooling::cls:
      return LLAMA_POOLING_TYPE_CLS;
    case Pooling::last_token:
      return LLAMA_POOLING_TYPE_LAST;
  }
  return LLAMA_POOLING_TYPE_UNSPECIFIED;
}

/// None for the kinds that give no vector of a text.
std::optional<Pooling> pooling_of(llama_context* context) {
  for (const Pooling pooling : {Pooling::mean, Pooling::cls, Pooling::last_token}) {
    if (llama_pooling(pooling) == llama_pooling_type(context)) return pooling;
  }
  return std::nullopt;
}

/// Any embedding model that llama.cpp runs. Each worker has a context of one thread: several small contexts waste
/// nothing on barriers, and a text's vector does not depend on how many there are.
class LlamaEncoder : public Encoder {
 public:
  LlamaEncoder(const Model& model, const EncoderOptions& options)
      : model_(load_llama_model(model.file)),
        vocabulary_(llama_model_get_vocab(model_.get())),
        threads_(threads_or_all(options.threads)),
        pooling_(llama_pooling(model.pooling)) {
    const auto train_tokens = static_cast<std::size_t>(llama_model_n_ctx_train(model_.get()));
    max_tokens_ = model.max_tokens == 0 ? train_tokens : std::min(train_tokens, model.max_tokens);
    contexts_.push_back(make_context());
    const auto pooling = pooling_of(contexts_[0].get());
    if (!pooling) {
      throw InvalidArgument(fmt::format(
          "{}: not an encoder (it has no pooling); use it for reranking instead, or install it as one with: "
          "dragoman model add FILE --pooling last_token",
          model.file.string()));
    }
    reader_.emplace(
        model, max_tokens_,
        [this](std::string_view text) { return llama_tokens(vocabulary_, text, ControlTokens::as_text); },
        special_tokens());
    stamp_ = model_stamp(model, std::nullopt, to_string(*pooling), max_tokens_);
  }

  std::vector<Encoding> encode(std::span<const std::string_view> texts, EncodeAs as,
                               const EncodeOptions& options) const override {
    check_encode_options(*this, options);
    std::vector<Encoding> encodings(texts.size());
    const auto tokens = reader_->read(texts, as, threads_, encodings);
    const auto batches = plan_batches(tokens, batch_tokens(), kBatchTexts);
    const std::lock_guard lock(contexts_mutex_);
    while (contexts_.size() < std::min(threads_, batches.size())) contexts_.push_back(make_context());
    parallel_for(batches.size(), threads_, [&](std::size_t b, std::size_t worker) {
      run_batch(contexts_[worker].get(), batches[b], tokens, encodings);
    });
    for (Encoding& encoding : encodings) finish_dense(encoding.dense, options.dense_dimension);
    return encodings;
  }

  std::vector<std::int32_t> tokenize(std::string_view text, EncodeAs as) const override {
    return reader_->tokenize(text, as);
  }
  std::size_t count_tokens(std::string_view text) const override { return reader_->count_tokens(text); }
  std::size_t passage_budget() const override { return reader_->room(EncodeAs::passage); }
  Heads heads() const override { return {}; }
  std::size_t dimension() const override { return static_cast<std::size_t>(llama_model_n_embd_out(model_.get())); }
  std::size_t sparse_dimension() const override { return 0; }
  std::size_t multi_vector_dimension() const override { return 0; }
  Precision precision() const override { return Precision::f32; }
  const std::string& stamp() const override { return stamp_; }

 private:
  SpecialTokens special_tokens() const {
    SpecialTokens special;
    if (llama_vocab_get_add_bos(vocabulary_)) special.begin = token(llama_vocab_bos(vocabulary_));
    if (llama_vocab_get_add_eos(vocabulary_)) special.end = token(llama_vocab_eos(vocabulary_));
    if (llama_vocab_get_add_sep(vocabulary_)) special.end = token(llama_vocab_sep(vocabulary_));
    return special;
  }
  static std::optional<TokenId> token(llama_token id) {
    return id == LLAMA_TOKEN_NULL ? std::nullopt : std::optional<TokenId>(id);
  }

  /// A sequence cannot be spread over batches, so the longest text decides.
  std::size_t batch_tokens() const { return std::max(kBatchTokens, max_tokens_); }

  LlamaContextPointer make_context() const {
    llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = static_cast<std::uint32_t>(batch_tokens());
    params.n_seq_max = kBatchTexts;
    params.kv_unified = true;
    params.n_threads = params.n_threads_batch = 1;
    params.embeddings = true;
    params.pooling_type = pooling_;
    // Without it llama.cpp lets every token attend over the whole packed batch, and masks afterwards.
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_ENABLED;
    return make_llama_context(model_.get(), params);
  }

  void run_batch(llama_context* context, const Batch& batch, std::span<const std::vector<llama_token>> tokens,
                 std::span<Encoding> encodings) const {
    LlamaBatch packed(batch_tokens());
    for (std::size_t sequence = 0; sequence < batch.size(); ++sequence) {
      const auto& text = tokens[batch[sequence]];
      for (std::size_t position = 0; position < text.size(); ++position) {
        packed.add(text[position], position, sequence, true);
      }
    }
    if (llama_memory_t memory = llama_get_memory(context)) llama_memory_clear(memory, true);
    if (llama_decode(context, packed.get()) != 0) throw Unavailable("the encoder failed on a batch of texts");
    for (std::size_t sequence = 0; sequence < batch.size(); ++sequence) {
      const float* vector = llama_get_embeddings_seq(context, static_cast<llama_seq_id>(sequence));
      encodings[batch[sequence]].dense.assign(vector, vector + dimension());
    }
  }

  LlamaModelPointer model_;
  const llama_vocab* vocabulary_;
  std::size_t threads_;
  enum llama_pooling_type pooling_;
  std::size_t max_tokens_ = 0;
  std::optional<TextReader> reader_;
  std::string stamp_;
  mutable std::mutex contexts_mutex_;
  mutable std::vector<LlamaContextPointer> contexts_;  // One a worker; after model_, so that they go first.
};

}  // namespace

std::unique_ptr<Encoder> open_llama_encoder(const Model& model, const EncoderOptions& options) {
  refuse_other_precisions(model, options.precision);
  return std::make_unique<LlamaEncoder>(model, options);
}

}  // namespace dragoman
