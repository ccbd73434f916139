#pragma once

#include <memory>
#include <span>

#include "dragoman/lexical/bm25.h"
#include "dragoman/text/analyzer.h"
#include "dragoman/text/language_identifier.h"

namespace dragoman {

/// What a collection says of the languages of queries before they are read, and by the words that they have.
/// Documents whose language nobody knows say nothing.
/// @param documents_in of each of the languages.
/// @param allowed as LanguagePrior has it.
/// @param words the collection's lexical index; null to leave words aside.
/// @param analyzer that made its words; it must outlive the prior.
LanguagePrior collection_prior(std::span<const Language> languages, std::span<const double> documents_in,
                               std::span<const Language> allowed, std::shared_ptr<const Bm25Index> words,
                               const Analyzer& analyzer);

}  // namespace dragoman
