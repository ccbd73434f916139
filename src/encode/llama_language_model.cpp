#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"
#include "dragoman/base/parallel.h"
#include "dragoman/encode/language_model.h"
#include "dragoman/encode/model_store.h"
#include "encode/cached_language_model.h"
#include "encode/forward/transformer_config.h"
#include "encode/llama_adapters.h"
#include "encode/llama_runtime.h"
#include "encode/llama_weights.h"
#include "encode/model_file.h"

namespace dragoman {
namespace {

constexpr std::size_t kMaxDefaultContext = 4096;
constexpr std::size_t kBatchTokens = 512;
constexpr std::size_t kBatchPrompts = 32;
constexpr std::size_t kBatchOutputs = 128;  // Places of a batch whose logits are read; each takes up to 1 MB.

/// Stands for the content of a message while the chat template is applied. No template and no trimming touches it.
std::string content_marker(std::size_t message) { return fmt::format("\x02{}\x03", message); }

/// True of a model that was trained to embed. One that was trained to rank still gives logits.
bool pools_tokens(enum llama_pooling_type pooling) {
  return pooling == LLAMA_POOLING_TYPE_MEAN || pooling == LLAMA_POOLING_TYPE_CLS || pooling == LLAMA_POOLING_TYPE_LAST;
}

[[noreturn]] void throw_no_language_model(const std::filesystem::path& file) {
  throw InvalidArgument(fmt::format("{}: not a causal language model; use it as an encoder instead", file.string()));
}

class LlamaLanguageModel : public LanguageModel {
 public:
  LlamaLanguageModel(const Model& model, const LanguageModelOptions& options)
      : LlamaLanguageModel(model, options, load_language_model(model, options.weights)) {}

  LlamaLanguageModel(const Model& model, const LanguageModelOptions& options, LoadedLanguageModel loaded)
      : model_(std::move(loaded.model)), vocabulary_(llama_model_get_vocab(model_.get())) {
    const auto refuse = [&] { throw_no_language_model(model.file); };
    if (llama_model_has_encoder(model_.get()) || !llama_model_has_decoder(model_.get()) ||
        llama_metadata(model_.get(), "tokenizer.ggml.model") == "none") {
      refuse();
    }
    const auto trained = static_cast<std::size_t>(llama_model_n_ctx_train(model_.get()));
    if (options.context_tokens > trained) {
      throw InvalidArgument(
          fmt::format("context_tokens is {}, but the model reads at most {}", options.context_tokens, trained));
    }
    context_tokens_ = options.context_tokens != 0 ? options.context_tokens : std::min(trained, kMaxDefaultContext);

    llama_context_params params = llama_context_default_params();
    // Sequence 0 holds what prompts share; the suffixes of a batch lie behind it, each a sequence of its own.
    params.n_ctx = static_cast<std::uint32_t>(context_tokens_ + kBatchTokens);
    params.n_batch = params.n_ubatch = kBatchTokens;
    params.n_seq_max = 1 + kBatchPrompts;
    params.kv_unified = true;
    params.n_threads = params.n_threads_batch = static_cast<std::int32_t>(threads_or_all(options.threads));
    context_ = make_llama_context(model_.get(), params);
    // llama.cpp says of BERT and its kin that they have a decoder; what a context does tells them apart.
    if (!llama_get_causal_attn(context_.get()) || pools_tokens(llama_pooling_type(context_.get()))) refuse();
    if (const char* chat_template = llama_model_chat_template(model_.get(), nullptr)) chat_template_ = chat_template;
    adapters_ = load_adapters(model_.get(), model.name.empty() ? model.file.string() : model.name, options.adapters);
    apply(adapters_, context_.get());
    stamp_ = fmt::format("sha256={} chat_template={:016x} context={}{}{}", model.sha256, checksum(chat_template_),
                         context_tokens_, loaded.widened ? " bf16" : "", adapters_.stamp);
  }

  std::vector<TokenId> tokenize(std::string_view text) const override {
    return llama_tokens(vocabulary_, text, ControlTokens::as_text);
  }

