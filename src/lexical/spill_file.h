#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "lexical/term_postings.h"

namespace dragoman {

/// Words in ascending order with their postings, put out of memory until they are merged. The file has no name: it is
/// gone with the object, or with the process.
class SpillFile {
 public:
  /// @param positions whether postings have them; either all or none.
  /// @throws Unavailable if nothing can be written there.
  SpillFile(const std::filesystem::path& folder, bool positions);

  /// Appends a word. @throws Unavailable if the disk is full.
  void write(std::string_view term, const PostingSpans& postings);

  /// To be called between writing and reading, or to read once more.
  void rewind();

  /// Reads the next word; false after the last. Postings are appended.
  bool next(std::string& term);
  void postings(TermPostings& postings);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void flush();
  void fail(const char* what) const;
  std::uint64_t number();
  void read(void* to, std::size_t size);

  std::filesystem::path folder_;
  bool positions_;
  std::unique_ptr<std::FILE, Close> file_;
  std::vector<std::uint8_t> buffer_;
  std::uint64_t left_ = 0;  // Postings of the word at hand.
};

}  // namespace dragoman
