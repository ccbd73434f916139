#pragma once

#include "base/json.h"
#include "dragoman/rerank/reranker.h"

namespace dragoman::cli {

/// What reranking cost and noticed, as search, run and rerank print it.
inline OrderedJson rerank_json(const RerankReport& report) {
  return {{"calls", report.calls},
          {"tokens_evaluated", report.tokens_evaluated},
          {"tokens_reused", report.tokens_reused},
          {"truncated", report.truncated},
          {"inconsistent_pairs", report.inconsistent_pairs},
          {"narrowed_windows", report.narrowed_windows}};
}

}  // namespace dragoman::cli
