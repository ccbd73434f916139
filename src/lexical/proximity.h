#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lexical/block.h"
#include "lexical/phrase_matcher.h"

namespace dragoman {

/// A word of a query where its nearness to others is looked at.
struct ProximityWord {
  PositionCursor cursor;
  double idf = 0;  ///< In the documents at hand.
};

/// What nearness of a query's words adds to a document's score, as Bm25Index::search() says it, without its weight.
/// @param words of the query, each once, with a cursor in the document's segment.
/// @param norm  k1 * (1 - b + b * len / avg).
double proximity_score(std::span<ProximityWord> words, std::uint32_t document, double norm);

}  // namespace dragoman
