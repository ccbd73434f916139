#pragma once

#include "dragoman/rerank/reranker.h"

namespace dragoman::reranking {

/// @throws InvalidArgument for a value out of range, or two that contradict each other.
void check_options(const RerankOptions& options);

}  // namespace dragoman::reranking
