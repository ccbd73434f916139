#include "engine/encoded_kind.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/dense/flat_index.h"
#include "dragoman/multivector/multi_vector_segment.h"
#include "dragoman/sparse/sparse_index.h"
#include "encode/encoders.h"
#include "engine/index_stamp.h"

namespace dragoman {
namespace {

class DenseKind : public EncodedKind {
 public:
  explicit DenseKind(const Encoder& encoder) : encoder_(encoder), builder_(encoder.dimension()) {}

  std::string_view name() const override { return "dense"; }
  FirstStage stage() const override { return FirstStage::dense; }
  std::string stamp() const override { return dense_stamp(encoder_); }
  void add(const Passage& passage, const Encoding& encoding) override { builder_.add(passage, encoding.dense); }
  std::uint64_t write(const std::filesystem::path& path) override {
    const std::uint64_t bytes = builder_.write(path, stamp());
    builder_ = DenseSegmentBuilder(encoder_.dimension());
    return bytes;
  }

 private:
  const Encoder& encoder_;
  DenseSegmentBuilder builder_;
};

/// Keeps a segment's weights until it is written: the first one decides how weights become whole numbers.
class SparseKind : public EncodedKind {
 public:
  SparseKind(Collection& collection, const Encoder& encoder) : collection_(collection), encoder_(encoder) {}

  std::string_view name() const override { return "sparse"; }
  FirstStage stage() const override { return FirstStage::sparse; }
  std::string stamp() const override { return sparse_stamp(encoder_, collection_); }
  void add(const Passage& passage, const Encoding& encoding) override {
    passages_.push_back(passage);
    weights_.push_back(encoding.sparse);
  }
  std::uint64_t write(const std::filesystem::path& path) override {
    if (collection_.segments("sparse").empty()) set_sparse_scale(collection_, scale_for_weights());
    SparseSegmentBuilder builder(sparse_scale(collection_));
    for (std::size_t i = 0; i < passages_.size(); ++i) builder.add(passages_[i], weights_[i]);
    clipped_ += builder.clipped();
    passages_.clear();
    weights_.clear();
    return builder.write(path, stamp());
  }
  std::string notice() const override {
    if (clipped_ == 0) return {};
    return fmt::format(
        "{} sparse weights are above {}, the most that the collection's first passages had, and count as it", clipped_,
        sparse_scale(collection_));
  }

 private:
  /// A power of two, so that collections of one model nearly always agree, with room above what was seen.
  float scale_for_weights() const {
    float most = 0;
    for (const auto& weights : weights_) {
      for (const SparseWeight& weight : weights) most = std::max(most, weight.weight);
    }
    return most > 0 ? std::exp2(std::ceil(std::log2(most))) : 1;
  }

  Collection& collection_;
  const Encoder& encoder_;
  std::vector<Passage> passages_;
  std::vector<std::vector<SparseWeight>> weights_;
  std::uint64_t clipped_ = 0;
};

/// Segments of one call share a codebook, so that they can be merged. One whose vectors are not like the sample's has
/// one of its own, or that of an earlier segment which describes them better.
class MultiVectorKind : public EncodedKind {
 public:
  MultiVectorKind(Collection& collection, const Encoder& encoder, const IndexOptions& options)
      : collection_(collection), encoder_(encoder) {
    options_.memory_bytes = options.lexical.memory_bytes;
    options_.spill_folder = collection.folder();
    options_.threads = options.threads;
    for (const SegmentRecord& segment : collection.segments("multivector")) {
      remember(segment.file);
      covered_ += segment.count;
    }
    for (const SegmentRecord& codebook : collection.segments(kCodebookKind)) take_up(codebook);
  }

  std::string_view name() const override { return "multivector"; }
  FirstStage stage() const override { return FirstStage::multivector; }
  std::string stamp() const override { return multi_vector_stamp(encoder_); }

