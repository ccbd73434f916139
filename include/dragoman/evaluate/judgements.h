#pragma once

#include <functional>
#include <map>
#include <string>

namespace dragoman {

/// Document id -> grade. Zero and below is not relevant; what is missing was not judged.
using QueryJudgements = std::map<std::string, int, std::less<>>;

/// Query id -> its judgements. Sorted by the bytes of the ids, so that sums over queries always come out the same.
using Judgements = std::map<std::string, QueryJudgements, std::less<>>;

/// Reads relevance judgements ("qrels"), plain or compressed, or "-" for standard input. The first line that holds
/// anything tells the format:
///
/// - TREC: 4 columns between any white space, `query iteration document grade`; the second is ignored.
/// - BEIR: 3 columns between tabs, `query-id corpus-id score`, under a header or without one. Under a header the ids
///   may hold spaces.
///
/// A pair of query and document may be repeated with the same grade. Blank lines are skipped.
///
/// @throws NotFound if there is no such file; InvalidData, as `test.tsv:9: ...`, for a malformed line, a byte that is
///         no UTF-8, a grade that is no integer, or a pair that was given another grade before.
Judgements read_judgements(const std::string& path);

}  // namespace dragoman
