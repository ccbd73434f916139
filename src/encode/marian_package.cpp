#include "encode/marian_package.h"

#include <ggml.h>

#include <utility>
#include <vector>

#include "dragoman/base/file.h"

namespace dragoman {

WrittenFile write_marian_package(const MarianParts& parts, const std::string& name, const std::filesystem::path& gguf) {
  const std::string settings = read_file(parts.settings);
  std::vector<std::pair<std::string, MappedFile>> files;
  files.emplace_back(kMarianModelTensor, MappedFile(parts.model));
  files.emplace_back(kMarianSourceTensor, MappedFile(parts.source_vocabulary));
  if (!parts.target_vocabulary.empty()) files.emplace_back(kMarianTargetTensor, MappedFile(parts.target_vocabulary));
  if (!parts.shortlist.empty()) files.emplace_back(kMarianShortlistTensor, MappedFile(parts.shortlist));

  GgufWriter out(gguf);
  out.text("general.architecture", std::string(kMarianArchitecture));
  out.text("general.name", name);
  out.text(std::string(kMarianSourceKey), parts.source_language);
  out.text(std::string(kMarianTargetKey), parts.target_language);
  out.text(std::string(kMarianSettingsKey), settings);
  for (const auto& [tensor, file] : files) out.tensor(tensor, GGML_TYPE_I8, 0, file.bytes().size());
  out.begin();
  for (const auto& [tensor, file] : files) {
    out.write(file.bytes());
    out.end_tensor();
  }
  return out.finish();
}

}  // namespace dragoman
