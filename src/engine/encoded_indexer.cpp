#include <algorithm>

#include "base/random.h"
#include "dragoman/encode/encoder.h"
#include "engine/encoded_kind.h"
#include "engine/passage_maker.h"
#include "engine/segment_builder.h"

namespace dragoman {
namespace {

// Documents a segment: what a killed process loses at most of the encoder's work, half a minute or so.
constexpr DocumentNumber kSegmentDocuments = 512;
// Passages encoded at a time, so that progress is seen; fixed, so that the vectors are always the same.
constexpr std::size_t kGroup = 64;

/// A kind of index that the call brings up to date, and from where on.
struct Growing {
  std::unique_ptr<EncodedKind> kind;
  DocumentNumber next = 0;  ///< The first document that it does not cover.
};

/// Documents [first, end) for the kinds that need them.
void build_segments(Collection& collection, const Encoder& encoder, std::span<Growing* const> growing,
                    DocumentNumber first, DocumentNumber end, IndexReport& report, const ProgressCallback& progress) {
  const DocumentNumber size = collection.size();
  dragoman::report(progress, {"encode", "documents", first, size});
  PassageMaker maker(encoder, report);
  collection.for_each(first, end - first, [&](DocumentNumber number, const Document& document) {
    maker.add(number, document);
    return true;
  });
  EncodeOptions options{.heads = {.dense = false}};
  for (const Growing* each : growing) ask(each->kind->stage(), options.heads);
  const auto texts = maker.texts();
  for (std::size_t begin = 0; begin < texts.size(); begin += kGroup) {
    const auto group = std::span(texts).subspan(begin, std::min(kGroup, texts.size() - begin));
    const auto encodings = encoder.encode(group, EncodeAs::passage, options);
    for (std::size_t i = 0; i < encodings.size(); ++i) {
      for (Growing* each : growing) each->kind->add(maker.passages()[begin + i], encodings[i]);
      report.tokens += encodings[i].tokens_read;
    }
    dragoman::report(progress, {"encode", "documents", maker.passages()[begin + group.size() - 1].document + 1, size});
  }
  report.passages += texts.size();
  for (Growing* each : growing) {
    const std::string name(each->kind->name());
    SegmentRecord segment{name, collection.segment_path(name, first), {}, first, end - first, 0};
    segment.bytes = each->kind->write(segment.file);
    segment.stamp = each->kind->stamp();
    collection.add_segment(segment);
    each->next = end;
  }
}

/// Shows a kind some of the documents that it does not cover yet, if it wants to see them.
void show_sample(Collection& collection, const Encoder& encoder, std::span<const Growing> all, const Growing& growing,
                 IndexReport& report, const ProgressCallback& progress) {
  const DocumentNumber first = growing.next, end = collection.size();
  const DocumentNumber wanted = growing.kind->sample_size(first, end);
  if (wanted == 0) return;
  IndexReport unreported;  // Documents are told of when their segments are made.
  PassageMaker maker(encoder, unreported);
  // One of each stretch, by lot: corpora may go through their languages in turn.
  Random random(1);
  for (DocumentNumber i = 0; i < wanted; ++i) {
    const auto begin = static_cast<DocumentNumber>(std::uint64_t{end - first} * i / wanted);
    const auto behind = static_cast<DocumentNumber>(std::uint64_t{end - first} * (i + 1) / wanted);
    const DocumentNumber number = first + begin + random.below(behind - begin);
    if (const auto document = collection.document_if_any(number)) maker.add(number, *document);
  }
  // All that the segments will need, so that a cache keeps it.
  EncodeOptions options{.heads = {.dense = false}};
  for (const Growing& each : all) {
    if (each.next != end) ask(each.kind->stage(), options.heads);
  }
  const auto texts = maker.texts();
  for (std::size_t begin = 0; begin < texts.size(); begin += kGroup) {
    dragoman::report(progress, {"sample", "passages", begin, texts.size()});
    const auto group = std::span(texts).subspan(begin, std::min(kGroup, texts.size() - begin));
    const auto encodings = encoder.encode(group, EncodeAs::passage, options);
    for (std::size_t i = 0; i < encodings.size(); ++i) growing.kind->add(maker.passages()[begin + i], encodings[i]);
  }
  report.passages_sampled += texts.size();
  growing.kind->learn(first, end, wanted);
}

}  // namespace

void build_encoded_segments(Collection& collection, const Encoder& encoder, std::span<const FirstStage> stages,
                            const IndexOptions& options, IndexReport& report, const ProgressCallback& progress) {
  std::vector<Growing> all;
  for (const FirstStage stage : stages) {
    auto kind = make_encoded_kind(stage, collection, encoder, options);
    const DocumentNumber next = first_uncovered(collection, kind->name(), kind->stamp());
    all.push_back({std::move(kind), next});
  }
  const DocumentNumber size = collection.size();
  for (const Growing& each : all) show_sample(collection, encoder, all, each, report, progress);
  for (;;) {
    DocumentNumber first = size;
    for (const Growing& each : all) first = std::min(first, each.next);
    if (first == size) break;
    // Whoever stands here goes on together, up to where another one stands: a document is encoded once for all that
    // still need it.
    DocumentNumber end = std::min(size, (first / kSegmentDocuments + 1) * kSegmentDocuments);
    std::vector<Growing*> growing;
    for (Growing& each : all) {
      if (each.next == first) {
        growing.push_back(&each);
      } else {
        end = std::min(end, each.next);
      }
    }
    build_segments(collection, encoder, growing, first, end, report, progress);
  }
  for (const Growing& each : all) {
    each.kind->finish();
    if (std::string notice = each.kind->notice(); !notice.empty()) report.notices.push_back(std::move(notice));
  }
}

}  // namespace dragoman
