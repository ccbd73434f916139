#include "encode/marian_package.h"

#include <ggml.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "dragoman/base/file.h"

namespace dragoman {

std::optional<MarianParts> marian_parts(std::vector<std::filesystem::path> files) {
  std::ranges::sort(files);
  MarianParts parts;
  for (const auto& file : files) {
    const std::string name = file.filename().string(), kind = file.extension().string();
    if (kind == ".yml" && name.starts_with("config")) {
      parts.settings = file;
    } else if (kind == ".bin" && name.starts_with("lex")) {
      parts.shortlist = file;
    } else if (kind == ".bin" && name.starts_with("model")) {
      parts.model = file;
    } else if (kind == ".spm") {
      (parts.source_vocabulary.empty() ? parts.source_vocabulary : parts.target_vocabulary) = file;
    }
  }
  if (parts.settings.empty() || parts.model.empty() || parts.source_vocabulary.empty()) return std::nullopt;
  return parts;
}

std::optional<MarianParts> marian_folder(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) files.push_back(entry.path());
  return marian_parts(std::move(files));
}

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
