#include "dataset/dataset_writer.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "dataset/input_file.h"
#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"
#include "dragoman/base/utf8.h"
#include "dragoman/evaluate/run_file.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxIdBytes = 512;

/// @throws InvalidData if the id was there with another content. @return whether it is new.
bool is_new(IdTable& table, std::string_view what, std::string_view id, std::string_view line,
            const std::string& place) {
  const auto before = table.add(id, checksum(line), place);
  if (!before) return true;
  if (before->content == checksum(line)) return false;
  throw InvalidData(fmt::format("{}: the {} id '{}' was already at {}, with another content; ids must be unique", place,
                                what, printable(id), before->place));
}

}  // namespace

void check_id(std::string_view id, std::string_view what, std::string_view place) {
  if (id.empty()) throw InvalidData(fmt::format("{}: the {} id is empty", place, what));
  if (id.size() > kMaxIdBytes) {
    throw InvalidData(
        fmt::format("{}: the {} id has {} bytes; at most {} are taken", place, what, id.size(), kMaxIdBytes));
  }
  if (std::ranges::any_of(id, [](unsigned char c) { return c <= 0x20 || c == 0x7F; })) {
    throw InvalidData(
        fmt::format("{}: the {} id '{}' holds white space or control characters, which result files cannot carry",
                    place, what, printable(id)));
  }
}

/// A file of the folder, hashed as it is written.
class DatasetWriter::File {
 public:
  explicit File(const fs::path& path) : file_(path) {}

  void put(std::string_view text) {
    buffer_ += text;
    if (buffer_.size() >= kBufferBytes) flush();
  }
  std::string finish() {
    flush();
    file_.commit();
    return hash_.finish();
  }
  std::uint64_t size() const { return file_.size(); }

 private:
  void flush() {
    file_.write(buffer_);
    hash_.update(buffer_);
    buffer_.clear();
  }
  AtomicFile file_;
  Sha256 hash_;
  std::string buffer_;
};

DatasetWriter::DatasetWriter(fs::path into) : into_(std::move(into)) {
  if (into_.has_filename() == false) into_ = into_.parent_path();  // "folder/"
  std::error_code error;
  if (fs::exists(into_, error) && (!fs::is_directory(into_, error) || !fs::is_empty(into_, error))) {
    throw InvalidArgument(
        fmt::format("{}: is there already; give the name of a folder that is to be made", into_.string()));
  }
  const fs::path parent = into_.has_parent_path() ? into_.parent_path() : fs::path(".");
  fs::create_directories(parent, error);
  std::string name = (parent / (into_.filename().string() + ".XXXXXX")).string();
  if (error || mkdtemp(name.data()) == nullptr) {
    const std::string reason = error ? error.message() : std::strerror(errno);
    throw Unavailable(fmt::format("{}: cannot be written: {}", into_.string(), reason));
  }
  staging_ = name;
  fs::permissions(staging_, static_cast<fs::perms>(0755), error);
}

DatasetWriter::~DatasetWriter() {
  files_.clear();
  std::error_code ignored;
  if (!staging_.empty()) fs::remove_all(staging_, ignored);
}

DatasetWriter::File& DatasetWriter::file(const std::string& name) {
  auto& file = files_[name];
  if (!file) {
    const fs::path path = staging_ / name;
    fs::create_directories(path.parent_path());
    file = std::make_unique<File>(path);
  }
  return *file;
}

void DatasetWriter::add(const Document& document, const std::string& place) {
  check_id(document.id, "document", place);
  OrderedJson json = {{"_id", document.id}, {"title", trimmed(document.title)}, {"text", trimmed(document.text)}};
  if (document.language_given) json["lang"] = document.language.tag();
  const Json metadata = Json::parse(document.metadata);
  for (const auto& [name, value] : metadata.items()) {
    if (!json.contains(name)) json[name] = value;
  }
  const std::string line = to_line(json) + "\n";
  if (!is_new(documents_, "document", document.id, line, place)) return note("documents repeated");
  file("corpus.jsonl").put(line);
  ++report_.documents;
  ++document_languages_[document.language_given ? document.language.tag() : ""];
  if (trimmed(document.text).empty() && trimmed(document.title).empty()) note("documents without text");
}

