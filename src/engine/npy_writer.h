#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "dragoman/base/file.h"

namespace dragoman {

/// Writes a NumPy array (.npy, version 1.0) whose number of rows is known only in the end: its header has room for any.
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
class NpyWriter {
 public:
  /// @param type     NumPy's name: "<f4", "<i4", "<i8".
  /// @param columns  0 for an array of one dimension.
  /// @throws Unavailable if the file cannot be written, InvalidArgument if it is no regular file.
  NpyWriter(std::filesystem::path path, std::string_view type, std::size_t columns);

  /// Appends whole rows. The numbers must be of the type.
  template <typename T>
  void append(std::span<const T> numbers) {
    append(std::as_bytes(numbers), numbers.size());
  }

  std::uint64_t rows() const { return numbers_ / (columns_ == 0 ? 1 : columns_); }
  const std::filesystem::path& path() const { return path_; }

  /// The file appears. @throws Unavailable.
  void commit();

 private:
  void append(std::span<const std::byte> bytes, std::size_t numbers);
  std::string header() const;

  std::filesystem::path path_;
  std::string type_;
  std::size_t columns_;
  std::uint64_t numbers_ = 0;
  AtomicFile file_;
};

}  // namespace dragoman
