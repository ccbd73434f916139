#include "encode/encoding_value.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "dragoman/base/hash.h"

namespace dragoman {
namespace {

static_assert(std::endian::native == std::endian::little, "values are little-endian");

constexpr std::size_t kCounts = 2 * sizeof(std::uint32_t), kChecksum = sizeof(std::uint64_t);
constexpr std::size_t kSparseItem = sizeof(std::uint32_t) + sizeof(float);

template <typename T>
void append(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <typename T>
T number_at(std::string_view bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}

void append(std::string& bytes, const std::vector<float>& numbers) {
  bytes.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float));
}

std::vector<float> floats(std::string_view bytes) {
  std::vector<float> numbers(bytes.size() / sizeof(float));
  if (!numbers.empty()) std::memcpy(numbers.data(), bytes.data(), bytes.size());
  return numbers;
}

std::uint64_t checksum_of(std::string_view key, std::string_view bytes) {
  std::string both(key);
  both += bytes;
  return checksum(both);
}

std::uint32_t count(std::size_t tokens) {
  return static_cast<std::uint32_t>(std::min<std::size_t>(tokens, std::numeric_limits<std::uint32_t>::max()));
}

/// Empty where they are no sparse vector.
std::optional<std::vector<SparseWeight>> sparse(std::string_view bytes, std::size_t dimensions) {
  if (bytes.size() % kSparseItem != 0) return std::nullopt;
  std::vector<SparseWeight> weights;
  weights.reserve(bytes.size() / kSparseItem);
  for (std::size_t offset = 0; offset < bytes.size(); offset += kSparseItem) {
    const SparseWeight weight{number_at<std::uint32_t>(bytes, offset), number_at<float>(bytes, offset + 4)};
    const bool ascending = weights.empty() || weights.back().dimension < weight.dimension;
    if (!ascending || weight.dimension >= dimensions || !(weight.weight > 0)) return std::nullopt;
    weights.push_back(weight);
  }
  return weights;
}

}  // namespace

bool& of(Heads& heads, Head head) {
  return head == Head::dense ? heads.dense : head == Head::sparse ? heads.sparse : heads.multi_vector;
}

bool of(const Heads& heads, Head head) {
  return head == Head::dense ? heads.dense : head == Head::sparse ? heads.sparse : heads.multi_vector;
}

std::string to_value(const Encoding& encoding, Head head, std::string_view key) {
  std::string bytes;
  append(bytes, count(encoding.tokens_read));
  append(bytes, count(encoding.tokens_total));
  switch (head) {
    case Head::dense:
      append(bytes, encoding.dense);
      break;
    case Head::sparse:
      for (const SparseWeight& weight : encoding.sparse) {
        append(bytes, weight.dimension);
        append(bytes, weight.weight);
      }
      break;
    case Head::multi_vector:
      append(bytes, encoding.multi_vector);
      break;
  }
  append(bytes, checksum_of(key, bytes));
  return bytes;
}

bool from_value(std::string_view value, const ValueShape& shape, std::string_view key, Encoding& into) {
  if (value.size() < kCounts + kChecksum) return false;
  const std::string_view bytes = value.substr(0, value.size() - kChecksum);
  if (number_at<std::uint64_t>(value, bytes.size()) != checksum_of(key, bytes)) return false;
  const std::string_view numbers = bytes.substr(kCounts);
  const std::size_t row_bytes = shape.dimension * sizeof(float);
  switch (shape.head) {
    case Head::dense:
      if (numbers.size() != row_bytes) return false;
      into.dense = floats(numbers);
      break;
    case Head::sparse: {
      auto weights = sparse(numbers, shape.dimension);
      if (!weights) return false;
      into.sparse = *std::move(weights);
      break;
    }
    case Head::multi_vector:
      if (row_bytes == 0 || numbers.size() % row_bytes != 0) return false;
      into.multi_vector = floats(numbers);
      break;
  }
  into.tokens_read = number_at<std::uint32_t>(bytes, 0);
  into.tokens_total = number_at<std::uint32_t>(bytes, sizeof(std::uint32_t));
  return true;
}

}  // namespace dragoman
