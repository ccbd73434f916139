#pragma once

#include <optional>
#include <string>

#include "dragoman/collection/collection.h"
#include "dragoman/rerank/reranker.h"

namespace dragoman {

/// The first stage's share that keep_learned_mix() kept for such a reranker; none if none was learned.
std::optional<float> find_learned_mix(const Collection& collection, const RerankOptions& options,
                                      const std::string& model);

}  // namespace dragoman
