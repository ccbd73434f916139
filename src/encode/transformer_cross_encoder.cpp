#include <fmt/format.h>

#include <cmath>
#include <mutex>

#include "dragoman/base/error.h"
#include "dragoman/base/parallel.h"
#include "dragoman/encode/model_store.h"
#include "encode/cross_encoders.h"
#include "encode/encoders.h"
#include "encode/forward/transformer.h"
#include "encode/model_file.h"
#include "encode/text_reader.h"

namespace dragoman {
namespace {

// As transformer_encoder.cpp.
constexpr std::size_t kPackTokens = 256;

/// Output of a dense layer and tanh, then of a row of weights an output: the heads of BertForSequenceClassification
/// (where the dense layer is BERT's pooler) and RobertaForSequenceClassification are alike.
class Head {
 public:
  Head(const ModelTensors& tensors, std::size_t hidden, const HeadOutputs& outputs)
      : hidden_(hidden), outputs_(outputs) {
    if (tensors.has("cls.weight")) {
      dense_ = tensors.matrix("cls.weight", hidden, hidden);
      dense_bias_ = tensors.vector_or_zeros("cls.bias", hidden);
    }
    output_ = tensors.matrix("cls.output.weight", outputs.count, hidden);
    output_bias_ = tensors.vector_or_zeros("cls.output.bias", outputs.count);
  }

  float score(const float* state) const {
    // In double: thousands of terms, and a handful of inputs.
    std::vector<double> sums(output_bias_.begin(), output_bias_.end());
    for (std::size_t row = 0; row < hidden_; ++row) {
      double inner = static_cast<double>(state[row]);
      if (!dense_.empty()) {
        inner = dense_bias_[row];
        for (std::size_t i = 0; i < hidden_; ++i) {
          inner += static_cast<double>(dense_[row * hidden_ + i]) * static_cast<double>(state[i]);
        }
        inner = std::tanh(inner);
      }
      for (std::size_t k = 0; k < sums.size(); ++k) {
        sums[k] += static_cast<double>(output_[k * hidden_ + row]) * inner;
      }
    }
    return outputs_.score(std::vector<float>(sums.begin(), sums.end()));
  }

 private:
  std::size_t hidden_;
  HeadOutputs outputs_;
  std::vector<float> dense_, dense_bias_, output_, output_bias_;
};

class TransformerCrossEncoder final : public CrossEncoder {
 public:
  TransformerCrossEncoder(const Model& model, ModelFile file, const CrossEncoderOptions& options)
      : outputs_(head_outputs(file, model.file.string())),
        mapped_(std::move(file.mapped)),
        threads_(threads_or_all(options.threads)) {
    const std::string place = model.file.string();
    const TransformerConfig config = read_transformer_config(file.header, place);
    tokenizer_ = open_tokenizer(file.header, mapped_.bytes(), place);
    if (tokenizer_->vocabulary_size() > config.vocabulary) {
      throw InvalidData(fmt::format("{}: the tokenizer has {} tokens, the model rows for {}", place,
                                    tokenizer_->vocabulary_size(), config.vocabulary));
    }
    const SpecialTokens special = tokenizer_->special();
    if (!special.begin || !special.end) {
      throw InvalidData(fmt::format("{}: a cross-encoder whose tokenizer has no tokens for begin and end", place));
    }
    layout_.begin = {*special.begin};
    layout_.end = {*special.end};
    // BERT tells the two texts apart by their segments, RoBERTa and its kin by a doubled separator.
    segments_ = config.token_types > 1;
    layout_.between.assign(segments_ ? 1 : 2, *special.end);
    layout_.max_tokens = config.positions;
    if (model.max_tokens != 0) layout_.max_tokens = std::min(layout_.max_tokens, model.max_tokens);

    const ModelTensors tensors(file.header, mapped_.bytes(), place);
    const Precision precision = options.precision.value_or(default_precision(model));
    transformer_ = std::make_unique<Transformer>(config, tensors, precision);
    head_ = std::make_unique<Head>(tensors, config.hidden, outputs_);
    stamp_ = fmt::format("cross-encoder sha256={} precision={} length={}", model.sha256, to_string(precision),
                         layout_.max_tokens);
  }

  std::vector<CrossScore> score(std::string_view query, std::span<const std::string_view> passages,
                                std::size_t most_tokens) const override {
    const std::vector<TokenId> asked = tokenizer_->tokenize(query);
    std::vector<std::vector<TokenId>> pairs(passages.size());
    std::vector<std::size_t> seconds(passages.size());
    std::vector<CrossScore> scores(passages.size());
    for (std::size_t i = 0; i < passages.size(); ++i) {
      TextPair pair = layout_.pair(asked, tokenizer_->tokenize(passages[i]), most_tokens);
      scores[i].tokens_read = pair.tokens.size();
      scores[i].truncated = pair.truncated;
      seconds[i] = pair.second;
      pairs[i] = std::move(pair.tokens);
    }
    const auto batches = plan_batches(pairs, kPackTokens, pairs.size());
    std::vector<Workspace> workspaces(std::min(threads_, batches.size()));
    parallel_for(batches.size(), threads_, [&](std::size_t b, std::size_t worker) {
      Pack pack;
      for (const std::size_t i : batches[b]) {
        pack.texts.emplace_back(pairs[i]);
        pack.tokens += pairs[i].size();
        if (segments_) pack.second_segments.push_back(seconds[i]);
      }
      transformer_->run(pack, workspaces[worker]);
      const float* state = workspaces[worker].states.data();
      for (const std::size_t i : batches[b]) {
        scores[i].score = head_->score(state);
        state += pairs[i].size() * transformer_->config().hidden;
      }
    });
    return scores;
  }

  std::size_t count_tokens(std::string_view text) const override { return tokenizer_->tokenize(text).size(); }
  std::size_t passage_room(std::string_view query) const override { return layout_.room(count_tokens(query)); }
  const std::string& stamp() const override { return stamp_; }

 private:
  HeadOutputs outputs_;  // Read before its file is taken apart.
  MappedFile mapped_;    // Before the transformer, which looks tokens up in it.
  std::size_t threads_;
  std::unique_ptr<Tokenizer> tokenizer_;
  PairLayout layout_;
  bool segments_ = false;
  std::unique_ptr<Transformer> transformer_;
  std::unique_ptr<Head> head_;
  std::string stamp_;
};

}  // namespace

std::unique_ptr<CrossEncoder> open_transformer_cross_encoder(const Model& model, const CrossEncoderOptions& options) {
  ModelFile file = open_model_file(model.file);
  if (!is_bert_family(file.header)) return nullptr;
  return std::make_unique<TransformerCrossEncoder>(model, std::move(file), options);
}

}  // namespace dragoman
