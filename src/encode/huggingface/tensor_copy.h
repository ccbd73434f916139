#pragma once

#include <span>

#include "dragoman/base/progress.h"
#include "encode/gguf_writer.h"
#include "encode/huggingface/tensor_plan.h"

namespace dragoman {

/// Lists the planned tensors in a GGUF file, each in the type it has.
void declare_tensors(std::span<const TensorStep> steps, GgufWriter& out);

/// Writes their bytes, behind begin(). Memory O(one tensor).
void copy_tensors(std::span<const TensorStep> steps, GgufWriter& out, const ProgressCallback& progress);

}  // namespace dragoman
