#include "engine/open_rerank_model.h"

#include <fmt/format.h>

#include "dragoman/base/error.h"
#include "dragoman/encode/cross_encoder.h"
#include "dragoman/encode/language_model.h"
#include "dragoman/encode/model_store.h"
#include "dragoman/engine/option_names.h"

namespace dragoman {
namespace {

void refuse_adapters(const RerankOptions& rerank, std::string_view name, std::string_view what) {
  if (rerank.adapters.empty()) return;
  throw InvalidArgument(fmt::format("adapter {}: {} is {}; adapters are of language models that are files",
                                    rerank.adapters.front().file, name, what));
}

}  // namespace

RerankModels open_rerank_model(const RerankOptions& rerank, const std::string& name, const EngineOptions& options) {
  RerankModels models;
  const Model model = ModelStore(options.models).find(name);
  if (!model.endpoint.empty()) {
    refuse_adapters(rerank, name, "behind an endpoint");
    if (needs_cross_encoder(rerank)) {
      throw InvalidArgument(fmt::format(
          "{}: behind an endpoint; a cross-encoder is a model file (an endpoint for reranking takes the score yes_no)",
          name));
    }
    models.endpoint = open_rerank_endpoint(
        model, {.limits = rerank.limits, .cache = options.cache, .cache_bytes = options.cache_bytes});
    return models;
  }
  if (needs_cross_encoder(rerank)) {
    refuse_adapters(rerank, name, "a cross-encoder");
    models.cross_encoder = open_cross_encoder(
        model, {.threads = options.threads, .cache = options.cache, .cache_bytes = options.cache_bytes});
    return models;
  }
  if (model.kind == ModelKind::cross_encoder) {
    throw InvalidArgument(fmt::format(
        "{}: a cross-encoder, which answers no prompt; use it by the method pointwise with the score cross_encoder",
        name));
  }
  // All processors is the default for work that splits well, which a language model's does not.
  LanguageModelOptions of_model;
  if (options.threads != 0) of_model.threads = options.threads;
  of_model.adapters = rerank.adapters;
  of_model.cache = options.cache;
  of_model.cache_bytes = options.cache_bytes;
  models.language_model = open_language_model(model, of_model);
  return models;
}

std::string rerank_model_key(const RerankOptions& rerank, const std::string& name) {
  RerankOptions that_matter;
  that_matter.adapters = rerank.adapters;
  that_matter.limits = rerank.limits;
  std::string key = name + (needs_cross_encoder(rerank) ? "\ncross_encoder" : "");
  for (const auto& [option, value] : rerank_option_values(that_matter)) key += "\n" + value;
  return key;
}

}  // namespace dragoman
