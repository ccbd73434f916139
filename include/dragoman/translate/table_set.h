#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dragoman/text/language.h"
#include "dragoman/translate/translation_table.h"

namespace dragoman {

/// The translation tables that a program was given, or has installed. Thread-safe.
class TableSet {
 public:
  TableSet() = default;
  /// @param places tables, or folders of them (*.table; those in folders below are not looked at). Of two that serve
  ///               the same pair the first counts. Empty: default_folder(), which need not be there.
  /// @throws NotFound if a place is not there, or a folder given has no table; InvalidData for a damaged table.
  explicit TableSet(std::span<const std::filesystem::path> places, const std::filesystem::path& default_folder = {});

  /// The table from one language to another, whose regions count for nothing; null if there is none.
  std::shared_ptr<const TranslationTable> find(const Language& from, const Language& to) const;

  /// All that find() can give, by languages.
  const std::vector<std::shared_ptr<const TranslationTable>>& tables() const { return tables_; }

 private:
  void add(const std::filesystem::path& file);

  std::vector<std::shared_ptr<const TranslationTable>> tables_;
};

/// "en-sw.table".
std::string table_name(const Language& from, const Language& to);

/// Where tables lie that nobody says a place for: "translation" beside the folder of models. An empty `models` is the
/// default folder of ModelStore.
std::filesystem::path default_table_folder(const std::filesystem::path& models);

}  // namespace dragoman
