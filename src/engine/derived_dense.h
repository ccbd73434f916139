#pragma once

#include <array>
#include <string>
#include <string_view>

#include "dragoman/base/progress.h"
#include "dragoman/collection/collection.h"
#include "dragoman/dense/dense_index.h"
#include "dragoman/engine/indexer.h"

namespace dragoman {

/// Kinds of segments that are made of dense segments' vectors and are dropped with them.
inline constexpr std::array<std::string_view, 3> kDerivedDenseKinds = {"dense_codes", "dense_hnsw", "dense_ivfpq"};

/// Keeps in the collection what is asked for; what is not asked for stays as it is.
void set_dense_index(Collection& collection, const DenseIndexOptions& options);

/// Makes what the collection's settings ask for out of the vectors that are there, and drops what they no longer do.
/// Segments of another stamp, or of vectors that are there no more, are made anew, and all of one kind where so many
/// small ones have come together that they slow searches down. A call that is killed loses at most one segment's work.
void build_derived_dense(Collection& collection, const DenseIndexOptions& options, std::size_t threads,
                         const ProgressCallback& progress);

/// Have the settings' segments been dropped, as those of vectors that were made again are, and not been made since?
bool lacks_derived_dense(const Collection& collection);

/// The vectors of all dense segments. @throws InvalidData for a segment that is damaged or made otherwise.
std::shared_ptr<const DenseVectors> open_dense_vectors(const Collection& collection, std::string_view dense_stamp);

/// The vectors with what was made of them. @throws InvalidData for a segment that is damaged or made otherwise.
DenseIndexParts open_dense_parts(const Collection& collection, std::string_view dense_stamp);

}  // namespace dragoman
