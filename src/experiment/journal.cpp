#include "experiment/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/hash.h"

namespace dragoman {
namespace {

constexpr std::size_t kChecksumDigits = 16;

OrderedJson to_json(const std::string& query_id, const JournalEntry& entry) {
  OrderedJson hits = OrderedJson::array();
  for (const Hit& hit : entry.ranking) hits.push_back({hit.id, hit.score});
  OrderedJson json = {{"query", query_id}, {"hits", hits}, {"wall_s", entry.cost.wall_s}, {"cpu_s", entry.cost.cpu_s}};
  if (entry.cost.energy_j) json["energy_j"] = *entry.cost.energy_j;
  if (entry.rerank.calls != 0) {
    OrderedJson counts;
    for (const RerankReport::Count& count : RerankReport::kCounts) counts[count.name] = entry.rerank.*count.field;
    json["rerank"] = std::move(counts);
  }
  return json;
}

JournalEntry from_json(const Json& json) {
  JournalEntry entry;
  for (const Json& hit : json.at("hits")) entry.ranking.push_back({hit.at(0), hit.at(1)});
  entry.cost.wall_s = json.at("wall_s");
  entry.cost.cpu_s = json.at("cpu_s");
  if (json.contains("energy_j")) entry.cost.energy_j = json.at("energy_j").get<double>();
  if (json.contains("rerank")) {
    const Json& counts = json.at("rerank");
    for (const RerankReport::Count& count : RerankReport::kCounts) {
      entry.rerank.*count.field = counts.at(count.name).get<std::uint64_t>();
    }
  }
  return entry;
}

}  // namespace

JournalContent Journal::read(const std::filesystem::path& path) {
  JournalContent content;
  if (std::error_code ignored; std::filesystem::file_size(path, ignored) == 0 || ignored) return content;
  const MappedFile file(path);
  const std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string_view::npos || end - begin <= kChecksumDigits) break;
    const std::string_view line = text.substr(begin, end - begin);
    const std::string_view body = line.substr(kChecksumDigits);
    if (line.substr(0, kChecksumDigits) != fmt::format("{:016x}", checksum(body))) break;
    const Json json = parse_json_object(body, path.string());
    if (json.contains("query")) {
      content.entries.insert_or_assign(json.at("query").get<std::string>(), from_json(json));
    } else {
      content.memory_bytes = std::max(content.memory_bytes, json.at("memory_bytes").get<std::uint64_t>());
    }
    begin = content.good_bytes = end + 1;
  }
  return content;
}

Journal::Journal(std::filesystem::path path) : path_(std::move(path)) {
  JournalContent content = read(path_);
  entries_ = std::move(content.entries);
  descriptor_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0 || ftruncate(descriptor_, static_cast<off_t>(content.good_bytes)) != 0 ||
      lseek(descriptor_, 0, SEEK_END) < 0) {
    const int reason = errno;
    if (descriptor_ >= 0) close(descriptor_);
    throw Unavailable(fmt::format("{}: cannot be written: {}", path_.string(), std::strerror(reason)));
  }
}

Journal::~Journal() { close(descriptor_); }

bool Journal::holds(std::string_view query_id) const {
  const std::lock_guard lock(mutex_);
  return entries_.contains(query_id);
}

void Journal::add(const std::string& query_id, const JournalEntry& entry) {
  append(to_line(to_json(query_id, entry)));
  const std::lock_guard lock(mutex_);
  entries_.insert_or_assign(query_id, entry);
}

void Journal::add_memory(std::uint64_t bytes) { append(to_line(OrderedJson{{"memory_bytes", bytes}})); }

void Journal::append(std::string line) {
  line = fmt::format("{:016x}{}\n", checksum(line), line);
  const std::lock_guard lock(mutex_);
  for (std::string_view rest = line; !rest.empty();) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      throw Unavailable(
          fmt::format("{}: cannot be written: {}; make room and run the same command again, what is done "
                      "is kept",
                      path_.string(), std::strerror(errno)));
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace dragoman
