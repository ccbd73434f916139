#pragma once

#include <string>
#include <vector>

#include "dataset/dataset_writer.h"
#include "dataset/input_file.h"
#include "dragoman/dataset/convert.h"

namespace dragoman {

/// How the documents of a collection are written down.
enum class DocumentSyntax {
  json_lines,    ///< An object a line: `docid`, `id` or `_id`; `title`; `text` or `contents`.
  titled_lines,  ///< The same, and `contents` without a title is "title\n\ntext".
  tabs,          ///< `id<TAB>text`, or DPR's `id<TAB>text<TAB>title` under a header.
  sgml,          ///< <DOC> ... </DOC>.
};

/// Languages that neither a record nor the user gives.
enum class NamedLanguages {
  none,                   ///< Names of files are the user's own and say nothing.
  documents_and_queries,  ///< The language in a name is that of documents and of queries.
  documents,              ///< The language in a name is that of the documents; queries are in `query_language`.
};

/// What distinguishes one format from another that the same function reads.
struct FormatSettings {
  DocumentSyntax documents = DocumentSyntax::json_lines;
  NamedLanguages names = NamedLanguages::documents_and_queries;
  const char* query_language = "und";
};

/// What a reader is given.
struct Conversion {
  const ConvertOptions& options;
  const FormatSettings& settings;
  std::vector<InputFile> files;  ///< In the order of the arguments, and of the bytes of their names within a folder.
  InputProgress& progress;

  /// The split of a judgements file.
  std::string split_of(const InputFile& file) const {
    return file.name.split.empty() ? options.split : file.name.split;
  }
};

/// One function a family of formats. Each adds documents, then queries, then judgements.
void read_beir(const Conversion& conversion, DatasetWriter& writer);
void read_collection(const Conversion& conversion, DatasetWriter& writer);
void read_squad(const Conversion& conversion, DatasetWriter& writer);
void read_answer_sentences(const Conversion& conversion, DatasetWriter& writer);
void read_mkqa(const Conversion& conversion, DatasetWriter& writer);
void read_xor_tydi(const Conversion& conversion, DatasetWriter& writer);
void read_afriqa(const Conversion& conversion, DatasetWriter& writer);
void read_pairs(const Conversion& conversion, DatasetWriter& writer);
void read_bucc(const Conversion& conversion, DatasetWriter& writer);
void read_parallel(const Conversion& conversion, DatasetWriter& writer);

/// Parts of them that several use.
void read_tab_documents(const InputFile& file, const Language& language, const Conversion& conversion,
                        DatasetWriter& writer);
void read_sgml_documents(const InputFile& file, const Language& language, const Conversion& conversion,
                         DatasetWriter& writer);
/// TREC SGML, `id<TAB>text`, JSON lines of queries, or Patapsco's JSON lines of topics: told by its first line.
void read_topics(const InputFile& file, const Language& language, const Conversion& conversion, DatasetWriter& writer);
void read_judgements_into(const InputFile& file, const Conversion& conversion, DatasetWriter& writer);

/// A language a record names. @throws InvalidData, beginning with `place`.
Language parse_record_language(const std::string& tag, std::string_view place);

}  // namespace dragoman
