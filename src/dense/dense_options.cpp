#include "dragoman/dense/dense_options.h"

#include <array>

#include "base/choice.h"

namespace dragoman {
namespace {

constexpr std::array kStorages = {Choice<DenseStorage>{"f32", DenseStorage::f32},
                                  Choice<DenseStorage>{"bf16", DenseStorage::bf16},
                                  Choice<DenseStorage>{"int8", DenseStorage::int8}};
constexpr std::array kKinds = {Choice<DenseIndexKind>{"flat", DenseIndexKind::flat},
                               Choice<DenseIndexKind>{"hnsw", DenseIndexKind::hnsw},
                               Choice<DenseIndexKind>{"ivfpq", DenseIndexKind::ivfpq}};

}  // namespace

DenseStorage parse_dense_storage(std::string_view name) { return pick("dense storage", name, kStorages); }
std::string_view name_of(DenseStorage storage) { return chosen_name(kStorages, storage); }

DenseIndexKind parse_dense_index_kind(std::string_view name) { return pick("dense index", name, kKinds); }
std::string_view name_of(DenseIndexKind kind) { return chosen_name(kKinds, kind); }

}  // namespace dragoman
