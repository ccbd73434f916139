#include "lexical/segment_order.h"

#include <fmt/format.h>

#include <algorithm>

#include "dragoman/base/error.h"

namespace dragoman {

std::vector<std::shared_ptr<const LexicalSegment>> in_document_order(
    std::vector<std::shared_ptr<const LexicalSegment>> segments) {
  std::erase_if(segments, [](const auto& segment) { return segment->document_count() == 0; });
  std::sort(segments.begin(), segments.end(),
            [](const auto& a, const auto& b) { return a->first_document() < b->first_document(); });
  for (std::size_t i = 1; i < segments.size(); ++i) {
    const LexicalSegment &previous = *segments[i - 1], &segment = *segments[i];
    if (previous.first_document() + std::uint64_t{previous.document_count()} > segment.first_document()) {
      throw InvalidData(fmt::format("{} and {} both hold document {}; make them again with: dragoman index --rebuild",
                                    previous.path().string(), segment.path().string(), segment.first_document()));
    }
  }
  return segments;
}

}  // namespace dragoman
