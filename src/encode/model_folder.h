#pragma once

#include <filesystem>

#include "dragoman/base/progress.h"
#include "dragoman/encode/model_store.h"

namespace dragoman {

/// Makes one GGUF file of a folder of Hugging Face's, whatever kind of model it holds that can be run, and fills in
/// what the folder says of the model and the user did not. @param model with the user's settings.
/// @throws as import_encoder() and import_translator().
void import_folder(const std::filesystem::path& folder, const std::filesystem::path& gguf, Model& model,
                   const ProgressCallback& progress = {});

}  // namespace dragoman
