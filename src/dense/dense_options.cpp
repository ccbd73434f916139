#include "dragoman/dense/dense_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <span>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 3> kStorages = {"f32", "bf16", "int8"};
constexpr std::array<std::string_view, 3> kKinds = {"flat", "hnsw", "ivfpq"};

template <class T>
T pick(std::string_view what, std::string_view name, std::span<const std::string_view> names) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) {
    throw InvalidArgument(fmt::format("{} is '{}', must be one of: {}", what, printable(name), fmt::join(names, ", ")));
  }
  return static_cast<T>(found - names.begin());
}

}  // namespace

DenseStorage parse_dense_storage(std::string_view name) { return pick<DenseStorage>("dense storage", name, kStorages); }
std::string_view name_of(DenseStorage storage) { return kStorages.at(static_cast<std::size_t>(storage)); }

DenseIndexKind parse_dense_index_kind(std::string_view name) {
  return pick<DenseIndexKind>("dense index", name, kKinds);
}
std::string_view name_of(DenseIndexKind kind) { return kKinds.at(static_cast<std::size_t>(kind)); }

}  // namespace dragoman
