#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"
#include "dataset/id_table.h"
#include "dragoman/base/file.h"
#include "dragoman/collection/document.h"
#include "dragoman/dataset/convert.h"

namespace dragoman {

/// A question on its way into queries.jsonl.
struct QueryRecord {
  std::string id, text;
  Language language;                         ///< "und": not known, and not written.
  OrderedJson more = OrderedJson::object();  ///< Members behind these: "answers", "question".
};

/// Puts a BEIR folder together. Nothing appears under its name before commit(); without that, nothing remains.
class DatasetWriter {
 public:
  /// @throws InvalidArgument if the folder exists and is not empty, Unavailable if its parent cannot be written.
  explicit DatasetWriter(std::filesystem::path into);
  ~DatasetWriter();
  DatasetWriter(const DatasetWriter&) = delete;
  DatasetWriter& operator=(const DatasetWriter&) = delete;

  /// `place` begins every message. What was added before with the same content is counted, not added.
  /// Text and title are trimmed. `language_given` decides about "lang".
  /// @throws InvalidData for an id that a run could not carry, or that had another content before.
  void add(const Document& document, const std::string& place);
  void add(const QueryRecord& query, const std::string& place);

  /// A question that is there already, in other words: a line of queries-VARIANT.jsonl.
  void add_variant(const std::string& variant, const QueryRecord& query, const std::string& place);

  /// To be called when documents and queries are there. A pair must not come twice in a split.
  void judge(const std::string& split, std::string_view query, std::string_view document, int grade);

  /// The TREC run at `path`, as runs/STEM.run.
  void add_run(const std::string& path, const std::string& stem);

  /// Remembers that something was left out or merged.
  void note(const std::string& what, std::uint64_t times = 1) { report_.notes[what] += times; }

  bool has_document(std::string_view id) const { return documents_.contains(id); }
  bool has_query(std::string_view id) const { return queries_.contains(id); }

  /// Nothing was added that would make a file.
  bool empty() const { return files_.empty(); }

  /// Writes dataset.json, `description` first, and puts the folder into its place.
  ConvertReport commit(OrderedJson description);

 private:
  class File;
  File& file(const std::string& name);

  std::filesystem::path into_, staging_;
  std::map<std::string, std::unique_ptr<File>> files_;
  IdTable documents_, queries_, variants_;
  std::map<std::string, std::uint64_t> document_languages_, query_languages_;
  ConvertReport report_;
};

/// @param what "document", "query".
/// @throws InvalidData if a run could not carry the id: empty, white space, control characters, over 512 bytes.
void check_id(std::string_view id, std::string_view what, std::string_view place);

}  // namespace dragoman
