#include <algorithm>

#include "dragoman/dense/flat_index.h"
#include "dragoman/encode/encoder.h"
#include "engine/index_stamp.h"
#include "engine/segment_builder.h"

namespace dragoman {
namespace {

// Documents a segment: what a killed process loses at most of the encoder's work, half a minute or so.
constexpr DocumentNumber kSegmentDocuments = 512;

/// A title is read with every passage, so it may take only this share of what the encoder reads.
constexpr std::size_t kTitleShare = 4;

class PassageMaker {
 public:
  PassageMaker(const Encoder& encoder, IndexReport& report) : encoder_(encoder), report_(report) {}

  /// Passages of a document, each short enough to be read whole together with the title.
  void add(DocumentNumber number, const Document& document) {
    const auto measure = [&](std::string_view text) { return encoder_.count_tokens(text); };
    // A token takes at least a byte of text, so most titles and texts need not be counted.
    std::string_view title = document.title;
    const std::size_t title_budget = encoder_.passage_budget() / kTitleShare;
    if (title.size() > title_budget && measure(title) > title_budget) {
      title = split_passages(title, title_budget, measure).front().of(title);
      ++report_.titles_cut;
    }
    const std::size_t budget = encoder_.passage_budget() - (title.empty() ? 0 : measure(title) + 1);
    std::vector<TextRange> ranges = document.text.size() <= budget ? std::vector<TextRange>{{0, document.text.size()}}
                                                                   : split_passages(document.text, budget, measure);
    if (ranges.empty()) ranges.push_back({0, 0});
    if (ranges.size() > 1) ++report_.documents_split;
    for (const TextRange& range : ranges) {
      std::string text = with_title(title, range.of(document.text));
      if (text.find_first_not_of(" \t\r\n") == std::string::npos) continue;
      passages_.push_back({number, range});
      texts_.push_back(std::move(text));
    }
  }

  const std::vector<DensePassage>& passages() const { return passages_; }
  std::vector<std::string_view> texts() const { return {texts_.begin(), texts_.end()}; }

 private:
  const Encoder& encoder_;
  IndexReport& report_;
  std::vector<DensePassage> passages_;
  std::vector<std::string> texts_;
};

}  // namespace

void build_dense_segments(Collection& collection, const Encoder& encoder, const IndexOptions&, IndexReport& report,
                          const ProgressCallback& progress) {
  const std::string stamp = dense_stamp(encoder);
  const DocumentNumber size = collection.size();
  for (DocumentNumber first = first_uncovered(collection, "dense", stamp); first < size;) {
    dragoman::report(progress, {"encode", "documents", first, size});
    const DocumentNumber end = std::min(size, (first / kSegmentDocuments + 1) * kSegmentDocuments);
    PassageMaker maker(encoder, report);
    collection.for_each(first, end - first, [&](DocumentNumber number, const Document& document) {
      maker.add(number, document);
      return true;
    });
    // In groups, so that progress is seen; their size is fixed, so that the vectors are always the same.
    DenseSegmentBuilder builder(encoder.dimension());
    const auto texts = maker.texts();
    constexpr std::size_t kGroup = 64;
    for (std::size_t begin = 0; begin < texts.size(); begin += kGroup) {
      const auto group = std::span(texts).subspan(begin, std::min(kGroup, texts.size() - begin));
      const auto encodings = encoder.encode(group, EncodeAs::passage);
      for (std::size_t i = 0; i < encodings.size(); ++i) {
        builder.add(maker.passages()[begin + i], encodings[i].dense);
        report.tokens += encodings[i].tokens_read;
      }
      dragoman::report(progress,
                       {"encode", "documents", maker.passages()[begin + group.size() - 1].document + 1, size});
    }
    report.passages += texts.size();
    SegmentRecord segment{"dense", collection.segment_path("dense", first), stamp, first, end - first, 0};
    segment.bytes = builder.write(segment.file, stamp);
    collection.add_segment(segment);
    first = end;
  }
}

}  // namespace dragoman
