#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/text/language.h"

namespace dragoman {

// How good is a text, beside texts that people wrote? Answers to questions, translations, generated queries.
// All texts are UTF-8; ill-formed bytes are read as U+FFFD. All functions are thread-safe.

/// An answer without what does not matter, as words between single spaces. In this order:
///
/// 1. Lower case.
/// 2. Punctuation is removed: of ASCII for English (SQuAD), of all Unicode, and ASCII's symbols, for any other
/// language.
/// 3. Articles become a space: en "a an the"; es, de, vi as MLQA lists them; ar "ال" wherever it stands. Elsewhere
/// none.
/// 4. Words lie between white space. For zh every character from U+4E00 to U+9FA5 is a word, for ja every kana as well.
///    For th, lo, km and my, which MLQA lacks, words are those of Analyzer.
///
/// Rajpurkar et al., "SQuAD: 100,000+ Questions for Machine Comprehension of Text", EMNLP 2016, and Lewis et al.,
/// "MLQA: Evaluating Cross-lingual Extractive Question Answering", ACL 2020, with the rules of their evaluation
/// scripts.
///
/// O(bytes).
std::string normalize_answer(std::string_view text, const Language& language);

/// In [0, 1]; a mean over questions times 100 is what is published.
struct AnswerScore {
  double exact_match = 0;  ///< 1 if some right answer is the same text, normalised.
  double f1 = 0;           ///< Harmonic mean of precision and recall of words, for the best right answer.
};

/// @param language that of the answers.
/// @return 1 and 1 where both are empty, as SQuAD 2.0 has it for questions without an answer.
/// @throws InvalidArgument if there is no right answer to compare with.
AnswerScore score_answer(std::string_view answer, std::span<const std::string> right_answers, const Language& language);

enum class BleuTokenizer {
  v13a,       ///< "13a", of mteval-v13a and sacrebleu: cuts at ASCII symbols; for languages with spaces.
  character,  ///< "char", of sacrebleu: every code point that is no white space.
};

struct BleuOptions {
  BleuTokenizer tokenizer = BleuTokenizer::v13a;
};

struct Bleu {
  double score = 0;                    ///< In [0, 100].
  std::array<double, 4> precisions{};  ///< Of 1-grams to 4-grams, in [0, 100]; smoothed where nothing matched.
  double brevity_penalty = 0;          ///< In [0, 1].
  std::size_t hypothesis_tokens = 0;
  std::size_t reference_tokens = 0;  ///< Of the references closest in length, of two equally close the shorter one.
};

/// BLEU of a corpus: counts are summed over all texts before anything is divided.
///
///     BLEU = BP * exp(1/4 * sum_n log precision_n),   BP = min(1, exp(1 - reference_tokens / hypothesis_tokens))
///
/// Papineni et al., "BLEU: a Method for Automatic Evaluation of Machine Translation", ACL 2002. Where no n-gram
/// matched, the k-th such order counts 1 / 2^k matches (NIST smoothing). It equals sacrebleu 2.6.0 with its defaults
/// (`nrefs|case:mixed|eff:no|tok:13a|smooth:exp`), or with `tok:char`.
///
/// @param references those of each hypothesis; all of them count together.
/// @throws InvalidArgument if there is no hypothesis, or not as many lists of references, or an empty one.
Bleu corpus_bleu(std::span<const std::string> hypotheses, std::span<const std::vector<std::string>> references,
                 const BleuOptions& options = {});

/// The same of one text, over the orders that it has n-grams of (`eff:yes`), as sacrebleu.sentence_bleu. In [0, 100].
double sentence_bleu(const std::string& hypothesis, std::span<const std::string> references,
                     const BleuOptions& options = {});

struct ChrfOptions {
  std::size_t character_order = 6;  ///< Longest n-gram of characters, at least 1.
  std::size_t word_order = 0;       ///< Longest n-gram of words; 0: chrF, 2: chrF++.
  double beta = 2;                  ///< How many times recall matters as much as precision, above 0.
};

/// chrF of a corpus, in [0, 100]: mean precision and mean recall over the orders, then their F-measure.
///
///     chrF = (1 + beta^2) * P * R / (beta^2 * P + R)
///
/// Popović, "chrF: character n-gram F-score for automatic MT evaluation", WMT 2015; "chrF++: words helping character
/// n-grams", WMT 2017. White space does not count among characters; words lie between white space, with one ASCII
/// punctuation mark at the end, or else at the beginning, apart. Of several references the one with the best chrF
/// counts. It equals sacrebleu 2.6.0.
///
/// @throws InvalidArgument as corpus_bleu(), and for options out of range.
double corpus_chrf(std::span<const std::string> hypotheses, std::span<const std::vector<std::string>> references,
                   const ChrfOptions& options = {});

double sentence_chrf(const std::string& hypothesis, std::span<const std::string> references,
                     const ChrfOptions& options = {});

}  // namespace dragoman
