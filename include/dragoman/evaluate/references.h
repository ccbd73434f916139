#pragma once

#include <string>
#include <vector>

#include "dragoman/text/language.h"

namespace dragoman {

/// The right texts of one item: answers to a question, translations of a sentence.
struct References {
  std::string id;
  std::vector<std::string> texts;  ///< At least one.
  Language language;
};

/// Right texts in the order of the file, which may be compressed, or "-" for standard input. The first line that holds
/// anything tells the format:
///
/// - it begins with '{': JSON lines. The id is "_id" or "id"; the texts are the list "answers", or the list
///   "references", or a list "text" inside "answers", as SQuAD's relatives have it; a single string will do for a list.
///   The language is "lang" or "language". Other members are ignored.
/// - anything else: `id<TAB>text`; an id that comes again adds a text.
///
/// Without a language it is "und". Blank lines are skipped.
///
/// @throws NotFound if there is no such file; InvalidData, as `answers.jsonl:17: ...`, for a malformed line, ill-formed
///         UTF-8, an unknown language tag, an item without a text, or an id that JSON lines repeat.
std::vector<References> read_references(const std::string& path);

}  // namespace dragoman
