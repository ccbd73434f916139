#include "dragoman/engine/search_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {

FirstStage parse_first_stage(std::string_view name) {
  for (const FirstStage stage : {FirstStage::bm25, FirstStage::dense}) {
    if (name == name_of(stage)) return stage;
  }
  throw InvalidArgument(fmt::format("retriever '{}' is unknown; there are bm25, dense", printable(name)));
}

std::string_view name_of(FirstStage stage) { return stage == FirstStage::bm25 ? "bm25" : "dense"; }

float fuse_weight(const SearchOptions& options, FirstStage stage) {
  const auto given = options.fuse_weights.find(stage);
  if (given != options.fuse_weights.end()) return given->second;
  // Shared words move passages that are alike in meaning; they do not put the meaning aside.
  return options.fuse.method == FuseMethod::calibrated && stage == FirstStage::bm25 ? kCalibratedWordWeight : 1;
}

bool uses(const SearchOptions& options, FirstStage stage) {
  return std::ranges::find(options.retrieve, stage) != options.retrieve.end();
}

}  // namespace dragoman
