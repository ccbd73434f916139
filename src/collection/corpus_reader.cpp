#include "dragoman/collection/corpus_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/database.h"
#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

constexpr std::size_t kMaxIdBytes = 512;

/// The first of several spellings that is there.
template <std::size_t N>
std::optional<std::string> member(const Json& object, const std::array<const char*, N>& names, std::string_view place) {
  for (const char* name : names) {
    if (auto value = string_member(object, name, place)) return value;
  }
  return std::nullopt;
}

constexpr std::array kIdNames = {"_id", "id", "docid"};
constexpr std::array kTextNames = {"text", "contents"};
constexpr std::array kTitleNames = {"title"};
constexpr std::array kLanguageNames = {"lang", "language"};

bool has_own_place(std::string_view name) {
  const auto is_in = [&](const auto& names) { return std::ranges::find(names, name) != names.end(); };
  return is_in(kIdNames) || is_in(kTextNames) || is_in(kTitleNames) || is_in(kLanguageNames);
}

void check_id(std::string_view id, std::string_view place) {
  if (id.empty()) throw InvalidData(fmt::format("{}: the document id is empty", place));
  if (id.size() > kMaxIdBytes) {
    throw InvalidData(
        fmt::format("{}: the document id has {} bytes; at most {} are taken", place, id.size(), kMaxIdBytes));
  }
  if (std::ranges::any_of(id, [](unsigned char c) { return c <= 0x20 || c == 0x7F; })) {
    throw InvalidData(
        fmt::format("{}: the document id '{}' holds white space or control characters, which result "
                    "files cannot carry",
                    place, printable(id)));
  }
}

/// Scalars as they are, anything nested as its JSON text: metadata is flat.
std::string flat_metadata(const Json& object) {
  Json flat = Json::object();
  for (const auto& [name, value] : object.items()) {
    if (has_own_place(name) || value.is_null()) continue;
    flat[name] = value.is_structured() ? Json(to_line(value)) : value;
  }
  return to_line(flat);
}

/// Which line an id was on, exactly and in bounded memory: SQLite keeps a temporary database on the disk.
class SeenIds {
 public:
  SeenIds() : database_("", DatabaseAccess::write) {
    database_.execute(
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN;"
        "CREATE TABLE seen(id TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID");
    insert_ = std::make_unique<Statement>(database_.get(), "INSERT OR IGNORE INTO seen VALUES(?,?)");
  }

  void add(std::string_view id, std::uint64_t line, std::string_view place) {
    insert_->bind(1, id).bind(2, static_cast<std::int64_t>(line)).run();
    if (sqlite3_changes(database_.get()) == 1) return;
    Statement row(database_.get(), "SELECT line FROM seen WHERE id=?");
    row.bind(1, id).step();
    throw InvalidData(fmt::format("{}: the document id '{}' was already on line {}; ids must be unique", place,
                                  printable(id), row.number(0)));
  }

 private:
  Database database_;
  std::unique_ptr<Statement> insert_;
};

}  // namespace

std::string corpus_file(const std::string& path) {
  if (path == "-" || !std::filesystem::is_directory(path)) return path;
  for (const char* name : {"corpus.jsonl", "corpus.jsonl.gz", "corpus.jsonl.zst"}) {
    if (auto file = std::filesystem::path(path) / name; std::filesystem::exists(file)) return file.string();
  }
  throw NotFound(fmt::format("{}: the folder holds no corpus.jsonl (nor .gz, .zst)", path));
}

struct CorpusReader::State {
  explicit State(const std::string& path) : file(corpus_file(path)), lines(file) {}
  std::string file;
  LineReader lines;
  SeenIds seen;
  std::uint64_t documents = 0;
};

CorpusReader::CorpusReader(const std::string& path) : state_(std::make_unique<State>(path)) {}
CorpusReader::~CorpusReader() = default;

bool CorpusReader::next(Document& document) {
  std::string_view line;
  do {
    if (!state_->lines.next(line)) {
      if (state_->documents == 0) throw InvalidData(fmt::format("{}: holds no documents", state_->file));
      return false;
    }
  } while (line.find_first_not_of(" \t") == std::string_view::npos);

  const std::string here = place();
  const Json object = parse_json_object(line, here);
  auto id = member(object, kIdNames, here);
  if (!id) throw InvalidData(fmt::format("{}: \"_id\" is missing", here));
  check_id(*id, here);
  auto text = member(object, kTextNames, here);
  if (!text) throw InvalidData(fmt::format("{}: \"text\" is missing", here));

  document = {.id = *std::move(id),
              .title = member(object, kTitleNames, here).value_or(""),
              .text = *std::move(text),
              .language = {},
              .language_given = false,
              .metadata = flat_metadata(object)};
  if (const auto tag = member(object, kLanguageNames, here); tag && !tag->empty()) {
    try {
      document.language = Language::parse(*tag);
    } catch (const InvalidArgument& error) {
      throw InvalidData(fmt::format("{}: {}", here, error.what()));
    }
    document.language_given = true;
  } else {
    document.language = identify_language(document.text.empty() ? document.title : document.text).language;
  }
  state_->seen.add(document.id, state_->lines.line_number(), here);
  ++state_->documents;
  return true;
}

std::string CorpusReader::place() const { return state_->lines.place(); }
std::uint64_t CorpusReader::bytes_read() const { return state_->lines.bytes_read(); }
std::uint64_t CorpusReader::bytes_total() const { return state_->lines.bytes_total(); }

}  // namespace dragoman
