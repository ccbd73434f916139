#include "encode/forward/model_tensors.h"

#include <fmt/format.h>
#include <ggml.h>

#include <cstring>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

/// Widens `count` numbers; the file promises no alignment, so what ggml reads is copied first.
void widen(std::int32_t type, std::span<const std::byte> bytes, std::size_t count, float* to) {
  if (type == GGML_TYPE_F32) {
    std::memcpy(to, bytes.data(), count * sizeof(float));
    return;
  }
  thread_local std::vector<std::uint64_t> aligned;
  aligned.resize((bytes.size() + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t));
  std::memcpy(aligned.data(), bytes.data(), bytes.size());
  ggml_get_type_traits(static_cast<ggml_type>(type))->to_float(aligned.data(), to, static_cast<std::int64_t>(count));
}

bool is_readable(std::int32_t type) {
  return type == GGML_TYPE_F32 || ggml_get_type_traits(static_cast<ggml_type>(type))->to_float != nullptr;
}

}  // namespace

void ModelTensors::Table::read(std::size_t row, float* to) const {
  const std::size_t size = bytes.size() / rows;
  widen(type, bytes.subspan(row * size, size), columns, to);
}

ModelTensors::ModelTensors(const GgufFile& file, std::span<const std::byte> bytes, std::string_view place)
    : bytes_(bytes), place_(place) {
  for (const GgufTensor& tensor : file.tensors) tensors_.emplace(tensor.name, &tensor);
}

const GgufTensor& ModelTensors::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) throw InvalidData(fmt::format("{}: there is no tensor {}", place_, name));
  if (!is_readable(found->second->type)) {
    throw InvalidData(fmt::format("{}: tensor {} is of type {}, which cannot be read", place_, name,
                                  ggml_type_name(static_cast<ggml_type>(found->second->type))));
  }
  return *found->second;
}

ModelTensors::Table ModelTensors::table_of_columns(std::string_view name, std::size_t columns) const {
  const GgufTensor& tensor = find(name);
  const auto& shape = tensor.shape;
  if (shape[0] != columns || shape[1] == 0 || shape[2] != 1 || shape[3] != 1) {
    throw InvalidData(fmt::format("{}: tensor {} is [{}, {}], but its rows should have {} columns", place_, name,
                                  shape[1], shape[0], columns));
  }
  return {static_cast<std::size_t>(shape[1]), columns, tensor.type, bytes_.subspan(tensor.offset, tensor.bytes)};
}

ModelTensors::Table ModelTensors::table(std::string_view name, std::size_t rows, std::size_t columns) const {
  const Table table = table_of_columns(name, columns);
  if (table.rows != rows) {
    throw InvalidData(fmt::format("{}: tensor {} has {} rows, but should have {}", place_, name, table.rows, rows));
  }
  return table;
}

std::vector<float> ModelTensors::matrix(std::string_view name, std::size_t rows, std::size_t columns) const {
  const Table from = table(name, rows, columns);
  std::vector<float> values(rows * columns);
  for (std::size_t row = 0; row < rows; ++row) from.read(row, values.data() + row * columns);
  return values;
}

std::vector<float> ModelTensors::vector(std::string_view name, std::size_t size) const {
  const GgufTensor& tensor = find(name);
  if (tensor.shape != std::array<std::uint64_t, 4>{size, 1, 1, 1}) {
    throw InvalidData(fmt::format("{}: tensor {} should be a vector of {}", place_, name, size));
  }
  std::vector<float> values(size);
  widen(tensor.type, bytes_.subspan(tensor.offset, tensor.bytes), size, values.data());
  return values;
}

std::vector<float> ModelTensors::vector_or_zeros(std::string_view name, std::size_t size) const {
  return has(name) ? vector(name, size) : std::vector<float>(size);
}

}  // namespace dragoman
