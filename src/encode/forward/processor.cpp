#include "encode/forward/processor.h"

namespace dragoman {

const Processor& processor() {
  static const Processor found = [] {
    Processor p;
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    p.vnni = avx512 && __builtin_cpu_supports("avx512vnni");
    p.bf16 = avx512 && __builtin_cpu_supports("avx512bf16");
#endif
    return p;
  }();
  return found;
}

}  // namespace dragoman
