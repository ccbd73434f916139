#pragma once

#include <string_view>

namespace dragoman {

/// In which numbers the matrices of a model are multiplied. What lies between them is in 32-bit floats, but for
/// attention, which bf16 and int8 do in bf16 where the processor can.
enum class Precision { f32, bf16, int8 };

/// "f32", "bf16", "int8".
std::string_view to_string(Precision precision);
/// @throws InvalidArgument naming the three.
Precision parse_precision(std::string_view text);

}  // namespace dragoman
