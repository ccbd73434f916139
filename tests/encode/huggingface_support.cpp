#include "encode/huggingface_support.h"

#include <algorithm>

#include "dragoman/base/file.h"

namespace dragoman::test {

std::filesystem::path golden_folder(std::string_view name) {
  return source_dir() / "tests" / "golden" / "models" / name;
}

FolderCopy::FolderCopy(std::string_view name) {
  std::filesystem::copy(golden_folder(name), path(), std::filesystem::copy_options::recursive);
}

void FolderCopy::remove(std::string_view file) const { std::filesystem::remove(path() / file); }

void FolderCopy::write(std::string_view file, std::string_view content) const {
  folder_.write("model/" + std::string(file), content);
}

void FolderCopy::patch(std::string_view file, const Json& changes) const {
  Json json = Json::parse(read_file(path() / file));
  json.merge_patch(changes);
  write(file, json.dump());
}

ImportedModel::ImportedModel(const std::filesystem::path& from, const ImportOptions& options)
    : encoder(import_encoder(from, options, folder.path() / "model.gguf")),
      bytes(read_file(folder.path() / "model.gguf")),
      file(read_gguf(std::as_bytes(std::span(bytes)), "model.gguf")) {}

const GgufTensor* ImportedModel::find(std::string_view name) const {
  const auto found = std::ranges::find(file.tensors, name, &GgufTensor::name);
  return found == file.tensors.end() ? nullptr : &*found;
}

std::string ImportedModel::tensor(std::string_view name) const {
  const GgufTensor* found = find(name);
  return found == nullptr ? "" : bytes.substr(found->offset, found->bytes);
}

}  // namespace dragoman::test
