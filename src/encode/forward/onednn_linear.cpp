#include "encode/forward/onednn_linear.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <oneapi/dnnl/dnnl.hpp>

#include "dragoman/base/error.h"
#include "encode/forward/processor.h"

namespace dragoman {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;
using Type = memory::data_type;

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

/// oneDNN would start threads of its own in every product. We give each thread whole texts instead.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) {
    if (before_ != 1) omp_set_num_threads(1);
  }
  ~OneThread() {
    if (before_ != 1) omp_set_num_threads(before_);
  }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

/// What one thread lends to the products that it computes.
struct Thread {
  dnnl::stream stream{engine()};
  AlignedVector<std::byte> scratchpad;
};
Thread& this_thread() {
  thread_local Thread thread;
  return thread;
}

memory::dim dim(std::size_t size) { return static_cast<memory::dim>(size); }

class OneDnnLinear : public Linear {
 public:
  OneDnnLinear(Precision precision, std::span<const float> weights, std::span<const float> bias, std::size_t outputs,
               std::size_t inputs)
      : type_(precision == Precision::bf16 ? Type::bf16 : Type::f32), outputs_(outputs), inputs_(inputs) {
    const OneThread one_thread;
    bias_.assign(outputs, 0);
    std::ranges::copy(bias, bias_.begin());
    // The layout that suits a full batch is kept for all.
    const memory::desc any({dim(inputs), dim(outputs)}, type_, Tag::any);
    layout_ = describe({kBlockRows, outputs_, Then::store, Type::f32}, any).weights_desc();
    weights_ = memory(layout_, engine());
    memory given({{dim(inputs), dim(outputs)}, Type::f32, Tag::ba}, engine(), const_cast<float*>(weights.data()));
    dnnl::reorder(given, weights_).execute(this_thread().stream, given, weights_);
    this_thread().stream.wait();
  }

  Precision precision() const override { return type_ == Type::bf16 ? Precision::bf16 : Precision::f32; }

  void apply(const Rows& x, Then then, float* y, std::size_t stride) const override {
    run(x, then, Type::f32, y, stride * sizeof(float));
  }
  void apply_bf16(const Rows& x, std::uint16_t* y, std::size_t stride) const override {
    run(x, Then::store, Type::bf16, y, stride * sizeof(std::uint16_t));
  }

 private:
  // Rows go through in blocks, so that there are few shapes: oneDNN writes machine code for each.
  static constexpr std::size_t kBlockRows = 64;

  struct Shape {
    std::size_t rows, stride;
    Then then;
    Type to;
    auto operator<=>(const Shape&) const = default;
  };
  struct Product {
    dnnl::matmul::primitive_desc description;
    dnnl::matmul primitive;
  };

  dnnl::matmul::primitive_desc describe(const Shape& shape, const memory::desc& weights) const {
    const memory::desc from({dim(shape.rows), dim(inputs_)}, type_, Tag::ab);
    const memory::desc bias({1, dim(outputs_)}, Type::f32, Tag::ab);
    const memory::desc to({dim(shape.rows), dim(outputs_)}, shape.to, {dim(shape.stride), 1});
    dnnl::post_ops after;
    if (shape.then == Then::add) after.append_sum(1.0f);
#if DNNL_VERSION_MAJOR >= 3
    if (shape.then == Then::gelu) after.append_eltwise(dnnl::algorithm::eltwise_gelu_erf, 0, 0);
#else
    if (shape.then == Then::gelu) after.append_eltwise(1.0f, dnnl::algorithm::eltwise_gelu_erf, 0, 0);
#endif
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(after);
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
#if DNNL_VERSION_MAJOR >= 3
    return {engine(), from, weights, bias, to, attributes};
#else
    return {dnnl::matmul::desc(from, weights, bias, to), attributes, engine()};
#endif
  }

  const Product& product(const Shape& shape) const {
    const std::lock_guard lock(products_mutex_);
    const auto found = products_.find(shape);
    if (found != products_.end()) return found->second;
    const auto description = describe(shape, layout_);
    return products_.emplace(shape, Product{description, dnnl::matmul(description)}).first->second;
  }

  void run(const Rows& x, Then then, Type to, void* y, std::size_t stride_bytes) const {
    const OneThread one_thread;
    const std::size_t stride = stride_bytes / memory::data_type_size(to);
    for (std::size_t first = 0; first < x.rows(); first += kBlockRows) {
      const std::size_t rows = std::min(kBlockRows, x.rows() - first), at = first * x.stride();
      const void* from = type_ == Type::bf16 ? static_cast<const void*>(x.bf16() + at) : x.f32() + at;
      run_block({rows, stride, then, to}, from, static_cast<std::byte*>(y) + first * stride_bytes);
    }
  }

  void run_block(const Shape& shape, const void* x, void* y) const {
    const Product& product = this->product(shape);
    Thread& thread = this_thread();
    const auto scratch = product.description.scratchpad_desc();
    if (thread.scratchpad.size() < scratch.get_size()) thread.scratchpad.resize(scratch.get_size());
    const auto memory_at = [](const memory::desc& description, const void* data) {
      return memory(description, engine(), const_cast<void*>(data));
    };
    product.primitive.execute(thread.stream, {{DNNL_ARG_SRC, memory_at(product.description.src_desc(), x)},
                                              {DNNL_ARG_WEIGHTS, weights_},
                                              {DNNL_ARG_BIAS, memory_at(product.description.bias_desc(), bias_.data())},
                                              {DNNL_ARG_DST, memory_at(product.description.dst_desc(), y)},
                                              {DNNL_ARG_SCRATCHPAD, memory_at(scratch, thread.scratchpad.data())}});
    thread.stream.wait();
  }

  Type type_;
  std::size_t outputs_, inputs_;
  AlignedVector<float> bias_;
  memory::desc layout_;
  memory weights_;
  mutable std::mutex products_mutex_;
  mutable std::map<Shape, Product> products_;  // Its elements stay where they are.
};

}  // namespace

std::unique_ptr<Linear> make_onednn_linear(Precision precision, std::span<const float> weights,
                                           std::span<const float> bias, std::size_t outputs, std::size_t inputs) {
  if (precision == Precision::bf16 && !processor().bf16) {
    throw InvalidArgument("this processor does not multiply in bf16; use f32 or int8");
  }
  try {
    return std::make_unique<OneDnnLinear>(precision, weights, bias, outputs, inputs);
  } catch (const dnnl::error& error) {
    throw Unavailable(fmt::format("oneDNN cannot multiply [{}, {}] matrices in {} here: {}", outputs, inputs,
                                  to_string(precision), error.what()));
  }
}

}  // namespace dragoman
