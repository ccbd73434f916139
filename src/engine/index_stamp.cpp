#include "engine/index_stamp.h"

#include <fmt/format.h>

#include "dragoman/encode/encoder.h"
#include "dragoman/text/analyzer.h"

namespace dragoman {

std::string lexical_stamp(const Analyzer& analyzer) { return fmt::format("2 analyzer={}", analyzer.version()); }
std::string dense_stamp(const Encoder& encoder) { return fmt::format("1 encoder {}", encoder.stamp()); }

std::string with_title(std::string_view title, std::string_view text) {
  return title.empty() ? std::string(text) : fmt::format("{}\n{}", title, text);
}

}  // namespace dragoman
