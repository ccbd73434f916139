#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <optional>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/parallel.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/encode/model_store.h"
#include "encode/encoders.h"
#include "encode/forward/heads.h"
#include "encode/forward/transformer.h"
#include "encode/model_file.h"
#include "encode/text_reader.h"
#include "encode/tokenize/tokenizer.h"

namespace dragoman {
namespace {

// Enough rows to keep the matrix products busy, few enough that the states between them stay in the caches.
constexpr std::size_t kPackTokens = 256;

/// Encoders of the BERT family, by our own forward pass. Each thread takes whole packs of texts, so threads never wait
/// for one another.
class TransformerEncoder : public Encoder {
 public:
  TransformerEncoder(const Model& model, MappedFile mapped, const GgufFile& file, const EncoderOptions& options,
                     InputObserver* observer)
      : mapped_(std::move(mapped)), threads_(observer ? 1 : threads_or_all(options.threads)), observer_(observer) {
    const std::string place = model.file.string();
    const TransformerConfig config = read_transformer_config(file, place);
    tokenizer_ = open_tokenizer(file, mapped_.bytes(), place);
    if (tokenizer_->vocabulary_size() > config.vocabulary) {
      throw InvalidData(fmt::format("{}: the tokenizer has {} tokens, the model rows for {}", place,
                                    tokenizer_->vocabulary_size(), config.vocabulary));
    }
    const ModelTensors tensors(file, mapped_.bytes(), place);
    const Precision precision = options.precision.value_or(default_precision(model));
    std::vector<LayerStatistics> statistics;
    if (precision == Precision::int8 && !model.input_statistics.empty()) {
      statistics = read_input_statistics(model.input_statistics, config.layers, config.hidden, place);
    }
    transformer_ = std::make_unique<Transformer>(config, tensors, precision, statistics);
    const auto pooling = model.pooling ? model.pooling : config.pooling;
    heads_ = std::make_unique<EncoderHeads>(file, tensors, config, pooling, precision, tokenizer_->special());
    // SPLADE pools nothing; any other file must say how.
    if (!pooling && !heads_->available().sparse) {
      throw InvalidArgument(fmt::format(
          "{}: the file does not say how it pools; install it again with: dragoman model add FILE --pooling mean",
          place));
    }
    reader_.emplace(
        model, config.positions, [this](std::string_view text) { return tokenizer_->tokenize(text); },
        tokenizer_->special());
    stamp_ = model_stamp(model, precision, pooling ? to_string(*pooling) : "none", reader_->max_tokens());
  }

  std::vector<Encoding> encode(std::span<const std::string_view> texts, EncodeAs as,
                               const EncodeOptions& options) const override {
    check_encode_options(*this, options);
    std::vector<Encoding> encodings(texts.size());
    const auto tokens = reader_->read(texts, as, threads_, encodings);
    const auto batches = plan_batches(tokens, kPackTokens, texts.size());
    std::vector<std::unique_ptr<Workspace>> workspaces(std::min(threads_, batches.size()));
    for (auto& workspace : workspaces) workspace = take_workspace();
    parallel_for(batches.size(), threads_, [&](std::size_t b, std::size_t worker) {
      run_batch(*workspaces[worker], batches[b], tokens, as, options, encodings);
    });
    for (auto& workspace : workspaces) return_workspace(std::move(workspace));
    return encodings;
  }

  std::vector<std::int32_t> tokenize(std::string_view text, EncodeAs as) const override {
    return reader_->tokenize(text, as);
  }
  std::size_t count_tokens(std::string_view text) const override { return reader_->count_tokens(text); }
  std::size_t passage_budget() const override { return reader_->room(EncodeAs::passage); }

  Heads heads() const override { return heads_->available(); }
  std::size_t dimension() const override { return heads_->dense_dimension(); }
  std::size_t sparse_dimension() const override { return heads_->sparse_dimension(); }
  std::size_t multi_vector_dimension() const override { return heads_->multi_vector_dimension(); }
  Precision precision() const override { return transformer_->precision(); }
  const std::string& stamp() const override { return stamp_; }

 private:
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
      heads_->read({tokens[i], states, reader_->prompt_tokens(as), as}, options, encodings[i]);
      states += tokens[i].size() * transformer_->config().hidden;
    }
  }

  std::unique_ptr<Workspace> take_workspace() const {
    const std::lock_guard lock(workspaces_mutex_);
    if (workspaces_.empty()) {
      auto workspace = std::make_unique<Workspace>();
      workspace->observer = observer_;
      return workspace;
    }
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
  InputObserver* observer_;
  std::unique_ptr<Tokenizer> tokenizer_;
  std::optional<TextReader> reader_;
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

std::unique_ptr<Encoder> open_transformer_encoder(const Model& model, const EncoderOptions& options,
                                                  InputObserver* observer) {
  ModelFile file = open_model_file(model.file);
  if (!is_bert_family(file.header)) return nullptr;
  return std::make_unique<TransformerEncoder>(model, std::move(file.mapped), file.header, options, observer);
}

}  // namespace dragoman
