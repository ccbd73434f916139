#include "engine/index_stamp.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/collection/collection.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/text/analyzer.h"
#include "dragoman/text/skeleton.h"

namespace dragoman {

std::string lexical_stamp(const Analyzer& analyzer, bool positions) {
  return fmt::format("2 analyzer={}{}", analyzer.version(), positions ? " positions" : "");
}

std::string_view kind_of(FirstStage stage) { return stage == FirstStage::bm25 ? "lexical" : name_of(stage); }

std::string analyzer_of(const Collection& collection) {
  const std::string name = collection.setting("analyzer");
  if (!name.empty()) return name;
  // Collections that are older than the setting were made by the only analyser there was.
  return collection.segments("lexical").empty() ? std::string(Analyzer::kDefaultName) : "icu";
}

bool keeps_positions(const Collection& collection) { return collection.setting("positions") == "1"; }

std::string dense_stamp(const Encoder& encoder) { return fmt::format("1 encoder {}", encoder.stamp()); }

std::string multi_vector_stamp(const Encoder& encoder) {
  return fmt::format("1 multivector encoder {}", encoder.stamp());
}

std::string sparse_stamp(const Encoder& encoder, const Collection& collection) {
  return fmt::format("2 sparse scale={} encoder {}", sparse_scale(collection), encoder.stamp());
}

float sparse_scale(const Collection& collection) {
  const std::string text = collection.setting("sparse_scale");
  float scale = 1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), scale);
  if (!text.empty() && (error != std::errc() || !(scale > 0 && std::isfinite(scale)))) {
    throw InvalidData(
        fmt::format("{}: setting sparse_scale is '{}', must be a number above 0; make the index anew with: "
                    "dragoman index --rebuild --retrieve sparse --into {}",
                    collection.folder().string(), printable(text), collection.folder().string()));
  }
  return scale;
}

void set_sparse_scale(Collection& collection, float scale) {
  collection.set_setting("sparse_scale", fmt::format("{}", scale));
}

std::string romanized_stamp() { return fmt::format("2 romanized={}", skeleton_version()); }

std::string with_title(std::string_view title, std::string_view text) {
  return title.empty() ? std::string(text) : fmt::format("{}\n{}", title, text);
}

}  // namespace dragoman