void DatasetWriter::add(const QueryRecord& query, const std::string& place) {
  check_id(query.id, "query", place);
  OrderedJson json = {{"_id", query.id}, {"text", trimmed(query.text)}};
  if (!query.language.undetermined()) json["lang"] = query.language.tag();
  for (const auto& [name, value] : query.more.items()) {
    if (!json.contains(name)) json[name] = value;
  }
  const std::string line = to_line(json) + "\n";
  if (!is_new(queries_, "query", query.id, line, place)) return note("queries repeated");
  file("queries.jsonl").put(line);
  ++report_.queries;
  ++query_languages_[query.language.undetermined() ? "" : query.language.tag()];
  if (trimmed(query.text).empty()) note("queries without text");
}

void DatasetWriter::add_variant(const std::string& variant, const QueryRecord& query, const std::string& place) {
  check_id(query.id, "query", place);
  OrderedJson json = {{"_id", query.id}, {"text", trimmed(query.text)}};
  if (!query.language.undetermined()) json["lang"] = query.language.tag();
  const std::string line = to_line(json) + "\n";
  if (!is_new(variants_, "query", variant + " " + query.id, line, place)) return;
  file("queries-" + variant + ".jsonl").put(line);
}

void DatasetWriter::judge(const std::string& split, std::string_view query, std::string_view document, int grade) {
  if (queries_.size() != 0 && !queries_.contains(query))
    return note("judgements of queries that are not here, left out");
  if (documents_.size() != 0 && !documents_.contains(document)) note("judgements of documents that are not here");
  const std::string name = "qrels/" + split + ".tsv";
  if (!files_.contains(name)) file(name).put("query-id\tcorpus-id\tscore\n");
  file(name).put(fmt::format("{}\t{}\t{}\n", query, document, grade));
  ++report_.judgements[split];
}

void DatasetWriter::add_run(const std::string& path, const std::string& stem) {
  fs::create_directories(staging_ / "runs");
  const std::string name = "runs/" + (stem.ends_with(".run") ? stem : stem + ".run");
  std::string lines;
  for (const auto& [query, ranking] : read_run(path)) {
    for (std::size_t i = 0; i < ranking.size(); ++i) {
      lines += fmt::format("{} Q0 {} {} {:.9g} {}\n", query, ranking[i].id, i + 1, ranking[i].score, stem);
    }
    file(name).put(std::exchange(lines, {}));
  }
}

ConvertReport DatasetWriter::commit(OrderedJson description) {
  const auto without_language = [&](const char* what, std::map<std::string, std::uint64_t>& languages) {
    if (const auto unknown = languages.find(""); unknown != languages.end()) note(what, unknown->second);
    languages.erase("");
  };
  without_language("documents without a language", document_languages_);
  without_language("queries without a language", query_languages_);
  description["documents"] = report_.documents;
  description["document_languages"] = document_languages_;
  description["queries"] = report_.queries;
  description["query_languages"] = query_languages_;
  description["judgements"] = report_.judgements;
  description["notes"] = report_.notes;
  description["files"] = OrderedJson::array();
  for (const auto& [name, file] : files_) {
    const std::string hash = file->finish();
    description["files"].push_back({{"file", name}, {"bytes", file->size()}, {"sha256", hash}});
  }
  files_.clear();
  write_json(staging_ / "dataset.json", description, JsonLayout::indented);
  // An empty folder of that name is replaced, anything else that has come meanwhile is not.
  std::error_code error;
  fs::rename(staging_, into_, error);
  if (error) throw Unavailable(fmt::format("{}: cannot be written: {}", into_.string(), error.message()));
  staging_.clear();
  return report_;
}

}  // namespace dragoman