  std::string detokenize(std::span<const TokenId> tokens) const override {
    check_tokens(tokens);
    std::string text(tokens.size() * 8 + 16, '\0');
    for (;;) {
      const std::int32_t size = llama_detokenize(vocabulary_, tokens.data(), static_cast<std::int32_t>(tokens.size()),
                                                 text.data(), static_cast<std::int32_t>(text.size()), false, true);
      text.resize(static_cast<std::size_t>(std::abs(size)));
      if (size >= 0) return text;
    }
  }

  std::vector<TokenId> chat(std::span<const Message> messages) const override {
    if (!messages.empty() && messages.back().role == "assistant") {
      std::vector<TokenId> tokens = chat(messages.first(messages.size() - 1));
      const auto begun = llama_tokens(vocabulary_, messages.back().content, ControlTokens::as_text);
      tokens.insert(tokens.end(), begun.begin(), begun.end());
      return tokens;
    }
    // The template is control, the contents are not: each is tokenised by its own rule, then joined.
    const std::string frame = chat_frame(messages);
    std::vector<TokenId> tokens;
    const llama_token begin = llama_vocab_bos(vocabulary_);
    if (llama_vocab_get_add_bos(vocabulary_)) tokens.push_back(begin);
    const auto append = [&](std::string_view text, ControlTokens control) {
      if (text.empty()) return;
      const auto piece = llama_tokens(vocabulary_, text, control);
      // Many templates spell the beginning token out; one is enough.
      const bool doubled = !piece.empty() && piece[0] == begin && tokens.size() == 1 && tokens[0] == begin;
      tokens.insert(tokens.end(), piece.begin() + (doubled ? 1 : 0), piece.end());
    };
    std::size_t at = 0;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      const std::string marker = content_marker(i);
      const std::size_t found = frame.find(marker, at);
      if (found == std::string::npos) continue;  // A template may leave out a role it does not know.
      append(std::string_view(frame).substr(at, found - at), ControlTokens::as_control);
      append(messages[i].content, ControlTokens::as_text);
      at = found + marker.size();
    }
    append(std::string_view(frame).substr(at), ControlTokens::as_control);
    return tokens;
  }

  std::vector<float> next_token_logits(std::span<const TokenId> prompt, std::size_t shared) override {
    evaluate_prompt(prompt, shared);
    ++usage_.calls;
    const float* logits = llama_get_logits_ith(context_.get(), -1);
    return {logits, logits + llama_vocab_n_tokens(vocabulary_)};
  }

  std::vector<std::vector<float>> choice_logits(const SharedPrompts& prompts,
                                                std::span<const TokenId> wanted) override {
    check_tokens(wanted);
    for (const auto& suffix : prompts.suffixes) check_prompt(prompts.prefix, suffix);
    std::vector<std::vector<float>> answers;
    in_batches(prompts, {}, [&](std::span<const std::int32_t> outputs) {
      const float* logits = llama_get_logits_ith(context_.get(), outputs.front());
      std::vector<float>& answer = answers.emplace_back();
      for (const TokenId token : wanted) answer.push_back(logits[token]);
    });
    return answers;
  }

  double log_likelihood(std::span<const TokenId> prompt, std::size_t shared,
                        std::span<const TokenId> continuation) override {
    if (prompt.size() + continuation.size() > context_tokens_) refuse_length(prompt.size());
    check_tokens(continuation);
    evaluate_prompt(prompt, shared);
    ++usage_.calls;
    double sum = 0;
    // A token's probability is read behind those before it; nothing is asked behind the last.
    for (std::size_t begin = 0; begin < continuation.size(); begin += kBatchTokens) {
      const auto part = continuation.subspan(begin, std::min(kBatchTokens, continuation.size() - begin));
      sum += log_probability(part.front(), -1);
      evaluate(part, prompt.size() + begin, Logits::of_every_token);
      for (std::size_t i = 1; i < part.size(); ++i) {
        sum += log_probability(part[i], static_cast<std::int32_t>(i - 1));
      }
    }
    return sum;
  }

