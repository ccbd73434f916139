#pragma once

#include <memory>

#include "rerank/judge.h"

namespace dragoman::reranking {

/// A model behind an endpoint: see open_rerank_endpoint().
std::unique_ptr<Answerer> make_endpoint_answerer(std::shared_ptr<RerankEndpoint> endpoint);

}  // namespace dragoman::reranking
