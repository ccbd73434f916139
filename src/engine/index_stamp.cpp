#include "engine/index_stamp.h"

#include <fmt/format.h>

#include "dragoman/collection/collection.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/text/analyzer.h"
#include "dragoman/text/skeleton.h"

namespace dragoman {

std::string lexical_stamp(const Analyzer& analyzer, bool positions) {
  return fmt::format("2 analyzer={}{}", analyzer.version(), positions ? " positions" : "");
}

std::string analyzer_of(const Collection& collection) {
  const std::string name = collection.setting("analyzer");
  if (!name.empty()) return name;
  // Collections that are older than the setting were made by the only analyser there was.
  return collection.segments("lexical").empty() ? std::string(Analyzer::kDefaultName) : "icu";
}

bool keeps_positions(const Collection& collection) { return collection.setting("positions") == "1"; }

std::string dense_stamp(const Encoder& encoder) { return fmt::format("1 encoder {}", encoder.stamp()); }

std::string romanized_stamp() { return fmt::format("2 romanized={}", skeleton_version()); }

std::string with_title(std::string_view title, std::string_view text) {
  return title.empty() ? std::string(text) : fmt::format("{}\n{}", title, text);
}

}  // namespace dragoman
