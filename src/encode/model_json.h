#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "dragoman/encode/model_store.h"

namespace dragoman {

/// What is known of a model, all but where its file lies: the members of a manifest.
OrderedJson model_members(const Model& model);

/// Members that manifests and the catalogue have in common. Absent: 0, and an empty list.
/// @throws InvalidData naming `place` if the type is another.
std::uint64_t number_member(const Json& object, const char* name, std::string_view place);
std::vector<std::string> list_member(const Json& object, const char* name, std::string_view place);

}  // namespace dragoman
