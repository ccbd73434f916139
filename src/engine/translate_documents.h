#pragma once

#include <string>
#include <vector>

#include "dragoman/collection/collection.h"
#include "dragoman/engine/indexer.h"

namespace dragoman {

/// Languages that a collection's documents are translated into.
std::vector<Language> translated_languages(const Collection& collection);
/// Adds to them.
void add_translated_languages(Collection& collection, std::span<const Language> languages);

/// Kind of the segments that hold a collection as a reader of one language has it: documents in it, translations of
/// others, and what has no translation as it is. "translated-en".
std::string translated_kind(const Language& to);

/// Translates what is not translated into the language yet, language by language; those that nothing translates are
/// told in the report. Segments that have a document as it was are dropped. @throws as the provider does.
void translate_documents(Collection& collection, const Language& to, const IndexOptions& options, IndexReport& report,
                         const ProgressCallback& progress);

/// Languages of documents as the segments of translated_kind() have them.
Collection::DocumentLanguages languages_as_translated(const Collection& collection, const Language& to);

}  // namespace dragoman
