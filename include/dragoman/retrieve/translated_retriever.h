#pragma once

#include <cstddef>
#include <memory>

#include "dragoman/lexical/bm25.h"
#include "dragoman/retrieve/query_translator.h"
#include "dragoman/retrieve/retriever.h"

namespace dragoman {

class TableSet;

/// What a retriever works with that translates the words of queries.
struct TranslatedSearch {
  std::shared_ptr<const Retriever> native_search;  ///< make_bm25_retriever() over `index`.
  std::shared_ptr<const Bm25Index> index;
  std::shared_ptr<const AnalyzedDocuments> documents;  ///< All those of the index.
  std::shared_ptr<const TableSet> tables;              ///< Their words made by the analyser of `documents`.
  /// For languages that no table leads to; may be none.
  std::shared_ptr<QueryTranslator> translator = {};
  Bm25Options options = {};
  std::size_t threads = 0;
};

/// BM25 across languages by probabilistic structured queries (Darwish and Oard, "Probabilistic Structured Query
/// Methods", SIGIR 2003): in documents of each language that there is a table to from the query's language, a word of
/// the query is a union of its translations f, which a document has
///
///     tf(d) = sum over f of  P(f|e) * tf_f(d)      times, and which is in   df = sum over f of  P(f|e) * df_f
///     documents
///
/// Both are expected values. A word that the table does not know is looked for as it is written, in the forms that the
/// rules of both languages give it. Documents in other languages, the query's own among them, are found by
/// `native_search`; so are all by a query with phrases in quotes, which want words as they are written.
///
/// Where no table leads to a language but the translator serves the pair, the question is said in it as a whole, and
/// searched like one that somebody asked in it. A question that the translator has no translation for is looked for as
/// it is written.
///
/// Scores of documents in different languages are brought to one scale by what a full match would score in each:
/// a document that has, for every word of the query, as much as one occurrence of it. RetrievedList::full_score is that
/// of the query's own language, if documents are in it, and RetrievedList::translations says in which languages
/// documents were searched by translations.
///
/// Bm25Options::proximity does not count in translated searches, nor does feedback.
/// @throws InvalidArgument for LexicalWeighting::dirichlet; InvalidData if a table's words were made by another
///         analyser.
std::unique_ptr<Retriever> make_translated_retriever(TranslatedSearch search);

}  // namespace dragoman
