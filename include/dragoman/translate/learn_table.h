#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/base/progress.h"
#include "dragoman/text/analyzer.h"
#include "dragoman/text/language.h"
#include "dragoman/translate/translation_table.h"

namespace dragoman {

/// What a translation of a lexicon weighs, of all that a word has.
enum class LexiconWeights {
  uniform,  ///< The same as any other.
  ranked,   ///< As the lexicon says: by a count, or by 1 / its place in the entry. Without either the same.
};

struct LearnOptions {
  Language from = {}, to = {};
  std::vector<std::string> pairs = {};     ///< Sentences, as read_parallel_text() takes places.
  std::vector<std::string> lexicons = {};  ///< Words with their translations, as above.
  std::filesystem::path into = {};         ///< Folder of the tables: FROM-TO.table and TO-FROM.table.
  LexiconWeights lexicon_weights = LexiconWeights::uniform;
  double lexicon_share = 0.3;         ///< In [0, 1]: of the lexicon, for words that both it and sentences know.
  std::size_t model1_iterations = 5;  ///< Of IBM model 1,
  std::size_t hmm_iterations = 5;     ///< and then of the HMM.
  std::size_t most_words = 200;       ///< Pairs with a longer sentence are left out, > 0.
  PruneOptions prune = {};
  std::string analyzer = std::string(Analyzer::kDefaultName);
  std::size_t threads = 0;
};

struct LearnReport {
  std::uint64_t sentence_pairs = 0, lexicon_pairs = 0;
  std::uint64_t one_sided = 0;                 ///< Left out, as one side is empty or has no words,
  std::uint64_t too_long = 0;                  ///< or has more than `most_words`.
  std::vector<std::string> without_languages;  ///< Folders that have nothing in one of the languages.
  std::uint64_t aligned_pairs = 0;             ///< Sentences, and entries of lexicons beside them.
  double align_seconds = 0;                    ///< Of all iterations.
  /// Perplexity by word of the target given the source, after each iteration.
  std::vector<double> perplexities;
  struct Table {
    std::filesystem::path file;
    std::size_t words = 0, translations = 0;
    std::uint64_t bytes = 0;
  };
  std::vector<Table> tables;  ///< There, and back.
};

/// Makes the translation tables of a pair of languages, in both directions.
///
/// Sentences are aligned word by word with IBM model 1 (Brown et al., "The Mathematics of Statistical Machine
/// Translation", CL 1993) and then with an HMM over jumps (Vogel, Ney and Tillmann, COLING 1996; empty words as in Och
/// and Ney, CL 2003), in both directions at once: what is counted of a link is the product of both directions'
/// posteriors (Liang, Taskar and Klein, "Alignment by Agreement", NAACL 2006). The counts of the last iteration,
/// divided by each word's sum, are P(f|e) there and P(e|f) back; in the last iteration links count by the square root
/// of the product, which keeps more of a word's translations.
///
/// A lexicon's translations of a word count alike, or by LexiconWeights. Where there are sentences too, its entries are
/// aligned with them as sentences of their own, and what comes out is interpolated with the lexicon's own table.
///
/// Same input, same bytes, at any number of threads: counts are whole numbers of 2^-32. O(sum of products of sentence
/// lengths) memory, 4 bytes for each, and 24 for each pair of words that meet; time the same, times iterations and, for
/// the HMM, the length of the longer side.
///
/// @throws NotFound, InvalidData, InvalidArgument as read_parallel_text(); InvalidArgument if nothing was given, or an
///         option is out of range; InvalidData if no pair was left.
LearnReport learn_translation_tables(const LearnOptions& options, const ProgressCallback& progress = {});

}  // namespace dragoman
