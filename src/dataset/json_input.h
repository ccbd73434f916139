#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/json.h"
#include "dataset/input_file.h"

namespace dragoman {

/// Every object of a file of JSON lines, or of one array of objects, with its place: "mkqa.jsonl:17", "dev.json[16]".
/// @throws InvalidData for malformed JSON, or an array beyond kMaxJsonBytes.
void for_each_object(const InputFile& file, InputProgress& progress,
                     const std::function<void(const Json& object, const std::string& place)>& visit);

/// A file that is one object. @throws InvalidData, also beyond kMaxJsonBytes.
Json read_json_object(const InputFile& file, InputProgress& progress);

/// A member that must be an array. @throws InvalidData, beginning with `place`.
const Json& array_member(const Json& object, const char* name, std::string_view place);

/// A member that must be a whole number at or above zero. @throws InvalidData, beginning with `place`.
std::size_t count_member(const Json& object, const char* name, std::string_view place);

/// @throws InvalidData, beginning with `place`, if `value` is no object.
void require_object(const Json& value, std::string_view place);

/// A member that is a list of strings, one string, or Python's print of a list ("['a', \"b's\"]"); empty if it is not
/// there.
std::vector<std::string> text_list_member(const Json& object, const char* name, std::string_view place);

}  // namespace dragoman
