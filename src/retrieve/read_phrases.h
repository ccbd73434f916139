#pragma once

#include <string>

#include "dragoman/lexical/bm25.h"
#include "dragoman/lexical/phrase.h"

namespace dragoman {

/// A query with its phrases, if they are to be read, else as it stands.
inline QuotedQuery read_phrases(std::string_view query, const Bm25Index& index, PhraseReading reading) {
  const bool reads = reading == PhraseReading::on || (reading == PhraseReading::automatic && index.has_positions());
  return reads ? parse_quotes(query) : QuotedQuery{std::string(query), {}};
}

}  // namespace dragoman
