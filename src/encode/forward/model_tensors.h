#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "encode/gguf_file.h"

namespace dragoman {

/// The tensors of a mapped GGUF file by name, read as 32-bit floats whatever they are stored in. Holds views: file and
/// bytes must live as long. Thread-safe.
class ModelTensors {
 public:
  /// A matrix that is read row by row, and stays as it is on the disk.
  struct Table {
    std::size_t rows = 0, columns = 0;
    std::int32_t type = 0;  ///< A ggml_type.
    std::span<const std::byte> bytes;

    /// @param row below `rows`; @param to [columns].
    void read(std::size_t row, float* to) const;
  };

  /// @param place the file's name, for messages.
  ModelTensors(const GgufFile& file, std::span<const std::byte> bytes, std::string_view place);

  bool has(std::string_view name) const { return tensors_.contains(name); }

  /// @throws InvalidData naming place and tensor, if it is missing, has another shape or a type that cannot be read.
  std::vector<float> vector(std::string_view name, std::size_t size) const;
  std::vector<float> matrix(std::string_view name, std::size_t rows, std::size_t columns) const;
  Table table(std::string_view name, std::size_t rows, std::size_t columns) const;

  /// [rows, columns] of a matrix whose rows may be any number.
  Table table_of_columns(std::string_view name, std::size_t columns) const;

  /// As vector(); zeros if there is no such tensor.
  std::vector<float> vector_or_zeros(std::string_view name, std::size_t size) const;

  const std::string& place() const { return place_; }

 private:
  const GgufTensor& find(std::string_view name) const;

  std::map<std::string_view, const GgufTensor*> tensors_;
  std::span<const std::byte> bytes_;
  std::string place_;
};

}  // namespace dragoman
