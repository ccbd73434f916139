#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"
#include "dragoman/base/utf8.h"
#include "encode/model_package.h"

namespace dragoman {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 20;

struct ArchiveDeleter {
  void operator()(archive* each) const { archive_read_free(each); }
};
using ArchivePointer = std::unique_ptr<archive, ArchiveDeleter>;

[[noreturn]] void throw_damaged(archive* each, const std::filesystem::path& path) {
  const char* reason = archive_error_string(each);
  throw InvalidData(fmt::format("{}: damaged archive: {}", path.filename().string(),
                                reason == nullptr ? "no reason given" : printable(reason, 200)));
}

ArchivePointer open_at_member(const std::filesystem::path& path, const std::string& member) {
  ArchivePointer reader(archive_read_new());
  archive_read_support_filter_all(reader.get());
  archive_read_support_format_zip(reader.get());
  archive_read_support_format_tar(reader.get());
  if (archive_read_open_filename(reader.get(), path.c_str(), kChunkBytes) != ARCHIVE_OK) {
    throw_damaged(reader.get(), path);
  }
  for (archive_entry* entry = nullptr;;) {
    const int status = archive_read_next_header(reader.get(), &entry);
    if (status == ARCHIVE_EOF) break;
    if (status < ARCHIVE_WARN) throw_damaged(reader.get(), path);
    const char* name = archive_entry_pathname(entry);
    if (name != nullptr && name == member) return reader;
  }
  throw InvalidData(fmt::format("{}: holds no {}", path.filename().string(), printable(member)));
}

}  // namespace

void unpack_member(const std::filesystem::path& archive, const ModelSource& source, const std::filesystem::path& to,
                   const ProgressCallback& progress) {
  const ArchivePointer reader = open_at_member(archive, source.member);
  std::ofstream out(to, std::ios::binary | std::ios::app);
  Sha256 hash;
  std::vector<char> chunk(kChunkBytes);
  std::uint64_t skip = source.offset, left = source.bytes;
  while (left > 0) {
    const std::size_t most = static_cast<std::size_t>(std::min<std::uint64_t>(chunk.size(), skip > 0 ? skip : left));
    const la_ssize_t got = archive_read_data(reader.get(), chunk.data(), most);
    if (got < 0) throw_damaged(reader.get(), archive);
    if (got == 0) {
      throw InvalidData(fmt::format("{}: {} ends {} bytes early", archive.filename().string(), printable(source.member),
                                    skip + left));
    }
    const auto size = static_cast<std::uint64_t>(got);
    if (skip > 0) {
      skip -= size;
      continue;
    }
    hash.update(std::string_view(chunk.data(), size));
    if (!out.write(chunk.data(), got)) break;
    left -= size;
    report(progress, {"unpack", "bytes", source.bytes - left, source.bytes});
  }
  out.close();
  if (!out) throw Unavailable(fmt::format("{}: cannot be written: {}", to.string(), std::strerror(errno)));
  if (const auto found = hash.finish(); found != source.sha256) {
    throw InvalidData(fmt::format("{}: SHA-256 of {} is {}, but the catalogue expects {}; nothing was installed",
                                  archive.filename().string(), printable(source.member), found, source.sha256));
  }
}

}  // namespace dragoman
