#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace dragoman {

/// Where the parts of a test collection lie. A part that is empty is not looked at.
struct DatasetFiles {
  std::string corpus;                             ///< JSON lines, as CorpusReader takes them.
  std::string queries;                            ///< JSON lines or `id<TAB>text`, as read_queries takes them.
  std::map<std::string, std::string> judgements;  ///< Split -> TREC or BEIR judgements.
};

/// The parts of a BEIR folder, each plain, .gz or .zst; a split is the name of its file in qrels/.
/// @throws NotFound if the folder is not there or holds none of them.
DatasetFiles dataset_files(const std::filesystem::path& folder);

}  // namespace dragoman
