#include "dragoman/encode/model_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/environment.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/hash.h"
#include "dragoman/base/utf8.h"
#include "dragoman/text/language.h"
#include "encode/huggingface/encoder_import.h"
#include "encode/marian_package.h"
#include "encode/model_endpoint.h"
#include "encode/model_folder.h"
#include "encode/model_install.h"

namespace dragoman {
namespace {

std::filesystem::path default_folder() {
  if (const auto models = environment("DRAGOMAN_MODELS"); !models.empty()) return models;
  if (const auto data = environment("XDG_DATA_HOME"); !data.empty()) {
    return std::filesystem::path(data) / "dragoman" / "models";
  }
  if (const auto home = environment("HOME"); !home.empty()) {
    return std::filesystem::path(home) / ".local" / "share" / "dragoman" / "models";
  }
  throw InvalidArgument("no folder for models: set DRAGOMAN_MODELS to one");
}

bool is_file(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

/// The command that brings a model back. A file that the user added must come from the user again.
std::string remedy(const Model& model) {
  if (model.source == "file") return "dragoman model add FILE";
  if (model.source == "folder") return "dragoman model add FOLDER";
  return fmt::format("dragoman model pull {}", model.source.starts_with("hf:") ? model.source : model.name);
}

Model checked(Model model) {
  if (!model.endpoint.empty()) return model;
  const auto size = std::filesystem::file_size(model.file);
  if (size != model.bytes) {
    throw InvalidData(fmt::format("{}: {} bytes, but {} were installed: cut short or changed; get it again with: {}",
                                  model.file.string(), size, model.bytes, remedy(model)));
  }
  return model;
}

/// A GGUF file that may never have been installed.
Model find_file(const std::filesystem::path& path) {
  if (!is_file(path)) throw NotFound(fmt::format("{}: no such model file", path.string()));
  const auto manifest = std::filesystem::path(path).replace_extension(".json");
  if ((path.extension() == ".gguf" || path.extension() == ".ftz") && is_file(manifest)) {
    if (auto model = read_manifest(manifest); model && model->file == path) return checked(*std::move(model));
  }
  const MappedFile mapped(path);
  Model model;
  model.name = path.stem().string();
  model.kind = kind_of_model(mapped.bytes(), path.string());
  model.file = path;
  model.sha256 = sha256_of_file(path);
  model.bytes = mapped.bytes().size();
  model.licence = "unknown";
  model.source = "file";
  return model;
}

[[noreturn]] void throw_not_installed(std::string_view name) {
  bool known = true;
  try {
    const auto catalogue = read_catalogue();
    known = std::ranges::find(catalogue, name, &CatalogueEntry::name) != catalogue.end();
  } catch (const Error&) {
    // Without a catalogue to look into, the command that is named says what is wrong with it.
  }
  const std::string shown = printable(name);
  throw NotFound(known ? fmt::format("model '{}' is not installed; get it with: dragoman model pull {}", shown, shown)
                       : fmt::format("model '{}' is not installed, and the catalogue has none of that name; see: "
                                     "dragoman model list",
                                     shown));
}

Model add_file(const std::filesystem::path& models, Model model, const ProgressCallback& progress) {
  const MappedFile original(model.file);
  // Before the copy, so that nobody waits for gigabytes to be told that they are no model.
  kind_of_model(original.bytes(), model.file.string(), model.pooling);

  const ModelWorkshop workshop(models, model.name, progress);
  const auto copy = workshop.folder() / "copy";
  AtomicFile file(copy);
  Sha256 hash;
  constexpr std::size_t kChunk = std::size_t{4} << 20;
  for (auto rest = original.bytes(); !rest.empty(); rest = rest.subspan(std::min(kChunk, rest.size()))) {
    const auto chunk = rest.first(std::min(kChunk, rest.size()));
    hash.update(chunk);
    file.write(chunk);
    report(progress, {"copy", "bytes", file.size(), original.bytes().size()});
  }
  file.commit();
  model.sha256 = hash.finish();
  return install_model(models, std::move(model), copy);
}

Model add_marian_folder(const std::filesystem::path& models, Model model, MarianParts parts,
                        const ProgressCallback& progress) {
  if (model.languages.size() != 2) {
    throw InvalidArgument(
        fmt::format("{}: a translation model's folder does not say what it translates; name the "
                    "source and the target with: --languages pt en",
                    model.file.string()));
  }
  for (std::string& tag : model.languages) tag = Language::parse(tag).tag();
  parts.source_language = model.languages[0];
  parts.target_language = model.languages[1];
  const ModelWorkshop workshop(models, model.name, progress);
  const auto made = workshop.folder() / "model.gguf";
  model.sha256 = write_marian_package(parts, model.name, made).sha256;
  return install_model(models, std::move(model), made);
}

Model add_folder(const std::filesystem::path& models, Model model, const ProgressCallback& progress) {
  if (!is_huggingface_folder(model.file)) {
    if (auto parts = marian_folder(model.file)) {
      return add_marian_folder(models, std::move(model), *std::move(parts), progress);
    }
    throw NotFound(
        fmt::format("{}: a folder without config.json; give a GGUF file, a folder of Hugging Face, or a "
                    "translation model's in Marian's format",
                    model.file.string()));
  }
  const ModelWorkshop workshop(models, model.name, progress);
  const auto made = workshop.folder() / "model.gguf";
  import_folder(model.file, made, model, progress);
  return install_model(models, std::move(model), made);
}

}  // namespace

ModelStore::ModelStore(std::filesystem::path folder) : folder_(folder.empty() ? default_folder() : std::move(folder)) {}

std::vector<Model> ModelStore::list() const {
  std::vector<Model> models;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, ignored)) {
    const auto& path = entry.path();
    if (path.extension() != ".json" || !is_file(path)) continue;
    auto model = read_manifest(path);
    if (!model || (model->endpoint.empty() && !is_file(model->file))) continue;
    models.push_back(*std::move(model));
  }
  std::ranges::sort(models, {}, &Model::name);
  return models;
}

