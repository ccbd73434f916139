#include "encode/cached_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <unordered_map>

#include "encode/encoders.h"
#include "encode/encoding_value.h"
#include "encode/guarded_cache.h"

namespace dragoman {
namespace {

constexpr const char* kWork = "texts are encoded";

std::string_view name_of(Head head) {
  return head == Head::dense ? "dense" : head == Head::sparse ? "sparse" : "multi_vector";
}

/// What of the options changes this head.
std::size_t variant(Head head, EncodeAs as, const EncodeOptions& options) {
  switch (head) {
    case Head::dense:
      return options.dense_dimension;
    case Head::sparse:
      return options.sparse_weights;
    case Head::multi_vector:
      return as == EncodeAs::query ? 1 : options.token_pooling;
  }
  return 0;
}

/// The texts of a call, each once.
struct DistinctTexts {
  explicit DistinctTexts(std::span<const std::string_view> all) {
    std::unordered_map<std::string_view, std::size_t> places;
    for (const std::string_view text : all) {
      const auto [place, is_new] = places.emplace(text, texts.size());
      if (is_new) texts.push_back(text);
      place_of.push_back(place->second);
    }
    for (const std::string_view text : texts) digests.push_back(digest_of(text));
  }

  std::vector<std::string_view> texts;
  std::vector<TextDigest> digests;    ///< Of each of them.
  std::vector<std::size_t> place_of;  ///< Of every text of the call, among the distinct ones.
};

class CachedEncoder : public Encoder {
 public:
  CachedEncoder(std::unique_ptr<Encoder> inner, std::unique_ptr<GuardedCache> cache, std::string model)
      : inner_(std::move(inner)), cache_(std::move(cache)), model_(std::move(model)) {}

  std::vector<Encoding> encode(std::span<const std::string_view> texts, EncodeAs as,
                               const EncodeOptions& options) const override {
    check_encode_options(*inner_, options);
    const DistinctTexts distinct(texts);
    std::vector<Encoding> encodings(distinct.texts.size());
    std::vector<Heads> missing(distinct.texts.size(), options.heads);
    std::vector<Heads> damaged(distinct.texts.size(), kNone);
    for (const Head head : kHeads) {
      if (of(options.heads, head)) look_up(head, as, options, distinct.digests, encodings, missing, damaged);
    }
    std::uint64_t cached = 0;
    for (const std::size_t place : distinct.place_of) cached += missing[place] == kNone;
    compute(as, options, distinct, missing, encodings);
    for (const Head head : kHeads) store(head, as, options, distinct.digests, encodings, missing, damaged);

    texts_ += texts.size();
    cached_ += cached;
    repeated_ += texts.size() - distinct.texts.size();
    if (distinct.texts.size() == texts.size()) return encodings;
    std::vector<Encoding> all;
    all.reserve(texts.size());
    for (const std::size_t place : distinct.place_of) all.push_back(encodings[place]);
    return all;
  }

  std::vector<std::int32_t> tokenize(std::string_view text, EncodeAs as) const override {
    return inner_->tokenize(text, as);
  }
  std::size_t count_tokens(std::string_view text) const override { return inner_->count_tokens(text); }
  std::size_t passage_budget() const override { return inner_->passage_budget(); }
  Heads heads() const override { return inner_->heads(); }
  std::size_t dimension() const override { return inner_->dimension(); }
  std::size_t sparse_dimension() const override { return inner_->sparse_dimension(); }
  std::size_t multi_vector_dimension() const override { return inner_->multi_vector_dimension(); }
  Precision precision() const override { return inner_->precision(); }
  const std::string& stamp() const override { return inner_->stamp(); }
  EncoderUsage usage() const override { return {.texts = texts_, .cached = cached_, .repeated = repeated_}; }

  std::vector<std::string> notices() const override {
    std::vector<std::string> all = inner_->notices();
    for (std::string& notice : cache_->notices()) all.push_back(std::move(notice));
    return all;
  }

 private:
  static constexpr Heads kNone = {.dense = false, .sparse = false, .multi_vector = false};

  EncodingSource source(Head head, EncodeAs as, const EncodeOptions& options) const {
    return {model_, inner_->stamp(),
            fmt::format("{} {} {}", name_of(head), as == EncodeAs::query ? "query" : "passage",
                        variant(head, as, options))};
  }

