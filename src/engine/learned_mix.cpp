#include "engine/learned_mix.h"

#include "base/json.h"
#include "dragoman/base/hash.h"
#include "dragoman/engine/option_names.h"
#include "dragoman/engine/rerank_texts.h"

namespace dragoman {
namespace {

/// What decides how good a reranker's scores are, without what only decides how many there are or what they may cost.
std::string setting_of(const RerankOptions& options, const std::string& model) {
  const RerankOptions defaults;
  RerankOptions judging = options;
  judging.depth = defaults.depth;
  judging.mix = defaults.mix;
  judging.limits = defaults.limits;
  judging.budget_calls = judging.budget_ms = 0;
  Json values = {model};
  for (const auto& [name, value] : rerank_option_values(judging)) values.push_back({name, value});
  return "learned_mix " + sha256(to_line(values)).substr(0, 20);
}

}  // namespace

std::optional<float> find_learned_mix(const Collection& collection, const RerankOptions& options,
                                      const std::string& model) {
  const Json kept = Json::parse(collection.setting(setting_of(options, model)), nullptr, false);
  if (!kept.is_object() || !kept.contains("share") || !kept["share"].is_number()) return std::nullopt;
  const float share = kept["share"].get<float>();
  return share >= 0 && share <= 1 ? std::optional<float>(share) : std::nullopt;
}

void keep_learned_mix(const std::filesystem::path& collection, const RerankOptions& options, const std::string& model,
                      const LearnedMix& learned) {
  Collection::open_for_writing(collection)
      .set_setting(setting_of(options, model), to_line(OrderedJson{{"share", learned.best},
                                                                   {"queries", learned.queries},
                                                                   {"held_out", learned.held_out},
                                                                   {"model", model}}));
}

}  // namespace dragoman
