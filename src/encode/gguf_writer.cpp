#include "encode/gguf_writer.h"

#include <ggml.h>
#include <gguf.h>

#include <array>
#include <cassert>
#include <limits>

namespace dragoman {
namespace {

struct GgmlDeleter {
  void operator()(ggml_context* context) const { ggml_free(context); }
};

}  // namespace

void GgufWriter::GgufDeleter::operator()(gguf_context* context) const { gguf_free(context); }

GgufWriter::GgufWriter(const std::filesystem::path& path) : gguf_(gguf_init_empty()), file_(path) {}
GgufWriter::~GgufWriter() = default;

void GgufWriter::text(const std::string& key, const std::string& value) {
  assert(value.find('\0') == value.npos);  // ggml takes C strings.
  gguf_set_val_str(gguf_.get(), key.c_str(), value.c_str());
}

void GgufWriter::number(const std::string& key, std::uint64_t value) {
  assert(value <= std::numeric_limits<std::uint32_t>::max());
  gguf_set_val_u32(gguf_.get(), key.c_str(), static_cast<std::uint32_t>(value));
}

void GgufWriter::real(const std::string& key, float value) { gguf_set_val_f32(gguf_.get(), key.c_str(), value); }

void GgufWriter::flag(const std::string& key, bool value) { gguf_set_val_bool(gguf_.get(), key.c_str(), value); }

void GgufWriter::texts(const std::string& key, const std::vector<std::string>& values) {
  std::vector<const char*> pointers;
  for (const auto& value : values) pointers.push_back(value.c_str());
  gguf_set_arr_str(gguf_.get(), key.c_str(), pointers.data(), pointers.size());
}

void GgufWriter::reals(const std::string& key, std::span<const float> values) {
  gguf_set_arr_data(gguf_.get(), key.c_str(), GGUF_TYPE_FLOAT32, values.data(), values.size());
}

void GgufWriter::integers(const std::string& key, std::span<const std::int32_t> values) {
  gguf_set_arr_data(gguf_.get(), key.c_str(), GGUF_TYPE_INT32, values.data(), values.size());
}

void GgufWriter::octets(const std::string& key, std::string_view values) {
  gguf_set_arr_data(gguf_.get(), key.c_str(), GGUF_TYPE_UINT8, values.data(), values.size());
}

void GgufWriter::tensor(const std::string& name, std::int32_t type, std::uint64_t rows, std::uint64_t columns) {
  assert(name.size() < GGML_MAX_NAME);
  const auto row_bytes = ggml_row_size(static_cast<ggml_type>(type), static_cast<std::int64_t>(columns));
  tensors_.push_back({name, type, rows, columns, row_bytes * (rows == 0 ? 1 : rows)});
}

void GgufWriter::begin() {
  const std::unique_ptr<ggml_context, GgmlDeleter> ggml(
      ggml_init({.mem_size = tensors_.size() * ggml_tensor_overhead(), .mem_buffer = nullptr, .no_alloc = true}));
  for (const Tensor& each : tensors_) {
    const auto rows = static_cast<std::int64_t>(each.rows), columns = static_cast<std::int64_t>(each.columns);
    const auto type = static_cast<ggml_type>(each.type);
    ggml_tensor* tensor = each.rows == 0 ? ggml_new_tensor_1d(ggml.get(), type, columns)
                                         : ggml_new_tensor_2d(ggml.get(), type, columns, rows);
    ggml_set_name(tensor, each.name.c_str());
    gguf_add_tensor(gguf_.get(), tensor);
  }
  std::vector<std::byte> header(gguf_get_meta_size(gguf_.get()));
  gguf_get_meta_data(gguf_.get(), header.data());
  put(header);
}

void GgufWriter::write(std::span<const std::byte> bytes) {
  assert(current_ < tensors_.size() && bytes.size() <= tensors_[current_].bytes - written_);
  written_ += bytes.size();
  put(bytes);
}

void GgufWriter::end_tensor() {
  assert(current_ < tensors_.size() && written_ == tensors_[current_].bytes);
  static constexpr std::array<std::byte, GGUF_DEFAULT_ALIGNMENT> kZeros{};
  put(std::span(kZeros).first((kZeros.size() - file_.size() % kZeros.size()) % kZeros.size()));
  ++current_;
  written_ = 0;
}

WrittenFile GgufWriter::finish() {
  assert(current_ == tensors_.size());
  file_.commit();
  return {hash_.finish(), file_.size()};
}

void GgufWriter::put(std::span<const std::byte> bytes) {
  hash_.update(bytes);
  file_.write(bytes);
}

}  // namespace dragoman