Model ModelStore::find(std::string_view name) const {
  if (is_endpoint(name)) return model_at_endpoint(name);
  // A name first: a file of that name in the folder at hand must not change what a command does.
  const bool path_like = name.find('/') != name.npos || name.ends_with(".gguf") || name.ends_with(".ftz");
  if (!path_like && is_file(manifest_path(folder_, name))) {
    auto model = read_manifest(manifest_path(folder_, name));
    if (model && (!model->endpoint.empty() || is_file(model->file))) return checked(*std::move(model));
  }
  if (path_like || is_file(std::filesystem::path(name))) return find_file(std::filesystem::path(name));
  throw_not_installed(name);
}

void ModelStore::verify(const Model& model) const {
  if (!model.endpoint.empty()) {
    throw InvalidArgument(fmt::format("model '{}' is behind an endpoint: there is no file to hash", model.name));
  }
  const auto found = sha256_of_file(model.file);
  if (found != model.sha256) {
    throw InvalidData(fmt::format("{}: SHA-256 is {}, but {} was installed; get it again with: {}", model.file.string(),
                                  found, model.sha256, remedy(model)));
  }
}

Model ModelStore::add(Model model, const ProgressCallback& progress) const {
  if (!model.endpoint.empty()) return install_endpoint(folder_, std::move(model));
  std::error_code ignored;
  const bool folder = std::filesystem::is_directory(model.file, ignored);
  // "models/bge-m3/" ends in an empty name.
  const auto path = model.file.filename().empty() ? model.file.parent_path() : model.file;
  if (model.name.empty()) model.name = folder ? path.filename().string() : path.stem().string();
  check_model_name(model.name);
  if (model.source.empty()) model.source = folder ? "folder" : "file";
  return folder ? add_folder(folder_, std::move(model), progress) : add_file(folder_, std::move(model), progress);
}

void ModelStore::update(const Model& model) const {
  const ModelWorkshop workshop(folder_, model.name, {});
  const auto path = manifest_path(folder_, model.name);
  if (!is_file(path) || !read_manifest(path)) throw_not_installed(model.name);
  write_manifest(folder_, model);
}

}  // namespace dragoman
