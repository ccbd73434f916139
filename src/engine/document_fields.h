#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/collection/collection.h"
#include "dragoman/collection/document.h"

namespace dragoman {

/// Fields that a collection's lexical index has, in their order; none if it has title and text together.
std::vector<std::string> fields_of(const Collection& collection);
void set_fields(Collection& collection, std::span<const std::string> fields);

/// @throws InvalidArgument for a name that is empty, comes twice or cannot be written in options, or too many.
void check_fields(std::span<const std::string> fields);

/// Its title, its text, or what its metadata say under that name if it is a string; else nothing.
std::string field_text(const Document& document, std::string_view field);

/// Kinds of the segments of the lexical index: "lexical" without fields, else "field-0", "field-1", ... in their order.
std::vector<std::string> lexical_kinds(std::span<const std::string> fields);

/// The field that says where segments end and in which order they keep documents: the text, if it is one.
std::size_t leading_field(std::span<const std::string> fields);

/// What a segment of a field must have been made by, given the stamp of one without fields.
std::string field_stamp(std::string_view stamp, std::string_view field);

/// Throws the lexical index away, with whatever fields it has.
void drop_lexical_segments(Collection& collection);
bool has_lexical_segments(const Collection& collection);

}  // namespace dragoman