  DocumentNumber sample_size(DocumentNumber first, DocumentNumber end) const override {
    const DocumentNumber documents = end - first;
    const bool known = learned_end_ == end;
    if (known || documents < kSampledFrom || documents <= covered_) return 0;
    return std::clamp(documents / kSampledPart, kLeastSample, kMostSample);
  }
  void learn(DocumentNumber first, DocumentNumber end, DocumentNumber documents) override {
    finish();  // Files that nobody lists are removed with it.
    SegmentRecord record{
        std::string(kCodebookKind), collection_.segment_path(kCodebookKind, first), stamp(), first, end - first, 0};
    const std::size_t expected = builder().vector_count() * (end - first) / std::max<DocumentNumber>(documents, 1);
    record.bytes = builder().write_codebook(expected, record.file, stamp());
    builder_.reset();
    collection_.add_segment(record);
    remember(record.file);
    learned_end_ = end;
  }
  void finish() override {
    if (!collection_.segments(kCodebookKind).empty()) collection_.drop_segments(kCodebookKind);
  }

  void add(const Passage& passage, const Encoding& encoding) override { builder().add(passage, encoding.multi_vector); }
  std::uint64_t write(const std::filesystem::path& path) override {
    const std::uint64_t bytes = builder().write(path, stamp());
    builder_.reset();
    remember(path);
    return bytes;
  }

 private:
  // Fewer documents are compressed by what their first segment teaches. A sample is encoded twice, unless there is a
  // cache: it is an eighth, but for what k-means needs, and never more than tells it all.
  static constexpr DocumentNumber kSampledFrom = 1024, kSampledPart = 8, kLeastSample = 256, kMostSample = 4096;

  MultiVectorSegmentBuilder& builder() {
    if (!builder_) builder_.emplace(encoder_.multi_vector_dimension(), options_);
    return *builder_;
  }
  void remember(const std::filesystem::path& path) {
    auto segment = std::make_shared<const MultiVectorSegment>(path, stamp());
    const bool known = std::ranges::any_of(
        options_.earlier, [&](const auto& earlier) { return earlier->codebook_id() == segment->codebook_id(); });
    if (!known) options_.earlier.push_back(std::move(segment));
  }
  /// A call that was killed has learned it. One that is damaged, or of another encoder, is learned anew.
  void take_up(const SegmentRecord& codebook) {
    try {
      if (codebook.stamp == stamp()) remember(codebook.file);
      learned_end_ = codebook.stamp == stamp() ? codebook.first + codebook.count : 0;
    } catch (const NotFound&) {
    } catch (const InvalidData&) {
    }
  }

  Collection& collection_;
  const Encoder& encoder_;
  MultiVectorBuildOptions options_;  ///< With one segment for each codebook.
  std::optional<MultiVectorSegmentBuilder> builder_;
  DocumentNumber covered_ = 0;      ///< Documents that have segments.
  DocumentNumber learned_end_ = 0;  ///< The codebook at hand is for documents before this one.
};

}  // namespace

void ask(FirstStage stage, Heads& heads) {
  heads.dense |= stage == FirstStage::dense;
  heads.sparse |= stage == FirstStage::sparse;
  heads.multi_vector |= stage == FirstStage::multivector;
}

std::unique_ptr<EncodedKind> make_encoded_kind(FirstStage stage, Collection& collection, const Encoder& encoder,
                                               const IndexOptions& options) {
  if (stage == FirstStage::sparse) return std::make_unique<SparseKind>(collection, encoder);
  if (stage == FirstStage::multivector) return std::make_unique<MultiVectorKind>(collection, encoder, options);
  return std::make_unique<DenseKind>(encoder);
}

void check_has_head(FirstStage stage, const Encoder& encoder, std::string_view model) {
  Heads needed{.dense = false};
  ask(stage, needed);
  if (covers(encoder.heads(), needed)) return;
  throw InvalidArgument(
      fmt::format("encoder '{}' gives no {} vectors; leave {} out of --retrieve, or take an encoder "
                  "that gives them ({} does)",
                  printable(model), name_of(stage), name_of(stage), kDefaultEncoder));
}

}  // namespace dragoman
