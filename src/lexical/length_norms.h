#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "dragoman/lexical/bm25.h"
#include "dragoman/lexical/lexical_segment.h"
#include "lexical/bm25_scorer.h"
#include "lexical/deleted_postings.h"

namespace dragoman {

/// Documents that are weighed together.
struct DocumentGroup {
  std::string key;              ///< group_key() of its languages.
  std::uint64_t documents = 0;  ///< Live ones, with words.
  std::uint64_t words = 0;
};

/// Documents in languages of the same key are weighed together: primary subtag and script.
std::string group_key(const Language& language);

/// A segment in an index.
struct LexicalPart {
  std::shared_ptr<const LexicalSegment> segment;
  std::vector<std::uint16_t> group_of_language;  ///< By language of the segment.
  std::vector<std::uint16_t> groups;             ///< By document.
  std::unique_ptr<DeletedPostings> deleted;      ///< Null if all its documents are live.
};

/// Length norms of all documents for the settings of the last few searches: they cost a division a document, and a
/// search would need one for every posting. Thread-safe.
class LengthNormCache {
 public:
  std::shared_ptr<const LengthNorms> find(const Bm25Options& options, std::span<const LexicalPart> parts,
                                          std::span<const DocumentGroup> groups, const DocumentGroup& pool);

 private:
  struct Entry {
    float k1, b;
    LexicalStatistics statistics;
    std::vector<LanguageBm25> by_language;
    LexicalWeighting weighting;
    float mu;
    std::shared_ptr<const LengthNorms> norms;
  };
  std::mutex mutex_;
  std::vector<Entry> entries_;  // Last used last.
};

}  // namespace dragoman
