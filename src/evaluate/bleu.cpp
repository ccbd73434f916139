#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "dragoman/base/error.h"
#include "dragoman/evaluate/text_measures.h"
#include "evaluate/check_references.h"
#include "evaluate/code_points.h"
#include "evaluate/ngrams.h"

namespace dragoman {
namespace {

constexpr std::size_t kMaxOrder = 4;

bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }
bool is_point(char32_t c) { return c == U'.' || c == U','; }

std::u32string replace_all(std::u32string text, std::u32string_view what, std::u32string_view by) {
  for (std::size_t at = text.find(what); at != std::u32string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

/// Puts spaces around two neighbours, of which `first` and `second` accept one each, going on behind them.
template <typename First, typename Second>
std::u32string space_out(std::u32string_view text, First first, Second second, std::u32string_view before,
                         std::u32string_view between, std::u32string_view behind) {
  std::u32string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i + 1 == text.size() || !first(text[i]) || !second(text[i + 1])) {
      result += text[i];
      continue;
    }
    (result.append(before) += text[i]).append(between) += text[i + 1];
    result += behind;
    ++i;
  }
  return result;
}

/// The four rules of mteval-v13a's language-independent part, one after another, after its entities.
std::u32string tokenize_13a(std::u32string text) {
  text = replace_all(std::move(text), U"<skipped>", U"");
  text = replace_all(std::move(text), U"-\n", U"");
  text = replace_all(std::move(text), U"\n", U" ");
  text = replace_all(std::move(text), U"&quot;", U"\"");
  text = replace_all(std::move(text), U"&amp;", U"&");
  text = replace_all(std::move(text), U"&lt;", U"<");
  text = replace_all(std::move(text), U"&gt;", U">");

  std::u32string symbols = U" ";
  for (const char32_t c : text) {
    if (is_ascii_punctuation(c) && c != U'\'' && c != U'-' && !is_point(c))
      symbols.append(U" ").append(1, c).append(U" ");
    else
      symbols += c;
  }
  symbols += U' ';
  const auto no_digit = [](char32_t c) { return !is_digit(c); };
  text = space_out(symbols, no_digit, is_point, U"", U" ", U" ");
  text = space_out(text, is_point, no_digit, U" ", U" ", U"");
  return space_out(
      text, is_digit, [](char32_t c) { return c == U'-'; }, U"", U" ", U" ");
}

/// A text cut into tokens; they are views into it.
class Tokens {
 public:
  Tokens(const std::string& text, BleuTokenizer tokenizer) : text_(to_code_points(text)) {
    while (!text_.empty() && is_any_white_space(text_.back())) text_.pop_back();
    if (tokenizer == BleuTokenizer::v13a) {
      text_ = tokenize_13a(std::move(text_));
      tokens_ = split_words(text_);
      return;
    }
    for (std::size_t i = 0; i < text_.size(); ++i) {
      if (!is_any_white_space(text_[i])) tokens_.push_back(std::u32string_view(text_).substr(i, 1));
    }
  }
  Tokens(const Tokens&) = delete;
  Tokens& operator=(const Tokens&) = delete;

  const std::vector<std::u32string_view>& get() const { return tokens_; }

 private:
  std::u32string text_;
  std::vector<std::u32string_view> tokens_;
};

struct BleuCounts {
  std::array<std::size_t, kMaxOrder> correct{}, total{};
  std::size_t hypothesis_tokens = 0, reference_tokens = 0;

  void add(const std::string& hypothesis, std::span<const std::string> references, const BleuOptions& options) {
    const Tokens tokens(hypothesis, options.tokenizer);
    const std::size_t length = tokens.get().size();
    std::array<NgramCounts, kMaxOrder> of_references;
    std::size_t closest = 0, closest_difference = std::numeric_limits<std::size_t>::max();
    for (const std::string& reference : references) {
      const Tokens other(reference, options.tokenizer);
      const std::size_t other_length = other.get().size();
      const std::size_t difference = length > other_length ? length - other_length : other_length - length;
      if (difference < closest_difference || (difference == closest_difference && other_length < closest)) {
        closest = other_length;
        closest_difference = difference;
      }
      for (std::size_t n = 1; n <= kMaxOrder; ++n) {
        for (auto& [ngram, count] : count_ngrams(other.get(), n)) {
          std::size_t& most = of_references[n - 1][ngram];
          most = std::max(most, count);
        }
      }
    }
    hypothesis_tokens += length;
    reference_tokens += closest;
    for (std::size_t n = 1; n <= kMaxOrder; ++n) {
      total[n - 1] += length >= n ? length - n + 1 : 0;
      correct[n - 1] += matches(count_ngrams(tokens.get(), n), of_references[n - 1]);
    }
  }
};

enum class Orders { all, effective };

Bleu compute_bleu(const BleuCounts& counts, Orders orders) {
  Bleu bleu;
  bleu.hypothesis_tokens = counts.hypothesis_tokens;
  bleu.reference_tokens = counts.reference_tokens;
  if (counts.hypothesis_tokens > 0) {
    const double ratio = static_cast<double>(counts.reference_tokens) / static_cast<double>(counts.hypothesis_tokens);
    bleu.brevity_penalty = std::min(1.0, std::exp(1 - ratio));
  }
  if (counts.correct[0] == 0) return bleu;  // Then no longer n-gram matched either.

  double smoothing = 1;
  std::size_t order = 0;
  for (; order < kMaxOrder && counts.total[order] > 0; ++order) {
    const auto correct = static_cast<double>(counts.correct[order]), total = static_cast<double>(counts.total[order]);
    if (correct == 0) smoothing *= 2;
    bleu.precisions[order] = 100 * (correct == 0 ? 1 / smoothing : correct) / total;
  }
  if (order < kMaxOrder && orders == Orders::all) return bleu;  // A precision of 0 makes the product 0.
  double logarithms = 0;
  for (std::size_t i = 0; i < order; ++i) logarithms += std::log(bleu.precisions[i]);
  bleu.score = bleu.brevity_penalty * std::exp(logarithms / static_cast<double>(order));
  return bleu;
}

}  // namespace

Bleu corpus_bleu(std::span<const std::string> hypotheses, std::span<const std::vector<std::string>> references,
                 const BleuOptions& options) {
  check_references("corpus_bleu", hypotheses, references);
  BleuCounts counts;
  for (std::size_t i = 0; i < hypotheses.size(); ++i) counts.add(hypotheses[i], references[i], options);
  return compute_bleu(counts, Orders::all);
}

double sentence_bleu(const std::string& hypothesis, std::span<const std::string> references,
                     const BleuOptions& options) {
  check_references("sentence_bleu", references);
  BleuCounts counts;
  counts.add(hypothesis, references, options);
  return compute_bleu(counts, Orders::effective).score;
}

}  // namespace dragoman
