#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dragoman/lexical/bm25.h"
#include "dragoman/lexical/word_union.h"
#include "lexical/scored_union.h"
#include "lexical/union_norms.h"

namespace dragoman {

/// Search for weighted unions of words, in one field or several: what Bm25Index does for all but plain words in one
/// field. Thread-safe.
class UnionSearch {
 public:
  /// @throws as Bm25Index::of_fields().
  UnionSearch(std::vector<LexicalField> fields, std::shared_ptr<const DocumentSet> live);

  std::span<const std::string> fields() const { return names_; }

  /// As Bm25Index's functions of these names.
  std::vector<ScoredDocument> search(std::span<const WordUnion> query, std::size_t depth, const Bm25Options& options,
                                     const DocumentSet* allowed) const;
  std::vector<double> document_frequencies(std::string_view word, std::span<const Language> languages) const;

 private:
  /// A posting list in every part.
  struct WordInField {
    std::size_t field;
    std::string_view word;
    float word_weight, weight;  ///< In the union; times that of the field.
    std::vector<PostingList> lists;
    std::uint64_t postings = 0;  ///< Of live documents, when a search uses it.
  };
  /// A union of the query, with what the index has of it.
  struct KnownUnion {
    std::vector<WordInField> words;  ///< Those that are there; the order of ScoredUnion.
    std::vector<double>
        weights;             ///< By group: times in the query, times idf; 0 where the group lacks it. One if pooled.
    bool one_group = false;  ///< At most one group has it.

    double most_weight() const;
  };

  void check_alignment() const;
  void count_documents();
  bool is_live(std::size_t part, std::uint32_t document) const;
  /// As the function count_any(), of live documents of one part.
  template <typename OfLanguage, typename OfDocument>
  void count_live(std::size_t part, std::span<const PostingList> lists, OfLanguage of_language,
                  OfDocument of_document) const;
  /// Weight and b of each field. @throws InvalidArgument for a field that is not there, or is there twice.
  std::vector<FieldBm25> settings_of(const Bm25Options& options) const;
  KnownUnion look_up(const WordUnion& of, std::span<const FieldBm25> fields, LexicalStatistics statistics) const;
  /// Documents of each group that have any of the words.
  std::vector<double> count_any_by_group(std::span<const WordInField> words) const;
  std::vector<double> frequencies_of(const KnownUnion& known, UnionFrequency frequency) const;
  ScoredUnion scored(const KnownUnion& known, std::size_t part,
                     std::span<const std::shared_ptr<const InverseNorms>> norms, double steps) const;

  std::vector<std::string> names_;
  std::vector<FieldLengths> fields_;
  std::vector<std::vector<std::vector<std::uint16_t>>> group_of_language_;  // By field, part and language there.
  std::vector<std::vector<std::uint16_t>> groups_;                          // By part and document.
  std::vector<double> documents_;                                           // With words in any field, by group.
  double all_documents_ = 0;
  std::shared_ptr<const DocumentSet> live_;  // Null for all.
  std::vector<bool> has_deleted_;            // By part.
  mutable InverseNormCache norms_;
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, std::vector<double>> counted_;  // Of long lists, by fields and words.
};

}  // namespace dragoman
