#include "multivector/vector_spool.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

constexpr std::size_t kFlushBytes = std::size_t{1} << 20;

}  // namespace

VectorSpool::VectorSpool(std::size_t memory_bytes, std::filesystem::path folder)
    : memory_bytes_(memory_bytes), folder_(std::move(folder)) {}

VectorSpool::~VectorSpool() {
  if (descriptor_ >= 0) close(descriptor_);
}

void VectorSpool::fail(const char* what) const {
  throw Unavailable(
      fmt::format("{}: {} for vectors that do not fit into memory: {}", folder_.string(), what, std::strerror(errno)));
}

void VectorSpool::append(std::span<const float> values) {
  const std::size_t limit = descriptor_ < 0 ? memory_bytes_ : kFlushBytes;
  if (!buffer_.empty() && (buffer_.size() + values.size()) * sizeof(float) > limit) flush();
  buffer_.insert(buffer_.end(), values.begin(), values.end());
}

void VectorSpool::flush() {
  if (descriptor_ < 0) {
    std::string name = (folder_ / "dragoman-spill-XXXXXX").string();
    descriptor_ = mkstemp(name.data());
    if (descriptor_ < 0) fail("cannot be written");
    unlink(name.c_str());
  }
  const char* from = reinterpret_cast<const char*>(buffer_.data());
  const std::size_t size = buffer_.size() * sizeof(float);
  for (std::size_t done = 0; done < size;) {
    const ssize_t wrote =
        pwrite(descriptor_, from + done, size - done, static_cast<off_t>(written_ * sizeof(float) + done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) fail("no room");
    done += static_cast<std::size_t>(wrote);
  }
  written_ += buffer_.size();
  // What was kept at first is given back, not kept as room for the little that follows.
  std::vector<float>().swap(buffer_);
}

void VectorSpool::read(std::size_t first, std::span<float> out) const {
  const std::size_t in_file = first < written_ ? std::min(written_ - first, out.size()) : 0;
  char* to = reinterpret_cast<char*>(out.data());
  for (std::size_t done = 0; done < in_file * sizeof(float);) {
    const ssize_t got =
        pread(descriptor_, to + done, in_file * sizeof(float) - done, static_cast<off_t>(first * sizeof(float) + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) fail("cannot be read back");
    done += static_cast<std::size_t>(got);
  }
  if (in_file == out.size()) return;
  const auto from = buffer_.begin() + static_cast<std::ptrdiff_t>(first + in_file - written_);
  std::copy_n(from, out.size() - in_file, out.begin() + static_cast<std::ptrdiff_t>(in_file));
}

}  // namespace dragoman
