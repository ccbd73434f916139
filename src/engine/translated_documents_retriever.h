#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "dragoman/retrieve/retriever.h"

namespace dragoman {

/// A collection as readers of one language have it.
struct TranslatedCollection {
  Language language;
  std::unique_ptr<Retriever> retriever;
  std::vector<Language> from;  ///< Languages of documents that are found by their translations.
};

/// Queries in a language that documents were translated into are searched in the translations (and in documents of the
/// language itself), all others by `native`.
std::unique_ptr<Retriever> make_translated_documents_retriever(std::unique_ptr<Retriever> native,
                                                               std::vector<TranslatedCollection> collections);

}  // namespace dragoman
