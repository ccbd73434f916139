#include <fmt/format.h>

#include "dragoman/base/error.h"
#include "dragoman/evaluate/text_measures.h"
#include "evaluate/check_references.h"
#include "evaluate/code_points.h"
#include "evaluate/ngrams.h"

namespace dragoman {
namespace {

/// Of one order: n-grams of the hypothesis, of the reference, and of both.
struct OrderCounts {
  double hypothesis = 0, reference = 0, both = 0;
};

void check(std::string_view function, const ChrfOptions& options) {
  if (options.character_order < 1) {
    throw InvalidArgument(fmt::format("{}: character_order is 0, expected at least 1", function));
  }
  if (!(options.beta > 0)) {
    throw InvalidArgument(fmt::format("{}: beta is {}, expected a number above 0", function, options.beta));
  }
}

std::vector<std::u32string_view> words_without_punctuation(std::u32string_view text) {
  std::vector<std::u32string_view> words;
  for (const std::u32string_view word : split_words(text)) {
    if (word.size() > 1 && is_ascii_punctuation(word.back())) {
      words.push_back(word.substr(0, word.size() - 1));
      words.push_back(word.substr(word.size() - 1));
    } else if (word.size() > 1 && is_ascii_punctuation(word.front())) {
      words.push_back(word.substr(0, 1));
      words.push_back(word.substr(1));
    } else {
      words.push_back(word);
    }
  }
  return words;
}

/// The counts of all orders, those of characters first.
std::vector<NgramCounts> count_all(const std::string& text, const ChrfOptions& options) {
  const std::u32string code_points = to_code_points(text);
  std::u32string dense;
  for (const std::u32string_view word : split_words(code_points)) dense += word;
  std::vector<NgramCounts> counts(options.character_order);
  for (std::size_t n = 1; n <= options.character_order; ++n) {
    for (std::size_t i = 0; i + n <= dense.size(); ++i) ++counts[n - 1][dense.substr(i, n)];
  }
  const auto words = words_without_punctuation(code_points);
  for (std::size_t n = 1; n <= options.word_order; ++n) counts.push_back(count_ngrams(words, n));
  return counts;
}

double f_score(const std::vector<OrderCounts>& orders, double beta) {
  double precision = 0, recall = 0, effective = 0;
  for (const OrderCounts& order : orders) {
    if (order.hypothesis == 0 || order.reference == 0) continue;
    precision += order.both / order.hypothesis;
    recall += order.both / order.reference;
    effective += 1;
  }
  if (precision + recall == 0) return 0;
  precision /= effective;
  recall /= effective;
  const double factor = beta * beta;
  return 100 * (1 + factor) * precision * recall / (factor * precision + recall);
}

/// The counts beside the reference that gives the best score.
std::vector<OrderCounts> count_best(const std::string& hypothesis, std::span<const std::string> references,
                                    const ChrfOptions& options) {
  const std::vector<NgramCounts> counts = count_all(hypothesis, options);
  std::vector<OrderCounts> best;
  double best_score = -1;
  for (const std::string& reference : references) {
    const std::vector<NgramCounts> others = count_all(reference, options);
    std::vector<OrderCounts> orders(counts.size());
    for (std::size_t i = 0; i < counts.size(); ++i) {
      orders[i].reference = static_cast<double>(total(others[i]));
      // An order that the reference is too short for does not count against the hypothesis.
      if (!others[i].empty()) orders[i].hypothesis = static_cast<double>(total(counts[i]));
      orders[i].both = static_cast<double>(matches(counts[i], others[i]));
    }
    const double score = f_score(orders, options.beta);
    if (score <= best_score) continue;
    best_score = score;
    best = std::move(orders);
  }
  return best;
}

}  // namespace

double corpus_chrf(std::span<const std::string> hypotheses, std::span<const std::vector<std::string>> references,
                   const ChrfOptions& options) {
  check("corpus_chrf", options);
  check_references("corpus_chrf", hypotheses, references);
  std::vector<OrderCounts> sums(options.character_order + options.word_order);
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    const std::vector<OrderCounts> counts = count_best(hypotheses[i], references[i], options);
    for (std::size_t order = 0; order < sums.size(); ++order) {
      sums[order].hypothesis += counts[order].hypothesis;
      sums[order].reference += counts[order].reference;
      sums[order].both += counts[order].both;
    }
  }
  return f_score(sums, options.beta);
}

double sentence_chrf(const std::string& hypothesis, std::span<const std::string> references,
                     const ChrfOptions& options) {
  check("sentence_chrf", options);
  check_references("sentence_chrf", references);
  return f_score(count_best(hypothesis, references, options), options.beta);
}

}  // namespace dragoman
