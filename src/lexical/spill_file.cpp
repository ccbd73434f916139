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

SpillFile::SpillFile(const std::filesystem::path& folder, bool positions) : folder_(folder), positions_(positions) {
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

void SpillFile::write(std::string_view term, const PostingSpans& postings) {
  put_varint(buffer_, term.size());
  put_bytes(buffer_, term);
  put_varint(buffer_, postings.documents.size());
  std::uint32_t previous = 0;
  std::size_t next = 0;  // Position.
  for (std::size_t i = 0; i < postings.documents.size(); ++i) {
    put_varint(buffer_, postings.documents[i] - previous);
    put_varint(buffer_, postings.frequencies[i]);
    previous = postings.documents[i];
    if (!positions_) continue;
    std::uint32_t position = 0;
    for (std::uint32_t f = 0; f < postings.frequencies[i]; ++f, ++next) {
      put_varint(buffer_, postings.positions[next] - position);
      position = postings.positions[next];
    }
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

void SpillFile::postings(TermPostings& postings) {
  std::uint32_t document = 0;
  for (; left_ > 0; --left_) {
    document += static_cast<std::uint32_t>(number());
    postings.documents.push_back(document);
    const auto frequency = static_cast<std::uint32_t>(number());
    postings.frequencies.push_back(frequency);
    if (!positions_) continue;
    std::uint32_t position = 0;
    for (std::uint32_t f = 0; f < frequency; ++f) {
      position += static_cast<std::uint32_t>(number());
      postings.positions.push_back(position);
    }
  }
}

}  // namespace dragoman
