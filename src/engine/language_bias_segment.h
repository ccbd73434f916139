#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "dragoman/base/progress.h"
#include "dragoman/collection/collection.h"
#include "dragoman/dense/dense_vectors.h"
#include "dragoman/multivector/multi_vector_segment.h"
#include "dragoman/retrieve/language_bias.h"
#include "dragoman/retrieve/multi_vector_language_bias.h"
#include "dragoman/retrieve/sparse_language_bias.h"
#include "dragoman/sparse/sparse_index.h"

namespace dragoman {

inline constexpr std::string_view kBiasKind = "bias";
inline constexpr std::string_view kSparseBiasKind = "sparse-bias";
inline constexpr std::string_view kMultiVectorBiasKind = "multivector-bias";
inline constexpr std::array kBiasKinds = {kBiasKind, kSparseBiasKind, kMultiVectorBiasKind};

/// The LanguageBias that the collection keeps, if it is of the dense segments and languages that it has.
std::optional<LanguageBias> stored_language_bias(const Collection& collection,
                                                 const Collection::DocumentLanguages& languages);

/// The same if it is of these vectors; else one that is made from them now.
LanguageBias open_language_bias(const Collection& collection, const DenseVectors& vectors,
                                const Collection::DocumentLanguages& languages, std::size_t threads);

/// The SparseLanguageBias that the collection keeps, if it is of the sparse segments and languages that it has; else
/// one that is made from these segments now.
SparseLanguageBias open_sparse_language_bias(const Collection& collection,
                                             std::span<const std::shared_ptr<const SparseSegment>> segments,
                                             const Collection::DocumentLanguages& languages);

/// The same of multi-vectors.
MultiVectorLanguageBias open_multi_vector_language_bias(
    const Collection& collection, std::span<const std::shared_ptr<const MultiVectorSegment>> segments,
    const Collection::DocumentLanguages& languages, std::size_t threads);

/// Brings what the collection keeps about languages up to date with its dense, sparse and multi-vector segments, of
/// each that it has. Vectors are read only if it is not.
void update_language_bias(Collection& collection, std::size_t threads, const ProgressCallback& progress);

}  // namespace dragoman
