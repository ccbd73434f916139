#pragma once

#include <filesystem>

namespace dragoman {

/// A file that one process at a time can hold; the system lets go of it when the process dies, however it dies. The
/// file itself stays: were it removed, two processes could each lock a file of that name.
class FileLock {
 public:
  /// Opens the file, and makes it if there is none; does not lock it. @throws Unavailable if it cannot be written.
  explicit FileLock(std::filesystem::path file);
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

  /// False, at once, if somebody else holds it. @throws Unavailable if the file system knows no locks.
  bool try_lock();

 private:
  std::filesystem::path file_;
  int descriptor_;
};

}  // namespace dragoman
