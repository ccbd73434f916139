#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "dragoman/base/progress.h"
#include "dragoman/encode/model_store.h"
#include "encode/gguf_writer.h"

namespace dragoman {

/// What the user says of a folder; it comes before what the folder says.
struct ImportOptions {
  std::optional<Pooling> pooling = {};
  std::string query_prompt = {}, passage_prompt = {};  ///< Empty: the folder's.
  std::size_t max_tokens = 0;                          ///< 0: the folder's.
};

struct ImportedEncoder {
  WrittenFile file;
  std::string query_prompt, passage_prompt;
  std::size_t max_tokens = 0;
};

/// Whether the folder is one of Hugging Face's: it has a config.json or a modules.json.
bool is_huggingface_folder(const std::filesystem::path& folder);

/// Makes one GGUF file of an encoder's folder as Hugging Face lays it out: config.json, weights (safetensors, or
/// PyTorch's without running anything), tokenizer.json, and what sentence-transformers and BGE-M3 put beside them
/// (docs/formats/model.md). Numbers keep their type and every bit; the same folder and options give the same bytes.
/// Memory O(one tensor), besides the tokenizer.
/// @throws NotFound for a missing file; InvalidData naming the file and what in it cannot be run; InvalidArgument if
///         pooling is neither given nor told by the folder; Unavailable if the output cannot be written.
ImportedEncoder import_encoder(const std::filesystem::path& folder, const ImportOptions& options,
                               const std::filesystem::path& gguf, const ProgressCallback& progress = {});

}  // namespace dragoman
