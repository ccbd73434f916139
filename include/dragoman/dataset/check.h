#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/progress.h"
#include "dragoman/dataset/dataset_files.h"

namespace dragoman {

enum class Severity { error, warning };

/// What may be wrong with a test collection. The order is that of reports.
enum class Problem {
  ill_formed_utf8,           ///< error: bytes that are no UTF-8
  malformed_record,          ///< error: no JSON, a member missing, an unusable id or tag, a grade that is no number
  duplicate_document_id,     ///< error
  duplicate_query_id,        ///< error
  conflicting_grades,        ///< error: one pair, two grades
  unknown_query,             ///< error: a judgement names a query that is not there
  unknown_document,          ///< error: a judgement names a document that is not there
  split_leak,                ///< error: the same query, by id or by text, in "train" and in another split
  shared_query,              ///< warning: the same query, by id or by text, in two other splits
  duplicate_document_text,   ///< warning
  duplicate_query_text,      ///< warning: two queries of one language with the same text
  empty_text,                ///< warning
  replacement_character,     ///< warning: U+FFFD, where a conversion lost something
  wrong_script,              ///< warning: the text is not in the script of its language
  missing_language,          ///< warning
  long_text,                 ///< warning: beyond CheckOptions::long_text_bytes
  query_without_judgements,  ///< warning
  query_without_relevant,    ///< warning: judged, but no document above 0
  grade_out_of_range,        ///< warning: outside of CheckOptions' lowest_grade and highest_grade
};

/// "duplicate_query_id".
std::string_view problem_name(Problem problem);
Severity severity_of(Problem problem);

struct Finding {
  Problem problem = Problem::malformed_record;
  std::uint64_t count = 0;            ///< At least 1.
  std::vector<std::string> examples;  ///< The first ones: place, what, and what was expected.
};

struct CheckOptions {
  std::size_t examples = 3;               ///< Kept of each problem.
  std::size_t long_text_bytes = 100'000;  ///< More than that is a long text.
  int lowest_grade = 0, highest_grade = 4;
};

struct CheckReport {
  std::uint64_t documents = 0, queries = 0, judgements = 0;  ///< That could be read.
  std::vector<Finding> findings;                             ///< In the order of Problem; those that were found.

  bool has_errors() const;
};

/// Reads a collection to its end, whatever is wrong with it, and tells what is.
///
/// Texts are the same if they are after NFKC, case folding and joining of white space; they are compared by 64-bit
/// checksums, so that two of ten million differ and count as same with a chance of 1 in 400,000.
///
/// The script is told by identify_language(), and only a contradiction is reported: a text that is by 80 of 100 letters
/// in another script than its language is written in. Swahili in a file of German is not noticed.
///
/// @throws NotFound if a file is missing; InvalidData only where nothing behind it can be read: a line beyond
///         LineReader::kMaxLineBytes, a damaged compressed stream; InvalidArgument if lowest_grade > highest_grade.
///
/// One pass over each file, one thread. Memory: 16 bytes a document, judgements, queries; ids of documents on the disk.
CheckReport check_dataset(const DatasetFiles& files, const CheckOptions& options = {},
                          const ProgressCallback& progress = {});

}  // namespace dragoman
