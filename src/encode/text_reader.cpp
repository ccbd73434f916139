#include "encode/text_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"
#include "dragoman/base/parallel.h"
#include "dragoman/encode/model_store.h"

namespace dragoman {

std::vector<Batch> plan_batches(std::span<const std::vector<TokenId>> texts, std::size_t batch_tokens,
                                std::size_t batch_texts) {
  std::vector<std::size_t> by_length(texts.size());
  std::iota(by_length.begin(), by_length.end(), 0);
  std::ranges::stable_sort(by_length, std::greater{}, [&](std::size_t i) { return texts[i].size(); });
  std::vector<Batch> batches;
  std::size_t filled = 0;
  for (const std::size_t i : by_length) {
    if (batches.empty() || batches.back().size() == batch_texts || filled + texts[i].size() > batch_tokens) {
      batches.emplace_back();
      filled = 0;
    }
    batches.back().push_back(i);
    filled += texts[i].size();
  }
  return batches;
}

TextReader::TextReader(const Model& model, std::size_t max_tokens, Tokenize tokenize, const SpecialTokens& special)
    : prompts_{model.query_prompt, model.passage_prompt},
      max_tokens_(model.max_tokens == 0 ? max_tokens : std::min(max_tokens, model.max_tokens)),
      tokenize_(std::move(tokenize)),
      special_(special) {
  for (const EncodeAs as : {EncodeAs::query, EncodeAs::passage}) {
    prompt_tokens_[side(as)] = count_tokens(prompts_[side(as)]);
    if (prompt_tokens(as) + special_count() >= max_tokens_) {
      throw InvalidArgument(fmt::format("{}: the {} prompt fills all {} tokens that the model reads",
                                        model.file.string(), as == EncodeAs::query ? "query" : "passage", max_tokens_));
    }
  }
}

std::vector<TokenId> TextReader::tokenize(std::string_view text, EncodeAs as) const {
  // The prompt is part of the text for the tokenizer, as it was in training.
  std::string whole = prompts_[side(as)];
  whole += text;
  std::vector<TokenId> tokens = tokenize_(whole);
  if (special_.begin) tokens.insert(tokens.begin(), *special_.begin);
  if (special_.end) tokens.push_back(*special_.end);
  if (tokens.empty()) tokens.push_back(special_.padding.value_or(0));  // A model cannot read nothing.
  return tokens;
}

std::vector<std::vector<TokenId>> TextReader::read(std::span<const std::string_view> texts, EncodeAs as,
                                                   std::size_t threads, std::span<Encoding> encodings) const {
  std::vector<std::vector<TokenId>> tokens(texts.size());
  parallel_for(texts.size(), threads, [&](std::size_t i, std::size_t) {
    tokens[i] = tokenize(texts[i], as);
    encodings[i].tokens_total = tokens[i].size();
    if (tokens[i].size() > max_tokens_) {
      tokens[i].resize(max_tokens_);
      if (special_.end) tokens[i].back() = *special_.end;
    }
    encodings[i].tokens_read = tokens[i].size();
  });
  return tokens;
}

std::string model_stamp(const Model& model, std::optional<Precision> precision, std::string_view pooling,
                        std::size_t max_tokens) {
  const bool levelled = precision == Precision::int8 && !model.input_statistics.empty();
  return fmt::format("sha256={}{}{} pooling={} max_tokens={} query_prompt=\"{}\" passage_prompt=\"{}\"",
                     model.sha256.empty() ? sha256_of_file(model.file) : model.sha256,
                     precision ? fmt::format(" precision={}", to_string(*precision)) : "",
                     levelled ? fmt::format(" inputs={:.8}", sha256(model.input_statistics)) : "", pooling, max_tokens,
                     model.query_prompt, model.passage_prompt);
}

}  // namespace dragoman
