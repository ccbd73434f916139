#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "dragoman/collection/collection.h"
#include "dragoman/retrieve/retriever.h"
#include "dragoman/text/language.h"

namespace dragoman {

class MultiVectorSegment;

/// How high late interaction scores documents that have nothing to do with a question, by the languages of both.
///
/// A question's tokens find their like in any text of their own language, so that a text in it scores above one in
/// another before either is about the question. A few passages of each language are taken for questions (tokens 5 to
/// 24 of each), and compared with some of each language that they are not part of:
///
///     unrelated[a] = mean over l of the mean of MaxSim(question in a, passage in l) / tokens of the question
///     height[a, l] = that mean less unrelated[a], times n / (n + 4) for n pairs that were compared
///
/// A score of documents in l for a question in a is lowered by strength * tokens * height[a, l]: the order inside a
/// language stays as it is. Token vectors are all alike to some degree (those of multilingual-E5 have cosines of 0.7
/// with tokens that have nothing to do with them), so that unrelated[a], too, is taken off before scores are compared
/// with those of other first stages: what is left is 0 for what is not about the question, as the cosine of centred
/// vectors is. A question in a language without passages has the means of all others. docs/language-bias.md has what it
/// gains. Languages are told apart by primary subtag and script. Thread-safe.
class MultiVectorLanguageBias {
 public:
  /// @param segments  by their documents.
  /// @param languages of all documents of the segments; those that were removed are not asked.
  /// At most some 64 passages (two of each language, if that is more) are compared with 128 (four of each). The same
  /// result at any number of threads.
  static MultiVectorLanguageBias fit(std::span<const std::shared_ptr<const MultiVectorSegment>> segments,
                                     const Collection::DocumentLanguages& languages, std::size_t threads);

  /// Keeps it in a segment (docs/formats/bias.md). @return size of the file.
  std::uint64_t write(const std::filesystem::path& path, std::string_view stamp) const;

  /// @throws NotFound, InvalidData as SegmentReader, and where the sections contradict one another.
  static MultiVectorLanguageBias read(const std::filesystem::path& path, std::string_view stamp);

  /// What a document in `document` scores too much for each token of a question in `query`; 0 if it has no passages.
  float height(const Language& query, const Language& document) const;

  /// What each token of a question in `query` scores in documents that have nothing to do with it, in [-1, 1]; 0 if no
  /// passages were compared.
  float unrelated(const Language& query) const;

  friend bool operator==(const MultiVectorLanguageBias&, const MultiVectorLanguageBias&) = default;

 private:
  std::vector<Language> languages_;  ///< Ascending.
  std::vector<float> heights_;       ///< [languages, languages]: by the question's, then the passages'.
  std::vector<float> unrelated_;     ///< By the question's language.
};

/// As make_multi_vector_retriever() without them, with scores lowered by what `bias` says of languages and of unrelated
/// documents: they, and the full score, are what is above that. Documents whose
/// vectors were decompressed compete with lowered scores; which those are (MultiVectorOptions::full_scores) is decided
/// before, so that exhaustive searches are exact and others as approximate as they are.
/// @param documents all those of the index.
/// @param strength  in [0, 1].
std::unique_ptr<Retriever> make_multi_vector_retriever(std::shared_ptr<const MultiVectorIndex> index,
                                                       std::shared_ptr<const Encoder> encoder,
                                                       const MultiVectorOptions& options, std::size_t threads,
                                                       std::shared_ptr<const MultiVectorLanguageBias> bias,
                                                       std::shared_ptr<const AnalyzedDocuments> documents,
                                                       float strength);

}  // namespace dragoman
