#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/collection/collection.h"
#include "dragoman/collection/document.h"
#include "dragoman/dense/dense_options.h"
#include "dragoman/lexical/bm25.h"
#include "dragoman/lexical/document_set.h"
#include "dragoman/retrieve/feedback.h"
#include "dragoman/retrieve/language_bias.h"
#include "dragoman/retrieve/query_translation.h"
#include "dragoman/retrieve/ranking.h"

namespace dragoman {

class Analyzer;
class Encoder;
class DenseIndex;
class MultiVectorIndex;
class SparseIndex;
class SparseLanguageBias;
struct MultiVectorOptions;
struct SparseOptions;

/// A document that a first stage found, by number.
struct Retrieved {
  DocumentNumber document = 0;
  float score = 0;                   ///< Higher is better; comparable within one list only.
  std::optional<TextRange> passage;  ///< The part of its text that matched, where the retriever knows.
};

/// What a first stage says to one query.
struct RetrievedList {
  std::vector<Retrieved> documents;  ///< Score descending, then document number ascending; no document twice.
  /// What a document that matches the query in full would score, so that scores of several lists can be compared; 0 if
  /// it cannot be said.
  float full_score = 0;
  std::size_t query_terms = 0;            ///< Words or tokens of the query that were used.
  bool query_truncated = false;           ///< The model did not read all of the query.
  bool romanized = false;                 ///< Words were also found by how they sound, in other scripts.
  std::vector<std::string> phrases = {};  ///< What the query has in quotes: every document of the list has them.
  /// By feedback: what the query became for documents in its own language; empty where it stayed as it was.
  std::vector<WordShare> expansion = {};
  /// Languages of documents that were searched by translations of the query's words.
  std::vector<QueryTranslation> translations = {};
};

/// A first stage: candidates for a query, fast. Thread-safe.
class Retriever {
 public:
  virtual ~Retriever() = default;

  /// "bm25", "dense", "sparse", "multivector": as in options, explanations and reports.
  virtual std::string_view name() const = 0;

  /// One list a query, at most `depth` documents each.
  /// @param allowed one byte a document number, non-zero where it may be returned; empty for all. It is how filters and
  ///                deleted documents get into every first stage: a caller whose collection has lost documents passes
  ///                Collection::DocumentLanguages::live, or a part of it, and a retriever returns nothing else.
  virtual std::vector<RetrievedList> search(std::span<const Query> queries, std::size_t depth,
                                            std::span<const std::uint8_t> allowed) const = 0;
};

/// The documents of a collection by the rules that their words are made by, so that a search need not look at each.
/// Thread-safe.
class AnalyzedDocuments {
 public:
  /// Live ones. Null where there are none.
  struct Parts {
    std::shared_ptr<const DocumentSet> native;   ///< Documents that are analysed by a query's own rules.
    std::shared_ptr<const DocumentSet> foreign;  ///< All others.
    bool all_native = false;                     ///< There is none besides, and none is left out.
    /// Those of the native ones that are in one language, if it was told; `native` are the others then.
    std::shared_ptr<const DocumentSet> own = {};
  };

  AnalyzedDocuments(std::shared_ptr<const Analyzer> analyzer, Collection::DocumentLanguages languages);

  const Analyzer& analyzer() const { return *analyzer_; }
  const std::shared_ptr<const Analyzer>& shared_analyzer() const { return analyzer_; }
  const Collection::DocumentLanguages& languages() const { return languages_; }

  /// @param rules   of the query's language, as Analyzer::rules_of() numbers them.
  /// @param allowed as Retriever::search() takes it. O(documents), but where it is all_live() only the first time.
  Parts split(std::size_t rules, std::span<const std::uint8_t> allowed) const;
  /// The same for the rules of a language, with documents in it (its region counts for nothing) apart.
  Parts split(const Language& own, std::span<const std::uint8_t> allowed) const;

  /// Is that no filter: empty, or the live documents of languages() themselves?
  bool all_live(std::span<const std::uint8_t> allowed) const {
    return allowed.empty() || allowed.data() == languages_.live.data();
  }

 private:
  Parts find_parts(std::size_t rules, const std::optional<Language>& own, std::span<const std::uint8_t> allowed) const;
  Parts make_parts(std::size_t rules, const std::optional<Language>& own, std::span<const std::uint8_t> allowed) const;

