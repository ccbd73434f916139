#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "dragoman/collection/document.h"
#include "dragoman/text/language_identifier.h"

namespace dragoman {

/// The file that a CorpusReader of this path reads: the path itself, or of a BEIR folder its corpus.jsonl, plain, .gz
/// or .zst. @throws NotFound if the folder holds none.
std::string corpus_file(const std::string& path);

/// Reads documents from JSON lines, plain, .gz or .zst, or from "-", standard input; or from a BEIR folder, which holds
/// corpus.jsonl. A line is an object with `_id` (or `id`, `docid`), `text` (or `contents`), and optionally `title` and
/// `lang` (or `language`); whatever else it says goes into the document's metadata. A document without a language has
/// its language identified from its text, and marked so: a language that has more than half of the belief, else
/// "und-Latn".
///
/// Every problem is an InvalidData that names file and line: malformed JSON, ill-formed UTF-8, a missing or unusable
/// id, an unknown language tag, a line beyond LineReader::kMaxLineBytes, an id that occurs twice (naming both lines), a
/// file without documents.
class CorpusReader {
 public:
  /// @param identifier tells the languages of documents that do not say theirs; none: their script does.
  /// @throws NotFound if there is no such file, or no corpus in the folder.
  explicit CorpusReader(const std::string& path, std::shared_ptr<const LanguageIdentifier> identifier = nullptr);
  ~CorpusReader();

  /// Reads the next document; false at the end. Memory: the ids so far, in a temporary database that spills to disk.
  bool next(Document& document);

  /// "corpus.jsonl:17", of the document last read.
  std::string place() const;
  std::uint64_t bytes_read() const;
  std::uint64_t bytes_total() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman
