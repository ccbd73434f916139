#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/json.h"
#include "dragoman/encode/model_store.h"
#include "encode/gguf_file.h"
#include "encode/huggingface/encoder_import.h"
#include "support/test_support.h"

namespace dragoman::test {

/// tests/golden/models/NAME: a tiny encoder as Hugging Face lays it out (tools/make-golden/encoder_models.py).
std::filesystem::path golden_folder(std::string_view name);

/// A copy of such a folder, to be damaged. It is named "model".
class FolderCopy {
 public:
  explicit FolderCopy(std::string_view name);

  std::filesystem::path path() const { return folder_.path() / "model"; }
  void remove(std::string_view file) const;
  void write(std::string_view file, std::string_view content) const;
  /// Sets members of a JSON file as RFC 7396 merges them: null takes one away.
  void patch(std::string_view file, const Json& changes) const;

 private:
  TemporaryFolder folder_;
};

/// The GGUF file made of a folder, in memory.
struct ImportedModel {
  explicit ImportedModel(const std::filesystem::path& from, const ImportOptions& options = {});

  const GgufTensor* find(std::string_view name) const;
  /// The bytes of a tensor; empty if there is none.
  std::string tensor(std::string_view name) const;

  TemporaryFolder folder;
  ImportedEncoder encoder;
  std::string bytes;
  GgufFile file;
};

}  // namespace dragoman::test
