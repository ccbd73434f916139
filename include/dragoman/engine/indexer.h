#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/base/progress.h"
#include "dragoman/dense/dense_options.h"
#include "dragoman/dense/hnsw_segment.h"
#include "dragoman/dense/ivf_pq_segment.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/engine/search_options.h"
#include "dragoman/lexical/lexical_segment.h"

namespace dragoman {

/// How the lexical index is built; what it finds is the same.
struct LexicalIndexOptions {
  /// Documents of a segment, > 0. Fewer segments are searched faster; what a killed call loses is one of them.
  DocumentNumber segment_documents = 1 << 20;
  /// In bytes, for words and postings, of the romanised index too; beyond, they wait in files in the collection's
  /// folder to be merged. As much again for token vectors of multi-vector segments, and for merging these.
  std::size_t memory_bytes = std::size_t{256} << 20;
  DocumentOrder order = DocumentOrder::as_added;
  /// Keep where words stand, which phrases in quotes and proximity need: about half as much again on the disk. None: as
  /// the collection's index does, else not.
  std::optional<bool> positions = {};
};

/// How near vectors are found. Changing it makes the index anew from the stored vectors; nothing is encoded again.
struct DenseIndexOptions {
  std::optional<DenseIndexKind> kind = {};   ///< None: the collection's own, else flat.
  std::optional<DenseStorage> storage = {};  ///< What exact searches read; none: the collection's own, else f32.
  std::optional<HnswOptions> hnsw = {};      ///< How graphs are made; none: the collection's own, else the defaults.
  std::optional<IvfPqOptions> ivf_pq = {};   ///< The same of lists.
  /// In bytes, for making codes, graphs or lists: what is more is made in several segments, which are searched slower.
  std::size_t memory_bytes = std::size_t{1} << 30;
};

struct IndexOptions {
  std::string corpus;          ///< JSON lines (.gz, .zst), a BEIR folder, or "-"; empty: only build what is missing.
  std::filesystem::path into;  ///< The collection's folder; made if there is none.
  std::vector<FirstStage> stages = {FirstStage::bm25, FirstStage::dense};  ///< Indexes to build.
  std::vector<Language> languages = {};  ///< Take only documents in one of these from the corpus; empty: all.
  std::string analyzer = {};  ///< Of the lexical index; empty: the collection's own, else Analyzer's default.
  /// Fields that the lexical index keeps apart, to be weighed by a search (BM25F): "title", "text", or the name of a
  /// string in the documents' metadata. Words in none of them are not found. Empty: title and text together, as one
  /// bag of words. None: the collection's own, else as if empty.
  std::optional<std::vector<std::string>> fields = {};
  std::string encoder = {};           ///< What makes vectors; empty: the collection's own, else kDefaultEncoder.
  std::filesystem::path models = {};  ///< Where models lie; empty: the default models folder.
  std::size_t threads = 0;            ///< Processors to use; 0 for all.
  /// Numbers in which the encoder multiplies; none: the collection's own, else what is best for the model here.
  std::optional<Precision> precision = {};
  std::filesystem::path cache = {};  ///< Where encodings are kept, as in EncoderOptions; empty: nowhere.
  std::uint64_t cache_bytes = 0;     ///< As in EncoderOptions.
  /// What tells the languages of documents that do not say theirs, as open_language_identifier() takes it.
  std::string identifier = {};
  /// Build the romanised index beside that of words: for queries in another script than the documents. A collection
  /// that has one keeps it up to date without being told.
  bool romanized = false;
  LexicalIndexOptions lexical = {};
  DenseIndexOptions dense = {};
  /// Languages into which documents are translated, to be searched by TranslateSide::document. A collection that was
  /// translated into one keeps that up to date without being told.
  std::vector<Language> translate_to = {};
  std::vector<std::string> translators = {};  ///< Who may, as TranslatorRegistryOptions::providers.
  /// Translate a sample of what is to be translated, tell how long the rest would take (IndexReport::translations), and
  /// build nothing.
  bool estimate = false;
  bool replace = false;  ///< Documents of the corpus take the place of those with the same id and another content.
  bool rebuild = false;  ///< Throw the indexes away and build them again from the documents.
};

/// A segment is made again, without them, when more than this share of its documents was deleted or replaced.
inline constexpr double kCompactShare = 0.25;

inline constexpr const char* kDefaultEncoder = "multilingual-e5-small";

/// What a call did to translate documents of one language into another.
struct DocumentsTranslated {
  Language from, to;
  std::string route;               ///< By whom; empty if nothing translates the pair.
  std::uint64_t documents = 0;     ///< That were not translated yet.
  std::uint64_t bytes = 0;         ///< Of their titles and texts.
  std::uint64_t translated = 0;    ///< Of them, by this call.
  std::uint64_t untranslated = 0;  ///< Of them, those that have no translation.
  double seconds = 0;              ///< Of this call.
  double estimated_seconds = 0;    ///< For all of them, told from the first few.
};

struct IndexReport {
  std::uint64_t documents = 0;            ///< In the collection now.
  std::uint64_t added = 0;                ///< By this call.
  std::uint64_t unchanged = 0;            ///< Of the corpus that were there already.
  std::uint64_t replaced = 0;             ///< Of the corpus that were there with another content.
  std::uint64_t segments_compacted = 0;   ///< Made again without documents that were deleted or replaced.
  std::uint64_t segments_merged = 0;      ///< Of sparse and multi-vector indexes, that became fewer and larger.
  std::uint64_t other_languages = 0;      ///< Of the corpus that were passed over.
  std::uint64_t without_text = 0;         ///< Of the corpus that hold nothing to search.
  std::uint64_t language_identified = 0;  ///< Of the corpus whose source did not say.
  bool identified_by_model = false;       ///< Else by their script.
  std::uint64_t passages = 0;             ///< Encoded by this call.
  std::uint64_t passages_cached = 0;      ///< Of them, those that came from the cache.
  std::uint64_t passages_sampled = 0;     ///< Encoded ahead of all others, to learn how multi-vectors are compressed.
  std::uint64_t documents_split = 0;      ///< Too long to be encoded in one piece.
  std::uint64_t titles_cut = 0;           ///< So long that the encoder reads only their beginning.
  std::uint64_t tokens = 0;               ///< Read by the encoder.
  /// Fields of the lexical index, and how many of the documents indexed by this call have words there.
  std::vector<std::pair<std::string, std::uint64_t>> fields;
  std::vector<DocumentsTranslated> translations;   ///< By languages.
  std::uint64_t index_bytes = 0;                   ///< Of all live segments.
  std::map<std::string, std::uint64_t> languages;  ///< Documents by language tag.
  std::vector<std::string> notices;                ///< What a user should know of encoder and fields, a line each.
};

/// Adds a corpus to a collection and brings its indexes up to date.
///
/// Documents are committed as they are read; then each index gets segments for the documents it does not cover yet,
/// always cut at the same document numbers. So a call that was killed is finished by calling again with the same
/// options, and the result is the same as that of an undisturbed call.
///
/// Segments of which more than kCompactShare was deleted are made again without what is gone. Those of sparse and
/// multi-vector indexes begin small, so that a killed call loses little of the encoder's work, and are merged when all
/// are there. Where a call adds more than was there, multi-vectors are compressed by one codebook, learned from a
/// sample of all that it adds.
///
/// Documents are translated before indexes are built, a batch a transaction; what was translated stays when a provider
/// fails in the middle, and the same call goes on behind it.
///
/// @throws NotFound (corpus, model), InvalidData (a bad line: the documents before it are kept), InvalidArgument (an
///         analyzer, encoder, precision, fields or keeping of positions other than the collection's, without
///         `rebuild`; an encoder that has not the representation of a stage), Unavailable (full disk, another writer).
/// Memory: one batch of documents and one segment.
IndexReport index_corpus(const IndexOptions& options, const ProgressCallback& progress = {});

/// The stages that a collection has an index for, whatever its state; none if there is no collection.
/// @throws InvalidData if the folder's database is damaged.
std::vector<FirstStage> indexed_stages(const std::filesystem::path& collection);

}  // namespace dragoman
