#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/file.h"
#include "dragoman/base/hash.h"

struct gguf_context;

namespace dragoman {

/// A file as it was written.
struct WrittenFile {
  std::string sha256;
  std::uint64_t bytes = 0;
};

/// Writes a GGUF file in one pass: all keys and the list of tensors, then begin(), then the bytes of each tensor in the
/// order of the list, in pieces as large as the caller likes. Holds the header in memory, never a tensor. The same
/// calls give the same bytes. Wrong use is a mistake of ours, and asserted.
class GgufWriter {
 public:
  explicit GgufWriter(const std::filesystem::path& path);
  ~GgufWriter();

  void text(const std::string& key, const std::string& value);
  void number(const std::string& key, std::uint64_t value);  ///< Below 2^32, as 32 bits.
  void real(const std::string& key, float value);
  void flag(const std::string& key, bool value);
  void texts(const std::string& key, const std::vector<std::string>& values);
  void reals(const std::string& key, std::span<const float> values);
  void integers(const std::string& key, std::span<const std::int32_t> values);
  void octets(const std::string& key, std::string_view values);

  /// @param type a ggml_type.
  /// @param rows 0 for a vector of `columns`; else a matrix [rows, columns], row-major.
  void tensor(const std::string& name, std::int32_t type, std::uint64_t rows, std::uint64_t columns);

  /// Writes the header. @throws Unavailable if the file cannot be written, here and below.
  void begin();
  void write(std::span<const std::byte> bytes);
  /// Call behind the last byte of each tensor.
  void end_tensor();
  /// The file appears now, whole; without this call it never does.
  WrittenFile finish();

 private:
  struct GgufDeleter {
    void operator()(gguf_context* context) const;
  };
  struct Tensor {
    std::string name;
    std::int32_t type;
    std::uint64_t rows, columns, bytes;
  };

  void put(std::span<const std::byte> bytes);

  std::unique_ptr<gguf_context, GgufDeleter> gguf_;
  std::vector<Tensor> tensors_;
  std::size_t current_ = 0;    // The tensor being written,
  std::uint64_t written_ = 0;  // and how much of it is.
  AtomicFile file_;
  Sha256 hash_;
};

}  // namespace dragoman
