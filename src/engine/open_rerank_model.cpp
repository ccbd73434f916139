#include "engine/open_rerank_model.h"

#include "dragoman/encode/language_model.h"
#include "dragoman/encode/model_store.h"

namespace dragoman {

RerankModels open_rerank_model(const std::string& name, const EngineOptions& options) {
  RerankModels models;
  const Model model = ModelStore(options.models).find(name);
  if (!model.endpoint.empty()) {
    models.endpoint = open_rerank_endpoint(model, {.cache = options.cache, .cache_bytes = options.cache_bytes});
    return models;
  }
  // All processors is the default for work that splits well, which a language model's does not.
  LanguageModelOptions of_model;
  if (options.threads != 0) of_model.threads = options.threads;
  of_model.cache = options.cache;
  of_model.cache_bytes = options.cache_bytes;
  models.language_model = open_language_model(model, of_model);
  return models;
}

}  // namespace dragoman
