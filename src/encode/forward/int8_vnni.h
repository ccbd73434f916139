#pragma once

#include <cstddef>
#include <cstdint>

// What int8_vnni.cpp needs, in plain types: that file is compiled for another processor than the rest, so it must not
// share any inline function with it.
namespace dragoman::vnni {

struct Product {
  const std::int8_t* panels;
  const std::int32_t* start;
  const float* scales;
  const float* bias;
  std::size_t outputs, groups;

  const std::uint8_t* rows;
  std::size_t row_stride, row_count;
  const float* row_scales;

  int effect;  ///< The number of an Effect.
  void* output;
  std::size_t output_stride;
};

void multiply(const Product& product);

/// quantize() of kernels.h, for n that is a multiple of 64.
float quantize(const float* x, std::size_t n, const float* centre, const float* gain, bool one_sided,
               std::uint8_t* out);

}  // namespace dragoman::vnni
