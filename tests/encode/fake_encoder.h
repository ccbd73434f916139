#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "dragoman/base/utf8.h"
#include "dragoman/encode/encoder.h"
#include "encode/encoders.h"

namespace dragoman::test {

/// An encoder whose numbers can be read off the text, with every head: a token is a code point; the dense vector is
/// (bytes, code points, query or passage, 1) before it is scaled; the sparse vector weighs the number of bytes with the
/// number of code points; a token vector a code point is (1, 0). It writes down what it is asked.
class FakeEncoder : public Encoder {
 public:
  static constexpr std::size_t kMaxTokens = 40;

  std::vector<Encoding> encode(std::span<const std::string_view> texts, EncodeAs as,
                               const EncodeOptions& options) const override {
    check_encode_options(*this, options);
    {
      const std::lock_guard lock(mutex_);
      for (const std::string_view text : texts) asked_.emplace_back(text);
      ++calls_;
    }
    if (before_answer) before_answer();
    std::vector<Encoding> encodings;
    for (const std::string_view text : texts) encodings.push_back(encoding(text, as, options));
    return encodings;
  }

  static Encoding encoding(std::string_view text, EncodeAs as, const EncodeOptions& options) {
    Encoding made;
    const std::size_t tokens = count_code_points(text);
    made.tokens_total = tokens;
    made.tokens_read = std::min(tokens, kMaxTokens);
    if (options.heads.dense) {
      made.dense = {static_cast<float>(text.size()), static_cast<float>(tokens), as == EncodeAs::query ? 1.0f : 2.0f,
                    1};
      finish_dense(made.dense, options.dense_dimension);
    }
    if (options.heads.sparse && tokens > 0) {
      made.sparse = {{static_cast<std::uint32_t>(text.size() % 1000), static_cast<float>(tokens)}, {1000, 0.5f}};
      if (options.sparse_weights == 1) made.sparse.pop_back();
    }
    if (options.heads.multi_vector) {
      const std::size_t rows = as == EncodeAs::query ? tokens : tokens / options.token_pooling;
      for (std::size_t i = 0; i < rows; ++i) made.multi_vector.insert(made.multi_vector.end(), {1, 0});
    }
    return made;
  }

  std::vector<std::int32_t> tokenize(std::string_view text, EncodeAs) const override {
    return std::vector<std::int32_t>(count_code_points(text), 1);
  }
  std::size_t count_tokens(std::string_view text) const override { return count_code_points(text); }
  std::size_t passage_budget() const override { return kMaxTokens; }
  Heads heads() const override { return {.dense = true, .sparse = true, .multi_vector = true}; }
  std::size_t dimension() const override { return 4; }
  std::size_t sparse_dimension() const override { return 1001; }
  std::size_t multi_vector_dimension() const override { return 2; }
  Precision precision() const override { return Precision::f32; }
  const std::string& stamp() const override { return name; }

  /// What it was asked since the last time, text by text.
  std::vector<std::string> asked() const {
    const std::lock_guard lock(mutex_);
    return std::exchange(asked_, {});
  }
  std::size_t calls() const { return calls_; }

  std::string name = "fake";
  std::function<void()> before_answer;

 private:
  mutable std::mutex mutex_;
  mutable std::vector<std::string> asked_;
  mutable std::atomic<std::size_t> calls_ = 0;
};

}  // namespace dragoman::test
