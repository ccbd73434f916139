#pragma once

#include <cstdint>
#include <string>

#include "dragoman/text/language.h"

namespace dragoman {

struct Document {
  std::string id;     ///< Unique in its collection; 1 to 512 bytes, no control characters or white space.
  std::string title;  ///< May be empty.
  std::string text;   ///< UTF-8.
  Language language;
  bool language_given = false;  ///< False if it was identified from the text.
  std::string metadata = "{}";  ///< A flat JSON object of whatever else the source said.
};

/// Number of a document inside its collection, in the order of arrival, from 0. Indexes speak of documents so.
using DocumentNumber = std::uint32_t;

/// A document with a score; higher is better.
struct ScoredDocument {
  DocumentNumber document = 0;
  float score = 0;
};

}  // namespace dragoman
