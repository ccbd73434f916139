#pragma once

#include <string_view>

namespace dragoman {

/// In which numbers the matrices of a model are multiplied. Everything between them is 32-bit floats.
enum class Precision { f32, bf16, int8 };

/// "f32", "bf16", "int8".
std::string_view to_string(Precision precision);
/// @throws InvalidArgument naming the three.
Precision parse_precision(std::string_view text);

}  // namespace dragoman
