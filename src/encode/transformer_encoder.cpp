#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <numeric>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/hash.h"
#include "dragoman/base/parallel.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/encode/model_store.h"
#include "encode/encoders.h"
#include "encode/forward/heads.h"
#include "encode/forward/transformer.h"
#include "encode/model_file.h"
#include "encode/tokenize/tokenizer.h"

namespace dragoman {
namespace {

// Enough rows to keep the matrix products busy, few enough that the states between them stay in the caches.
constexpr std::size_t kPackTokens = 256;

/// Texts that go through the model together, by index.
using Batch = std::vector<std::size_t>;

/// Packs texts, longest first. Depends on the lengths alone, never on the number of threads, so that every text meets
/// the same neighbours.
std::vector<Batch> plan_batches(std::span<const std::vector<TokenId>> texts) {
  std::vector<std::size_t> by_length(texts.size());
  std::iota(by_length.begin(), by_length.end(), 0);
  std::ranges::stable_sort(by_length, std::greater{}, [&](std::size_t i) { return texts[i].size(); });
  std::vector<Batch> batches;
  std::size_t filled = 0;
  for (const std::size_t i : by_length) {
    if (batches.empty() || filled + texts[i].size() > kPackTokens) {
      batches.emplace_back();
      filled = 0;
    }
    batches.back().push_back(i);
    filled += texts[i].size();
  }
  return batches;
}

/// Encoders of the BERT family, by our own forward pass. Each thread takes whole packs of texts, so threads never wait
/// for one another.
class TransformerEncoder : public Encoder {
 public:
  TransformerEncoder(const Model& model, MappedFile mapped, const GgufFile& file, const EncoderOptions& options)
      : mapped_(std::move(mapped)),
        threads_(threads_or_all(options.threads)),
        prompts_{model.query_prompt, model.passage_prompt} {
    const std::string place = model.file.string();
    const TransformerConfig config = read_transformer_config(file, place);
    tokenizer_ = open_tokenizer(file, mapped_.bytes(), place);
    if (tokenizer_->vocabulary_size() > config.vocabulary) {
      throw InvalidData(fmt::format("{}: the tokenizer has {} tokens, the model rows for {}", place,
                                    tokenizer_->vocabulary_size(), config.vocabulary));
    }
    const ModelTensors tensors(file, mapped_.bytes(), place);
    const Precision precision = options.precision.value_or(default_precision(model));
    transformer_ = std::make_unique<Transformer>(config, tensors, precision);
    const auto pooling = model.pooling ? model.pooling : config.pooling;
    heads_ = std::make_unique<EncoderHeads>(file, tensors, config, pooling, precision, tokenizer_->special());
    // SPLADE pools nothing; any other file must say how.
    if (!pooling && !heads_->available().sparse) {
      throw InvalidArgument(fmt::format(
          "{}: the file does not say how it pools; install it again with: dragoman model add FILE --pooling mean",
          place));
    }
    max_tokens_ = config.positions;
    if (model.max_tokens != 0) max_tokens_ = std::min(max_tokens_, model.max_tokens);
    for (std::size_t side = 0; side < prompts_.size(); ++side) {
      prompt_tokens_[side] = tokenizer_->tokenize(prompts_[side]).size();
      if (prompt_tokens_[side] + special_tokens() >= max_tokens_) {
        throw InvalidArgument(fmt::format("{}: the {} prompt fills all {} tokens that the model reads", place,
                                          side == 0 ? "query" : "passage", max_tokens_));
      }
    }
    stamp_ = fmt::format("sha256={} precision={} pooling={} max_tokens={} query_prompt=\"{}\" passage_prompt=\"{}\"",
                         model.sha256.empty() ? sha256_of_file(model.file) : model.sha256, to_string(precision),
                         pooling ? to_string(*pooling) : "none", max_tokens_, model.query_prompt, model.passage_prompt);
  }

  std::vector<Encoding> encode(std::span<const std::string_view> texts, EncodeAs as,
                               const EncodeOptions& options) const override {
    check_encode_options(*this, options);
    std::vector<Encoding> encodings(texts.size());
    std::vector<std::vector<TokenId>> tokens(texts.size());
    parallel_for(texts.size(), threads_, [&](std::size_t i, std::size_t) {
      tokens[i] = tokenize(texts[i], as);
      encodings[i].tokens_total = tokens[i].size();
      if (tokens[i].size() > max_tokens_) {
        tokens[i].resize(max_tokens_);
        if (tokenizer_->special().end) tokens[i].back() = *tokenizer_->special().end;
      }
      encodings[i].tokens_read = tokens[i].size();
    });

    const auto batches = plan_batches(tokens);
    std::vector<std::unique_ptr<Workspace>> workspaces(std::min(threads_, batches.size()));
    for (auto& workspace : workspaces) workspace = take_workspace();
    parallel_for(batches.size(), threads_, [&](std::size_t b, std::size_t worker) {
      run_batch(*workspaces[worker], batches[b], tokens, as, options, encodings);
    });
    for (auto& workspace : workspaces) return_workspace(std::move(workspace));
    return encodings;
  }

