#include "dragoman/engine/search_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

struct StageName {
  FirstStage stage;
  std::string_view name;
};

constexpr std::array kStages = {StageName{FirstStage::bm25, "bm25"}, StageName{FirstStage::dense, "dense"},
                                StageName{FirstStage::sparse, "sparse"},
                                StageName{FirstStage::multivector, "multivector"}};

constexpr auto kAllStages = [] {
  std::array<FirstStage, kStages.size()> stages{};
  for (std::size_t i = 0; i < stages.size(); ++i) stages[i] = kStages[i].stage;
  return stages;
}();

}  // namespace

std::span<const FirstStage> all_first_stages() { return kAllStages; }

FirstStage parse_first_stage(std::string_view name) {
  for (const StageName& known : kStages) {
    if (name == known.name) return known.stage;
  }
  throw InvalidArgument(fmt::format("retriever '{}' is unknown; there are {}", printable(name), first_stage_names()));
}

std::string_view name_of(FirstStage stage) { return std::ranges::find(kStages, stage, &StageName::stage)->name; }

std::string first_stage_names() {
  std::string names;
  for (const StageName& known : kStages) names += fmt::format("{}{}", names.empty() ? "" : ", ", known.name);
  return names;
}

bool needs_encoder(FirstStage stage) { return stage != FirstStage::bm25; }

float fuse_weight(const SearchOptions& options, FirstStage stage) {
  const auto given = options.fuse_weights.find(stage);
  if (given != options.fuse_weights.end()) return given->second;
  if (options.fuse.method != FuseMethod::calibrated) return 1;
  switch (stage) {
    case FirstStage::bm25:
      // Shared words move passages that are alike in meaning; they do not put the meaning aside.
      return kCalibratedWordWeight;
    case FirstStage::sparse:
      return kCalibratedSparseWeight;
    case FirstStage::multivector:
      return kCalibratedMultiVectorWeight;
    case FirstStage::dense:
      if (uses(options, FirstStage::multivector)) return kCalibratedDenseBesideMultiVectors;
      break;
  }
  return 1;
}

bool uses(const SearchOptions& options, FirstStage stage) {
  return std::ranges::find(options.retrieve, stage) != options.retrieve.end();
}

bool uses_encoder(const SearchOptions& options) {
  return std::ranges::any_of(options.retrieve, [](FirstStage stage) { return needs_encoder(stage); });
}

}  // namespace dragoman
