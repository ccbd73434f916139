#include "dragoman/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

[[noreturn]] void throw_cannot_read(const std::filesystem::path& path) {
  const int reason = errno;
  if (reason == ENOENT || reason == ENOTDIR) throw NotFound(fmt::format("{}: no such file", path.string()));
  throw Unavailable(fmt::format("{}: cannot be read: {}", path.string(), std::strerror(reason)));
}

[[noreturn]] void throw_cannot_write(const std::filesystem::path& path, int reason) {
  const char* remedy = reason == ENOSPC || reason == EDQUOT ? "; free some space and run the same command again" : "";
  throw Unavailable(fmt::format("{}: cannot be written: {}{}", path.string(), std::strerror(reason), remedy));
}

/// A rename is on the disk only when its folder is.
void sync_folder(const std::filesystem::path& folder) {
  const int descriptor = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);
  close(descriptor);
}

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) : path_(path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw_cannot_read(path);
  struct stat status {};
  fstat(descriptor, &status);
  if (!S_ISREG(status.st_mode)) {
    close(descriptor);
    throw InvalidData(fmt::format("{}: not a regular file", path.string()));
  }
  size_ = static_cast<std::size_t>(status.st_size);
  void* address = size_ == 0 ? nullptr : mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
  const int reason = errno;
  close(descriptor);
  if (address == MAP_FAILED) {
    throw Unavailable(fmt::format("{}: cannot be mapped into memory: {}", path.string(), std::strerror(reason)));
  }
  data_ = static_cast<const std::byte*>(address);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)), data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(const_cast<std::byte*>(data_), size_);
}

std::string read_file(const std::filesystem::path& path) {
  const MappedFile file(path);
  const auto bytes = file.bytes();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw Unavailable(fmt::format("{}: cannot be made: {}", folder.string(), error.message()));
}

AtomicFile::AtomicFile(std::filesystem::path path) : path_(std::move(path)) {
  std::error_code none;
  // A link keeps pointing where it did; a device or a pipe can be written to, but not replaced.
  if (std::filesystem::is_symlink(path_, none)) path_ = std::filesystem::weakly_canonical(path_);
  if (std::filesystem::exists(path_, none) && !std::filesystem::is_regular_file(path_, none)) {
    descriptor_ = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) throw_cannot_write(path_, errno);
    return;
  }
  std::string name = path_.string() + ".XXXXXX";
  descriptor_ = mkostemp(name.data(), O_CLOEXEC);
  if (descriptor_ < 0) throw_cannot_write(path_, errno);
  temporary_ = name;
  fchmod(descriptor_, 0644);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  size_ += bytes.size();
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_cannot_write(path_, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void AtomicFile::write(std::string_view bytes) { write(std::as_bytes(std::span(bytes))); }

void AtomicFile::rewrite_begin(std::string_view bytes) {
  if (temporary_.empty() || bytes.size() > size_) {
    throw InvalidArgument(
        fmt::format("{}: its beginning cannot be written again; name a regular file", path_.string()));
  }
  for (off_t offset = 0; !bytes.empty();) {
    const ssize_t written = pwrite(descriptor_, bytes.data(), bytes.size(), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_cannot_write(path_, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += written;
  }
}

void AtomicFile::commit() {
  if (temporary_.empty()) {
    if (close(std::exchange(descriptor_, -1)) != 0) throw_cannot_write(path_, errno);
    return;
  }
  if (fsync(descriptor_) != 0) throw_cannot_write(path_, errno);
  if (rename(temporary_.c_str(), path_.c_str()) != 0) throw_cannot_write(path_, errno);
  close(std::exchange(descriptor_, -1));
  sync_folder(path_.parent_path());
}

}  // namespace dragoman
