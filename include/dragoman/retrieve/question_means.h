#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <vector>

#include "dragoman/text/language.h"
#include "dragoman/text/language_identifier.h"

namespace dragoman {

/// What questions of a kind have in common, from a sample of them: a log, a file of topics.
///
/// The means of documents by language say what a question of that language looks like only as far as questions are
/// like passages, and nothing where the collection has no documents in the language. With the mean m[l] of a sample's
/// questions in a language, n[l] of them, the mean g of those (weighted by n / (n + 10)),
///
///     common(question) = 3/4 * (g + sum over its languages of  part[l] * n[l] / (n[l] + 10) * (m[l] - g))
///
/// A language that the sample does not have counts with g alone. Measured: docs/language-bias.md.
class QuestionMeans {
 public:
  /// @param vectors   [questions, dimension], row-major. Which order they come in changes rounding alone.
  /// @param languages of each; "und" counts as a language of its own. Regions are left aside.
  /// @throws InvalidArgument if there is no question, or the sizes do not fit.
  QuestionMeans(std::span<const float> vectors, std::span<const Language> languages, std::size_t dimension);

  /// What is to be taken off a question that is in these languages. @param parts sum to at most 1. [dimension]
  std::vector<float> common(std::span<const LanguageProbability> parts) const;

  /// Languages of the sample, ascending.
  std::vector<Language> languages() const;

 private:
  std::vector<float> center_;                          ///< g.
  std::map<Language, std::vector<float>> directions_;  ///< n / (n + 10) * (m - g).
};

}  // namespace dragoman
