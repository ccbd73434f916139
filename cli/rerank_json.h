#pragma once

#include "base/json.h"
#include "dragoman/rerank/reranker.h"

namespace dragoman::cli {

/// What reranking cost and noticed, as search, run and rerank print it. @param mix the first stage's share in the
/// scores, on average.
inline OrderedJson rerank_json(const RerankReport& report, double mix) {
  OrderedJson json;
  for (const RerankReport::Count& count : RerankReport::kCounts) json[count.name] = report.*count.field;
  if (report.compared_pairs > 0) {
    json["inconsistent_share"] =
        static_cast<double>(report.inconsistent_pairs) / static_cast<double>(report.compared_pairs);
  }
  json["mix"] = mix;
  return json;
}

}  // namespace dragoman::cli
