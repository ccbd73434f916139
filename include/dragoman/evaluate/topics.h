#pragma once

#include <string>
#include <vector>

#include "dragoman/retrieve/ranking.h"

namespace dragoman {

/// Queries ("topics") in the order of the file, which may be compressed, or "-" for standard input. The first line that
/// holds anything tells the format:
///
/// - it begins with '{': JSON lines, BEIR's `queries.jsonl` and its relatives. The id is "_id" or "id"; the text is
///   "text", "query" or "contents"; the language is "lang" or "language", in any spelling that Language::parse takes.
///   Of several names the one named first here counts. Other members are ignored. A number as id is its digits.
/// - anything else: `id<TAB>text`.
///
/// Without a language a query is "und"; identifying it is the caller's choice. A text may be empty, an id may not.
/// Blank lines are skipped.
///
/// @throws NotFound if there is no such file; InvalidData, as `queries.tsv:17: expected 2 fields, got 1`, for a
///         malformed line, ill-formed UTF-8, an unknown language tag, or an id seen before (both lines are named).
std::vector<Query> read_queries(const std::string& path);

}  // namespace dragoman