  std::shared_ptr<const Analyzer> analyzer_;
  Collection::DocumentLanguages languages_;
  std::vector<std::size_t> rules_;  // Of each of the languages.
  mutable std::mutex mutex_;
  mutable std::map<std::pair<std::size_t, std::optional<Language>>, Parts> unfiltered_;  // By rules and language_key().
};

/// BM25 over the words of an analyser. An empty query, or one without a known word, finds nothing.
///
/// A query is analysed by its own language's rules. In documents that are analysed by others it is looked for in every
/// form that rules of the collection's languages give its words, so that they are found although two languages cut
/// different endings off them (Analyzer::analyze_query); documents in its own language do not see those forms. With an
/// analyser that finds spans, documents may have a word in several forms: all forms of a word of the query are then one
/// union (WordUnion), but not for dirichlet, or beside phrases or proximity.
///
/// Phrases in quotes (parse_quotes(), Bm25Options::phrases) must stand in a document as they do in a text that its own
/// language's rules were applied to: of a document in the query's language in that form, of any other in the form of
/// one of the collection's languages. They are not translated. All their words count, also those that only ask.
///
/// With feedback, the best documents in the query's own language and script (a region counts for nothing) lend it words
/// (relevance_model()), and those documents are searched again with what interpolate() makes of it, its shares times
/// the number of the query's words, so that scores stay comparable. Other documents neither lend words nor are searched
/// with them. A query that has no such documents, or gets no words from them, stays as it is. It needs
/// LexicalMatch::any and a proximity of 0.
///
/// @param documents all those of the index.
/// @throws InvalidArgument for feedback without those, or with options out of range.
std::unique_ptr<Retriever> make_bm25_retriever(std::shared_ptr<const Bm25Index> index,
                                               std::shared_ptr<const AnalyzedDocuments> documents,
                                               const Bm25Options& options, std::size_t threads, Feedback feedback = {});

/// What a retriever that also looks into a romanised index works with.
struct RomanizedSearch {
  std::shared_ptr<const Retriever> native_search;      ///< make_bm25_retriever() over `native`.
  std::shared_ptr<const Bm25Index> native;             ///< Of words as they are written, by `analyzer`.
  std::shared_ptr<const Bm25Index> romanized;          ///< Of skeleton_terms() of the same documents.
  std::shared_ptr<const AnalyzedDocuments> documents;  ///< That both are of.
  Bm25Options options;
  float weight = 1;  ///< What a romanised score counts beside a native one, finite, > 0.
  std::size_t threads = 0;
};

/// BM25 over words, and for words that are not there as they are written, over how they sound ("romanised"): "Moskva"
/// finds Москва. Scores of both are added, the second with its weight and without proximity; each list is read to a
/// depth of at least 1000.
///
/// A query that is served natively is answered exactly as by make_bm25_retriever(). Which queries ask the romanised
/// index, and with what, depends on their language:
///
/// - it has phrases in quotes: never, as these want words as they are written;
/// - documents are in its language and script: only if the native index has none of its words;
/// - documents are in its language, but in another script ("hi-Latn" where there is "hi"): always; both indexes then
///   return those documents alone;
/// - any other, and one that was only told from Latin letters, which a romanised text may be taken for: if the native
///   index has at most half of its different words, and either none of them or fewer than the romanised index has of
///   the others.
///
/// A query without a language is taken to be in its script, if that is not Latin and documents are in it. Words without
/// letters count for nothing. The romanised index is asked only for words that the native index does not have, and in
/// the second case for all but the shortest others (keys of fewer than three letters).
std::unique_ptr<Retriever> make_romanized_retriever(RomanizedSearch search);

/// What a question is taken to have in common with others, as LanguageBias::transform_less() takes it. Called from
/// one thread at a time.
using CommonOfQuestion = std::function<std::vector<float>(const Query& query)>;

/// Nearest passages by inner product of the encoder's vectors.
/// @param bias null: vectors as the encoder gives them. Else what LanguageBias makes of them, however they are indexed;
///             fitted to all passages of the index, in its order.
/// @param common empty: by the query's language, as LanguageBias::transform().
std::unique_ptr<Retriever> make_dense_retriever(std::shared_ptr<const DenseIndex> index,
                                                std::shared_ptr<const Encoder> encoder,
                                                const DenseSearchOptions& options, std::size_t threads,
                                                std::shared_ptr<const LanguageBias> bias = nullptr,
                                                Debias debias = Debias::none, CommonOfQuestion common = {});

/// Passages by the inner product of the encoder's sparse vectors.
/// @param bias null: queries weigh dimensions as the encoder does; else each times SparseLanguageBias::factor().
/// @param strength of the bias, in [0, 1].
std::unique_ptr<Retriever> make_sparse_retriever(std::shared_ptr<const SparseIndex> index,
                                                 std::shared_ptr<const Encoder> encoder, const SparseOptions& options,
                                                 std::size_t threads,
                                                 std::shared_ptr<const SparseLanguageBias> bias = nullptr,
                                                 float strength = 0);

/// Passages by late interaction with the encoder's token vectors.
std::unique_ptr<Retriever> make_multi_vector_retriever(std::shared_ptr<const MultiVectorIndex> index,
                                                       std::shared_ptr<const Encoder> encoder,
                                                       const MultiVectorOptions& options, std::size_t threads);

}  // namespace dragoman
