#include "dragoman/dataset/dataset_files.h"

#include <fmt/format.h>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEndings[] = {"", ".gz", ".zst"};

std::string find_file(const fs::path& folder, const std::string& name) {
  for (const char* ending : kEndings) {
    if (const fs::path file = folder / (name + ending); fs::is_regular_file(file)) return file.string();
  }
  return "";
}

}  // namespace

DatasetFiles dataset_files(const fs::path& folder) {
  if (!fs::is_directory(folder)) throw NotFound(fmt::format("{}: no such folder", folder.string()));
  DatasetFiles files{find_file(folder, "corpus.jsonl"), find_file(folder, "queries.jsonl"), {}};
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder / "qrels", none)) {
    if (!entry.is_regular_file()) continue;
    std::string name = entry.path().filename().string();
    for (const char* ending : {".gz", ".zst"}) {
      if (name.ends_with(ending)) name.erase(name.size() - std::char_traits<char>::length(ending));
    }
    if (!name.ends_with(".tsv")) continue;
    // Of "test.tsv" and "test.tsv.gz" the first, as for the other files.
    std::string& chosen = files.judgements[name.substr(0, name.size() - 4)];
    if (const std::string path = entry.path().string(); chosen.empty() || path < chosen) chosen = path;
  }
  if (files.corpus.empty() && files.queries.empty() && files.judgements.empty()) {
    throw NotFound(fmt::format("{}: the folder holds no corpus.jsonl, queries.jsonl or qrels/*.tsv", folder.string()));
  }
  return files;
}

}  // namespace dragoman