  ValueShape shape(Head head, const EncodeOptions& options) const {
    switch (head) {
      case Head::dense:
        return {head, options.dense_dimension != 0 ? options.dense_dimension : inner_->dimension()};
      case Head::sparse:
        return {head, inner_->sparse_dimension()};
      case Head::multi_vector:
        return {head, inner_->multi_vector_dimension()};
    }
    return {};
  }

  /// What a value is stored under, as its checksum sees it.
  static std::string key(const EncodingSource& source, const TextDigest& text) {
    return fmt::format("{}\n{}\n{}", source.stamp, source.form, std::string_view(text.data(), text.size()));
  }

  void look_up(Head head, EncodeAs as, const EncodeOptions& options, std::span<const TextDigest> texts,
               std::span<Encoding> encodings, std::span<Heads> missing, std::span<Heads> damaged) const {
    const EncodingSource from = source(head, as, options);
    const ValueShape wanted = shape(head, options);
    const auto values = cache_->read(from, texts);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (!values[i]) continue;
      if (from_value(*values[i], wanted, key(from, texts[i]), encodings[i])) {
        of(missing[i], head) = false;
      } else {
        of(damaged[i], head) = true;
      }
    }
  }

  /// Texts that lack the same heads go through the model together, each once for all that it lacks.
  void compute(EncodeAs as, const EncodeOptions& options, const DistinctTexts& distinct, std::span<const Heads> missing,
               std::span<Encoding> encodings) const {
    std::map<std::array<bool, 3>, std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < missing.size(); ++i) {
      if (missing[i] != kNone) groups[{missing[i].dense, missing[i].sparse, missing[i].multi_vector}].push_back(i);
    }
    for (const auto& [lacks, members] : groups) {
      std::vector<std::string_view> texts;
      for (const std::size_t i : members) texts.push_back(distinct.texts[i]);
      EncodeOptions asked = options;
      asked.heads = missing[members.front()];
      auto computed = inner_->encode(texts, as, asked);
      for (std::size_t m = 0; m < members.size(); ++m) {
        Encoding& encoding = encodings[members[m]];
        if (asked.heads.dense) encoding.dense = std::move(computed[m].dense);
        if (asked.heads.sparse) encoding.sparse = std::move(computed[m].sparse);
        if (asked.heads.multi_vector) encoding.multi_vector = std::move(computed[m].multi_vector);
        encoding.tokens_read = computed[m].tokens_read;
        encoding.tokens_total = computed[m].tokens_total;
      }
    }
  }

  void store(Head head, EncodeAs as, const EncodeOptions& options, std::span<const TextDigest> texts,
             std::span<const Encoding> encodings, std::span<const Heads> missing,
             std::span<const Heads> damaged) const {
    const EncodingSource into = source(head, as, options);
    std::vector<EncodingDatabase::NewValue> values;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (!of(missing[i], head)) continue;
      values.push_back({texts[i], to_value(encodings[i], head, key(into, texts[i])), of(damaged[i], head)});
    }
    if (!values.empty()) cache_->write(into, values);
  }

  std::unique_ptr<Encoder> inner_;
  std::unique_ptr<GuardedCache> cache_;
  std::string model_;
  mutable std::atomic<std::uint64_t> texts_ = 0, cached_ = 0, repeated_ = 0;
};

}  // namespace

std::unique_ptr<Encoder> make_cached_encoder(std::unique_ptr<Encoder> inner, std::shared_ptr<EncodingDatabase> database,
                                             std::string model) {
  auto cache = std::make_unique<GuardedCache>(std::move(database), kWork);
  return std::make_unique<CachedEncoder>(std::move(inner), std::move(cache), std::move(model));
}

std::unique_ptr<Encoder> with_cache(std::unique_ptr<Encoder> inner, const EncoderOptions& options, std::string model) {
  if (options.cache.empty()) return inner;
  auto cache = std::make_unique<GuardedCache>(options.cache, options.cache_bytes, kWork);
  return std::make_unique<CachedEncoder>(std::move(inner), std::move(cache), std::move(model));
}

}  // namespace dragoman
