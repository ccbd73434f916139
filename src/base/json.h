#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace dragoman {

using Json = nlohmann::json;
/// Keeps the order in which members were added; for what people read.
using OrderedJson = nlohmann::ordered_json;

/// Parses one JSON object. `place` ("corpus.jsonl:17") begins every message.
/// @throws InvalidData for malformed JSON, ill-formed UTF-8, nesting beyond 64 levels, or a value that is no object.
Json parse_json_object(std::string_view text, std::string_view place);

/// A member that must be a string, or absent. A number is taken as its digits (ids often are numbers).
/// @throws InvalidData if it has another type.
std::optional<std::string> string_member(const Json& object, const char* name, std::string_view place);

/// The same, required. @throws InvalidData if absent.
std::string required_string(const Json& object, const char* name, std::string_view place);

/// One line, UTF-8 as it is; ill-formed bytes become U+FFFD instead of an exception.
std::string to_line(const OrderedJson& value);
std::string to_line(const Json& value);

/// For a number that may be none, as the mean over nothing: JSON has neither NaN nor infinity, so it becomes null.
OrderedJson number_or_null(double value);

enum class JsonLayout { one_line, indented };

/// Writes a file that appears whole, with a line feed at its end. @throws Unavailable as AtomicFile.
void write_json(const std::filesystem::path& path, const OrderedJson& value, JsonLayout layout = JsonLayout::one_line);

}  // namespace dragoman
