#pragma once

#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include "dragoman/base/file.h"
#include "dragoman/retrieve/ranking.h"

namespace dragoman {

/// Query id -> its ranking.
using Run = std::map<std::string, Ranking, std::less<>>;

/// Reads a TREC run, plain or compressed, or "-" for standard input: 6 columns between white space (ASCII),
/// `query Q0 document rank score tag`.
///
/// The order is trec_eval's, whatever the rank column and the order of the lines say: score descending after rounding
/// to float32, equal scores by document id DESCENDING (bytes). It differs from a Ranking's own order where scores are
/// equal; do not sort again. Blank lines are skipped.
///
/// @throws NotFound if there is no such file; InvalidData, as `bm25.run:3: expected 6 columns ..., got 5`, for a
///         malformed line, ill-formed UTF-8, a score that is no finite float32, or a document listed twice for a query.
Run read_run(const std::string& path);

/// Writes a TREC run. The rankings' own order is what every evaluator will see:
///
/// - Scores carry 9 significant digits, which give back the same float32.
/// - Evaluators sort by score, and each breaks ties in its own way (trec_eval by DESCENDING document id, against the
///   ascending order of a Ranking), so there are none: where the next score is not strictly lower, the greatest float32
///   below the score written before it stands instead.
///
/// A ranking without hits leaves no line, and its query cannot be told from one that was never asked: evaluate with
/// QuerySet::all_judged. The bytes depend on nothing but the arguments. Not thread-safe.
class RunWriter {
 public:
  /// Writes to `out`, which must outlive the writer. `tag` names the system.
  /// @throws InvalidArgument if `tag` is empty, holds white space or is no UTF-8.
  RunWriter(std::ostream& out, std::string tag);
  /// Writes to a file that appears whole, at commit(), or to standard output ("-").
  /// @throws InvalidArgument as above, Unavailable if the file's folder cannot be written.
  RunWriter(const std::string& path, std::string tag);

  /// @throws InvalidArgument if an id is empty, holds white space or is no UTF-8; if the query was written before or a
  ///         document comes twice; if a score is not finite, or no lower one is left. Nothing of the ranking is
  ///         written then. Unavailable if the disk is full or the stream broken.
  void write(std::string_view query_id, const Ranking& ranking);

  /// Ends the run; without it a file does not appear. To be called once, last.
  /// @throws Unavailable if what was written could not be kept.
  void commit();

 private:
  void put(std::string_view bytes);

  std::unique_ptr<AtomicFile> file_;
  std::ostream* out_ = nullptr;  // where there is no file_
  std::string tag_;
  std::unordered_set<std::string> written_;
};

}  // namespace dragoman
