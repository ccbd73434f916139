#pragma once

#include <filesystem>

#include "dragoman/base/file.h"
#include "encode/gguf_file.h"

namespace dragoman {

/// A model's GGUF file, mapped, and its header, which holds views of it.
struct ModelFile {
  MappedFile mapped;
  GgufFile header;
};

/// @throws NotFound; InvalidData naming the file, what is wrong with it, and what to do.
ModelFile open_model_file(const std::filesystem::path& path);

}  // namespace dragoman
