#pragma once

#include <string>

#include "dragoman/engine/engine.h"
#include "dragoman/rerank/reranker.h"

namespace dragoman {

/// What answers rerankers with these options under this name: an endpoint, or else a language model with its adapters,
/// or a cross-encoder, in this process; no encoder.
/// @throws InvalidArgument for adapters of an endpoint or of a cross-encoder, and as ModelStore::find,
///         open_rerank_endpoint, open_language_model and open_cross_encoder.
RerankModels open_rerank_model(const RerankOptions& rerank, const std::string& name, const EngineOptions& options);

/// Two rerankers with the same one can share what was opened.
std::string rerank_model_key(const RerankOptions& rerank, const std::string& name);

}  // namespace dragoman
