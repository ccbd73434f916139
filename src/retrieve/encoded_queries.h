#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "dragoman/encode/encoder.h"
#include "dragoman/retrieve/retriever.h"

namespace dragoman {

/// What retrievers by vectors make of their queries.
inline std::vector<Encoding> encode_queries(const Encoder& encoder, std::span<const Query> queries,
                                            const EncodeOptions& options = {}) {
  std::vector<std::string_view> texts;
  for (const Query& query : queries) texts.push_back(query.text);
  return encoder.encode(texts, EncodeAs::query, options);
}

/// A query's list, from the matches of an index of passages.
template <class Match>
RetrievedList retrieved_list(const std::vector<Match>& matches, const Encoding& query, float full_score) {
  RetrievedList list;
  for (const Match& match : matches) {
    list.documents.push_back({match.passage.document, match.score, match.passage.range});
  }
  list.full_score = full_score;
  list.query_terms = query.tokens_read;
  list.query_truncated = query.tokens_read < query.tokens_total;
  return list;
}

}  // namespace dragoman
