#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/file_lock.h"
#include "dragoman/base/progress.h"
#include "dragoman/encode/model_store.h"

namespace dragoman {

/// @throws InvalidArgument unless the name is 1 to 128 letters, digits, '.', '_' or '-', beginning with neither of the
/// last three: it becomes a file name and is typed on command lines.
void check_model_name(std::string_view name);

/// @throws InvalidData naming `place`.
ModelKind model_kind(std::string_view text, std::string_view place);

/// What a file is: a fastText classifier whose labels are languages, or what its GGUF header says.
/// @throws InvalidData naming `place` if it is neither, or damaged.
ModelKind kind_of_model(std::span<const std::byte> bytes, std::string_view place, std::optional<Pooling> pooling = {});

std::filesystem::path weights_path(const std::filesystem::path& folder, std::string_view name, ModelKind kind);
std::filesystem::path manifest_path(const std::filesystem::path& folder, std::string_view name);

/// The manifest in that file; none if it is there but not one of ours (another program's JSON beside a GGUF file).
/// @throws NotFound, InvalidData.
std::optional<Model> read_manifest(const std::filesystem::path& path);

/// The only process and thread that changes the model of that name, and a folder for its unfinished work, empty at the
/// start and gone at the end. What a killed process left there is removed by the next one.
class ModelWorkshop {
 public:
  /// Waits while another one is at work, reporting so.
  /// @throws Unavailable if the folder cannot be written, or another process is at work for too long.
  ModelWorkshop(const std::filesystem::path& models, std::string_view name, const ProgressCallback& progress);
  ~ModelWorkshop();
  ModelWorkshop(const ModelWorkshop&) = delete;
  ModelWorkshop& operator=(const ModelWorkshop&) = delete;

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<FileLock> lock_;
};

/// Moves a whole file out of the workshop to its place and writes its manifest, last, so that a model with a
/// manifest is whole. `model.sha256` and `model.bytes` must be those of the file; its kind is found out.
/// @throws InvalidData if the file is no model.
Model install_model(const std::filesystem::path& models, Model model, const std::filesystem::path& finished);

/// Writes the manifest of a model, whole or not at all. For whoever holds its ModelWorkshop.
void write_manifest(const std::filesystem::path& models, const Model& model);

/// Writes the manifest of an encoder behind an endpoint, as ModelStore::add() has it.
Model install_endpoint(const std::filesystem::path& models, Model model);

}  // namespace dragoman
