#include "lexical/spill_file.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "dragoman/base/error.h"
#include "lexical/varint.h"

namespace dragoman {
namespace {

constexpr std::size_t kFlushBytes = std::size_t{1} << 20;

}  // namespace

SpillFile::SpillFile(const std::filesystem::path& folder) : folder_(folder) {
  std::string name = (folder / "dragoman-spill-XXXXXX").string();
  const int descriptor = mkstemp(name.data());
  if (descriptor < 0) fail("cannot be written");
  unlink(name.c_str());
  file_.reset(fdopen(descriptor, "w+b"));
  if (!file_) fail("cannot be written");
}

void SpillFile::fail(const char* what) const {
  throw Unavailable(
      fmt::format("{}: {} for words that do not fit into memory: {}", folder_.string(), what, std::strerror(errno)));
}

void SpillFile::write(std::string_view term, const std::uint32_t* documents, const std::uint32_t* frequencies,
                      std::size_t size) {
  put_varint(buffer_, term.size());
  put_bytes(buffer_, term);
  put_varint(buffer_, size);
  std::uint32_t previous = 0;
  for (std::size_t i = 0; i < size; ++i) {
    put_varint(buffer_, documents[i] - previous);
    put_varint(buffer_, frequencies[i]);
    previous = documents[i];
  }
  if (buffer_.size() >= kFlushBytes) flush();
}

void SpillFile::flush() {
  if (std::fwrite(buffer_.data(), 1, buffer_.size(), file_.get()) != buffer_.size()) fail("no room");
  buffer_.clear();
}

void SpillFile::rewind() {
  flush();
  if (std::fflush(file_.get()) != 0 || std::fseek(file_.get(), 0, SEEK_SET) != 0) fail("no room");
  left_ = 0;
}

void SpillFile::read(void* to, std::size_t size) {
  if (std::fread(to, 1, size, file_.get()) != size) fail("cannot be read back");
}

std::uint64_t SpillFile::number() {
  std::uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const int byte = getc_unlocked(file_.get());
    if (byte == EOF) fail("cannot be read back");
    value |= std::uint64_t{static_cast<unsigned>(byte) & 0x7Fu} << shift;
    if ((byte & 0x80) == 0) return value;
  }
}

bool SpillFile::next(std::string& term) {
  const int first = getc_unlocked(file_.get());
  if (first == EOF) return false;
  std::ungetc(first, file_.get());
  term.resize(number());
  read(term.data(), term.size());
  left_ = number();
  return true;
}

void SpillFile::postings(std::vector<std::uint32_t>& documents, std::vector<std::uint32_t>& frequencies) {
  std::uint32_t document = 0;
  for (; left_ > 0; --left_) {
    document += static_cast<std::uint32_t>(number());
    documents.push_back(document);
    frequencies.push_back(static_cast<std::uint32_t>(number()));
  }
}

}  // namespace dragoman
