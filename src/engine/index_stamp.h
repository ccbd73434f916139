#pragma once

#include <string>
#include <string_view>

namespace dragoman {

class Analyzer;
class Collection;
class Encoder;

/// What a lexical or dense segment must have been made by. The number in front is raised when we change how a document
/// becomes words or passages.
std::string lexical_stamp(const Analyzer& analyzer, bool positions);
std::string dense_stamp(const Encoder& encoder);
std::string romanized_stamp();

/// Kind of the segments of the romanised index.
inline constexpr std::string_view kRomanizedKind = "romanized";

/// Name of the analyser that makes, or is to make, the collection's lexical index.
std::string analyzer_of(const Collection& collection);

/// Does the collection's lexical index keep, or is it to keep, where words stand?
bool keeps_positions(const Collection& collection);

/// What is searched of a document: its title, if it has one, and a text.
std::string with_title(std::string_view title, std::string_view text);

}  // namespace dragoman
