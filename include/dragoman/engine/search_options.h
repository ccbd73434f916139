#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/collection/document_filter.h"
#include "dragoman/dense/dense_options.h"
#include "dragoman/lexical/bm25.h"
#include "dragoman/multivector/multi_vector_index.h"
#include "dragoman/rerank/reranker.h"
#include "dragoman/retrieve/feedback.h"
#include "dragoman/retrieve/fuse.h"
#include "dragoman/retrieve/language_bias.h"
#include "dragoman/sparse/sparse_index.h"
#include "dragoman/text/language.h"

namespace dragoman {

enum class FirstStage { bm25, dense, sparse, multivector };

/// "bm25", "dense", "sparse", "multivector". @throws InvalidArgument for any other, naming them.
FirstStage parse_first_stage(std::string_view name);
std::string_view name_of(FirstStage stage);
std::span<const FirstStage> all_first_stages();
/// Their names: "bm25, dense, sparse, multivector".
std::string first_stage_names();
/// Does it search what an encoder makes of texts?
bool needs_encoder(FirstStage stage);

/// What is translated, so that words can match across languages.
enum class TranslateSide {
  none,      ///< Words are looked for as they are written.
  query,     ///< The query, for documents in every language that there is a way to.
  document,  ///< Documents, when they were indexed: the query is searched in translations into its language.
  /// documents where they were translated into the query's language, else the query where there is a way, else nothing.
  automatic,
};

/// How much of a hit's document a caller wants: a run file needs ids only, and texts would cost most of the time.
enum class HitContent { id_only, document };

/// How a ranking's exposure is shared among the languages of documents, after all other stages.
enum class ExposureRule {
  relevance,     ///< By what was found alone.
  proportional,  ///< balance_exposure(), by the dial `value`.
  guaranteed,    ///< guarantee_exposure(): no language less than `value` of its fair share.
};

struct ExposureOptions {
  ExposureRule rule = ExposureRule::relevance;
  double value = 0;  ///< In [0, 1]; a language's fair share is its part of the documents.
};

/// All that can be asked of a search; the library, the command line and every other door fill this same struct.
struct SearchOptions {
  std::vector<FirstStage> retrieve = {FirstStage::bm25, FirstStage::dense};  ///< At least one.
  std::size_t depth = 100;                                                   ///< Candidates from each retriever, > 0.
  /// How their lists become one; not used with one retriever. Its weights come from `fuse_weights`.
  FuseOptions fuse = {.method = FuseMethod::calibrated};
  std::map<FirstStage, float> fuse_weights = {};  ///< What a list counts; those not named as fuse_weight() says.
  Debias debias = Debias::automatic;              ///< What is taken away of the language of texts in vectors.
  /// A file of questions like those that are asked, as read_queries() reads them; empty: none. What they have in common
  /// (QuestionMeans) is taken off dense vectors of questions, in the place of what the documents' languages say.
  std::string debias_queries = {};
  Bm25Options bm25 = {};
  Rm3Options rm3 = {};            ///< Feedback for the first stage bm25; not with LexicalMatch::all or a proximity.
  DenseSearchOptions dense = {};  ///< How a graph or lists are searched, where the collection has them.
  SparseOptions sparse = {};
  MultiVectorOptions multivector = {};
  /// What a word's match by sound, in the collection's romanised index, counts beside one by letters: finite, >= 0; 0
  /// leaves that index out. None: kRomanizedWeight if the collection has the index.
  std::optional<float> romanized_weight = {};
  TranslateSide translate = TranslateSide::none;  ///< For the first stage bm25.
  /// Of the query's words: tables or folders of them, as TableSet takes them. None: those that are installed.
  std::vector<std::filesystem::path> translation_tables = {};
  /// Who may say whole questions in other languages, as TranslatorRegistryOptions::providers. With neither tables nor
  /// translators named, installed tables come first, then whatever translator there is; with one of the two named, that
  /// alone; with both, translators are for the pairs that no table serves.
  std::vector<std::string> translators = {};
  std::vector<Language> documents_in = {};  ///< Only documents in one of these languages; empty: in any.
  /// The only languages that a query may be in that does not say its own; empty: any.
  std::vector<Language> query_languages = {};
  bool same_language = false;                        ///< Only documents in the query's own language.
  std::vector<MetadataCondition> where = {};         ///< Only documents whose metadata meets them all.
  std::optional<std::vector<std::string>> ids = {};  ///< Only these documents; unknown ids are none. None: any.
  std::optional<RerankOptions> rerank = {};
  std::string rerank_model = {};              ///< Model name or GGUF file; needed with `rerank`.
  ExposureOptions exposure = {};              ///< Among the candidates that were found.
  std::size_t hits = 10;                      ///< Hits to return, > 0.
  HitContent content = HitContent::document;  ///< What to load of each hit.
};

/// What a full match of words counts beside a cosine of 1; measured with experiments/representations
inline constexpr float kCalibratedWordWeight = 0.15f;
/// The same of a passage that has all the weights of the query's sparse vector. Token vectors that all match count as
/// much as a cosine of 1, above what they score in documents that have nothing to do with the query; beside them the
/// one vector of the whole text has little to add. Measured on the pool of XQuAD (docs/representations.md).
inline constexpr float kCalibratedSparseWeight = 0.25f;
inline constexpr float kCalibratedMultiVectorWeight = 1;
inline constexpr float kCalibratedDenseBesideMultiVectors = 0.2f;

/// Measured with bench/text/romanized.
inline constexpr float kRomanizedWeight = 1;

/// What a first stage's list counts in a fusion: as the options say, or what was measured for the method
/// (docs/language-bias.md).
float fuse_weight(const SearchOptions& options, FirstStage stage);

/// Does the search ask this first stage?
bool uses(const SearchOptions& options, FirstStage stage);
/// Does it ask any that needs an encoder?
bool uses_encoder(const SearchOptions& options);

}  // namespace dragoman
