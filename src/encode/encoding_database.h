#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/database.h"
#include "dragoman/encode/encoding_cache.h"

namespace dragoman {

/// The first 128 bits of a text's SHA-256. Texts come from strangers, so a hash that can be made to collide on purpose
/// would let one text answer for another.
using TextDigest = std::array<char, 16>;
TextDigest digest_of(std::string_view text);

/// What encodings have in common besides their text: the model, and the form of the representation.
struct EncodingSource {
  std::string model;  ///< Name for people; no part of the identity.
  std::string stamp;  ///< Encoder::stamp().
  std::string form;   ///< "dense passage 256".

  friend auto operator<=>(const EncodingSource&, const EncodingSource&) = default;
};

struct EncodingDatabaseOptions {
  std::uint64_t max_bytes = kDefaultCacheBytes;
  /// Seconds; what was used least recently goes first when the file is full.
  std::function<std::int64_t()> clock = [] {
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  };
};

/// CACHE/encodings/encodings.sqlite: values by source and text (docs/formats/encodings.md). Thread-safe; several
/// processes may use one file at the same time.
class EncodingDatabase {
 public:
  /// Makes folder and file where there are none.
  /// @throws InvalidData (damaged, newer, another program's), Unavailable (cannot be written).
  explicit EncodingDatabase(const std::filesystem::path& cache, EncodingDatabaseOptions options = {});
  ~EncodingDatabase();

  const std::filesystem::path& file() const { return file_; }

  /// The values of some texts, in their order; none where there is none. One transaction.
  /// @throws Unavailable, InvalidData: the cache is of no use now.
  std::vector<std::optional<std::string>> read(const EncodingSource& source, std::span<const TextDigest> texts);

  struct NewValue {
    TextDigest text;
    std::string value;
    bool replace = false;  ///< What is there is damaged. Otherwise what came first stays.
  };
  /// All or nothing; afterwards the file holds max_bytes at most, unless this call alone brought more.
  /// @throws Unavailable (a full disk), InvalidData.
  void write(const EncodingSource& source, std::span<const NewValue> values);

  EncodingCacheSummary summary();
  /// @param model what was kept of one under this name alone; empty: all.
  void clear(std::string_view model = {});

 private:
  struct Statements;

  std::optional<std::int64_t> find_source(const EncodingSource& source);
  std::int64_t make_source(const EncodingSource& source);
  void touch(std::int64_t source, std::span<const TextDigest> texts);
  std::uint64_t bytes_used();
  void make_room();

  std::filesystem::path file_;
  EncodingDatabaseOptions options_;
  std::mutex mutex_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Statements> statements_;
  std::map<EncodingSource, std::int64_t> sources_;
};

/// Where the file of a cache lies.
std::filesystem::path encoding_database_file(const std::filesystem::path& cache);

/// Is the file a database that some other program made? Looks at the first hundred bytes alone: what follows may be
/// damaged.
bool is_other_database(const std::filesystem::path& file);

}  // namespace dragoman
