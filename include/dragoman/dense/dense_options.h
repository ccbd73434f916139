#pragma once

#include <cstddef>
#include <string_view>

namespace dragoman {

/// What an exact search reads of the vectors; what it finds is the same (FlatIndex).
enum class DenseStorage {
  f32,   ///< The vectors: 4 * dimension bytes a passage.
  bf16,  ///< Codes of 2 * dimension + 8 bytes beside them.
  int8,  ///< Codes of dimension + 8 bytes beside them.
};

/// How near vectors are found.
enum class DenseIndexKind {
  flat,   ///< Every vector is compared.
  hnsw,   ///< A graph of near neighbours is walked: Malkov and Yashunin, TPAMI 2020.
  ivfpq,  ///< Lists around centres, of short codes: Jegou, Douze and Schmid, TPAMI 2011.
};

/// "f32", "bf16", "int8". @throws InvalidArgument for any other, naming them; so does the next.
DenseStorage parse_dense_storage(std::string_view name);
std::string_view name_of(DenseStorage storage);
/// "flat", "hnsw", "ivfpq".
DenseIndexKind parse_dense_index_kind(std::string_view name);
std::string_view name_of(DenseIndexKind kind);

/// How an approximate index is searched. An exact one does not ask.
struct DenseSearchOptions {
  bool exact = false;       ///< Compare every vector although there is a graph, or lists.
  std::size_t ef = 128;     ///< hnsw: candidates kept while the graph is walked, > 0; at least the depth is.
  std::size_t nprobe = 16;  ///< ivfpq: lists that are looked into, > 0.
};

}  // namespace dragoman
