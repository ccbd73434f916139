#pragma once

#include "dragoman/collection/document.h"
#include "dragoman/text/passages.h"

namespace dragoman {

/// A passage of a document, as indexes of passages know it.
struct Passage {
  DocumentNumber document = 0;
  TextRange range;  ///< Of the document's text, in bytes.

  bool operator==(const Passage&) const = default;
};

}  // namespace dragoman
