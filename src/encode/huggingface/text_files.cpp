#include "encode/huggingface/text_files.h"

#include <fmt/format.h>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"

namespace dragoman {
namespace {

// A tokenizer of 250,000 tokens has 17 MB; nothing else that is read as text comes near.
constexpr std::uint64_t kMaxTextBytes = std::uint64_t{256} << 20;

}  // namespace

ReadText text_files_of(const std::filesystem::path& folder) {
  return [folder](const std::string& path) -> std::optional<std::string> {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(folder / path, ignored)) return std::nullopt;
    if (const auto bytes = std::filesystem::file_size(folder / path); bytes > kMaxTextBytes) {
      throw InvalidData(fmt::format("{}: {} bytes are too many; {} are the most", path, bytes, kMaxTextBytes));
    }
    return read_file(folder / path);
  };
}

}  // namespace dragoman
