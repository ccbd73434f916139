#include "dragoman/multivector/multi_vector_segment.h"

#include "multivector/segment_content.h"

namespace dragoman {

MultiVectorSegment::MultiVectorSegment(const std::filesystem::path& path, std::string_view stamp)
    : content_(std::make_unique<const MultiVectorContent>(path, stamp)) {}

MultiVectorSegment::~MultiVectorSegment() = default;

const std::filesystem::path& MultiVectorSegment::path() const { return content_->reader.path(); }
std::size_t MultiVectorSegment::passage_count() const { return content_->passage_count(); }
std::size_t MultiVectorSegment::vector_count() const { return content_->centroids.size(); }
std::size_t MultiVectorSegment::dimension() const { return content_->codebook.dimension; }
unsigned MultiVectorSegment::bits() const { return content_->codebook.bits; }
std::size_t MultiVectorSegment::centroid_count() const { return content_->codebook.count; }
std::uint64_t MultiVectorSegment::size_bytes() const { return content_->file_bytes; }
std::uint64_t MultiVectorSegment::codebook_id() const { return content_->codebook_id; }
Passage MultiVectorSegment::passage(std::size_t i) const { return content_->passage(i); }

std::vector<float> MultiVectorSegment::vectors(std::size_t i) const {
  std::vector<float> values(content_->vectors_of(i) * dimension());
  for (std::size_t t = 0; t < content_->vectors_of(i); ++t) {
    const std::size_t v = content_->first_vector(i) + t;
    decompress(content_->codebook, content_->centroids[v], content_->scales[v], content_->codes_of(v),
               values.data() + t * dimension());
  }
  return values;
}

}  // namespace dragoman