  std::vector<double> log_likelihoods(const SharedPrompts& prompts, std::span<const TokenId> continuation) override {
    check_tokens(continuation);
    for (const auto& suffix : prompts.suffixes) {
      check_prompt(prompts.prefix, suffix);
      const std::size_t size = prompts.prefix.size() + suffix.size();
      if (size + continuation.size() > context_tokens_) refuse_length(size);
    }
    if (continuation.empty()) return std::vector<double>(prompts.suffixes.size(), 0);
    // Nothing is asked behind the last token.
    const std::span<const TokenId> tail = continuation.first(continuation.size() - 1);
    const auto too_long = [&](const auto& suffix) { return suffix.size() + tail.size() > kBatchTokens; };
    if (continuation.size() > kBatchOutputs || std::ranges::any_of(prompts.suffixes, too_long)) {
      return LanguageModel::log_likelihoods(prompts, continuation);
    }
    std::vector<double> answers;
    in_batches(prompts, tail, [&](std::span<const std::int32_t> outputs) {
      double& sum = answers.emplace_back(0);
      for (std::size_t i = 0; i < outputs.size(); ++i) sum += log_probability(continuation[i], outputs[i]);
    });
    return answers;
  }

  std::vector<TokenId> generate(std::span<const TokenId> prompt, std::size_t shared, Grammar& grammar) override {
    std::vector<TokenId> output;
    if (grammar.finished()) return output;
    evaluate_prompt(prompt, shared);
    ++usage_.calls;
    // Tokens that the grammar forces are not asked for, and go through the model together with the next choice.
    std::size_t evaluated = 0;
    while (!grammar.finished()) {
      const std::vector<TokenId> allowed = grammar.allowed();
      TokenId next = allowed.front();
      if (allowed.size() > 1) {
        const std::span<const TokenId> pending = std::span(output).subspan(evaluated);
        if (prompt.size() + output.size() > context_tokens_) refuse_length(prompt.size());
        if (!pending.empty()) evaluate(pending, prompt.size() + evaluated);
        evaluated = output.size();
        next = likeliest(allowed);
      }
      grammar.accept(next);
      output.push_back(next);
    }
    return output;
  }

  std::optional<std::vector<TokenId>> generate_text(std::span<const TokenId> prompt, std::size_t shared,
                                                    std::size_t most) override {
    if (prompt.size() + most > context_tokens_) refuse_length(prompt.size());
    evaluate_prompt(prompt, shared);
    ++usage_.calls;
    const auto tokens = static_cast<std::size_t>(llama_vocab_n_tokens(vocabulary_));
    std::vector<TokenId> output;
    for (;;) {
      // The first of equals is the lowest id.
      const std::span<const float> logits(llama_get_logits_ith(context_.get(), -1), tokens);
      const auto next = static_cast<TokenId>(std::ranges::max_element(logits) - logits.begin());
      if (llama_vocab_is_eog(vocabulary_, next)) return output;
      if (output.size() == most) return std::nullopt;
      output.push_back(next);
      evaluate(std::span(&output.back(), 1), prompt.size() + output.size() - 1);
    }
  }

  std::size_t context_tokens() const override { return context_tokens_; }
  LanguageModelUsage usage() const override { return usage_; }
  const std::string& stamp() const override { return stamp_; }

 private:
  enum class Logits { of_the_last_token, of_every_token };

  [[noreturn]] void refuse_length(std::size_t prompt_tokens) const {
    throw InvalidArgument(fmt::format("a prompt of {} tokens and its answer do not fit into the model's {} tokens",
                                      prompt_tokens, context_tokens_));
  }

  /// The conversation with a marker for each content. A model without a template that llama.cpp knows gets the bare
  /// contents, a line each.
  std::string chat_frame(std::span<const Message> messages) const {
    std::vector<std::string> markers;
    for (std::size_t i = 0; i < messages.size(); ++i) markers.push_back(content_marker(i));
    if (!chat_template_.empty()) {
      std::vector<llama_chat_message> turns;
      for (std::size_t i = 0; i < messages.size(); ++i) turns.push_back({messages[i].role.c_str(), markers[i].c_str()});
      std::string frame(1024, '\0');
      for (;;) {
        const std::int32_t size = llama_chat_apply_template(chat_template_.c_str(), turns.data(), turns.size(), true,
                                                            frame.data(), static_cast<std::int32_t>(frame.size()));
        if (size < 0) break;
        const bool whole = static_cast<std::size_t>(size) <= frame.size();
        frame.resize(static_cast<std::size_t>(size));
        if (whole) return frame;
      }
    }
    std::string frame;
    for (const std::string& marker : markers) frame += marker + "\n";
    return frame;
  }

