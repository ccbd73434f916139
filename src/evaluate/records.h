#pragma once

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
bool is_white_space(char c);

/// Splits at runs of white space; puts the columns into `columns`.
void split_columns(std::string_view record, std::vector<std::string_view>& columns);

/// Splits at every tab; fields may be empty.
void split_tabs(std::string_view record, std::vector<std::string_view>& fields);

}  // namespace dragoman
