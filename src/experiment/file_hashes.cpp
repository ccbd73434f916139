#include "experiment/file_hashes.h"

#include <fmt/format.h>

#include <chrono>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/hash.h"

namespace dragoman {

FileHashes::FileHashes(std::filesystem::path memory) : memory_(std::move(memory)) {
  if (std::error_code ignored; !std::filesystem::is_regular_file(memory_, ignored)) return;
  try {
    const Json json = parse_json_object(read_file(memory_), memory_.string());
    for (const auto& [file, known] : json.items()) {
      known_[file] = {known.at(0), known.at(1), known.at(2)};
    }
  } catch (const std::exception&) {
    known_.clear();
  }
}

std::string FileHashes::of(const std::filesystem::path& file) {
  std::error_code error;
  const auto path = std::filesystem::canonical(file, error);
  if (error || !std::filesystem::is_regular_file(path)) {
    throw NotFound(fmt::format("{}: no such file", file.string()));
  }
  Known now{std::filesystem::file_size(path),
            std::filesystem::last_write_time(path).time_since_epoch() / std::chrono::nanoseconds(1),
            {}};
  Known& known = known_[path.string()];
  if (known.sha256.empty() || known.bytes != now.bytes || known.changed_ns != now.changed_ns) {
    now.sha256 = sha256_of_file(path);
    known = now;
  }
  return known.sha256;
}

void FileHashes::save() const {
  if (std::error_code ignored; !std::filesystem::is_directory(memory_.parent_path(), ignored)) return;
  OrderedJson json = OrderedJson::object();
  for (const auto& [file, known] : known_) json[file] = {known.bytes, known.changed_ns, known.sha256};
  write_json(memory_, json);
}

}  // namespace dragoman
