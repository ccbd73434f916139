#include "engine/encoded_segments.h"

#include <cstdint>

namespace dragoman {

std::vector<std::shared_ptr<const SparseSegment>> open_sparse_segments(std::span<const SegmentRecord> records,
                                                                       std::string_view stamp) {
  std::vector<std::shared_ptr<const SparseSegment>> opened;
  std::uint32_t passages = 0;
  for (const SegmentRecord& record : records) {
    opened.push_back(std::make_shared<const SparseSegment>(record.file, stamp, passages));
    passages += static_cast<std::uint32_t>(opened.back()->size());
  }
  return opened;
}

std::vector<std::shared_ptr<const MultiVectorSegment>> open_multi_vector_segments(
    std::span<const SegmentRecord> records, std::string_view stamp) {
  std::vector<std::shared_ptr<const MultiVectorSegment>> opened;
  for (const SegmentRecord& record : records) {
    opened.push_back(std::make_shared<const MultiVectorSegment>(record.file, stamp));
  }
  return opened;
}

}  // namespace dragoman
