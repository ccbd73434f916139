#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/progress.h"
#include "dragoman/text/language.h"

namespace dragoman {

/// A part of a TREC topic, and of whatever else has a short and a long form of a question.
enum class TopicField { title, description, narrative };

/// "title+description": fields between '+', in any of the spellings title, desc, description, narr, narrative.
/// @throws InvalidArgument, naming the field that is none.
std::vector<TopicField> parse_topic_fields(std::string_view list);

struct ConvertOptions {
  /// A format ("miracl"), or a set as ir_datasets or Anserini name it ("miracl/sw/dev", "miracl-v1.0-sw-dev"): its
  /// language and split then choose among the files of a folder.
  std::string from{};
  /// Files, plain, .gz or .zst, or folders, which are searched to their bottom. What a file is for, its language and
  /// its split are read off its name, and off the folders it lies in (docs/formats/datasets.md).
  std::vector<std::string> inputs{};
  /// Folder to be made. It must not exist, or be empty.
  std::filesystem::path into{};

  /// Of documents and of queries whose own record does not say; "und": as names say.
  Language language{}, query_language{};
  /// Of judgements whose file does not say.
  std::string split = "test";
  /// What makes the text of a query where topics have several fields; at least one.
  std::vector<TopicField> fields = {TopicField::title};
  /// Of SGML and tab-separated files, by any name that ICU knows ("iso-8859-1"); empty: what the file declares, else
  /// UTF-8. Must be a superset of ASCII.
  std::string encoding{};
  /// SGML elements that make title and text, in any case of letters; empty: those that are usual in TREC and CLEF.
  std::vector<std::string> title_elements{}, text_elements{};
};

struct ConvertReport {
  std::uint64_t documents = 0, queries = 0;
  std::map<std::string, std::uint64_t> judgements;  ///< By split.
  /// What was left out, merged or is worth knowing, and how often: "documents repeated".
  std::map<std::string, std::uint64_t> notes;
};

/// Makes a BEIR folder out of one of the field's test collections:
///
///     corpus.jsonl         {"_id", "title", "text", "lang", ...whatever else the source says}
///     queries.jsonl        {"_id", "text", "lang", ...}
///     queries-NAME.jsonl   the same questions, same ids, otherwise worded or translated, where the source has such
///     qrels/SPLIT.tsv      query-id, corpus-id, score under a header
///     runs/NAME.run        runs that were among the files
///     dataset.json         source, files with hashes, counts (docs/formats/datasets.md)
///
/// Parts that the source does not have are not made. The folder appears whole or not at all, and its bytes depend on
/// the bytes, names and order of the inputs and on the options alone. Records without a language, neither their own nor
/// one from `options` or a name, get no "lang".
///
/// A record that comes twice with the same content is taken once. Judgements of queries that the set does not have are
/// left out, unless it has no queries at all; both are counted in `notes`.
///
/// @throws InvalidArgument for an unknown format or name, or a folder that is there already; NotFound for a missing
///         file, or a folder without a file of the format; InvalidData, as `topics.tsv:17: expected 2 fields ...`, for
///         whatever breaks the format, an id that comes twice with another content, ill-formed UTF-8; Unavailable if
///         the disk is full.
///
/// One thread, one pass over documents. Memory: judgements of one file, ids on the disk; formats that join several
/// files by question (XQuAD and relatives) are held whole, and may have kMaxJsonBytes a file.
ConvertReport convert_dataset(const ConvertOptions& options, const ProgressCallback& progress = {});

/// The largest JSON file that is read whole, in bytes after decompression.
inline constexpr std::size_t kMaxJsonBytes = std::size_t{256} << 20;

/// A row of the table of formats, for people.
struct DatasetFormat {
  std::string_view name;     ///< As in ConvertOptions::from.
  std::string_view files;    ///< What is expected: "docs-*.jsonl, topics.*.tsv, qrels.*.tsv".
  std::string_view becomes;  ///< What is made of it.
};

/// All formats, in the order of the documentation.
std::vector<DatasetFormat> dataset_formats();

}  // namespace dragoman
