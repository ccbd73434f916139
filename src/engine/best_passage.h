#pragma once

#include <span>
#include <string>
#include <string_view>

#include "dragoman/text/analyzer.h"
#include "dragoman/text/passages.h"

namespace dragoman {

/// The part of a document that a reader, or a reranker, should see first when no encoder has pointed one out: of the
/// text's passages the one that holds most of the query's different words; the first of equals. A short text is its own
/// best passage.
/// @param query_terms as Analyzer::analyze_query gives them for documents in `language`, that of the text.
TextRange best_passage(std::string_view text, const Language& language, std::span<const std::string> query_terms,
                       const Analyzer& analyzer);

}  // namespace dragoman
