#pragma once

namespace dragoman {

/// What this processor and its operating system offer, beyond what Highway and oneDNN find out themselves.
struct Processor {
  bool vnni = false;  ///< AVX-512 with dot products of 8-bit numbers.
  bool bf16 = false;  ///< AVX-512 with dot products of bfloat16.
};

const Processor& processor();

}  // namespace dragoman
