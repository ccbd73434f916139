#include "dragoman/encode/cross_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"
#include "dragoman/base/utf8.h"
#include "dragoman/encode/model_store.h"
#include "encode/answer_store.h"
#include "encode/cross_encoders.h"
#include "encode/gguf_array.h"
#include "encode/model_file.h"

namespace dragoman {

std::size_t PairLayout::room(std::size_t query_tokens) const {
  const std::size_t frame = begin.size() + between.size() + end.size();
  const std::size_t whole = max_tokens > frame ? max_tokens - frame : 0;
  return whole - std::min(query_tokens, whole / 2);
}

TextPair PairLayout::pair(std::vector<TokenId> query, std::vector<TokenId> passage, std::size_t most_tokens) const {
  const std::size_t frame = begin.size() + between.size() + end.size();
  const std::size_t whole = max_tokens > frame ? max_tokens - frame : 0;
  TextPair pair;
  const auto cut = [&](std::vector<TokenId>& tokens, std::size_t most) {
    if (tokens.size() <= most) return;
    tokens.resize(most);
    pair.truncated = true;
  };
  if (most_tokens > 0) cut(passage, most_tokens);
  cut(query, std::max(whole / 2, whole - std::min(whole, passage.size())));
  cut(passage, whole - query.size());
  const auto append = [&](const std::vector<TokenId>& part) {
    pair.tokens.insert(pair.tokens.end(), part.begin(), part.end());
  };
  append(begin);
  append(query);
  append(between);
  pair.second = pair.tokens.size();
  append(passage);
  append(end);
  return pair;
}

namespace {

/// The first tensor that makes outputs of a state: some heads are a single layer.
const GgufTensor* output_layer(const GgufFile& file) {
  for (const std::string_view name : {"cls.output.weight", "cls.weight"}) {
    const auto found = std::ranges::find(file.tensors, name, &GgufTensor::name);
    if (found != file.tensors.end()) return &*found;
  }
  return nullptr;
}

bool is_favourable(std::string_view label) {
  static constexpr std::array kLabels = {"yes", "true", "relevant", "positive", "label_1", "1"};
  std::string lower(label);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return std::ranges::find(kLabels, lower) != kLabels.end();
}

/// Calls are kept as a whole, since the last bits of a score may depend on the others of its call.
class CachedCrossEncoder final : public CrossEncoder {
 public:
  CachedCrossEncoder(std::unique_ptr<CrossEncoder> inner, const CrossEncoderOptions& options, std::string model)
      : inner_(std::move(inner)), store_(options.cache, options.cache_bytes, std::move(model), inner_->stamp()) {}

  std::vector<CrossScore> score(std::string_view query, std::span<const std::string_view> passages,
                                std::size_t most_tokens) const override {
    // Lengths keep neighbours apart.
    std::string question = fmt::format("{} {}\n{}\n", most_tokens, query.size(), query);
    for (const std::string_view passage : passages) question += fmt::format("{}\n{}\n", passage.size(), passage);
    constexpr std::size_t kEach = sizeof(float) + 1;
    const auto kept = store_.find("pairs", question);
    if (kept && kept->size() == kEach * passages.size()) {
      std::vector<CrossScore> scores(passages.size());
      for (std::size_t i = 0; i < scores.size(); ++i) {
        std::memcpy(&scores[i].score, kept->data() + i * kEach, sizeof(float));
        scores[i].truncated = (*kept)[i * kEach + sizeof(float)] != 0;
      }
      return scores;
    }
    auto scores = inner_->score(query, passages, most_tokens);
    std::string value;
    for (const CrossScore& score : scores) {
      value.append(reinterpret_cast<const char*>(&score.score), sizeof(float));
      value += score.truncated ? '\1' : '\0';
    }
    store_.keep("pairs", question, value);
    return scores;
  }

  std::size_t count_tokens(std::string_view text) const override { return inner_->count_tokens(text); }
  std::size_t passage_room(std::string_view query) const override { return inner_->passage_room(query); }
  std::vector<std::string> notices() const override { return store_.notices(); }
  const std::string& stamp() const override { return inner_->stamp(); }

 private:
  std::unique_ptr<CrossEncoder> inner_;
  mutable AnswerStore store_;
};

}  // namespace

bool has_rank_head(const GgufFile& file) { return output_layer(file) != nullptr; }

float HeadOutputs::score(std::span<const float> logits) const {
  return count == 1 ? logits[0] : logits[favourable] - logits[unfavourable];
}

HeadOutputs head_outputs(const ModelFile& file, std::string_view place) {
  const GgufTensor* layer = output_layer(file.header);
  const std::uint64_t count = layer == nullptr ? 0 : layer->shape[1];
  if (count == 1) return {};
  if (count != 2) {
    throw InvalidArgument(
        fmt::format("{}: its head has {} outputs; one score, or one for and one against, can be read", place, count));
  }
  const std::string key =
      fmt::format("{}.classifier.output_labels", file.header.text("general.architecture").value_or(""));
  const GgufArray* named = file.header.array(key);
  if (named == nullptr) return {.count = 2, .favourable = 1, .unfavourable = 0};
  const auto labels = read_texts(file.mapped.bytes(), *named, key, place);
  if (labels.size() != 2 || is_favourable(labels[0]) == is_favourable(labels[1])) {
    std::string all;
    for (const std::string_view label : labels) all += fmt::format("{}'{}'", all.empty() ? "" : ", ", printable(label));
    throw InvalidArgument(fmt::format(
        "{}: its head has the outputs {}, of which none, or not one alone, is known to speak for a passage (yes, "
        "relevant, LABEL_1)",
        place, all));
  }
  const std::size_t favourable = is_favourable(labels[0]) ? 0 : 1;
  return {.count = 2, .favourable = favourable, .unfavourable = 1 - favourable};
}

std::unique_ptr<CrossEncoder> with_cache(std::unique_ptr<CrossEncoder> inner, const CrossEncoderOptions& options,
                                         std::string model) {
  if (options.cache.empty()) return inner;
  return std::make_unique<CachedCrossEncoder>(std::move(inner), options, std::move(model));
}

std::unique_ptr<CrossEncoder> open_cross_encoder(const Model& model, const CrossEncoderOptions& options) {
  if (!model.endpoint.empty()) {
    throw InvalidArgument(fmt::format("{}: behind an endpoint, so there is no model to open", model.name));
  }
  if (!has_rank_head(open_model_file(model.file).header)) {
    throw InvalidArgument(fmt::format(
        "{}: not a cross-encoder (it has no classification head); language models are asked by the other scores",
        model.file.string()));
  }
  Model known = model;
  if (known.sha256.empty()) known.sha256 = sha256_of_file(known.file);
  auto encoder = open_transformer_cross_encoder(known, options);
  if (!encoder) encoder = open_llama_cross_encoder(known, options);
  return with_cache(std::move(encoder), options, known.name);
}

}  // namespace dragoman
