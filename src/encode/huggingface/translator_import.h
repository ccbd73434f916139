#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/progress.h"
#include "dragoman/encode/model_store.h"
#include "encode/gguf_writer.h"
#include "encode/huggingface/text_files.h"

namespace dragoman {

/// A translation model of Hugging Face's as one GGUF file (docs/formats/model.md): keys, and bytes of SentencePiece.
constexpr std::string_view kTranslatorArchitecture = "seq2seq";
constexpr std::string_view kSourceVocabularyTensor = "vocabulary.source";

/// Whether a folder's config.json is that of a sequence-to-sequence model.
bool is_translator_folder(const std::filesystem::path& folder);

struct ImportedTranslator {
  WrittenFile file;
  std::vector<std::string> languages;  ///< Source and target; of a model for any pair of many "mul" and all of them.
};

/// What import_translator() says against a folder's settings, vocabulary and languages, before there are weights.
void check_translator(const ReadText& read, const std::vector<std::string>& languages, const std::string& name);

/// Files that import_translator() reads beside weights and what check_translator() asks for.
std::vector<std::string> translator_files(const ReadText& read);

/// Makes one GGUF file of a folder: config.json, generation_config.json, weights (safetensors or PyTorch's), and
/// vocab.json with source.spm, or tokenizer.json. Numbers keep their type and every bit.
/// @param languages BCP-47, source and target; not asked for where the model has a token for each language. Of a model
///                  with a token for each target (">>fra<<") the target says which.
/// @throws NotFound for a missing file; InvalidData naming the file and what in it cannot be run; InvalidArgument if
/// the
///         languages are missing or not the model's; Unavailable if the output cannot be written.
ImportedTranslator import_translator(const std::filesystem::path& folder, const std::vector<std::string>& languages,
                                     const std::string& name, const std::filesystem::path& gguf,
                                     const ProgressCallback& progress = {});

}  // namespace dragoman
