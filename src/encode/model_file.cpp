#include "encode/model_file.h"

#include <fmt/format.h>

#include "dragoman/base/error.h"

namespace dragoman {

ModelFile open_model_file(const std::filesystem::path& path) {
  try {
    MappedFile mapped(path);
    GgufFile header = read_gguf(mapped.bytes(), path.string());
    return {std::move(mapped), std::move(header)};
  } catch (const InvalidData& error) {
    throw InvalidData(fmt::format("{}; get it again or add another GGUF file", error.what()));
  }
}

}  // namespace dragoman