  void check_tokens(std::span<const TokenId> tokens) const {
    const TokenId count = llama_vocab_n_tokens(vocabulary_);
    const auto wrong = std::ranges::find_if(tokens, [&](TokenId token) { return token < 0 || token >= count; });
    if (wrong == tokens.end()) return;
    throw InvalidArgument(fmt::format("token {} is not one of the model's {} tokens", *wrong, count));
  }

  void check_prompt(std::span<const TokenId> prefix, std::span<const TokenId> suffix) const {
    const std::size_t size = prefix.size() + suffix.size();
    if (size == 0) throw InvalidArgument("the prompt is empty; it needs at least one token");
    if (suffix.empty()) {
      throw InvalidArgument(
          fmt::format("shared is {}, but a prompt of {} tokens can share at most {}", size, size, size - 1));
    }
    if (size > context_tokens_) {
      throw InvalidArgument(
          fmt::format("a prompt of {} tokens does not fit into the model's {} tokens", size, context_tokens_));
    }
    check_tokens(prefix);
    check_tokens(suffix);
  }

  /// Brings the context to the end of the prompt. The shared part and the rest are evaluated apart in any case, so that
  /// the bits of the answer do not depend on what was asked before.
  void evaluate_prompt(std::span<const TokenId> prompt, std::size_t shared) {
    if (shared > prompt.size() || (shared == prompt.size() && shared > 0)) {
      throw InvalidArgument(fmt::format("shared is {}, but a prompt of {} tokens can share at most {}", shared,
                                        prompt.size(), prompt.size() - 1));
    }
    check_prompt(prompt.first(shared), prompt.subspan(shared));
    bring_to(prompt.first(shared), 0);
    evaluate(prompt.subspan(shared), shared);
  }

  /// Leaves exactly the prefix in sequence 0, its first `frame` tokens and the others evaluated apart. What is there
  /// already stays if it was evaluated in the same parts.
  void bring_to(std::span<const TokenId> prefix, std::size_t frame) {
    std::vector<std::span<const TokenId>> parts;
    if (frame > 0) parts.push_back(prefix.first(frame));
    if (frame < prefix.size()) parts.push_back(prefix.subspan(frame));
    std::size_t same = 0, kept = 0;
    while (same < parts.size() && same < parts_.size() && std::ranges::equal(parts[same], parts_[same])) {
      kept += parts[same++].size();
    }
    llama_memory_t memory = llama_get_memory(context_.get());
    if (kept == 0 || !llama_memory_seq_rm(memory, 0, static_cast<llama_pos>(kept), -1)) {
      llama_memory_clear(memory, true);
      same = kept = 0;
    }
    parts_.resize(same);
    usage_.tokens_reused += kept;
    for (; same < parts.size(); ++same) {
      evaluate(parts[same], kept);
      kept += parts[same].size();
      parts_.emplace_back(parts[same].begin(), parts[same].end());
    }
  }

  /// Evaluates the prompts, each with `tail` behind it, as many suffixes together as a batch holds, and has the logits
  /// of each prompt read: `read` is told where those behind the suffix and behind each token of the tail lie.
  template <typename Read>
  void in_batches(const SharedPrompts& prompts, std::span<const TokenId> tail, Read read) {
    const std::size_t outputs = 1 + tail.size(), most = std::min(kBatchPrompts, kBatchOutputs / outputs);
    for (std::size_t begin = 0, end = 0; begin < prompts.suffixes.size(); begin = end) {
      std::size_t tokens = prompts.suffixes[end++].size() + tail.size();
      while (end < prompts.suffixes.size() && end - begin < most &&
             tokens + prompts.suffixes[end].size() + tail.size() <= kBatchTokens) {
        tokens += prompts.suffixes[end++].size() + tail.size();
      }
      bring_to(prompts.prefix, prompts.frame);
      const auto batch = std::span(prompts.suffixes).subspan(begin, end - begin);
      const std::vector<std::int32_t> places = evaluate_together(prompts.prefix.size(), batch, tail);
      for (std::size_t i = 0; i < batch.size(); ++i) read(std::span(places).subspan(i * outputs, outputs));
      usage_.calls += batch.size();
      usage_.tokens_reused += prompts.prefix.size() * (batch.size() - 1);
    }
  }

