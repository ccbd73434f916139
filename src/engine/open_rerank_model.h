#pragma once

#include <string>

#include "dragoman/engine/engine.h"
#include "dragoman/rerank/reranker.h"

namespace dragoman {

/// What answers the prompts of rerankers under this name: an endpoint, or else a language model in this process; no
/// encoder. @throws as ModelStore::find, open_rerank_endpoint and open_language_model.
RerankModels open_rerank_model(const std::string& name, const EngineOptions& options);

}  // namespace dragoman
