#include "dragoman/encode/precision.h"

#include <fmt/format.h>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {

std::string_view to_string(Precision precision) {
  switch (precision) {
    case Precision::f32:
      return "f32";
    case Precision::bf16:
      return "bf16";
    case Precision::int8:
      return "int8";
  }
  return "";
}

Precision parse_precision(std::string_view text) {
  for (const Precision precision : {Precision::f32, Precision::bf16, Precision::int8}) {
    if (text == to_string(precision)) return precision;
  }
  throw InvalidArgument(fmt::format("no precision '{}'; choose of f32, bf16, int8", printable(text)));
}

}  // namespace dragoman
