#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace dragoman {

/// SHA-256 of files, remembered: a file whose size and time of change are as they were is not read again.
class FileHashes {
 public:
  /// @param memory where they are remembered. A damaged file is as good as none.
  explicit FileHashes(std::filesystem::path memory);

  /// @throws NotFound.
  std::string of(const std::filesystem::path& file);

  /// Keeps what was learnt, if the memory's folder is there.
  void save() const;

 private:
  struct Known {
    std::uint64_t bytes = 0;
    std::int64_t changed_ns = 0;
    std::string sha256;
  };
  std::filesystem::path memory_;
  std::map<std::string, Known> known_;
};

}  // namespace dragoman
