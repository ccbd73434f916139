#include "encode/huggingface/tensor_copy.h"

#include <ggml.h>

#include <algorithm>

namespace dragoman {
namespace {

ggml_type gguf_type(WeightType type) {
  return type == WeightType::f32 ? GGML_TYPE_F32 : type == WeightType::f16 ? GGML_TYPE_F16 : GGML_TYPE_BF16;
}

std::uint64_t row_bytes(const TensorStep& step) { return step.columns * bytes_of(step.type); }

std::uint64_t all_bytes(const TensorStep& step) { return std::max<std::uint64_t>(step.rows, 1) * row_bytes(step); }

}  // namespace

void declare_tensors(std::span<const TensorStep> steps, GgufWriter& out) {
  for (const TensorStep& step : steps) out.tensor(step.to, gguf_type(step.type), step.rows, step.columns);
}

void copy_tensors(std::span<const TensorStep> steps, GgufWriter& out, const ProgressCallback& progress) {
  std::uint64_t total = 0, done = 0;
  for (const TensorStep& step : steps) total += all_bytes(step);
  for (const TensorStep& step : steps) {
    out.write(step.weights->data(step.from).subspan(step.first_row * row_bytes(step), all_bytes(step)));
    out.end_tensor();
    done += all_bytes(step);
    report(progress, {"convert", "bytes", done, total});
  }
}

}  // namespace dragoman
