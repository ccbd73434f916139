#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "dragoman/evaluate/judgements.h"
#include "dragoman/experiment/experiment.h"
#include "dragoman/retrieve/ranking.h"
#include "dragoman/text/language_identifier.h"

namespace dragoman {

/// The queries of a collection that an experiment asks.
struct Selection {
  std::vector<Query> queries;                    ///< Each with its language, ascending by id.
  std::map<std::string, std::string> questions;  ///< Query id -> what translations of one question share.
  Judgements judgements;                         ///< Of these queries.
  std::map<std::string, std::size_t> languages;  ///< Language tag -> queries.
  std::string sampling;                          ///< How they were chosen, a sentence; empty if all are here.
};

/// Reads topics and judgements and chooses. Queries without a judgement are left out: nothing can be said of them. The
/// same seed chooses the same queries, whatever the order of the file; of translations of one question either all are
/// chosen or none, as far as there are enough of them in each language.
/// A query that does not say its language has it told by `identifier`, if that is sure enough.
/// @throws NotFound, InvalidData of the readers; InvalidData if no query is left.
Selection select_queries(const ExperimentCollection& collection, std::uint64_t seed,
                         const LanguageIdentifier& identifier);

/// The chosen queries as somebody translated them: the same ids in the same order, with the texts and languages of
/// `topics`.
/// @throws InvalidData if the file lacks a chosen query, naming it.
std::vector<Query> translated_queries(const Selection& selection, const std::filesystem::path& topics);

}  // namespace dragoman
