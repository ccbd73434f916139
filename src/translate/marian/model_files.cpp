#include "translate/marian/model_files.h"

#include <fmt/format.h>

#include <algorithm>

#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"
#include "encode/marian_package.h"
#include "encode/model_file.h"

namespace dragoman {
namespace {

std::filesystem::path settings_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("config") && (name.ends_with(".yml") || name.ends_with(".yaml")))
      found.push_back(entry.path());
  }
  if (found.empty()) throw NotFound(fmt::format("{}: holds no config*.yml, so it is no Marian model", folder.string()));
  return *std::ranges::min_element(found);
}

MarianFiles open_folder(const std::filesystem::path& folder) {
  const auto path = settings_of(folder);
  const std::string text = read_file(path);
  MarianFiles files;
  files.settings = read_marian_settings(text, path.string());
  Sha256 hash;
  hash.update(std::string_view(text));
  const auto open = [&](const std::string& name) -> std::span<const std::byte> {
    if (name.empty() || name == "false") return {};
    files.mapped.emplace_back(folder / name);
    hash.update(files.mapped.back().bytes());
    return files.mapped.back().bytes();
  };
  files.model = open(files.settings.model);
  files.source_vocabulary = open(files.settings.source_vocabulary);
  files.target_vocabulary = files.settings.target_vocabulary == files.settings.source_vocabulary
                                ? files.source_vocabulary
                                : open(files.settings.target_vocabulary);
  files.shortlist = open(files.settings.shortlist);
  files.sha256 = hash.finish();
  return files;
}

MarianFiles open_package(const std::filesystem::path& path, const std::string& sha256) {
  ModelFile file = open_model_file(path);
  const std::string place = path.string();
  if (file.header.text("general.architecture") != kMarianArchitecture) {
    throw InvalidData(
        fmt::format("{}: is no translation model: its architecture is not \"{}\"", place, kMarianArchitecture));
  }
  const auto text = [&](std::string_view key) {
    const auto value = file.header.text(key);
    if (!value) throw InvalidData(fmt::format("{}: has no \"{}\"", place, key));
    return *value;
  };
  const auto part = [&](std::string_view name, bool required) -> std::span<const std::byte> {
    const auto found = std::ranges::find(file.header.tensors, name, &GgufTensor::name);
    if (found == file.header.tensors.end()) {
      if (required) throw InvalidData(fmt::format("{}: has no tensor \"{}\"", place, name));
      return {};
    }
    return file.mapped.bytes().subspan(found->offset, found->bytes);
  };
  MarianFiles files;
  files.settings = read_marian_settings(text(kMarianSettingsKey), place);
  files.from = Language::parse(text(kMarianSourceKey));
  files.to = Language::parse(text(kMarianTargetKey));
  files.model = part(kMarianModelTensor, true);
  files.source_vocabulary = part(kMarianSourceTensor, true);
  files.target_vocabulary = part(kMarianTargetTensor, false);
  if (files.target_vocabulary.empty()) files.target_vocabulary = files.source_vocabulary;
  files.shortlist = part(kMarianShortlistTensor, false);
  files.sha256 = sha256.empty() ? sha256_of_file(path) : sha256;
  files.mapped.push_back(std::move(file.mapped));
  return files;
}

}  // namespace

MarianFiles open_marian_files(const std::filesystem::path& path, const std::string& sha256) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) return open_package(path, sha256);
  return open_folder(path);
}

}  // namespace dragoman
