#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <numeric>

#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"
#include "dragoman/base/parallel.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/encode/model_store.h"
#include "encode/encoders.h"
#include "encode/llama_runtime.h"

namespace dragoman {
namespace {

// llama.cpp's encoders are fastest at 160 to 512 tokens a batch, and take at most 256 sequences in one.
constexpr std::size_t kBatchTokens = 512;
constexpr std::size_t kBatchTexts = 64;

/// Texts that go through the model together, by index.
using Batch = std::vector<std::size_t>;

/// Packs texts, longest first, into batches. Depends on the lengths alone, never on the number of threads, so that
/// every text meets the same neighbours and gets the same bits.
std::vector<Batch> plan_batches(std::span<const std::vector<llama_token>> texts, std::size_t batch_tokens) {
  std::vector<std::size_t> by_length(texts.size());
  std::iota(by_length.begin(), by_length.end(), 0);
  std::ranges::stable_sort(by_length, std::greater{}, [&](std::size_t i) { return texts[i].size(); });
  std::vector<Batch> batches;
  std::size_t filled = 0;
  for (const std::size_t i : by_length) {
    if (batches.empty() || batches.back().size() == kBatchTexts || filled + texts[i].size() > batch_tokens) {
      batches.emplace_back();
      filled = 0;
    }
    batches.back().push_back(i);
    filled += texts[i].size();
  }
  return batches;
}

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

std::string_view pooling_name(enum llama_pooling_type pooling) {
  switch (pooling) {
    case LLAMA_POOLING_TYPE_MEAN:
      return "mean";
    case LLAMA_POOLING_TYPE_CLS:
      return "cls";
    case LLAMA_POOLING_TYPE_LAST:
      return "last_token";
    default:
      return "";
  }
}

/// Any embedding model that llama.cpp runs. Each worker has a context of one thread: several small contexts waste
/// nothing on barriers, and a text's vector does not depend on how many there are.
class LlamaEncoder : public Encoder {
 public:
  LlamaEncoder(const Model& model, const EncoderOptions& options)
      : model_(load_llama_model(model.file)),
        vocabulary_(llama_model_get_vocab(model_.get())),
        threads_(threads_or_all(options.threads)),
        prompts_{model.query_prompt, model.passage_prompt},
        pooling_(llama_pooling(model.pooling)) {
    max_tokens_ = static_cast<std::size_t>(llama_model_n_ctx_train(model_.get()));
    if (model.max_tokens != 0) max_tokens_ = std::min(max_tokens_, model.max_tokens);
    if (llama_vocab_get_add_bos(vocabulary_)) begin_ = llama_vocab_bos(vocabulary_);
    if (llama_vocab_get_add_eos(vocabulary_)) end_ = llama_vocab_eos(vocabulary_);
    if (llama_vocab_get_add_sep(vocabulary_)) end_ = llama_vocab_sep(vocabulary_);
    contexts_.push_back(make_context());
    const auto pooling = pooling_name(llama_pooling_type(contexts_[0].get()));
    if (pooling.empty()) {
      throw InvalidArgument(fmt::format(
          "{}: not an encoder (it has no pooling); use it for reranking instead, or install it as one with: "
          "dragoman model add FILE --pooling last_token",
          model.file.string()));
    }
    room_after(model.query_prompt, "query", model.file);
    passage_budget_ = room_after(model.passage_prompt, "passage", model.file);
    stamp_ = fmt::format("sha256={} pooling={} max_tokens={} query_prompt=\"{}\" passage_prompt=\"{}\"",
                         model.sha256.empty() ? sha256_of_file(model.file) : model.sha256, pooling, max_tokens_,
                         model.query_prompt, model.passage_prompt);
  }

  std::vector<Encoding> encode(std::span<const std::string_view> texts, EncodeAs as,
                               const EncodeOptions& options) const override {
    check_encode_options(*this, options);
    std::vector<Encoding> encodings(texts.size());
    std::vector<std::vector<llama_token>> tokens(texts.size());
    parallel_for(texts.size(), threads_, [&](std::size_t i, std::size_t) {
      tokens[i] = tokenize(texts[i], as);
      encodings[i].tokens_total = tokens[i].size();
      if (tokens[i].size() > max_tokens_) {
        tokens[i].resize(max_tokens_);
        if (end_ != LLAMA_TOKEN_NULL) tokens[i].back() = end_;
      }
      encodings[i].tokens_read = tokens[i].size();
    });

    const auto batches = plan_batches(tokens, batch_tokens());
    const std::lock_guard lock(contexts_mutex_);
    while (contexts_.size() < std::min(threads_, batches.size())) contexts_.push_back(make_context());
    parallel_for(batches.size(), threads_, [&](std::size_t b, std::size_t worker) {
      run_batch(contexts_[worker].get(), batches[b], tokens, encodings);
    });
    for (Encoding& encoding : encodings) finish_dense(encoding.dense, options.dense_dimension);
    return encodings;
  }

  std::vector<std::int32_t> tokenize(std::string_view text, EncodeAs as) const override {
    // The prompt is part of the text for the tokenizer, as it was in training.
    std::string whole = prompts_[as == EncodeAs::query ? 0 : 1];
    whole += text;
    std::vector<llama_token> tokens = llama_tokens(vocabulary_, whole, ControlTokens::as_text);
    if (begin_ != LLAMA_TOKEN_NULL) tokens.insert(tokens.begin(), begin_);
    if (end_ != LLAMA_TOKEN_NULL) tokens.push_back(end_);
    return tokens;
  }

  std::size_t count_tokens(std::string_view text) const override {
    return llama_tokens(vocabulary_, text, ControlTokens::as_text).size();
  }

  std::size_t passage_budget() const override { return passage_budget_; }
  Heads heads() const override { return {}; }
  std::size_t dimension() const override { return static_cast<std::size_t>(llama_model_n_embd_out(model_.get())); }
  std::size_t sparse_dimension() const override { return 0; }
  std::size_t multi_vector_dimension() const override { return 0; }
  Precision precision() const override { return Precision::f32; }
  const std::string& stamp() const override { return stamp_; }

 private:
  std::size_t special_tokens() const {
    return std::size_t{begin_ != LLAMA_TOKEN_NULL} + std::size_t{end_ != LLAMA_TOKEN_NULL};
  }

  /// Tokens left for a text behind its prompt. @throws InvalidArgument if there are none.
  std::size_t room_after(const std::string& prompt, std::string_view name, const std::filesystem::path& file) const {
    const std::size_t taken = count_tokens(prompt) + special_tokens();
    if (taken >= max_tokens_) {
      throw InvalidArgument(
          fmt::format("{}: the {} prompt fills all {} tokens that the model reads", file.string(), name, max_tokens_));
    }
    return max_tokens_ - taken;
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
  std::array<std::string, 2> prompts_;
  enum llama_pooling_type pooling_;
  std::size_t max_tokens_ = 0, passage_budget_ = 0;
  llama_token begin_ = LLAMA_TOKEN_NULL, end_ = LLAMA_TOKEN_NULL;
  std::string stamp_;
  mutable std::mutex contexts_mutex_;
  mutable std::vector<LlamaContextPointer> contexts_;  // One a worker; after model_, so that they go first.
};

}  // namespace

std::unique_ptr<Encoder> open_llama_encoder(const Model& model, const EncoderOptions& options) {
  return std::make_unique<LlamaEncoder>(model, options);
}

}  // namespace dragoman
