#include <fmt/format.h>

#include <algorithm>

#include "dataset/readers.h"
#include "dragoman/base/error.h"
#include "dragoman/collection/corpus_reader.h"
#include "dragoman/evaluate/judgements.h"
#include "evaluate/records.h"

namespace dragoman {
namespace {

constexpr std::uint64_t kDocumentsBetweenReports = 1024;

Language named(const InputFile& file) { return file.name.languages.empty() ? Language() : file.name.languages.front(); }

Language or_else(const Language& first, const Language& second) { return first.undetermined() ? second : first; }

Language document_language(const InputFile& file, const Conversion& conversion) {
  const bool names_tell = conversion.settings.names != NamedLanguages::none;
  return or_else(conversion.options.language, names_tell ? named(file) : Language());
}

Language query_language(const InputFile& file, const Conversion& conversion) {
  const Language known =
      or_else(conversion.options.query_language, Language::parse(conversion.settings.query_language));
  if (conversion.settings.names != NamedLanguages::documents_and_queries) return known;
  return or_else(known, or_else(conversion.options.language, named(file)));
}

/// Mr. TyDi's `contents` begins with the title and an empty line.
void split_off_title(Document& document) {
  const std::size_t gap = document.text.find("\n\n");
  if (!document.title.empty() || gap == std::string::npos) return;
  document.title = document.text.substr(0, gap);
  document.text.erase(0, gap + 2);
}

void read_json_documents(const InputFile& file, const Language& language, const Conversion& conversion,
                         DatasetWriter& writer) {
  CorpusReader reader(file.path);
  std::uint64_t documents = 0;
  for (Document document; reader.next(document);) {
    if (!document.language_given && !language.undetermined()) {
      document.language = language;
      document.language_given = true;
    }
    if (conversion.settings.documents == DocumentSyntax::titled_lines) split_off_title(document);
    writer.add(document, reader.place());
    if (++documents % kDocumentsBetweenReports == 0) conversion.progress.at(reader.bytes_read());
  }
  conversion.progress.finish(reader.bytes_total());
}

void read_documents(const InputFile& file, const Conversion& conversion, DatasetWriter& writer) {
  const Language language = document_language(file, conversion);
  switch (conversion.settings.documents) {
    case DocumentSyntax::json_lines:
    case DocumentSyntax::titled_lines:
      return read_json_documents(file, language, conversion, writer);
    case DocumentSyntax::tabs:
      return read_tab_documents(file, language, conversion, writer);
    case DocumentSyntax::sgml:
      return read_sgml_documents(file, language, conversion, writer);
  }
}

}  // namespace

void read_tab_documents(const InputFile& file, const Language& language, const Conversion& conversion,
                        DatasetWriter& writer) {
  InputLines lines(file, conversion.progress, conversion.options.encoding);
  std::vector<std::string_view> fields;
  for (std::string_view line; lines.next_record(line);) {
    split_tabs(line, fields);
    if (fields.size() != 2 && fields.size() != 3) {
      throw InvalidData(fmt::format("{}: expected 2 or 3 fields (id, text, title between tabs), got {}", lines.place(),
                                    fields.size()));
    }
    if (lines.line_number() == 1 && fields[0] == "id" && fields[1] == "text") continue;  // DPR's header.
    writer.add(Document{.id = std::string(fields[0]),
                        .title = fields.size() == 3 ? std::string(fields[2]) : "",
                        .text = std::string(fields[1]),
                        .language = language,
                        .language_given = !language.undetermined()},
               lines.place());
  }
}

void read_judgements_into(const InputFile& file, const Conversion& conversion, DatasetWriter& writer) {
  const std::string split = conversion.split_of(file);
  for (const auto& [query, grades] : read_judgements(file.path)) {
    for (const auto& [document, grade] : grades) writer.judge(split, query, document, grade);
  }
}

void read_collection(const Conversion& conversion, DatasetWriter& writer) {
  const auto each = [&](FileRole role, const auto& read) {
    for (const InputFile& file : conversion.files) {
      if (file.name.role == role) read(file);
    }
  };
  each(FileRole::documents, [&](const InputFile& file) { read_documents(file, conversion, writer); });
  each(FileRole::queries,
       [&](const InputFile& file) { read_topics(file, query_language(file, conversion), conversion, writer); });
  each(FileRole::judgements, [&](const InputFile& file) { read_judgements_into(file, conversion, writer); });
  each(FileRole::run, [&](const InputFile& file) { writer.add_run(file.path, file.name.stem); });
}

void read_beir(const Conversion& conversion, DatasetWriter& writer) {
  // The layout says what a file is for; whatever else lies in the folder is not the set's.
  Conversion known = conversion;
  std::erase_if(known.files, [](const InputFile& file) {
    const bool judgements = file.name.role == FileRole::judgements && file.name.stem.ends_with(".tsv");
    return !judgements && file.name.stem != "corpus.jsonl" && file.name.stem != "queries.jsonl";
  });
  for (InputFile& file : known.files) {
    if (file.name.stem == "corpus.jsonl") file.name.role = FileRole::documents;
    if (file.name.stem == "queries.jsonl") file.name.role = FileRole::queries;
    // Whatever the file is called is the split: "qrels/stems.tsv".
    if (file.name.role == FileRole::judgements && file.name.split.empty()) {
      file.name.split = file.name.stem.substr(0, file.name.stem.size() - std::string_view(".tsv").size());
    }
  }
  read_collection(known, writer);
}

}  // namespace dragoman
