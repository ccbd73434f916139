#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

namespace dragoman {

/// Numbers that are written once, front to back, and read several times: in memory as long as they fit, else in a file
/// without a name, which is gone with the object, or with the process.
class VectorSpool {
 public:
  /// @param memory_bytes kept before the file is begun; afterwards at most a MiB.
  VectorSpool(std::size_t memory_bytes, std::filesystem::path folder);
  ~VectorSpool();
  VectorSpool(const VectorSpool&) = delete;
  VectorSpool& operator=(const VectorSpool&) = delete;

  /// @throws Unavailable if the disk is full; nothing is added then.
  void append(std::span<const float> values);

  /// Copies `out.size()` numbers from number `first` on. Thread-safe beside other read()s. @throws Unavailable.
  void read(std::size_t first, std::span<float> out) const;

  std::size_t size() const { return written_ + buffer_.size(); }

 private:
  void flush();
  [[noreturn]] void fail(const char* what) const;

  std::size_t memory_bytes_;
  std::filesystem::path folder_;
  std::vector<float> buffer_;  // What is behind the file's end.
  std::size_t written_ = 0;
  int descriptor_ = -1;
};

}  // namespace dragoman
