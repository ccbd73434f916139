#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "dragoman/collection/collection.h"
#include "dragoman/engine/search_options.h"

namespace dragoman {

/// The documents that a search may return: those that were not deleted, of them those that its filters let through. All
/// first stages get them, and return no others; nothing is taken out of a list afterwards.
class AllowedDocuments {
 public:
  /// Evaluates the filters that are the same for all queries. O(documents), or nothing where there are none.
  /// @param documents as the engine knows them; must outlive this.
  AllowedDocuments(const Collection& collection, const Collection::DocumentLanguages& documents,
                   const SearchOptions& options);

  /// For queries in a language, as Retriever::search() takes them: a byte a document, or nothing for all. Valid until
  /// the next call.
  std::span<const std::uint8_t> for_queries_in(const Language& language);

 private:
  const Collection& collection_;
  const Collection::DocumentLanguages& documents_;
  const SearchOptions& options_;
  std::optional<std::vector<std::uint8_t>> filtered_;  // By metadata and ids; none if these do not matter.
  std::vector<std::uint8_t> allowed_;
};

}  // namespace dragoman
