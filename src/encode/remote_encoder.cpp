#include "encode/remote_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <numeric>
#include <random>
#include <thread>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/parallel.h"
#include "dragoman/base/utf8.h"
#include "dragoman/encode/model_store.h"
#include "encode/embeddings_answer.h"
#include "encode/embeddings_client.h"
#include "encode/encoders.h"
#include "encode/model_endpoint.h"
#include "encode/token_estimate.h"

namespace dragoman {
namespace {

/// What a text may have where the manifest says nothing: what the shortest of today's encoders read.
constexpr std::size_t kMaxTokens = 512;

/// Begin and end of a text, for most models.
constexpr std::size_t kSpecialTokens = 2;

/// The texts of one request: [begin, end).
struct Batch {
  std::size_t begin, end;
};

/// A text as it is sent.
struct Prepared {
  std::string text;
  std::size_t tokens_read, tokens_total;  ///< Estimated.
};

std::vector<Batch> plan_batches(std::span<const Prepared> texts, const RemoteOptions& options) {
  std::vector<Batch> batches;
  std::size_t tokens = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const bool full = batches.empty() || i - batches.back().begin == options.batch_texts ||
                      tokens + texts[i].tokens_read > options.batch_tokens;
    if (full) {
      batches.push_back({i, i});
      tokens = 0;
    }
    batches.back().end = i + 1;
    tokens += texts[i].tokens_read;
  }
  return batches;
}

class RemoteEncoder : public Encoder {
 public:
  RemoteEncoder(const Model& model, const RemoteOptions& remote)
      : remote_(remote),
        client_(checked_endpoint(model.endpoint), model.endpoint_model, remote),
        prompts_{model.query_prompt, model.passage_prompt},
        max_tokens_(model.max_tokens != 0 ? model.max_tokens : kMaxTokens),
        dimension_(model.dimension) {
    for (const std::string& prompt : prompts_) {
      if (estimate_tokens(prompt) + kSpecialTokens >= max_tokens_) {
        throw InvalidArgument(
            fmt::format("{}: a prompt fills all {} tokens that the model reads", model.name, max_tokens_));
      }
    }
    stamp_ = fmt::format("endpoint={} model={} max_tokens={} query_prompt=\"{}\" passage_prompt=\"{}\"",
                         checked_endpoint(model.endpoint), model.endpoint_model, max_tokens_, model.query_prompt,
                         model.passage_prompt);
  }

  std::vector<Encoding> encode(std::span<const std::string_view> texts, EncodeAs as,
                               const EncodeOptions& options) const override {
    check_encode_options(*this, options);
    if (texts.empty()) return {};
    std::vector<Prepared> prepared;
    for (const std::string_view text : texts) prepared.push_back(prepare(text, as));
    std::vector<Encoding> encodings(texts.size());
    const auto batches = plan_batches(prepared, remote_);
    parallel_for(batches.size(), remote_.in_flight, [&](std::size_t b, std::size_t) {
      ask(std::span(prepared).subspan(batches[b].begin, batches[b].end - batches[b].begin),
          std::span(encodings).subspan(batches[b].begin, batches[b].end - batches[b].begin), options);
    });
    return encodings;
  }

  std::vector<std::int32_t> tokenize(std::string_view, EncodeAs) const override {
    throw InvalidArgument(
        fmt::format("{}: an endpoint shows no tokens; use a model on this machine to see them", client_.place()));
  }

  std::size_t count_tokens(std::string_view text) const override { return estimate_tokens(text); }
  std::size_t passage_budget() const override { return room(EncodeAs::passage); }
  Heads heads() const override { return {}; }

  std::size_t dimension() const override {
    if (const std::size_t known = dimension_) return known;
    const std::lock_guard lock(dimension_mutex_);
    if (dimension_ == 0) {
      const std::array<std::string_view, 1> text = {"dimension"};
      dimension_ = client_.ask(text, 0).vectors.front().size();
    }
    return dimension_;
  }

  std::size_t sparse_dimension() const override { return 0; }
  std::size_t multi_vector_dimension() const override { return 0; }
  Precision precision() const override { return Precision::f32; }
  const std::string& stamp() const override { return stamp_; }

 private:
  const std::string& prompt(EncodeAs as) const { return prompts_[as == EncodeAs::query ? 0 : 1]; }

  /// Tokens left for a text behind its prompt.
  std::size_t room(EncodeAs as) const { return max_tokens_ - estimate_tokens(prompt(as)) - kSpecialTokens; }

  Prepared prepare(std::string_view text, EncodeAs as) const {
    const std::string_view kept = estimated_prefix(text, room(as));
    const std::size_t around = estimate_tokens(prompt(as)) + kSpecialTokens;
    Prepared prepared{prompt(as), estimate_tokens(kept) + around, estimate_tokens(text) + around};
    prepared.text += kept;
    // Servers refuse a text without anything in it.
    if (prepared.text.empty()) prepared.text = " ";
    return prepared;
  }

  void ask(std::span<const Prepared> texts, std::span<Encoding> encodings, const EncodeOptions& options) const {
    const std::size_t full = dimension();
    const std::size_t wanted = options.dense_dimension;
    const bool shorter = wanted != 0 && wanted < full;
    std::vector<std::string_view> views;
    for (const Prepared& text : texts) views.push_back(text.text);
    EmbeddingsAnswer answer = client_.ask(views, shorter ? wanted : 0);
    const std::size_t came = answer.vectors.front().size();
    // Servers that know nothing of Matryoshka send whole vectors, whose beginning is what was asked for.
    if (came != full && !(shorter && came == wanted)) {
      throw InvalidData(
          fmt::format("{}: vectors of {} dimensions came, not of {}; give the right --dimension, or the "
                      "endpoint serves another model now",
                      client_.place(), came, shorter ? wanted : full));
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
      encodings[i].dense = std::move(answer.vectors[i]);
      finish_dense(encodings[i].dense, wanted);
      encodings[i].tokens_read = texts[i].tokens_read;
    }
    if (answer.prompt_tokens) share_out(*answer.prompt_tokens, texts, encodings);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      encodings[i].tokens_total = encodings[i].tokens_read + (texts[i].tokens_total - texts[i].tokens_read);
    }
  }

  /// The server counts a request; each text gets its share by the estimates, and the shares make up the whole.
  static void share_out(std::uint64_t tokens, std::span<const Prepared> texts, std::span<Encoding> encodings) {
    std::uint64_t estimated = 0;
    for (const Prepared& text : texts) estimated += text.tokens_read;
    // A count that no text can have is no count.
    if (tokens > estimated * 100) return;
    std::uint64_t before = 0, given = 0;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      before += texts[i].tokens_read;
      const std::uint64_t until_here = tokens * before / estimated;
      encodings[i].tokens_read = until_here - given;
      given = until_here;
    }
  }

  RemoteOptions remote_;
  EmbeddingsClient client_;
  std::array<std::string, 2> prompts_;
  std::size_t max_tokens_;
  std::string stamp_;
  mutable std::mutex dimension_mutex_;
  mutable std::atomic<std::size_t> dimension_;
};

}  // namespace

std::unique_ptr<Encoder> open_remote_encoder(const Model& model, const EncoderOptions& options,
                                             const RemoteOptions& remote) {
  if (options.precision && *options.precision != Precision::f32) {
    throw InvalidArgument(
        fmt::format("{}: an endpoint chooses its own precision; leave --precision out", printable(model.name)));
  }
  return std::make_unique<RemoteEncoder>(model, remote);
}

}  // namespace dragoman
