#include "encode/encoding_database.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "base/file_lock.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/hash.h"

namespace dragoman {
namespace {

constexpr std::int64_t kApplication = 0x44524543;  // "DREC", SQLite's application_id.
constexpr std::int64_t kSchema = 1;
constexpr auto kLongestWait = std::chrono::seconds(10);

/// A hit within so many seconds of the last one is not written down: readers would all become writers.
constexpr std::int64_t kTouchSeconds = 3600;

// Room is made for more than is needed, and in pieces that keep other writers waiting for milliseconds alone.
constexpr double kKeptShare = 0.9;
constexpr int kRemovedAtOnce = 1000;

// Large pages: a vector of 384 or 1,024 numbers would leave half of a small one empty. Ids of sources are never given
// again (AUTOINCREMENT), nor are their rows removed: another process may remember them.
constexpr const char* kPrepare = "PRAGMA page_size=16384; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL";
constexpr const char* kCreate = R"(
  CREATE TABLE sources(
    id INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, stamp TEXT NOT NULL, form TEXT NOT NULL,
    UNIQUE(stamp, form));
  CREATE TABLE vectors(id INTEGER PRIMARY KEY, value BLOB NOT NULL);
  CREATE TABLE entries(
    source INTEGER NOT NULL, text BLOB NOT NULL, vector INTEGER NOT NULL, bytes INTEGER NOT NULL,
    used INTEGER NOT NULL, PRIMARY KEY(source, text)) WITHOUT ROWID;
  CREATE INDEX entries_by_use ON entries(used);
)";

/// Calls what may find the file damaged, and adds what to do about it.
template <typename Function>
auto with_remedy(Function function) {
  try {
    return function();
  } catch (const InvalidData& error) {
    throw InvalidData(
        fmt::format("{}; remove it with: dragoman model cache --clear, or do without it: --no-cache", error.what()));
  }
}

std::string_view view(const TextDigest& digest) { return {digest.data(), digest.size()}; }

bool is_empty(Database& database) {
  return database.pragma("application_id") == 0 && database.pragma("user_version") == 0 &&
         database.pragma("schema_version") == 0;
}

/// Two processes that begin at the same time must not both lay out the file.
void create(Database& database, const std::filesystem::path& file) {
  FileLock lock(file.parent_path() / "lock");
  const auto give_up = std::chrono::steady_clock::now() + kLongestWait;
  while (!lock.try_lock()) {
    if (std::chrono::steady_clock::now() > give_up) {
      throw Unavailable(fmt::format("{}: another process has been making it for too long", file.string()));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  if (!is_empty(database)) return;
  database.execute(kPrepare);
  Transaction transaction(database);
  database.execute(kCreate);
  database.execute(fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", kApplication, kSchema).c_str());
  transaction.commit();
}

void check_schema(Database& database, const std::filesystem::path& file) {
  if (const auto application = database.pragma("application_id"); application != kApplication) {
    throw InvalidData(
        fmt::format("{}: another program's database, no cache of encodings; move it away, or name another "
                    "folder with --cache",
                    file.string()));
  }
  if (const auto schema = database.pragma("user_version"); schema != kSchema) {
    throw InvalidData(
        fmt::format("{}: cache format {} is not {}, the one this program reads; use a folder of its own with --cache, "
                    "remove it with: dragoman model cache --clear, or do without it: --no-cache",
                    file.string(), schema, kSchema));
  }
}

}  // namespace

TextDigest digest_of(std::string_view text) {
  const std::string hexadecimal = sha256(text);
  const auto nibble = [&](std::size_t i) {
    const char c = hexadecimal[i];
    return c <= '9' ? c - '0' : c - 'a' + 10;
  };
  TextDigest digest;
  for (std::size_t i = 0; i < digest.size(); ++i) digest[i] = static_cast<char>(nibble(2 * i) << 4 | nibble(2 * i + 1));
  return digest;
}

std::filesystem::path encoding_database_file(const std::filesystem::path& cache) {
  return cache / "encodings" / "encodings.sqlite";
}

bool is_other_database(const std::filesystem::path& file) {
  // https://www.sqlite.org/fileformat2.html: a magic string first, the application id big-endian at byte 68.
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  constexpr std::size_t kOffset = 68;
  std::array<char, kOffset + 4> header{};
  std::ifstream(file, std::ios::binary).read(header.data(), header.size());
  if (std::string_view(header.data(), kMagic.size()) != kMagic) return false;
  std::uint32_t application = 0;
  for (std::size_t i = kOffset; i < header.size(); ++i) {
    application = application << 8 | static_cast<unsigned char>(header[i]);
  }
  return application != kApplication;
}

struct EncodingDatabase::Statements {
  explicit Statements(sqlite3* database)
      : source(database, "SELECT id FROM sources WHERE stamp=? AND form=?"),
        new_source(database,
                   "INSERT INTO sources(model, stamp, form) VALUES(?,?,?) "
                   "ON CONFLICT(stamp, form) DO UPDATE SET model=excluded.model"),
        value(database,
              "SELECT v.value, e.used FROM entries e JOIN vectors v ON v.id=e.vector WHERE e.source=? AND e.text=?"),
        entry(database, "SELECT vector FROM entries WHERE source=? AND text=?"),
        touch(database, "UPDATE entries SET used=? WHERE source=? AND text=?"),
        new_vector(database, "INSERT INTO vectors(value) VALUES(?)"),
        new_entry(database, "INSERT OR REPLACE INTO entries(source, text, vector, bytes, used) VALUES(?,?,?,?,?)"),
        drop_vector(database, "DELETE FROM vectors WHERE id=?") {}
  Statement source, new_source, value, entry, touch, new_vector, new_entry, drop_vector;
};

EncodingDatabase::EncodingDatabase(const std::filesystem::path& cache, EncodingDatabaseOptions options)
    : file_(encoding_database_file(cache)), options_(std::move(options)) {
  make_folder(file_.parent_path());
  database_ = std::make_unique<Database>(file_, DatabaseAccess::write);
  with_remedy([&] {
    if (is_empty(*database_)) create(*database_, file_);
  });
  check_schema(*database_, file_);
  with_remedy([&] {
    // A power cut may cost the last entries, which can be made again; the file stays whole either way.
    database_->execute("PRAGMA synchronous=NORMAL");
    statements_ = std::make_unique<Statements>(database_->get());
  });
}

EncodingDatabase::~EncodingDatabase() = default;

std::optional<std::int64_t> EncodingDatabase::find_source(const EncodingSource& source) {
  if (const auto known = sources_.find(source); known != sources_.end()) return known->second;
  Statement& statement = statements_->source;
  statement.reset();
  statement.bind(1, source.stamp).bind(2, source.form);
  if (!statement.step()) return std::nullopt;
  const std::int64_t id = statement.number(0);
  statement.reset();
  return sources_[source] = id;
}

std::int64_t EncodingDatabase::make_source(const EncodingSource& source) {
  if (const auto known = find_source(source)) return *known;
  statements_->new_source.bind(1, source.model).bind(2, source.stamp).bind(3, source.form).run();
  // Not remembered before the transaction is through: it may be rolled back.
  Statement& statement = statements_->source;
  statement.bind(1, source.stamp).bind(2, source.form).step();
  const std::int64_t id = statement.number(0);
  statement.reset();
  return id;
}

std::vector<std::optional<std::string>> EncodingDatabase::read(const EncodingSource& source,
                                                               std::span<const TextDigest> texts) {
  const std::lock_guard lock(mutex_);
  return with_remedy([&] {
    std::vector<std::optional<std::string>> values(texts.size());
    std::vector<TextDigest> stale;
    std::optional<std::int64_t> id;
    {
      const Snapshot snapshot(*database_);
      id = find_source(source);
      if (!id) return values;
      const std::int64_t now = options_.clock();
      Statement& statement = statements_->value;
      for (std::size_t i = 0; i < texts.size(); ++i) {
        statement.reset();
        if (!statement.bind(1, *id).bind_blob(2, view(texts[i])).step()) continue;
        values[i] = std::string(statement.blob(0));
        if (now - statement.number(1) >= kTouchSeconds) stale.push_back(texts[i]);
      }
      statement.reset();
    }
    if (!stale.empty()) touch(*id, stale);
    return values;
  });
}

void EncodingDatabase::touch(std::int64_t source, std::span<const TextDigest> texts) {
  try {
    Transaction transaction(*database_);
    const std::int64_t now = options_.clock();
    for (const TextDigest& text : texts) {
      statements_->touch.bind(1, now).bind(2, source).bind_blob(3, view(text)).run();
    }
    transaction.commit();
  } catch (const Unavailable&) {
    // A full disk, or somebody else writes: what was read is good, and only the order of removal knows less.
  }
}

void EncodingDatabase::write(const EncodingSource& source, std::span<const NewValue> values) {
  const std::lock_guard lock(mutex_);
  with_remedy([&] {
    Transaction transaction(*database_);
    const std::int64_t id = make_source(source), now = options_.clock();
    for (const NewValue& value : values) {
      Statement& entry = statements_->entry;
      entry.reset();
      const bool there = entry.bind(1, id).bind_blob(2, view(value.text)).step();
      const std::int64_t old = there ? entry.number(0) : 0;
      entry.reset();
      if (there && !value.replace) continue;
      if (there) statements_->drop_vector.bind(1, old).run();
      statements_->new_vector.bind_blob(1, value.value).run();
      statements_->new_entry.bind(1, id)
          .bind_blob(2, view(value.text))
          .bind(3, static_cast<std::int64_t>(sqlite3_last_insert_rowid(database_->get())))
          .bind(4, static_cast<std::int64_t>(value.value.size()))
          .bind(5, now)
          .run();
    }
    transaction.commit();
    sources_[source] = id;
    make_room();
  });
}

std::uint64_t EncodingDatabase::bytes_used() {
  const std::int64_t pages = database_->pragma("page_count") - database_->pragma("freelist_count");
  return static_cast<std::uint64_t>(pages * database_->pragma("page_size"));
}

void EncodingDatabase::make_room() {
  if (bytes_used() <= options_.max_bytes) return;
  const auto goal = static_cast<std::uint64_t>(kKeptShare * static_cast<double>(options_.max_bytes));
  // What this moment brought stays: a limit that one call fills would otherwise undo that call.
  const std::int64_t now = options_.clock();
  Statement oldest(database_->get(), "SELECT source, text, vector FROM entries WHERE used<? ORDER BY used LIMIT ?");
  Statement drop(database_->get(), "DELETE FROM entries WHERE source=? AND text=?");
  while (bytes_used() > goal) {
    Transaction transaction(*database_);
    struct Victim {
      std::int64_t source, vector;
      std::string text;
    };
    std::vector<Victim> victims;
    oldest.reset();
    oldest.bind(1, now).bind(2, std::int64_t{kRemovedAtOnce});
    while (oldest.step()) victims.push_back({oldest.number(0), oldest.number(2), std::string(oldest.blob(1))});
    oldest.reset();
    for (const Victim& victim : victims) {
      drop.bind(1, victim.source).bind_blob(2, victim.text).run();
      statements_->drop_vector.bind(1, victim.vector).run();
    }
    transaction.commit();
    if (victims.size() < kRemovedAtOnce) break;
  }
  database_->execute("PRAGMA incremental_vacuum");
}

EncodingCacheSummary EncodingDatabase::summary() {
  const std::lock_guard lock(mutex_);
  return with_remedy([&] {
    EncodingCacheSummary summary{.file = file_, .encodings = 0, .bytes = bytes_used(), .models = {}};
    Statement rows(database_->get(),
                   "SELECT max(s.model), s.stamp, count(*), sum(e.bytes), sum(s.form LIKE 'answer %') FROM entries e "
                   "JOIN sources s ON s.id=e.source "
                   "GROUP BY s.stamp ORDER BY 4 DESC, 2");
    while (rows.step()) {
      summary.models.push_back({std::string(rows.text(0)), std::string(rows.text(1)),
                                static_cast<std::uint64_t>(rows.number(2)), static_cast<std::uint64_t>(rows.number(3)),
                                static_cast<std::uint64_t>(rows.number(4))});
      summary.encodings += summary.models.back().encodings;
    }
    return summary;
  });
}

void EncodingDatabase::clear(std::string_view model) {
  const std::lock_guard lock(mutex_);
  with_remedy([&] {
    {
      Transaction transaction(*database_);
      if (model.empty()) {
        database_->execute("DELETE FROM entries; DELETE FROM vectors");
      } else {
        Statement remove(database_->get(),
                         "DELETE FROM entries WHERE source IN (SELECT id FROM sources WHERE model=?)");
        remove.bind(1, model).run();
        database_->execute("DELETE FROM vectors WHERE id NOT IN (SELECT vector FROM entries)");
      }
      transaction.commit();
    }
    database_->execute("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)");
  });
}

}  // namespace dragoman
