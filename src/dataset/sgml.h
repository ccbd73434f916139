#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dataset/input_file.h"

namespace dragoman {

/// A piece of SGML as TREC and CLEF write it, which is no XML: end tags may be missing, and '<' may stand for itself.
struct SgmlToken {
  enum class Kind { text, begin, end };
  Kind kind = Kind::text;
  std::string name;          ///< Of a tag, in small letters.
  std::string_view content;  ///< Text with its entities as they stand; of a begin tag, its attributes.
  bool verbatim = false;     ///< Text of a CDATA section, without entities.

  std::string text() const;  ///< `content` with its entities decoded.
};

/// Comments and declarations are dropped. A '<' that begins no tag is text. Views into `text`.
std::vector<SgmlToken> scan_sgml(std::string_view text);

/// Numeric entities, those of XML, and the Latin-1 ones of HTML ("&eacute;"); unknown ones stay as they are.
std::string decode_entities(std::string_view text);

/// Value of an attribute of a begin tag; empty if it is not there.
std::string sgml_attribute(std::string_view attributes, std::string_view name);

/// The elements of a few names, one after another, that make up a file: <DOC>...</DOC>, <top>...</top>. What stands
/// between them is skipped.
class SgmlRecords {
 public:
  struct Record {
    std::string name;        ///< In small letters.
    std::string attributes;  ///< Of its begin tag.
    std::string content;     ///< What stands between begin and end.
    std::string place;       ///< Of its begin tag.
  };

  /// A longer record is refused: its end tag is missing, as a rule.
  static constexpr std::size_t kMaxRecordBytes = std::size_t{64} << 20;

  /// @param names in small letters.
  SgmlRecords(InputLines& lines, std::vector<std::string> names) : lines_(lines), names_(std::move(names)) {}

  /// @throws InvalidData, naming the line on which the record began, if the file or the next record comes before its
  /// end.
  bool next(Record& record);

 private:
  bool begin(Record& record);
  bool more();

  InputLines& lines_;
  std::vector<std::string> names_;
  std::string line_;
  std::size_t at_ = 0;
};

}  // namespace dragoman
