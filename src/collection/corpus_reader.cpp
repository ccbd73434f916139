#include "dragoman/collection/corpus_reader.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/database.h"
#include "base/json.h"
#include "collection/document_members.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

/// Scalars as they are, anything nested as its JSON text: metadata is flat.
std::string flat_metadata(const Json& object) {
  Json flat = Json::object();
  for (const auto& [name, value] : object.items()) {
    if (is_document_member(name) || value.is_null()) continue;
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
  State(const std::string& path, std::shared_ptr<const LanguageIdentifier> given)
      : file(corpus_file(path)),
        lines(file),
        identifier(given ? std::move(given) : std::make_shared<const LanguageIdentifier>()) {}
  std::string file;
  LineReader lines;
  SeenIds seen;
  std::uint64_t documents = 0;
  std::shared_ptr<const LanguageIdentifier> identifier;
};

CorpusReader::CorpusReader(const std::string& path, std::shared_ptr<const LanguageIdentifier> identifier)
    : state_(std::make_unique<State>(path, std::move(identifier))) {}
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
  DocumentMembers members = document_members(object, here);
  if (!members.id) throw InvalidData(fmt::format("{}: \"_id\" is missing", here));
  if (!members.text) throw InvalidData(fmt::format("{}: \"text\" is missing", here));

  document = {.id = *std::move(members.id),
              .title = std::move(members.title),
              .text = *std::move(members.text),
              .language = {},
              .language_given = false,
              .metadata = flat_metadata(object)};
  if (const auto& tag = members.language; !tag.empty()) {
    try {
      document.language = Language::parse(tag);
    } catch (const InvalidArgument& error) {
      throw InvalidData(fmt::format("{}: {}", here, error.what()));
    }
    document.language_given = true;
  } else {
    const std::string& text = document.text.empty() ? document.title : document.text;
    document.language = state_->identifier->posterior(text).guess().language;
  }
  state_->seen.add(document.id, state_->lines.line_number(), here);
  ++state_->documents;
  return true;
}

std::string CorpusReader::place() const { return state_->lines.place(); }
std::uint64_t CorpusReader::bytes_read() const { return state_->lines.bytes_read(); }
std::uint64_t CorpusReader::bytes_total() const { return state_->lines.bytes_total(); }

}  // namespace dragoman
