#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

struct Model;

using TokenId = std::int32_t;

/// One turn of a conversation.
struct Message {
  std::string role;     ///< "system", "user" or "assistant".
  std::string content;  ///< Plain text. What looks like a control token in it is read as text, never as control.
};

/// Which tokens may come next. The generator asks `allowed`, takes the likeliest of them, and tells `accept`.
class Grammar {
 public:
  virtual ~Grammar() = default;
  /// True when the output is complete; nothing is generated after that.
  virtual bool finished() const = 0;
  /// The tokens that keep the output well-formed; never empty unless finished().
  virtual std::vector<TokenId> allowed() const = 0;
  virtual void accept(TokenId token) = 0;
  /// What tells this grammar from all that could be asked of the same prompt; empty: answers under it are not cached.
  virtual std::string identity() const { return {}; }
};

/// Prompts that begin alike: prompt i is `prefix` and behind it `suffixes[i]`.
struct SharedPrompts {
  std::vector<TokenId> prefix;  ///< May be empty.
  std::size_t frame = 0;        ///< Leading tokens of the prefix that begin further prompts too, <= prefix.size().
  std::vector<std::vector<TokenId>> suffixes;  ///< None of them empty.
};

struct LanguageModelUsage {
  std::uint64_t calls = 0;             ///< Prompts answered.
  std::uint64_t tokens_evaluated = 0;  ///< Tokens that went through the model.
  std::uint64_t tokens_reused = 0;  ///< Prompt tokens whose state was still there, or served several prompts of a call.
  std::uint64_t cache_hits = 0;     ///< Prompts whose answer was in the cache; they are no calls.
};

/// The numbers that the matrices of a model are multiplied in.
enum class LanguageModelWeights {
  automatic,  ///< bf16 where the processor multiplies it and that takes kMostWidenedBytes at most, else stored.
  stored,     ///< As they lie in the file.
  bf16,  ///< Widened when the model is opened, up to 4 times as large; the processor must multiply them fast to gain.
};

/// What automatic widens to at most.
inline constexpr std::uint64_t kMostWidenedBytes = 2'500'000'000;

/// A LoRA adapter: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", ICLR 2022. Each matrix W that it
/// knows becomes W + weight * alpha / rank * B A; several add up.
struct LanguageModelAdapter {
  std::string file;  ///< GGUF, as llama.cpp's convert_lora_to_gguf.py makes it.
  float weight = 1;  ///< Finite; 0 is as good as no adapter, to the bit, and below 0 takes away what it learned.

  friend bool operator==(const LanguageModelAdapter&, const LanguageModelAdapter&) = default;
};

struct LanguageModelOptions {
  /// Processors to use; 0 for all. More than one pays only where nothing else runs: the threads wait for one another by
  /// spinning, at every operation, and on a busy machine two are several times slower than one.
  std::size_t threads = 1;
  std::size_t context_tokens = 0;  ///< Longest prompt with its answer; 0 for the model's own, at most 4,096.
  LanguageModelWeights weights = LanguageModelWeights::automatic;
  std::vector<LanguageModelAdapter> adapters = {};  ///< Of this model, composed; cached answers are of these alone.
  /// Folder of the cache where answers are kept, as EncoderOptions::cache; empty: nowhere.
  std::filesystem::path cache = {};
  std::uint64_t cache_bytes = 0;  ///< That the cache may take of the disk; 0 for kDefaultCacheBytes.
};

/// A causal language model, local or behind an endpoint. Not thread-safe: one caller at a time.
///
/// A prompt is given as token ids with the number of leading tokens that it shares with other prompts. The shared part
/// and the rest are always evaluated apart, so that the answer has the same bits whether the state of the shared part
/// was still there or not.
class LanguageModel {
 public:
  virtual ~LanguageModel() = default;

  /// Tokens of plain text; control tokens spelled out in it are read as text.
  virtual std::vector<TokenId> tokenize(std::string_view text) const = 0;
  /// @throws InvalidArgument if a token is not one of the model's.
  virtual std::string detokenize(std::span<const TokenId> tokens) const = 0;

  /// A conversation in the model's own chat format, ready for the answer, which a last turn of the assistant's begins.
  virtual std::vector<TokenId> chat(std::span<const Message> messages) const = 0;

  /// Logits of the token after the prompt, [vocabulary].
  /// @throws InvalidArgument if the prompt is empty, longer than context_tokens() or has a token that is not one of the
  ///         model's, or if shared >= prompt.size().
  virtual std::vector<float> next_token_logits(std::span<const TokenId> prompt, std::size_t shared) = 0;

  /// Logits of the tokens `wanted` behind each prompt, [suffixes][wanted]. What the prompts begin with goes through the
  /// model once, the suffixes together, as many as its batch holds. The last bits of an answer depend on the suffixes
  /// before it as well; the same call always gives the same bits.
  /// @throws InvalidArgument as above, of each prompt.
  virtual std::vector<std::vector<float>> choice_logits(const SharedPrompts& prompts, std::span<const TokenId> wanted);

  /// Sum of the log-probabilities of the tokens of `continuation` behind the prompt, natural logarithm; 0 for none.
  /// @throws InvalidArgument as above, for prompt and continuation together.
  virtual double log_likelihood(std::span<const TokenId> prompt, std::size_t shared,
                                std::span<const TokenId> continuation) = 0;

  /// The same of one continuation behind each prompt, [suffixes], with the prompts evaluated as choice_logits() does.
  /// @throws InvalidArgument as above, of each prompt with the continuation.
  virtual std::vector<double> log_likelihoods(const SharedPrompts& prompts, std::span<const TokenId> continuation);

  /// The likeliest output that the grammar takes, token by token (greedy; equal logits: the lower token id).
  /// @throws InvalidArgument as above, or if prompt and output do not fit into context_tokens().
  virtual std::vector<TokenId> generate(std::span<const TokenId> prompt, std::size_t shared, Grammar& grammar) = 0;

  /// The likeliest text behind the prompt, token by token as above, until the model ends its turn: that token is left
  /// out. Nothing if it has not ended after `most` tokens.
  /// @throws InvalidArgument as above, or of a model that cannot.
  virtual std::optional<std::vector<TokenId>> generate_text(std::span<const TokenId> prompt, std::size_t shared,
                                                            std::size_t most);

  virtual std::size_t context_tokens() const = 0;
  virtual LanguageModelUsage usage() const = 0;

  /// What a user should know although the work goes on, a line each, as Encoder::notices().
  virtual std::vector<std::string> notices() const { return {}; }

  /// Model hash and chat template, for caches and reports.
  virtual const std::string& stamp() const = 0;
};

/// @throws InvalidArgument if the model is an encoder or an adapter is another model's, NotFound if there is no such
///         adapter, InvalidData if its file, or the model's, or the cache's, is damaged.
std::unique_ptr<LanguageModel> open_language_model(const Model& model, const LanguageModelOptions& options = {});

}  // namespace dragoman
