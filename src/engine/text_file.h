#pragma once

#include <memory>
#include <optional>
#include <string>

#include "dragoman/base/file.h"
#include "dragoman/engine/encode_file.h"

namespace dragoman {

/// Texts one by one out of a file, in the form of EncodeFileOptions.
class TextFile {
 public:
  struct Text {
    std::string text;
    std::optional<std::string> id;
  };

  /// @throws NotFound.
  TextFile(const std::string& input, TextFormat format);

  /// False at the end. @throws InvalidData naming the line.
  bool next(Text& text);

  /// How many texts a file holds, which reads it once more; 0 for what can be read but once.
  std::uint64_t count() const;

 private:
  bool next_line(LineReader& lines, std::string_view& line) const;

  std::string input_;
  bool json_;
  LineReader lines_;
  std::optional<bool> ids_;  ///< Do the texts have ids? The first one says.
};

}  // namespace dragoman
