#pragma once

#include <memory>
#include <vector>

#include "dragoman/lexical/lexical_segment.h"

namespace dragoman {

/// Segments of an index in the order of their documents, without empty ones.
/// @throws InvalidData if two hold the same document, naming both.
std::vector<std::shared_ptr<const LexicalSegment>> in_document_order(
    std::vector<std::shared_ptr<const LexicalSegment>> segments);

}  // namespace dragoman
