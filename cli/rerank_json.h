#pragma once

#include "base/json.h"
#include "dragoman/rerank/reranker.h"

namespace dragoman::cli {

/// What reranking cost and noticed, as search, run and rerank print it.
inline OrderedJson rerank_json(const RerankReport& report) {
  OrderedJson json;
  for (const RerankReport::Count& count : RerankReport::kCounts) json[count.name] = report.*count.field;
  return json;
}

}  // namespace dragoman::cli
