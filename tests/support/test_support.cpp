#include "support/test_support.h"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace dragoman::test {

std::filesystem::path source_dir() { return DRAGOMAN_SOURCE_DIR; }

std::filesystem::path shared_dir() {
  const char* named = std::getenv("DRAGOMAN_SHARED");
  return named != nullptr ? std::filesystem::path(named) : source_dir().parent_path() / "shared";
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "dragoman-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TemporaryFolder::write(std::string_view name, std::string_view content) const {
  const auto path = path_ / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
  return path;
}

}  // namespace dragoman::test
