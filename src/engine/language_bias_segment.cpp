#include "engine/language_bias_segment.h"

#include <fmt/format.h>

#include <optional>

#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"
#include "engine/derived_dense.h"

namespace dragoman {
namespace {

/// What the bias was made of: the segments' names of content and the languages of the documents.
std::string bias_stamp(const Collection& collection, const Collection::DocumentLanguages& languages) {
  std::string made_of;
  for (const SegmentRecord& segment : collection.segments("dense")) {
    made_of += fmt::format("{} {} {} {}\n", segment.stamp, segment.first, segment.count, segment.bytes);
  }
  for (const Language& language : languages.languages) made_of += language.tag() + "\n";
  made_of.append(reinterpret_cast<const char*>(languages.of.data()), languages.of.size() * sizeof(languages.of[0]));
  made_of.append(reinterpret_cast<const char*>(languages.live.data()), languages.live.size());
  return fmt::format("1 {}", sha256(made_of));
}

/// None if there is none, or one that was made of something else. It can be made again from what is there, in less time
/// than a user needs to read that it is damaged.
std::optional<LanguageBias> kept_bias(const Collection& collection, std::string_view stamp) {
  for (const SegmentRecord& record : collection.segments(kBiasKind)) {
    if (record.stamp != stamp) continue;
    try {
      return LanguageBias::read(record.file, stamp);
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

}  // namespace

std::optional<LanguageBias> stored_language_bias(const Collection& collection,
                                                 const Collection::DocumentLanguages& languages) {
  return kept_bias(collection, bias_stamp(collection, languages));
}

LanguageBias open_language_bias(const Collection& collection, const DenseVectors& vectors,
                                const Collection::DocumentLanguages& languages, std::size_t threads) {
  // Somebody may have changed the collection since the segments were opened.
  auto stored = stored_language_bias(collection, languages);
  if (stored && stored->passages() == vectors.size()) return *std::move(stored);
  return fit(vectors, languages, threads);
}

void update_language_bias(Collection& collection, std::size_t threads, const ProgressCallback& progress) {
  const auto dense = collection.segments("dense");
  if (dense.empty()) return;
  const auto languages = collection.document_languages();
  const std::string stamp = bias_stamp(collection, languages);
  if (kept_bias(collection, stamp)) return;
  report(progress, {"language bias", "", 0, 0});
  const LanguageBias bias = fit(*open_dense_vectors(collection, dense.front().stamp), languages, threads);
  collection.drop_segments(kBiasKind);
  SegmentRecord record{std::string(kBiasKind),
                       collection.segment_path(kBiasKind, 0),
                       stamp,
                       0,
                       static_cast<DocumentNumber>(languages.of.size()),
                       0};
  record.bytes = bias.write(record.file, stamp);
  collection.add_segment(record);
}

}  // namespace dragoman
