#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace dragoman {

/// What a line of JSON says of a document, under whichever of the usual names.
struct DocumentMembers {
  std::optional<std::string> id;    ///< `_id`, `id`, `docid`: usable in result files.
  std::optional<std::string> text;  ///< `text`, `contents`.
  std::string title;                ///< `title`; may be empty.
  std::string language;             ///< `lang`, `language`; may be empty.
};

/// @throws InvalidData naming `place` if a member has another type, or the id is empty, too long or holds white space.
DocumentMembers document_members(const Json& object, std::string_view place);

/// Is that one of the names above?
bool is_document_member(std::string_view name);

}  // namespace dragoman