  /// Continues the prefix, which sequence 0 holds, with each suffix and the tail, all in one batch; a suffix alone and
  /// without a tail may be longer than that. Returns where the logits lie, [suffixes][1 + tail].
  std::vector<std::int32_t> evaluate_together(std::size_t prefix, std::span<const std::vector<TokenId>> suffixes,
                                              std::span<const TokenId> tail) {
    if (suffixes.size() == 1 && tail.empty()) {
      evaluate(suffixes.front(), prefix);
      return {-1};
    }
    llama_memory_t memory = llama_get_memory(context_.get());
    std::vector<std::int32_t> outputs;
    batch_.clear();
    for (std::size_t i = 0; i < suffixes.size(); ++i) {
      if (prefix > 0) llama_memory_seq_cp(memory, 0, static_cast<llama_seq_id>(i + 1), -1, -1);
      const std::size_t last = suffixes[i].size() - 1, size = suffixes[i].size() + tail.size();
      for (std::size_t j = 0; j < size; ++j) {
        if (j >= last) outputs.push_back(batch_.get().n_tokens);
        batch_.add(j <= last ? suffixes[i][j] : tail[j - last - 1], prefix + j, i + 1, j >= last);
      }
      usage_.tokens_evaluated += size;
    }
    decode();
    for (std::size_t i = 0; i < suffixes.size(); ++i) {
      llama_memory_seq_rm(memory, static_cast<llama_seq_id>(i + 1), -1, -1);
    }
    return outputs;
  }

  void decode() {
    if (llama_decode(context_.get(), batch_.get()) == 0) return;
    llama_memory_clear(llama_get_memory(context_.get()), true);
    parts_.clear();
    throw Unavailable("the language model failed on a prompt");
  }

  void evaluate(std::span<const TokenId> tokens, std::size_t position, Logits logits = Logits::of_the_last_token) {
    for (std::size_t begin = 0; begin < tokens.size(); begin += kBatchTokens) {
      const auto part = tokens.subspan(begin, std::min(kBatchTokens, tokens.size() - begin));
      batch_.clear();
      for (std::size_t i = 0; i < part.size(); ++i) {
        batch_.add(part[i], position + begin + i, 0,
                   logits == Logits::of_every_token || begin + i + 1 == tokens.size());
      }
      decode();
    }
    usage_.tokens_evaluated += tokens.size();
  }

  double log_probability(TokenId token, std::int32_t output) const {
    const float* logits = llama_get_logits_ith(context_.get(), output);
    const std::span<const float> all(logits, static_cast<std::size_t>(llama_vocab_n_tokens(vocabulary_)));
    const double greatest = *std::ranges::max_element(all);
    double sum = 0;
    for (const float logit : all) sum += std::exp(logit - greatest);
    return all[static_cast<std::size_t>(token)] - greatest - std::log(sum);
  }

  TokenId likeliest(std::span<const TokenId> allowed) const {
    const float* logits = llama_get_logits_ith(context_.get(), -1);
    return *std::ranges::max_element(
        allowed, [&](TokenId a, TokenId b) { return logits[a] != logits[b] ? logits[a] < logits[b] : a > b; });
  }

  LlamaModelPointer model_;
  const llama_vocab* vocabulary_;
  LlamaContextPointer context_;  // After model_, so that it goes first.
  LlamaAdapters adapters_;
  LlamaBatch batch_{kBatchTokens};
  std::size_t context_tokens_ = 0;
  std::string chat_template_, stamp_;
  std::vector<std::vector<TokenId>> parts_;  ///< Of the prefix that sequence 0 holds, as they were evaluated.
  LanguageModelUsage usage_;
};

}  // namespace

std::unique_ptr<LanguageModel> open_language_model(const Model& model, const LanguageModelOptions& options) {
  if (!model.endpoint.empty()) {
    throw InvalidArgument(fmt::format("{}: behind an endpoint, so there is no model to open", model.name));
  }
  if (is_bert_family(open_model_file(model.file).header)) throw_no_language_model(model.file);
  Model known = model;
  if (known.sha256.empty()) known.sha256 = sha256_of_file(known.file);  // Once: it takes seconds of a large file.
  return with_cache(std::make_unique<LlamaLanguageModel>(known, options), options, known.name);
}

}  // namespace dragoman
