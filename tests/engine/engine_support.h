#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/engine/engine.h"
#include "dragoman/engine/indexer.h"
#include "support/test_support.h"

namespace dragoman::test {

/// JSON lines: twelve short documents in eleven languages, one of them without text and language.
extern const std::string_view kTeaCorpus;
inline constexpr std::uint64_t kTeaDocuments = 12;

/// One line of a corpus. The text needs no escapes.
std::string line(std::string_view id, std::string_view language, std::string_view text);

/// Options to index without a model.
IndexOptions words_only(const std::filesystem::path& corpus, const std::filesystem::path& into);

Query query(std::string text, std::string_view language = "und");

/// Options to search by these first stages.
SearchOptions search(std::vector<FirstStage> stages);

/// Options to search without a model.
SearchOptions search_words();

/// A collection of its own for every test, indexed and searched without a model.
class WordsTest : public testing::Test {
 protected:
  IndexOptions words_of(std::string_view corpus) const;
  SearchResult search(std::string text, std::string_view language = "und",
                      const SearchOptions& options = search_words()) const;

  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "index";
};

/// Why tests with the default encoder cannot run here; empty if they can.
std::string skip_reason();

std::vector<std::string> ids(const SearchResult& result);

/// Name and bytes of every segment file of a collection, by name.
std::vector<std::pair<std::string, std::string>> segment_files(const std::filesystem::path& collection);

}  // namespace dragoman::test
