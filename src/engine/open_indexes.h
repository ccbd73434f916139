#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "dragoman/collection/collection.h"
#include "dragoman/dense/dense_index.h"
#include "dragoman/engine/engine.h"
#include "dragoman/multivector/multi_vector_index.h"
#include "dragoman/rerank/reranker.h"
#include "dragoman/retrieve/multi_vector_language_bias.h"
#include "dragoman/retrieve/retriever.h"
#include "dragoman/retrieve/sparse_language_bias.h"
#include "dragoman/sparse/sparse_index.h"
#include "dragoman/text/analyzer.h"

namespace dragoman {

class ShownTranslations;

class Encoder;
class QuestionMeans;
class RegistryQueryTranslator;
class TableSet;

/// A collection with its indexes and models, each opened when first asked for. Thread-safe.
class OpenIndexes {
 public:
  OpenIndexes(const std::filesystem::path& folder, const EngineOptions& options);
  ~OpenIndexes();

  const Collection& collection() const { return collection_; }
  const Analyzer& analyzer() const { return documents_->analyzer(); }
  /// Languages of all documents, as they were when the collection was opened.
  const Collection::DocumentLanguages& document_languages() const { return documents_->languages(); }

  /// Those that the search asks, in its order. An encoder reads a query once for all of them.
  /// @throws NotFound if an index covers no document, InvalidData if it is damaged or made otherwise.
  std::vector<std::unique_ptr<Retriever>> retrievers(const SearchOptions& options) const;

  /// The lexical index, or none if the collection has none.
  /// @throws InvalidData if it is damaged or made otherwise.
  std::shared_ptr<const Bm25Index> lexical_index_if_any() const;

  /// What the dense index's vectors say about languages: the collection's own if it is up to date, else made now. None
  /// if there is no dense index.
  std::shared_ptr<const LanguageBias> language_bias() const;

  /// What tells the languages of queries. @throws as open_language_identifier().
  const LanguageIdentifier& identifier() const;

  /// What is not quite as it should be with the indexes opened so far; a line each.
  std::vector<std::string> notices() const;

  /// The collection's encoder, to encode other texts with.
  std::shared_ptr<const Encoder> encoder_of_texts() const;
  /// What orders candidates with the model of the options, which may be behind an endpoint.
  std::unique_ptr<Reranker> reranker(const SearchOptions& options) const;

 private:
  /// Those that are there, as they were when the collection was opened; null if none was deleted.
  std::shared_ptr<const DocumentSet> live_documents() const;
  bool is_open(FirstStage stage) const;
  std::shared_ptr<const Bm25Index> lexical_index() const;
  std::shared_ptr<const Bm25Index> field_index(std::span<const std::string> fields, std::string_view stamp) const;
  std::unique_ptr<Retriever> bm25_retriever(const SearchOptions& options) const;
  std::shared_ptr<const FeedbackWords> feedback_words() const;
  /// All words of a document as the lexical index has them; none if it was deleted meanwhile.
  std::vector<std::string> words_of(DocumentNumber number) const;
  std::shared_ptr<const DenseIndex> dense_index() const;
  std::shared_ptr<const LanguageBias> bias_if_any() const;
  std::shared_ptr<const LanguageBias> bias_of_dense() const;
  std::shared_ptr<const SparseLanguageBias> bias_of_sparse() const;
  std::shared_ptr<const MultiVectorLanguageBias> bias_of_multi_vectors() const;
  /// How much of what vectors say of languages is taken away. What the collection is like is known from dense vectors
  /// alone; without them, as little as where every language has topics of its own.
  float strength_of_bias(Debias debias) const;
  /// What a question is taken to have in common with others: by the parts of it that are in several languages, and from
  /// a file of questions, if there is one.
  CommonOfQuestion common_of_question(const SearchOptions& options, std::shared_ptr<const LanguageBias> bias) const;
  std::shared_ptr<const QuestionMeans> question_means(const std::string& file) const;
  const LanguageIdentifier& open_identifier() const;
  std::shared_ptr<const SparseIndex> sparse_index() const;
  std::shared_ptr<const MultiVectorIndex> multi_vector_index() const;
  std::shared_ptr<const Encoder> encoder() const;
  bool uses_romanized(const SearchOptions& options) const;
  std::unique_ptr<Retriever> translated_retriever(std::unique_ptr<Retriever> native,
                                                  const SearchOptions& options) const;
  std::shared_ptr<const TableSet> translation_tables(const SearchOptions& options) const;
  std::shared_ptr<RegistryQueryTranslator> query_translator(const SearchOptions& options) const;
  /// The languages that documents were translated into, each searched on its own; all others by `native`.
  std::unique_ptr<Retriever> translated_documents(std::unique_ptr<Retriever> native,
                                                  const SearchOptions& options) const;
  std::shared_ptr<const Bm25Index> translated_index(const Language& to) const;
  std::unique_ptr<Retriever> romanized_retriever(std::unique_ptr<Retriever> native, const SearchOptions& options) const;
  void check_covered(std::string_view kind, std::string_view name, std::string_view build_option = {}) const;

  Collection collection_;
  EngineOptions options_;
  std::shared_ptr<const AnalyzedDocuments> documents_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const Bm25Index> lexical_;
  mutable std::shared_ptr<const FeedbackWords> feedback_words_;
  mutable std::shared_ptr<const DenseIndex> dense_;
  mutable std::shared_ptr<const DenseVectors> dense_vectors_;
  mutable std::shared_ptr<const LanguageBias> bias_;         ///< Of dense_vectors_.
  mutable std::shared_ptr<const LanguageBias> stored_bias_;  ///< Of those that the collection lists.
  mutable std::shared_ptr<const SparseIndex> sparse_;
  mutable std::vector<std::shared_ptr<const SparseSegment>> sparse_segments_;  ///< Of sparse_.
  mutable std::shared_ptr<const SparseLanguageBias> sparse_bias_;
  mutable std::map<std::string, std::shared_ptr<const QuestionMeans>> question_means_;  ///< By file.
  mutable std::shared_ptr<const MultiVectorIndex> multi_vector_;
  mutable std::vector<std::shared_ptr<const MultiVectorSegment>> multi_vector_segments_;  ///< Of multi_vector_.
  mutable std::shared_ptr<const MultiVectorLanguageBias> multi_vector_bias_;
  mutable std::shared_ptr<const Bm25Index> romanized_;
  /// By where they are; those that are installed under no place.
  mutable std::map<std::vector<std::filesystem::path>, std::shared_ptr<const TableSet>> tables_;
  /// By the providers that are named.
  mutable std::map<std::vector<std::string>, std::shared_ptr<RegistryQueryTranslator>> query_translators_;
  mutable std::map<Language, std::shared_ptr<const Bm25Index>> translated_;  ///< By the language of translations.
  mutable std::map<Language, std::shared_ptr<const AnalyzedDocuments>> translated_documents_;
  mutable std::shared_ptr<const Encoder> encoder_;
  /// What rerankers show of texts in other languages.
  std::shared_ptr<ShownTranslations> translations(const RerankOptions& options) const;

  mutable std::map<std::string, std::shared_ptr<ShownTranslations>> translations_;  ///< By their sources.
  mutable std::map<std::string, RerankModels> rerank_models_;  ///< By rerank_model_key(); without encoders.
  mutable std::shared_ptr<const LanguageIdentifier> identifier_;
  mutable std::vector<std::string> notices_;
};

}  // namespace dragoman
