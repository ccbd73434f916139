#include "engine/npy_writer.h"

#include <fmt/format.h>

#include <bit>

namespace dragoman {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");

/// A multiple of 64, as the format asks, with room for the largest number of rows.
constexpr std::size_t kHeaderBytes = 128;
constexpr std::string_view kMagic("\x93NUMPY\x01\x00", 8);
constexpr std::size_t kLengthBytes = 2;

}  // namespace

NpyWriter::NpyWriter(std::filesystem::path path, std::string_view type, std::size_t columns)
    : path_(std::move(path)), type_(type), columns_(columns), file_(path_) {
  file_.write(header());
  file_.rewrite_begin(header());  // Refuses a pipe now rather than in the end.
}

std::string NpyWriter::header() const {
  const std::string shape = columns_ == 0 ? fmt::format("({},)", rows()) : fmt::format("({}, {})", rows(), columns_);
  std::string dictionary = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", type_, shape);
  dictionary.resize(kHeaderBytes - kMagic.size() - kLengthBytes - 1, ' ');
  dictionary += '\n';
  const std::size_t length = dictionary.size();
  std::string bytes(kMagic);
  bytes += static_cast<char>(length & 0xFF);
  bytes += static_cast<char>(length >> 8);
  return bytes + dictionary;
}

void NpyWriter::append(std::span<const std::byte> bytes, std::size_t numbers) {
  file_.write(bytes);
  numbers_ += numbers;
}

void NpyWriter::commit() {
  file_.rewrite_begin(header());
  file_.commit();
}

}  // namespace dragoman
