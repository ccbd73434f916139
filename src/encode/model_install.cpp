#include "encode/model_install.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"
#include "dragoman/text/language_identifier.h"
#include "encode/gguf_file.h"
#include "encode/model_endpoint.h"
#include "encode/model_json.h"
#include "encode/remote_encoder.h"
#include "text/fasttext_file.h"

namespace dragoman {
namespace {

constexpr std::size_t kMaxNameBytes = 128;
constexpr int kManifestVersion = 1;
constexpr auto kLongestWait = std::chrono::minutes(60);  // A large model over a slow line.

std::string to_json(const Model& model) {
  OrderedJson json = {{"dragoman_model", kManifestVersion}};
  json.update(model_members(model));
  // A member a line: indenting would give each of a hundred languages a line of its own.
  std::string text;
  if (!model.input_statistics.empty()) {
    json["input_statistics"] = OrderedJson::parse(model.input_statistics);
  }
  for (const auto& [name, value] : json.items()) {
    text += fmt::format("{}  \"{}\": {}", text.empty() ? "{\n" : ",\n", name, to_line(value));
  }
  return text + "\n}\n";
}

bool may_be_remote(ModelKind kind) { return kind == ModelKind::encoder || kind == ModelKind::language_model; }

/// The members that make a manifest one of an endpoint; the file has none then.
void read_endpoint(const Json& json, const std::string& place, Model& model) {
  const auto endpoint = string_member(json, "endpoint", place);
  if (!endpoint) return;
  try {
    model.endpoint = checked_endpoint(*endpoint);
  } catch (const InvalidArgument& error) {
    throw InvalidData(fmt::format("{}: {}", place, error.what()));
  }
  model.endpoint_model = required_string(json, "endpoint_model", place);
  model.dimension = number_member(json, "dimension", place);
  if (!may_be_remote(model.kind)) {
    throw InvalidData(fmt::format("{}: only encoders and language models can be behind an endpoint", place));
  }
  model.file.clear();
}

/// A rename may reach the disk before the bytes do; a manifest must never stand beside an empty file.
void flush(const std::filesystem::path& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CLOEXEC);
  const bool flushed = descriptor >= 0 && fsync(descriptor) == 0;
  const int reason = errno;
  if (descriptor >= 0) close(descriptor);
  if (!flushed) throw Unavailable(fmt::format("{}: cannot be written: {}", path.string(), std::strerror(reason)));
}

}  // namespace

void check_model_name(std::string_view name) {
  const auto plain = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  const auto legal = [&](char c) { return plain(c) || c == '.' || c == '_' || c == '-'; };
  if (name.empty() || name.size() > kMaxNameBytes || !plain(name[0]) || !std::ranges::all_of(name, legal)) {
    throw InvalidArgument(
        fmt::format("model name \"{}\": 1 to {} letters, digits, '.', '_' and '-' are legal, a letter or digit first",
                    printable(name), kMaxNameBytes));
  }
}

std::string_view to_string(ModelKind kind) {
  switch (kind) {
    case ModelKind::encoder:
      return "encoder";
    case ModelKind::language_model:
      return "language_model";
    case ModelKind::language_identifier:
      return "language_identifier";
    case ModelKind::translator:
      return "translator";
    case ModelKind::cross_encoder:
      return "cross_encoder";
  }
  return "";
}

std::string_view to_string(Pooling pooling) {
  switch (pooling) {
    case Pooling::mean:
      return "mean";
    case Pooling::cls:
      return "cls";
    case Pooling::last_token:
      return "last_token";
  }
  return "";
}

Pooling parse_pooling(std::string_view text) {
  for (const Pooling pooling : {Pooling::mean, Pooling::cls, Pooling::last_token}) {
    if (text == to_string(pooling)) return pooling;
  }
  throw InvalidArgument(fmt::format("no pooling '{}'; choose of mean, cls, last_token", printable(text)));
}

ModelKind model_kind(std::string_view text, std::string_view place) {
  for (const ModelKind kind : {ModelKind::encoder, ModelKind::language_model, ModelKind::language_identifier,
                               ModelKind::translator, ModelKind::cross_encoder}) {
    if (text == to_string(kind)) return kind;
  }
  throw InvalidData(fmt::format(
      "{}: kind \"{}\"; \"encoder\", \"language_model\", \"language_identifier\", \"translator\" and \"cross_encoder\" "
      "are known",
      place, printable(text)));
}

ModelKind kind_of_model(std::span<const std::byte> bytes, std::string_view place, std::optional<Pooling> pooling) {
  if (!is_fasttext(bytes)) return kind_of(read_gguf(bytes, place), place, pooling);
  const LanguageIdentifier identifier(bytes, place);
  return ModelKind::language_identifier;
}

std::filesystem::path weights_path(const std::filesystem::path& folder, std::string_view name, ModelKind kind) {
  return folder / fmt::format("{}.{}", name, kind == ModelKind::language_identifier ? "ftz" : "gguf");
}

