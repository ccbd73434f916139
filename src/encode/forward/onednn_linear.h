#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "encode/forward/linear.h"

namespace dragoman {

/// A Linear in f32 or bf16 by oneDNN, on the calling thread alone. Arguments and errors as make_linear.
std::unique_ptr<Linear> make_onednn_linear(Precision precision, std::span<const float> weights,
                                           std::span<const float> bias, std::size_t outputs, std::size_t inputs);

}  // namespace dragoman
