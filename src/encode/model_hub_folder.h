#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "dragoman/base/progress.h"
#include "encode/model_hub.h"

namespace dragoman {

/// Fetches into `folder` what import_folder() needs of a repository, and nothing else: its settings first, so that
/// what cannot be run is refused before its weights come. A file that is in the cache of other programs is copied. What
/// a broken call has fetched stays in `folder`, and the next call goes on there.
/// @param repository without a path. @param languages of a translator, as import_translator() takes them.
/// @throws NotFound, Unavailable as fetch_from_hub; InvalidData for settings that cannot be run; InvalidArgument for
///         languages that are missing or not the model's.
void fetch_folder_from_hub(const HubFile& repository, const HubSettings& settings,
                           const std::vector<std::string>& languages, const std::filesystem::path& folder,
                           const ProgressCallback& progress);

}  // namespace dragoman
