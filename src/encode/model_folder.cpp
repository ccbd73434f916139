#include "encode/model_folder.h"

#include "encode/huggingface/encoder_import.h"
#include "encode/huggingface/translator_import.h"

namespace dragoman {

void import_folder(const std::filesystem::path& folder, const std::filesystem::path& gguf, Model& model,
                   const ProgressCallback& progress) {
  if (is_translator_folder(folder)) {
    ImportedTranslator translator = import_translator(folder, model.languages, model.name, gguf, progress);
    model.sha256 = translator.file.sha256;
    model.languages = std::move(translator.languages);
    return;
  }
  const ImportedEncoder encoder = import_encoder(
      folder, {model.pooling, model.query_prompt, model.passage_prompt, model.max_tokens}, gguf, progress);
  model.sha256 = encoder.file.sha256;
  model.query_prompt = encoder.query_prompt;
  model.passage_prompt = encoder.passage_prompt;
  model.max_tokens = encoder.max_tokens;
  model.pooling.reset();  // It is in the file now.
}

}  // namespace dragoman
