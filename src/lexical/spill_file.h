#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace dragoman {

/// Words in ascending order with their postings, put out of memory until they are merged. The file has no name: it is
/// gone with the object, or with the process.
class SpillFile {
 public:
  /// @throws Unavailable if nothing can be written there.
  explicit SpillFile(const std::filesystem::path& folder);

  /// Appends a word. @throws Unavailable if the disk is full.
  void write(std::string_view term, const std::uint32_t* documents, const std::uint32_t* frequencies, std::size_t size);

  /// To be called between writing and reading, or to read once more.
  void rewind();

  /// Reads the next word; false after the last. Postings are appended.
  bool next(std::string& term);
  void postings(std::vector<std::uint32_t>& documents, std::vector<std::uint32_t>& frequencies);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void flush();
  void fail(const char* what) const;
  std::uint64_t number();
  void read(void* to, std::size_t size);

  std::filesystem::path folder_;
  std::unique_ptr<std::FILE, Close> file_;
  std::vector<std::uint8_t> buffer_;
  std::uint64_t left_ = 0;  // Postings of the word at hand.
};

}  // namespace dragoman
