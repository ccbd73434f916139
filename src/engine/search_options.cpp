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

bool uses(const SearchOptions& options, FirstStage stage) {
  return std::ranges::find(options.retrieve, stage) != options.retrieve.end();
}

}  // namespace dragoman