std::filesystem::path manifest_path(const std::filesystem::path& folder, std::string_view name) {
  return folder / fmt::format("{}.json", name);
}

std::optional<Model> read_manifest(const std::filesystem::path& path) {
  const std::string place = path.string();
  const Json json = parse_json_object(read_file(path), place);
  if (!json.contains("dragoman_model")) return std::nullopt;
  if (const auto version = number_member(json, "dragoman_model", place); version != kManifestVersion) {
    throw InvalidData(fmt::format("{}: manifest version {}; version {} can be read", place, version, kManifestVersion));
  }
  Model model;
  model.name = path.stem().string();
  model.kind = model_kind(required_string(json, "kind", place), place);
  model.file = weights_path(path.parent_path(), model.name, model.kind);  // None, if there is an endpoint.
  read_endpoint(json, place, model);
  model.sha256 = model.endpoint.empty() ? required_string(json, "sha256", place) : "";
  model.bytes = number_member(json, "bytes", place);
  model.licence = string_member(json, "licence", place).value_or("unknown");
  model.languages = list_member(json, "languages", place);
  model.source = string_member(json, "source", place).value_or("file");
  model.query_prompt = string_member(json, "query_prompt", place).value_or("");
  model.passage_prompt = string_member(json, "passage_prompt", place).value_or("");
  model.max_tokens = number_member(json, "max_tokens", place);
  if (const auto inputs = json.find("input_statistics"); inputs != json.end())
    model.input_statistics = to_line(*inputs);
  const auto pooling = string_member(json, "pooling", place), precision = string_member(json, "precision", place);
  try {
    if (pooling) model.pooling = parse_pooling(*pooling);
    if (precision) model.precision = parse_precision(*precision);
  } catch (const InvalidArgument& error) {
    throw InvalidData(fmt::format("{}: {}", place, error.what()));
  }
  return model;
}

ModelWorkshop::ModelWorkshop(const std::filesystem::path& models, std::string_view name,
                             const ProgressCallback& progress)
    : folder_(models / fmt::format(".{}.work", name)) {
  make_folder(models);
  const auto path = models / fmt::format(".{}.lock", name);
  lock_ = std::make_unique<FileLock>(path);
  const auto give_up = std::chrono::steady_clock::now() + kLongestWait;
  while (!lock_->try_lock()) {
    if (std::chrono::steady_clock::now() > give_up) {
      throw Unavailable(
          fmt::format("{}: another process has been installing this model for an hour; end it and run "
                      "the same command again",
                      path.string()));
    }
    report(progress, {"wait for another process that installs this model", "bytes", 0, 0});
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
  make_folder(folder_);
}

ModelWorkshop::~ModelWorkshop() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Model install_model(const std::filesystem::path& models, Model model, const std::filesystem::path& finished) {
  const auto manifest = manifest_path(models, model.name);
  {
    const MappedFile mapped(finished);
    model.kind = kind_of_model(mapped.bytes(), model.name, model.pooling);
    model.bytes = mapped.bytes().size();
  }
  model.file = weights_path(models, model.name, model.kind);
  if (model.licence.empty()) model.licence = "unknown";

  flush(finished);
  // Without its manifest a model is not installed, so a crash in between leaves no old manifest with new weights.
  std::error_code error;
  std::filesystem::remove(manifest, error);
  std::filesystem::rename(finished, model.file, error);
  if (error) throw Unavailable(fmt::format("{}: cannot be written: {}", model.file.string(), error.message()));
  write_manifest(models, model);
  return model;
}

void write_manifest(const std::filesystem::path& models, const Model& model) {
  AtomicFile file(manifest_path(models, model.name));
  file.write(to_json(model));
  file.commit();
}

Model install_endpoint(const std::filesystem::path& models, Model model) {
  model.endpoint = checked_endpoint(model.endpoint);
  if (model.endpoint_model.empty()) {
    throw InvalidArgument("an endpoint needs the name its server has for the model; give one with --endpoint-model");
  }
  if (model.name.empty()) model.name = model.endpoint_model;
  check_model_name(model.name);
  if (!may_be_remote(model.kind)) {
    throw InvalidArgument("only encoders and language models can be behind an endpoint");
  }
  model.file.clear();
  model.sha256.clear();
  model.bytes = 0;
  model.source = "endpoint";
  if (model.licence.empty()) model.licence = "unknown";
  if (model.kind == ModelKind::encoder && model.dimension == 0)
    model.dimension = open_remote_encoder(model, {})->dimension();

  const ModelWorkshop workshop(models, model.name, {});
  write_manifest(models, model);
  // The weights of a model that had the name before; without a manifest that speaks of them nobody reads them.
  std::error_code ignored;
  std::filesystem::remove(weights_path(models, model.name, ModelKind::encoder), ignored);
  return model;
}

}  // namespace dragoman
