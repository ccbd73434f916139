#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "dragoman/collection/document.h"

namespace dragoman::test {

inline Document document(std::string id, std::string_view language, std::string text, std::string metadata = "{}") {
  return {.id = std::move(id),
          .title = "",
          .text = std::move(text),
          .language = Language::parse(language),
          .language_given = true,
          .metadata = std::move(metadata)};
}

/// Something that happens to a collection's database behind its back.
inline void run_sql(const std::filesystem::path& collection, const char* sql) {
  sqlite3* database = nullptr;
  sqlite3_open((collection / "collection.sqlite").c_str(), &database);
  EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
}

}  // namespace dragoman::test
