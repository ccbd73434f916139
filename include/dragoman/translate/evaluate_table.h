#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "dragoman/text/analyzer.h"
#include "dragoman/translate/translation_table.h"

namespace dragoman {

/// How well a table knows what a lexicon knows.
struct TableScore {
  std::size_t lexicon_words = 0;  ///< Source words of which the lexicon has translations of one word.
  std::size_t known = 0;          ///< Of them, those that the table has too. The rest is over these:
  double precision_at_1 = 0;      ///< Share of words whose most probable translation is one of the lexicon's.
  double mean_reciprocal_rank =
      0;  ///< Mean of 1 / the rank of the best placed one of the lexicon's; 0 where there is none.
};

/// Bilingual lexicon induction (as in Conneau et al., "Word Translation Without Parallel Data", ICLR 2018) by a table.
/// Entries are made words by the analyser on both sides; those of several words on a side are passed over.
/// @param lexicons as read_parallel_text() takes places, in the table's languages.
/// @throws as read_parallel_text(); InvalidData if the table's words were made by another analyser.
TableScore evaluate_table(const TranslationTable& table, std::span<const std::string> lexicons,
                          const Analyzer& analyzer);

}  // namespace dragoman
