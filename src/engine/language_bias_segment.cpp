#include "engine/language_bias_segment.h"

#include <fmt/format.h>

#include <optional>

#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"
#include "engine/derived_dense.h"
#include "engine/encoded_segments.h"

namespace dragoman {
namespace {

using Records = std::span<const SegmentRecord>;

/// What the bias was made of: the segments' names of content and the languages of the documents.
/// @param of kind of the segments.
std::string bias_stamp(const Collection& collection, std::string_view of,
                       const Collection::DocumentLanguages& languages) {
  std::string made_of;
  for (const SegmentRecord& segment : collection.segments(of)) {
    made_of += fmt::format("{} {} {} {}\n", segment.stamp, segment.first, segment.count, segment.bytes);
  }
  for (const Language& language : languages.languages) made_of += language.tag() + "\n";
  made_of.append(reinterpret_cast<const char*>(languages.of.data()), languages.of.size() * sizeof(languages.of[0]));
  made_of.append(reinterpret_cast<const char*>(languages.live.data()), languages.live.size());
  return fmt::format("1 {}", sha256(made_of));
}

/// None if there is none, or one that was made of something else. It can be made again from what is there, in less time
/// than a user needs to read that it is damaged.
template <class Bias>
std::optional<Bias> kept_bias(const Collection& collection, std::string_view kind, std::string_view stamp) {
  for (const SegmentRecord& record : collection.segments(kind)) {
    if (record.stamp != stamp) continue;
    try {
      return Bias::read(record.file, stamp);
    } catch (const NotFound&) {
    } catch (const InvalidData&) {
    }
  }
  return std::nullopt;
}

LanguageBias fit(const DenseVectors& vectors, const Collection::DocumentLanguages& languages, std::size_t threads) {
  const VectorSource source = [&](const auto& visit) {
    for (std::size_t i = 0; i < vectors.size(); ++i) visit(vectors.document(i), vectors.vector(i));
  };
  return LanguageBias::fit(source, languages, vectors.dimension(), threads);
}

/// In the place of any that was kept.
template <class Bias>
void keep_bias(Collection& collection, std::string_view kind, const std::string& stamp, const Bias& bias,
               std::size_t documents) {
  collection.drop_segments(kind);
  SegmentRecord record{
      std::string(kind), collection.segment_path(kind, 0), stamp, 0, static_cast<DocumentNumber>(documents), 0};
  record.bytes = bias.write(record.file, stamp);
  collection.add_segment(record);
}

/// @param of kind of the segments that `make(records)` makes the bias of.
template <class Bias, class Make>
void update_bias(Collection& collection, std::string_view of, std::string_view kind,
                 const Collection::DocumentLanguages& languages, const ProgressCallback& progress, const Make& make) {
  const auto records = collection.segments(of);
  if (records.empty()) return;
  const std::string stamp = bias_stamp(collection, of, languages);
  if (kept_bias<Bias>(collection, kind, stamp)) return;
  report(progress, {"language bias", "", 0, 0});
  keep_bias(collection, kind, stamp, make(records), languages.of.size());
}

}  // namespace

std::optional<LanguageBias> stored_language_bias(const Collection& collection,
                                                 const Collection::DocumentLanguages& languages) {
  return kept_bias<LanguageBias>(collection, kBiasKind, bias_stamp(collection, "dense", languages));
}

LanguageBias open_language_bias(const Collection& collection, const DenseVectors& vectors,
                                const Collection::DocumentLanguages& languages, std::size_t threads) {
  // Somebody may have changed the collection since the segments were opened.
  auto stored = stored_language_bias(collection, languages);
  if (stored && stored->passages() == vectors.size()) return *std::move(stored);
  return fit(vectors, languages, threads);
}

SparseLanguageBias open_sparse_language_bias(const Collection& collection,
                                             std::span<const std::shared_ptr<const SparseSegment>> segments,
                                             const Collection::DocumentLanguages& languages) {
  auto stored = kept_bias<SparseLanguageBias>(collection, kSparseBiasKind, bias_stamp(collection, "sparse", languages));
  return stored ? *std::move(stored) : SparseLanguageBias::fit(segments, languages);
}

MultiVectorLanguageBias open_multi_vector_language_bias(
    const Collection& collection, std::span<const std::shared_ptr<const MultiVectorSegment>> segments,
    const Collection::DocumentLanguages& languages, std::size_t threads) {
  auto stored = kept_bias<MultiVectorLanguageBias>(collection, kMultiVectorBiasKind,
                                                   bias_stamp(collection, "multivector", languages));
  return stored ? *std::move(stored) : MultiVectorLanguageBias::fit(segments, languages, threads);
}

void update_language_bias(Collection& collection, std::size_t threads, const ProgressCallback& progress) {
  const auto languages = collection.document_languages();
  const auto of_dense = [&](Records records) {
    return fit(*open_dense_vectors(collection, records.front().stamp), languages, threads);
  };
  const auto of_sparse = [&](Records records) {
    return SparseLanguageBias::fit(open_sparse_segments(records, records.front().stamp), languages);
  };
  const auto of_multi_vectors = [&](Records records) {
    return MultiVectorLanguageBias::fit(open_multi_vector_segments(records, records.front().stamp), languages, threads);
  };
  update_bias<LanguageBias>(collection, "dense", kBiasKind, languages, progress, of_dense);
  update_bias<SparseLanguageBias>(collection, "sparse", kSparseBiasKind, languages, progress, of_sparse);
  update_bias<MultiVectorLanguageBias>(collection, "multivector", kMultiVectorBiasKind, languages, progress,
                                       of_multi_vectors);
}

}  // namespace dragoman
