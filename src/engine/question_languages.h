#pragma once

#include <span>
#include <string>
#include <vector>

#include "dragoman/encode/encoder.h"
#include "dragoman/retrieve/question_means.h"
#include "dragoman/retrieve/ranking.h"
#include "dragoman/text/language_identifier.h"

namespace dragoman {

/// The languages that a question is in, by their parts of its characters. What is in none of the known ones, or not
/// surely in another than the question's own, is of its own. Of a long question the beginning is looked at.
/// @param known regions are left aside.
std::vector<LanguageProbability> languages_within(const Query& query, const LanguageIdentifier& identifier,
                                                  std::span<const Language> known);

/// What the questions of a file have in common. Those that do not say their language are asked for it.
/// @throws NotFound, InvalidData as read_queries(); InvalidData if there is none.
QuestionMeans means_of_questions(const std::string& file, const Encoder& encoder, const LanguageIdentifier& identifier);

}  // namespace dragoman
