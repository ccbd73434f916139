#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "dragoman/lexical/bm25.h"
#include "dragoman/lexical/lexical_segment.h"
#include "lexical/bm25_scorer.h"
#include "lexical/deleted_postings.h"
#include "lexical/recently_used.h"

namespace dragoman {

/// Documents that are weighed together.
struct DocumentGroup {
  Language key;                 ///< language_key() of its languages.
  std::uint64_t documents = 0;  ///< Live ones, with words.
  std::uint64_t words = 0;

  void add_document(std::uint32_t length) {
    documents += 1;
    words += length;
  }
};

/// Documents in languages of the same language_key() are weighed together. Numbers such groups in the order in which
/// their languages come.
class GroupNumbers {
 public:
  /// Of the group of each language.
  std::vector<std::uint16_t> of(std::span<const Language> languages);
  std::size_t size() const { return numbers_.size(); }
  /// The groups by number, without documents yet.
  std::vector<DocumentGroup> groups() const;

 private:
  std::map<Language, std::uint16_t> numbers_;  // By key.
};

/// The settings that a group's documents are weighed with.
struct GroupBm25 {
  double k1, b;

  /// k1 * (1 - b + b * length / average), the average being that of `group`, which has words.
  double norm_of(std::uint32_t length, const DocumentGroup& group) const;
};

/// By group: those of its language, or of all.
std::vector<GroupBm25> settings_of(const Bm25Options& options, std::span<const DocumentGroup> groups);

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
  struct Key {
    float k1, b;
    LexicalStatistics statistics;
    std::vector<LanguageBm25> by_language;
    LexicalWeighting weighting;
    float mu;

    bool operator==(const Key&) const = default;
  };
  RecentlyUsed<Key, LengthNorms> norms_{4};
};

}  // namespace dragoman
