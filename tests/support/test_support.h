#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace dragoman::test {

/// The project's own folder: sample corpus, prompts, golden values.
std::filesystem::path source_dir();

/// The evaluation data that lies beside the project, or a path that does not exist; tests that need it skip.
/// DRAGOMAN_SHARED overrides it.
std::filesystem::path shared_dir();

/// A folder that is empty at the start and gone at the end of a test.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Writes a file into it and returns its path.
  std::filesystem::path write(std::string_view name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

}  // namespace dragoman::test
