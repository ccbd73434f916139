#include "base/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "dragoman/base/error.h"

namespace dragoman {

FileLock::FileLock(std::filesystem::path file)
    : file_(std::move(file)), descriptor_(open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  if (descriptor_ < 0)
    throw Unavailable(fmt::format("{}: cannot be written: {}", file_.string(), std::strerror(errno)));
}

FileLock::~FileLock() { close(descriptor_); }

bool FileLock::try_lock() {
  if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return true;
  if (errno == EWOULDBLOCK || errno == EINTR) return false;
  throw Unavailable(fmt::format("{}: cannot be locked: {}", file_.string(), std::strerror(errno)));
}

}  // namespace dragoman
