#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "dragoman/base/progress.h"
#include "dragoman/collection/collection.h"

namespace dragoman {

struct DeleteReport {
  std::uint64_t deleted = 0;
  std::vector<std::string> missing;  ///< Ids that were not there.
  std::uint64_t documents = 0;       ///< Left in the collection.
};

/// Deletes documents from a collection, all or none. Searches that begin afterwards do not find them, and score all
/// others as if they had never been there; indexes keep what they have of them until their segments are made again, by
/// compact_collection() or index_corpus(). An engine that is open goes on with the documents it knows, but for texts
/// that are gone.
/// @throws NotFound if there is no collection, or, unless `unknown` says skip, ids are not there; Unavailable if
/// another
///         process is writing, or the disk is full.
/// O(ids * log documents); nothing is encoded or analysed.
DeleteReport delete_documents(const std::filesystem::path& collection, std::span<const std::string> ids,
                              Collection::Unknown unknown = Collection::Unknown::refuse);

struct CompactOptions {
  /// Segments are made again of whose documents more than this share was deleted, in [0, 1); 0: any that was.
  double share = 0;
  std::size_t threads = 0;                            ///< Processors to use; 0 for all.
  std::size_t memory_bytes = std::size_t{256} << 20;  ///< As in LexicalIndexOptions; for merging, too.
  std::filesystem::path models =
      {};  ///< Where models lie, for an analyzer that finds spans; empty: the default folder.
};

struct CompactReport {
  std::uint64_t segments = 0;      ///< That were made again.
  std::uint64_t documents = 0;     ///< That they no longer hold, summed over segments.
  std::uint64_t merged = 0;        ///< Segments of sparse and multi-vector indexes that became fewer and larger.
  std::uint64_t outdated = 0;      ///< Segments that were left alone: this program would make them otherwise.
  std::uint64_t bytes_before = 0;  ///< Of the segments that were made again.
  std::uint64_t bytes_after = 0;
};

/// Makes index segments again without documents that were deleted, one by one: words from the texts, vectors from the
/// old segment, without a model. Codes, graphs and lists of dense vectors that were among them are dropped:
/// compact_collection() and index_corpus() make them anew. A call that was killed leaves each segment old or new, and
/// can be repeated. What searches find does not change by a bit.
/// @throws InvalidData if a segment is damaged; Unavailable if the disk is full.
CompactReport compact_segments(Collection& collection, const CompactOptions& options = {},
                               const ProgressCallback& progress = {});

/// The same, and gives room in the database back to the disk. Small segments of sparse and multi-vector indexes are
/// merged first, as index_corpus() does it.
/// @throws besides, NotFound if there is no collection, Unavailable if another process is writing.
CompactReport compact_collection(const std::filesystem::path& collection, const CompactOptions& options = {},
                                 const ProgressCallback& progress = {});

}  // namespace dragoman
