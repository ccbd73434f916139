#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dataset/file_name.h"
#include "dragoman/base/file.h"
#include "dragoman/base/progress.h"

namespace dragoman {

/// One of the files that a conversion reads.
struct InputFile {
  std::string path;   ///< As it is opened.
  std::string label;  ///< As dataset.json names it: relative to the folder that was given.
  FileName name;
};

/// Bytes read of all inputs together, for one progress line.
class InputProgress {
 public:
  InputProgress(const std::vector<InputFile>& files, ProgressCallback callback);

  /// A file has `bytes` behind it.
  void at(std::uint64_t bytes) const { report(callback_, {"convert", "bytes", finished_ + bytes, total_}); }
  void finish(std::uint64_t bytes) {
    finished_ += bytes;
    at(0);
  }

 private:
  ProgressCallback callback_;
  std::uint64_t finished_ = 0, total_ = 0;
};

/// Converts bytes of an encoding into UTF-8, line by line.
class Decoder {
 public:
  /// @throws InvalidArgument for a name that ICU does not know, or that is no superset of ASCII.
  explicit Decoder(const std::string& encoding);
  ~Decoder();

  /// The view holds until the next call. @throws InvalidData, beginning with `place`, for bytes that are no text.
  std::string_view decode(std::string_view bytes, const std::string& place);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The lines of an input, in UTF-8.
class InputLines {
 public:
  /// @param encoding empty for UTF-8, or any that Decoder takes.
  InputLines(const InputFile& file, InputProgress& progress, const std::string& encoding = "",
             std::size_t max_line_bytes = LineReader::kMaxLineBytes);
  ~InputLines();

  /// The next line; false at the end. Valid until the next call.
  /// @throws InvalidData if it is not well-formed.
  bool next(std::string_view& line);
  /// The next line that holds more than white space.
  bool next_record(std::string_view& line);

  /// "topics.tsv:17".
  std::string place() const { return lines_.place(); }
  std::uint64_t line_number() const { return lines_.line_number(); }

 private:
  LineReader lines_;
  InputProgress& progress_;
  std::unique_ptr<Decoder> decoder_;
  bool finished_ = false;
};

/// The first byte that is no white space; 0 if there is none.
char first_character(const InputFile& file);

/// What an XML or SGML file says of its encoding in its first line; empty if nothing.
std::string declared_encoding(const InputFile& file);

/// Without white space and byte order marks at its ends.
std::string_view trimmed(std::string_view text);

}  // namespace dragoman
