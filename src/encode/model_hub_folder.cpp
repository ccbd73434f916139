#include "encode/model_hub_folder.h"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <string>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "encode/download.h"
#include "encode/huggingface/model_config.h"
#include "encode/huggingface/sentence_modules.h"
#include "encode/huggingface/tokenizer_json.h"
#include "encode/huggingface/translator_config.h"
#include "encode/huggingface/translator_import.h"
#include "encode/huggingface/weights.h"

namespace dragoman {
namespace {

class Fetcher {
 public:
  Fetcher(const HubFile& repository, const HubSettings& settings, const std::filesystem::path& folder,
          const ProgressCallback& progress)
      : repository_(repository), settings_(settings), folder_(folder), progress_(progress) {}

  /// False if the repository has no such file.
  bool fetch(const std::string& path) {
    if (here_.contains(path)) return true;
    HubFile file = repository_;
    file.path = path;
    const auto to = folder_ / path;
    make_folder(to.parent_path());
    if (const auto cached = find_in_hub_cache(file, settings_)) {
      std::filesystem::copy_file(*cached, to, std::filesystem::copy_options::overwrite_existing);
    } else if (!download(file, to)) {
      // Also what an earlier call fetched, where the repository has it no more.
      forget_download(to);
      return false;
    }
    here_.insert(path);
    return true;
  }

  std::optional<std::string> read(const std::string& path) {
    if (!fetch(path)) return std::nullopt;
    return read_file(folder_ / path);
  }

  /// The first form of weights that is there, as open_checkpoint() looks for them.
  void fetch_weights(const std::string& folder) {
    const auto in_folder = [&](const std::string& name) { return folder.empty() ? name : folder + '/' + name; };
    for (const char* whole : {"model.safetensors", "pytorch_model.bin"}) {
      if (fetch(in_folder(whole))) return;
      const std::string index = in_folder(fmt::format("{}.index.json", whole));
      const auto text = read(index);
      if (!text) continue;
      for (const auto& [tensor, piece] : read_weight_map(*text, index)) {
        if (!fetch(in_folder(piece))) throw_missing(in_folder(piece));
      }
      return;
    }
    throw_missing(in_folder("model.safetensors"));
  }

  [[noreturn]] void throw_missing(const std::string& path) const {
    if (settings_.offline) {
      throw Unavailable(fmt::format("{}/{}: not in the cache {}, and HF_HUB_OFFLINE forbids downloading",
                                    repository_.location(), path, settings_.cache.string()));
    }
    throw NotFound(
        fmt::format("{}: has no {}; a model as a single file is named hf:OWNER/NAME/FILE.gguf, "
                    "and another kind of folder is installed from the disk: dragoman model add FOLDER",
                    repository_.location(), path));
  }

 private:
  bool download(const HubFile& file, const std::filesystem::path& to) const {
    if (settings_.offline) return false;
    try {
      fetch_from_hub(file, settings_, "", to, progress_);
      return true;
    } catch (const NotFound&) {
      return false;
    }
  }

  const HubFile& repository_;
  const HubSettings& settings_;
  const std::filesystem::path& folder_;
  const ProgressCallback& progress_;
  std::set<std::string> here_;
};

}  // namespace

void fetch_folder_from_hub(const HubFile& repository, const HubSettings& settings,
                           const std::vector<std::string>& languages, const std::filesystem::path& folder,
                           const ProgressCallback& progress) {
  Fetcher fetcher(repository, settings, folder, progress);
  const ReadText read = [&](const std::string& path) { return fetcher.read(path); };
  const auto settings_text = read("config.json");
  if (settings_text && is_sequence_to_sequence(*settings_text, "config.json")) {
    check_translator(read, languages, repository.name);
    for (const std::string& file : translator_files(read)) {
      if (!fetcher.fetch(file)) fetcher.throw_missing(file);
    }
    fetcher.fetch_weights("");
    return;
  }
  const SentenceModules modules = read_sentence_modules(read);
  const std::string config_path = modules.transformer.empty() ? "config.json" : modules.transformer + "/config.json";
  const auto text = read(config_path);
  if (!text) fetcher.throw_missing(config_path);
  const ModelConfig config = read_model_config(*text, config_path);
  read_tokenizer_json(read, modules.transformer, config.vocabulary);
  fetcher.fetch_weights(modules.transformer);
  for (const DenseModule& dense : modules.dense) fetcher.fetch_weights(dense.path);
  for (const char* head : {"sparse_linear.pt", "colbert_linear.pt"}) fetcher.fetch(head);
}

}  // namespace dragoman
