#include "dragoman/translate/table_set.h"

#include <fmt/format.h>

#include <algorithm>

#include "dragoman/base/error.h"
#include "dragoman/encode/model_store.h"

namespace dragoman {
namespace {

constexpr std::string_view kEnding = ".table";

std::vector<std::filesystem::path> tables_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == kEnding) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace

TableSet::TableSet(std::span<const std::filesystem::path> places, const std::filesystem::path& default_folder) {
  for (const std::filesystem::path& place : places) {
    if (!std::filesystem::is_directory(place)) {
      add(place);
      continue;
    }
    const auto files = tables_in(place);
    if (files.empty()) {
      throw NotFound(fmt::format("{}: holds no translation table; make one with: dragoman translate learn --into {}",
                                 place.string(), place.string()));
    }
    for (const std::filesystem::path& file : files) add(file);
  }
  if (places.empty() && std::filesystem::is_directory(default_folder)) {
    for (const std::filesystem::path& file : tables_in(default_folder)) add(file);
  }
  std::ranges::stable_sort(
      tables_, {}, [](const auto& table) { return std::pair(table->info().from.tag(), table->info().to.tag()); });
}

void TableSet::add(const std::filesystem::path& file) {
  auto table = std::make_shared<TranslationTable>(file);
  if (find(table->info().from, table->info().to)) return;
  tables_.push_back(std::move(table));
}

std::shared_ptr<const TranslationTable> TableSet::find(const Language& from, const Language& to) const {
  for (const auto& table : tables_) {
    if (same_written_language(table->info().from, from) && same_written_language(table->info().to, to)) return table;
  }
  return nullptr;
}

std::string table_name(const Language& from, const Language& to) {
  return fmt::format("{}-{}{}", from.tag(), to.tag(), kEnding);
}

std::filesystem::path default_table_folder(const std::filesystem::path& models) {
  return ModelStore(models).folder().parent_path() / "translation";
}

}  // namespace dragoman
