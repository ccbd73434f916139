#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

enum class Comparison { equal, not_equal, less, at_most, more, at_least };

/// A condition on one member of a document's metadata, such as year >= 2020.
///
/// A value that is a number compares as a number, with numbers and with texts that are one ("2020"); any other compares
/// as text, by its bytes, so that dates as 2020-01-31 are in order. true and false are texts here. A document without
/// the member, or where it is null, is not met, whatever the comparison; a number is not equal to a text that is none,
/// and neither less nor more.
struct MetadataCondition {
  std::string member;
  Comparison comparison = Comparison::equal;
  std::string value;
  bool is_text = false;  ///< Compare as text, even if it is a number.

  bool operator==(const MetadataCondition&) const = default;
};

/// Reads MEMBER OPERATOR VALUE, with one of = != < <= > >= and white space around it or not: "year>=2020",
/// "source = bbc". A value in double quotes is a JSON string, compared as text: zip="02134".
/// @throws InvalidArgument naming the condition and what is wrong with it.
MetadataCondition parse_metadata_condition(std::string_view condition);

/// The same as it would be typed.
std::string to_string(const MetadataCondition& condition);

}  // namespace dragoman
