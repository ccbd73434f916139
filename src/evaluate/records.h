#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/file.h"

namespace dragoman {

/// The lines of an evaluation file that hold anything.
class RecordReader {
 public:
  explicit RecordReader(const std::string& path) : lines_(path) {}

  /// Puts the next line that is not blank into `record`; false after the last one. Valid until the next call.
  /// @throws InvalidData if it is not well-formed UTF-8.
  bool next(std::string_view& record);

  std::uint64_t line_number() const { return lines_.line_number(); }
  /// "bm25.run:17", for messages.
  std::string place() const { return lines_.place(); }

 private:
  LineReader lines_;
};

/// White space as trec_eval sees it: the six ASCII characters, in any locale.
constexpr bool is_white_space(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= ' ' && (byte == ' ' || (byte >= '\t' && byte <= '\r'));  // one comparison for most
}

/// The columns between runs of white space; of more than kMost, the first ones.
class Columns {
 public:
  static constexpr std::size_t kMost = 6;

  explicit Columns(std::string_view record) {
    const char* const end = record.data() + record.size();
    for (const char* at = record.data(); at != end;) {
      while (at != end && is_white_space(*at)) ++at;
      const char* const begin = at;
      while (at != end && !is_white_space(*at)) ++at;
      if (at == begin) break;
      if (count_ < kMost) columns_[count_] = {begin, static_cast<std::size_t>(at - begin)};
      ++count_;
    }
  }

  /// Those beyond kMost included.
  std::size_t size() const { return count_; }
  std::string_view operator[](std::size_t i) const { return columns_[i]; }

 private:
  std::array<std::string_view, kMost> columns_;
  std::size_t count_ = 0;
};

/// Splits at every tab; fields may be empty.
void split_tabs(std::string_view record, std::vector<std::string_view>& fields);

}  // namespace dragoman
