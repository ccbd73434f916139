#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "dragoman/base/error.h"
#include "dragoman/base/parallel.h"
#include "dragoman/encode/model_store.h"
#include "encode/cross_encoders.h"
#include "encode/llama_runtime.h"
#include "encode/model_file.h"

namespace dragoman {
namespace {

/// What a model without a template of its own reads at most: longer contexts take memory for every worker.
constexpr std::size_t kMostTokens = 4096;

constexpr std::string_view kQuery = "{query}", kDocument = "{document}";

/// Each worker has a context of one thread, and takes one pair at a time.
class LlamaCrossEncoder final : public CrossEncoder {
 public:
  LlamaCrossEncoder(const Model& model, const CrossEncoderOptions& options)
      : model_(load_llama_model(model.file)),
        vocabulary_(llama_model_get_vocab(model_.get())),
        threads_(threads_or_all(options.threads)) {
    const ModelFile file = open_model_file(model.file);
    outputs_ = head_outputs(file, model.file.string());
    // The same graph makes probabilities of both of these alone.
    probabilities_ = outputs_.count == 2 && file.header.text("general.architecture").value_or("").starts_with("qwen3");
    layout_.max_tokens = std::min(static_cast<std::size_t>(llama_model_n_ctx_train(model_.get())), kMostTokens);
    if (model.max_tokens != 0) layout_.max_tokens = std::min(layout_.max_tokens, model.max_tokens);
    read_layout(model);
    contexts_.push_back(make_context());
    stamp_ = fmt::format("cross-encoder sha256={} llama length={}", model.sha256, layout_.max_tokens);
  }

  std::vector<CrossScore> score(std::string_view query, std::span<const std::string_view> passages,
                                std::size_t most_tokens) const override {
    const std::vector<TokenId> asked = tokens(query);
    std::vector<CrossScore> scores(passages.size());
    const std::lock_guard lock(mutex_);
    while (contexts_.size() < std::min(threads_, passages.size())) contexts_.push_back(make_context());
    parallel_for(passages.size(), threads_, [&](std::size_t i, std::size_t worker) {
      const TextPair pair = layout_.pair(asked, tokens(passages[i]), most_tokens);
      scores[i] = {run(contexts_[worker].get(), pair.tokens), pair.tokens.size(), pair.truncated};
    });
    return scores;
  }

  std::size_t count_tokens(std::string_view text) const override { return tokens(text).size(); }
  std::size_t passage_room(std::string_view query) const override { return layout_.room(count_tokens(query)); }
  const std::string& stamp() const override { return stamp_; }

 private:
  std::vector<TokenId> tokens(std::string_view text) const {
    return llama_tokens(vocabulary_, text, ControlTokens::as_text);
  }

  /// A file may have a template for pairs; else the special tokens of its vocabulary stand around them.
  void read_layout(const Model& model) {
    const auto control = [&](std::string_view text) {
      return llama_tokens(vocabulary_, text, ControlTokens::as_control);
    };
    if (const char* given = llama_model_chat_template(model_.get(), "rerank")) {
      const std::string_view text = given;
      const std::size_t query = text.find(kQuery), document = text.find(kDocument);
      if (query == text.npos || document == text.npos || document < query) {
        throw InvalidData(fmt::format("{}: its template for reranking has no {} before a {}", model.file.string(),
                                      kQuery, kDocument));
      }
      layout_.begin = control(text.substr(0, query));
      layout_.between = control(text.substr(query + kQuery.size(), document - query - kQuery.size()));
      layout_.end = control(text.substr(document + kDocument.size()));
      return;
    }
    const auto add = [](std::vector<TokenId>& to, llama_token token) {
      if (token != LLAMA_TOKEN_NULL) to.push_back(token);
    };
    llama_token end = llama_vocab_eos(vocabulary_);
    const llama_token separator = llama_vocab_sep(vocabulary_);
    if (end == LLAMA_TOKEN_NULL) end = separator;
    if (llama_vocab_get_add_bos(vocabulary_)) add(layout_.begin, llama_vocab_bos(vocabulary_));
    if (llama_vocab_get_add_eos(vocabulary_)) add(layout_.between, end);
    if (llama_vocab_get_add_sep(vocabulary_)) add(layout_.between, separator);
    if (llama_vocab_get_add_eos(vocabulary_) || llama_vocab_get_add_sep(vocabulary_)) add(layout_.end, end);
  }

  LlamaContextPointer make_context() const {
    llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = static_cast<std::uint32_t>(layout_.max_tokens);
    params.n_seq_max = 1;
    params.n_threads = params.n_threads_batch = 1;
    params.embeddings = true;
    params.pooling_type = LLAMA_POOLING_TYPE_RANK;
    return make_llama_context(model_.get(), params);
  }

  float run(llama_context* context, std::span<const TokenId> pair) const {
    LlamaBatch batch(pair.size());
    for (std::size_t i = 0; i < pair.size(); ++i) batch.add(pair[i], i, 0, true);
    if (llama_memory_t memory = llama_get_memory(context)) llama_memory_clear(memory, true);
    if (llama_decode(context, batch.get()) != 0) throw Unavailable("the cross-encoder failed on a pair of texts");
    const float* answer = llama_get_embeddings_seq(context, 0);
    std::vector<float> logits(answer, answer + outputs_.count);
    constexpr float kLeast = 1e-30f;
    if (probabilities_) {
      for (float& logit : logits) logit = std::log(std::max(logit, kLeast));
    }
    return outputs_.score(logits);
  }

  LlamaModelPointer model_;
  const llama_vocab* vocabulary_;
  std::size_t threads_;
  HeadOutputs outputs_;
  bool probabilities_ = false;  ///< llama.cpp gives these for them, not logits.
  PairLayout layout_;
  std::string stamp_;
  mutable std::mutex mutex_;
  mutable std::vector<LlamaContextPointer> contexts_;  // One a worker; after model_, so that they go first.
};

}  // namespace

std::unique_ptr<CrossEncoder> open_llama_cross_encoder(const Model& model, const CrossEncoderOptions& options) {
  refuse_other_precisions(model, options.precision);
  return std::make_unique<LlamaCrossEncoder>(model, options);
}

}  // namespace dragoman
