#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/text/language.h"

namespace dragoman {

/// Where a table's translations come from.
enum class TableKind {
  lexicon,   ///< Somebody wrote them down.
  learned,   ///< Learned from sentences.
  combined,  ///< Both.
};
/// "lexicon", "learned", "combined".
std::string_view to_string(TableKind kind);

/// What a table is and what made it.
struct TableInfo {
  Language from, to;
  TableKind kind = TableKind::lexicon;
  std::string analyzer;              ///< Analyzer::version() of the one that made its words.
  std::vector<std::string> sources;  ///< Names of files and folders, in the order in which they were read.
  std::uint64_t sentence_pairs = 0;  ///< It was learned from.
  std::uint64_t lexicon_pairs = 0;
};

/// One translation of a word.
struct TableTranslation {
  std::string_view word;     ///< As an index has it.
  std::string_view written;  ///< As it is most often written, for readers.
  float probability = 0;     ///< In (0, 1].
};

/// P(f|e): for words e of one language, the words f that say the same in another, and how often it is each of them.
/// Both are words as an Analyzer makes them of documents, so that a query's words can be looked up as they are, and
/// what is found can be searched as it is. A mapped, checksummed file (docs/formats/translation-table.md). Thread-safe.
class TranslationTable {
 public:
  /// @throws NotFound if there is no such file; InvalidData if it is damaged, or no table.
  explicit TranslationTable(const std::filesystem::path& path);
  ~TranslationTable();
  TranslationTable(TranslationTable&&) noexcept;
  TranslationTable& operator=(TranslationTable&&) noexcept;

  const TableInfo& info() const;
  /// @throws InvalidData if the table's words were made by another analyser, with both versions and the remedy.
  void require_analyzer(std::string_view version) const;

  /// Probability descending, then by word; they add up to 1 at most. Empty for a word that the table does not know.
  /// Views die with the table. O(log words).
  std::vector<TableTranslation> find(std::string_view word) const;

  std::size_t words() const;                        ///< That have translations.
  std::size_t translations() const;                 ///< In all.
  std::uint64_t bytes() const;                      ///< Of the file.
  std::string_view word(std::size_t number) const;  ///< In ascending order of bytes.
  std::vector<TableTranslation> translations_of(std::size_t number) const;
  const std::filesystem::path& path() const;
  /// The checksum of all its contents: equal tables have equal stamps.
  const std::string& stamp() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A word and its most frequent spelling.
struct TableWord {
  std::string word, written;
};

/// A table in the making: rows of (number of the target word, weight), one for each source word.
struct TableContent {
  struct Cell {
    std::uint32_t target = 0;
    double weight = 0;  ///< > 0.
  };
  std::vector<TableWord> sources, targets;
  std::vector<std::vector<Cell>> rows;  ///< As many as there are sources.
};

/// What is kept of a word's translations.
struct PruneOptions {
  float cumulative = 0.95f;  ///< In (0, 1]: the most probable ones that together reach this share.
  std::size_t most = 20;     ///< At most so many, > 0.
  float least = 0.005f;      ///< In [0, 1): none of a lower probability.
};

/// Makes each row probabilities: the cells that are kept, by descending weight and then by word, add up to 1.
/// @throws InvalidArgument if an option is out of range.
void prune(TableContent& content, const PruneOptions& options);

/// Both in one: share * P1(f|e) + (1 - share) * P2(f|e) for words that both know, else what the one says that does.
/// Rows must be probabilities.
TableContent interpolate(const TableContent& first, const TableContent& second, double share);

/// Writes a table whose rows are probabilities; rows without cells are left out. Returns its size in bytes.
/// @throws Unavailable as AtomicFile.
std::uint64_t write_translation_table(const std::filesystem::path& path, const TableInfo& info,
                                      const TableContent& content);

}  // namespace dragoman
