#pragma once

#include "lexical/max_score.h"
#include "lexical/phrase_matcher.h"

namespace dragoman {

/// search_max_score() for documents that have all of part.phrases, each of which has a form in the segment; words are
/// only added up.
///
/// The phrase whose rarest words are rarest leads. Documents come from the lists of its forms' rarest words, a window
/// at a time; blocks whose bound, with those of all other words and phrases, cannot reach the worst score of the list
/// are passed over. What has all words of all phrases is scored by words first; positions are read last, of documents
/// that could still get in.
void search_phrases(const PartSearch& part, TopDocuments& top);

/// The same, by scoring every posting and reading every position: the slow twin.
void search_phrases_exhaustive(const PartSearch& part, TopDocuments& top);

}  // namespace dragoman
