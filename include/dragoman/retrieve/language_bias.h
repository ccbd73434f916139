#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "dragoman/collection/collection.h"
#include "dragoman/collection/document.h"
#include "dragoman/text/language.h"
#include "dragoman/text/language_identifier.h"

namespace dragoman {

/// How much of what vectors say about the language of a text, instead of its content, is taken away.
enum class Debias {
  none,    ///< Vectors are compared as the encoder gives them.
  center,  ///< All of it, whatever the collection is like.
  /// All of it where the collection says the same things in several languages, half where each language has topics of
  /// its own (what a language's passages have in common is then also what they are about), between them in proportion.
  automatic,
};

/// Shows all passages of an index, in the same order each time.
using VectorSource =
    std::function<void(const std::function<void(DocumentNumber document, std::span<const float> vector)>& visit)>;

/// What the vectors of a collection have in common by language, and how to compare vectors without it.
///
/// A multilingual encoder puts texts of one language beside one another, so that a passage in the language of the
/// question beats a better one in another. With the mean m[l] of each language's documents (each the mean
/// of its passages), and the mean g of those,
///
///     passage  d' = (d - g - s * r[l] * (m[l] - g)) / its length       l its language
///     query    q' = (q - g / 2 - s * r[l] * (m[l] - g)) / its length   l its language
///
/// where r[l] = n[l] / (n[l] + within / between) shrinks the mean of a language with few documents (n[l]) to what a
/// mean of so few is worth (James and Stein, 1961; within: variance of documents around their language's mean; between:
/// that of the means around g, less what chance gives them), g weighs the means by r, and s is strength(). Questions
/// are no passages: half of g is what they were measured to share with them. A question in a language of which there
/// are no passages is moved by g / 2 alone; one in several languages by the mean of what each of them would move it,
/// weighted by their parts of it.
///
/// Subtracting means by language: Libovicky, Rosa and Fraser, "On the Language Neutrality of Pre-trained Multilingual
/// Representations", EMNLP Findings 2020. docs/language-bias.md has what it gains and costs, and what was tried
/// besides.
///
/// Languages are told apart by primary subtag and script; a region makes none of its own. Thread-safe.
class LanguageBias {
 public:
  /// @param languages of all documents that `vectors` shows; those that were removed change nothing.
  /// @param dimension of the vectors, > 0.
  ///
  /// O(passages * dimension), twice; and up to 512 passages are compared with all others, of more than half a million
  /// passages so few that it is no more than 2^28 comparisons, but at least 64: at 384 dimensions some ten seconds of a
  /// processor. The same result at any number of threads.
  static LanguageBias fit(const VectorSource& vectors, const Collection::DocumentLanguages& languages,
                          std::size_t dimension, std::size_t threads);

  /// Keeps it in a segment (docs/formats/bias.md). @return size of the file.
  std::uint64_t write(const std::filesystem::path& path, std::string_view stamp) const;

  /// @throws NotFound, InvalidData as SegmentReader, and where the sections contradict one another.
  static LanguageBias read(const std::filesystem::path& path, std::string_view stamp);

  std::size_t dimension() const { return dimension_; }
  std::size_t passages() const { return passage_languages_.size(); }
  /// Those of which there are passages, ascending.
  std::span<const Language> languages() const { return languages_; }
  /// By passage, in the order they were shown: which of the languages.
  std::span<const std::uint16_t> passage_languages() const { return passage_languages_; }

  /// How much the collection says the same things in several languages, in [0, 1]: of the passages that fit() compares
  /// and each other language, the share of pairs where one passage of that language stands out as a translation does.
  /// It does if its similarity exceeds the mean of the four next ones by twice the standard deviation of similarities
  /// between languages (after the margin of Artetxe and Schwenk, ACL 2019; vectors less the mean of their language).
  double parallelness() const { return parallelness_; }

  /// The part of the languages' means that is taken away, in [0, 1]: s above.
  float strength(Debias debias) const;

  /// How much of a language's second best score is taken off all its scores in a ranking of several languages, as
  /// level_languages() does: in [0, 0.9], 0 unless the collection says the same things in several languages.
  float level(Debias debias) const;

  /// By passage, what makes d' of length 1: see transform(). Valid as long as this or a copy of it is there.
  /// O(passages) when first asked for.
  std::span<const float> scales(Debias debias) const;

  /// What a query is compared with in the place of its vector.
  struct Query {
    std::vector<float> vector;   ///< [dimension]: q'.
    std::vector<float> offsets;  ///< By language: <q', g + s * r[l] * (m[l] - g)>.
  };

  /// <q', d'> = scales[i] * (<query.vector, vector of passage i> - query.offsets[language of passage i]), so that an
  /// index need not keep d'. @param vector [dimension].
  Query transform(std::span<const float> vector, const Language& language, Debias debias) const;

  /// The same less something else than the bias knows of questions: common_of_questions() of several languages, or
  /// what other questions have in common (QuestionMeans). @param common [dimension].
  Query transform_less(std::span<const float> vector, std::span<const float> common, Debias debias) const;

  /// What a question in these languages is taken to have in common with others: g / 2 + s * the sum over its languages
  /// of  part[l] * r[l] * (m[l] - g). @param parts of the question, which sum to at most 1; languages that have no
  /// passages count for nothing. [dimension]
  std::vector<float> common_of_questions(std::span<const LanguageProbability> parts, Debias debias) const;

 private:
  std::span<const float> direction(std::size_t language) const {
    return std::span(directions_).subspan(language * dimension_, dimension_);
  }

  /// By Debias, made when first asked for.
  struct Scales {
    std::array<std::once_flag, 3> made;
    std::array<std::vector<float>, 3> values;
  };

  std::size_t dimension_ = 0;
  double parallelness_ = 0;
  std::vector<Language> languages_;
  std::vector<float> center_;      ///< [dimension]: g.
  std::vector<float> directions_;  ///< [languages, dimension]: r[l] * (m[l] - g).
  std::vector<float> squares_;     ///< By passage: |d - g|^2.
  std::vector<float> along_;       ///< By passage: <d - g, its language's direction>.
  std::vector<std::uint16_t> passage_languages_;
  std::shared_ptr<Scales> scales_ = std::make_shared<Scales>();
};

}  // namespace dragoman