  std::vector<std::int32_t> tokenize(std::string_view text, EncodeAs as) const override {
    // The prompt is part of the text for the tokenizer, as it was in training.
    std::string whole = prompts_[side(as)];
    whole += text;
    std::vector<TokenId> tokens = tokenizer_->tokenize(whole);
    const SpecialTokens& special = tokenizer_->special();
    if (special.begin) tokens.insert(tokens.begin(), *special.begin);
    if (special.end) tokens.push_back(*special.end);
    if (tokens.empty()) tokens.push_back(special.padding.value_or(0));  // A model cannot read nothing.
    return tokens;
  }

  std::size_t count_tokens(std::string_view text) const override { return tokenizer_->tokenize(text).size(); }
  std::size_t passage_budget() const override {
    return max_tokens_ - prompt_tokens_[side(EncodeAs::passage)] - special_tokens();
  }

  Heads heads() const override { return heads_->available(); }
  std::size_t dimension() const override { return heads_->dense_dimension(); }
  std::size_t sparse_dimension() const override { return heads_->sparse_dimension(); }
  std::size_t multi_vector_dimension() const override { return heads_->multi_vector_dimension(); }
  Precision precision() const override { return transformer_->precision(); }
  const std::string& stamp() const override { return stamp_; }

 private:
  static std::size_t side(EncodeAs as) { return as == EncodeAs::query ? 0 : 1; }
  std::size_t special_tokens() const {
    return std::size_t{tokenizer_->special().begin.has_value()} + std::size_t{tokenizer_->special().end.has_value()};
  }

  void run_batch(Workspace& workspace, const Batch& batch, std::span<const std::vector<TokenId>> tokens, EncodeAs as,
                 const EncodeOptions& options, std::span<Encoding> encodings) const {
    Pack pack;
    for (const std::size_t i : batch) {
      pack.texts.emplace_back(tokens[i]);
      pack.tokens += tokens[i].size();
    }
    transformer_->run(pack, workspace);
    const float* states = workspace.states.data();
    for (const std::size_t i : batch) {
      heads_->read({tokens[i], states, prompt_tokens_[side(as)], as}, options, encodings[i]);
      states += tokens[i].size() * transformer_->config().hidden;
    }
  }

  std::unique_ptr<Workspace> take_workspace() const {
    const std::lock_guard lock(workspaces_mutex_);
    if (workspaces_.empty()) return std::make_unique<Workspace>();
    auto workspace = std::move(workspaces_.back());
    workspaces_.pop_back();
    return workspace;
  }
  void return_workspace(std::unique_ptr<Workspace> workspace) const {
    const std::lock_guard lock(workspaces_mutex_);
    workspaces_.push_back(std::move(workspace));
  }

  MappedFile mapped_;  // First: the transformer looks tokens up in it.
  std::size_t threads_;
  std::array<std::string, 2> prompts_;
  std::array<std::size_t, 2> prompt_tokens_{};
  std::size_t max_tokens_ = 0;
  std::unique_ptr<Tokenizer> tokenizer_;
  std::unique_ptr<Transformer> transformer_;
  std::unique_ptr<EncoderHeads> heads_;
  std::string stamp_;
  mutable std::mutex workspaces_mutex_;
  mutable std::vector<std::unique_ptr<Workspace>> workspaces_;  // Those that no call holds.
};

}  // namespace

Precision default_precision(const Model& model) {
  const Precision coarsest = model.precision.value_or(Precision::bf16);
  if (coarsest == Precision::int8 && is_fast(Precision::int8)) return Precision::int8;
  if (coarsest != Precision::f32 && is_fast(Precision::bf16)) return Precision::bf16;
  return Precision::f32;
}

std::unique_ptr<Encoder> open_transformer_encoder(const Model& model, const EncoderOptions& options) {
  ModelFile file = open_model_file(model.file);
  if (!is_bert_family(file.header)) return nullptr;
  return std::make_unique<TransformerEncoder>(model, std::move(file.mapped), file.header, options);
}

}  // namespace dragoman
