#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "dataset/readers.h"
#include "dragoman/base/error.h"
#include "evaluate/records.h"

namespace dragoman {
namespace {

/// Sentences of two languages that say the same: the first asks, the second answers. Sentences that come again are one.
class SentencePairs {
 public:
  SentencePairs(Language query_language, Language document_language, std::string split, DatasetWriter& writer,
                IdTable& sentences)
      : query_language_(std::move(query_language)),
        document_language_(std::move(document_language)),
        split_(std::move(split)),
        writer_(writer),
        sentences_(sentences) {}

  void add(std::string_view query_text, std::string_view document_text, std::uint64_t line, const std::string& place) {
    query_text = trimmed(query_text);
    document_text = trimmed(document_text);
    if (query_text.empty() || document_text.empty()) return writer_.note("pairs with an empty side, left out");
    const std::string pair = fmt::format("{}-{}", query_language_.tag(), document_language_.tag());
    const std::string new_query = fmt::format("{}-q{}", pair, line), new_document = fmt::format("{}-d{}", pair, line);
    const std::string query = id_of("q", query_language_, query_text, new_query);
    const std::string document = id_of("d", document_language_, document_text, new_document);
    if (document == new_document) {
      writer_.add(Document{.id = document,
                           .title = "",
                           .text = std::string(document_text),
                           .language = document_language_,
                           .language_given = true},
                  place);
    } else {
      writer_.note("documents merged");
    }
    if (query == new_query) {
      writer_.add({query, std::string(query_text), query_language_, OrderedJson::object()}, place);
    } else {
      writer_.note("queries merged");
    }
    if (sentences_.add(fmt::format("j\t{}\t{}\t{}", split_, query, document), 0, "")) return;
    writer_.judge(split_, query, document, 1);
  }

 private:
  /// The id that the sentence had first.
  std::string id_of(std::string_view kind, const Language& language, std::string_view text, const std::string& id) {
    const auto before = sentences_.add(fmt::format("{}\t{}\t{}", kind, language.tag(), text), 0, id);
    return before ? before->place : id;
  }

  Language query_language_, document_language_;
  std::string split_;
  DatasetWriter& writer_;
  IdTable& sentences_;
};

bool holds_tabs(const InputFile& file) {
  LineReader lines(file.path);
  std::string_view line;
  return lines.next(line) && line.find('\t') != std::string_view::npos;
}

[[noreturn]] void refuse_name(const InputFile& file, const char* example) {
  throw InvalidArgument(fmt::format("{}: its name tells no two languages; call it like {}", file.path, example));
}

void read_pair_file(const InputFile& file, const Conversion& conversion, DatasetWriter& writer, IdTable& sentences) {
  if (file.name.languages.size() != 2) refuse_name(file, "deu-eng.tsv");
  SentencePairs pairs(file.name.languages[0], file.name.languages[1], conversion.split_of(file), writer, sentences);
  InputLines lines(file, conversion.progress);
  std::vector<std::string_view> fields;
  for (std::string_view line; lines.next_record(line);) {
    split_tabs(line, fields);
    if (fields.size() != 2) {
      throw InvalidData(
          fmt::format("{}: expected 2 fields (foreign, tab, English), got {}", lines.place(), fields.size()));
    }
    pairs.add(fields[0], fields[1], lines.line_number(), lines.place());
  }
}

/// Two files, line by line the same.
void read_aligned_files(const InputFile& query_file, const InputFile& document_file, const Conversion& conversion,
                        DatasetWriter& writer, IdTable& sentences) {
  SentencePairs pairs(query_file.name.languages.back(), document_file.name.languages.back(),
                      conversion.split_of(query_file), writer, sentences);
  InputLines queries(query_file, conversion.progress), documents(document_file, conversion.progress);
  std::string_view query, document;
  for (;;) {
    const bool more_queries = queries.next(query), more_documents = documents.next(document);
    if (more_queries != more_documents) {
      const auto& shorter = more_queries ? documents : queries;
      const auto& longer = more_queries ? queries : documents;
      throw InvalidData(fmt::format("{}: the file ends here, but {} goes on; line n of one must be line n of the other",
                                    shorter.place(), longer.place()));
    }
    if (!more_queries) return;
    pairs.add(query, document, queries.line_number(), queries.place());
  }
}

/// "tatoeba.deu-eng" of "tatoeba.deu-eng.deu".
std::string without_side(const std::string& stem) { return stem.substr(0, stem.rfind('.')); }

/// Two sentences that are translations of each other.
struct GoldPair {
  std::string query, document, place;
};

void read_gold_pairs(const InputFile& file, const Conversion& conversion, std::vector<GoldPair>& pairs) {
  InputLines lines(file, conversion.progress);
  std::vector<std::string_view> fields;
  for (std::string_view line; lines.next_record(line);) {
    split_tabs(line, fields);
    if (fields.size() != 2) {
      throw InvalidData(fmt::format("{}: expected 2 fields (id, tab, id), got {}", lines.place(), fields.size()));
    }
    pairs.push_back({std::string(fields[0]), std::string(fields[1]), lines.place()});
  }
}

struct ParallelFile {
  const InputFile* file;
  std::unique_ptr<InputLines> lines;
  Language language;
};

/// One set of files that are line by line the same: their languages, and which of their lines hold anything.
void read_parallel_group(std::vector<ParallelFile>& files, const std::string& split, const Conversion& conversion,
                         DatasetWriter& writer) {
  const auto wanted = [](const Language& limit, const Language& language) {
    return limit.undetermined() || matches(limit, language);
  };
  const std::string prefix = split.empty() ? "s" : split + "-";
  std::vector<std::vector<std::string>> present;  // By line: tags of the languages that have it.
  std::vector<std::string_view> line(files.size());
  for (std::size_t number = 1;; ++number) {
    const ParallelFile *ended = nullptr, *going = nullptr;
    for (std::size_t i = 0; i < files.size(); ++i) (files[i].lines->next(line[i]) ? going : ended) = &files[i];
    if (going == nullptr) break;
    if (ended != nullptr) {
      throw InvalidData(
          fmt::format("{}: the file ends here, but {} goes on; line n of every file must be the same sentence",
                      ended->lines->place(), going->lines->place()));
    }
    std::vector<std::string>& tags = present.emplace_back();
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (trimmed(line[i]).empty()) {
        writer.note("empty lines, left out");
        continue;
      }
      const Language& language = files[i].language;
      tags.push_back(language.tag());
      const std::string stem = fmt::format("{}{:04}", prefix, number), id = fmt::format("{}-{}", stem, language.tag());
      const std::string place = files[i].lines->place(), text(line[i]);
      if (wanted(conversion.options.language, language)) {
        writer.add(Document{.id = id, .title = "", .text = text, .language = language, .language_given = true}, place);
      }
      if (wanted(conversion.options.query_language, language)) {
        writer.add({id, text, language, OrderedJson{{"question", stem}}}, place);
      }
    }
  }
  for (std::size_t i = 0; i < present.size(); ++i) {
    const auto id_of = [&](const std::string& tag) { return fmt::format("{}{:04}-{}", prefix, i + 1, tag); };
    for (const std::string& query : present[i]) {
      if (!wanted(conversion.options.query_language, Language::parse(query))) continue;
      for (const std::string& document : present[i]) {
        if (query == document || !wanted(conversion.options.language, Language::parse(document))) continue;
        writer.judge(split.empty() ? conversion.options.split : split, id_of(query), id_of(document), 1);
      }
    }
  }
}

}  // namespace

void read_pairs(const Conversion& conversion, DatasetWriter& writer) {
  IdTable sentences;
  std::map<std::string, std::vector<const InputFile*>> sides;
  for (const InputFile& file : conversion.files) {
    if (holds_tabs(file)) {
      read_pair_file(file, conversion, writer, sentences);
    } else {
      if (file.name.languages.empty()) refuse_name(file, "tatoeba.deu-eng.deu");
      sides[without_side(file.name.stem)].push_back(&file);
    }
  }
  const Language english = Language::parse("en");
  for (auto& [stem, files] : sides) {
    if (files.size() != 2) {
      throw InvalidArgument(fmt::format("{}: needs one other file, of the same name up to the language; there are {}",
                                        files.front()->path, files.size() - 1));
    }
    // "deu-eng" asks in its first language; names that tell no order ask in the one that is not English.
    const auto& named = files[0]->name.languages;
    const Language answers = named.size() == 3 ? named[1] : english;
    if (files[0]->name.languages.back() == answers) std::swap(files[0], files[1]);
    read_aligned_files(*files[0], *files[1], conversion, writer, sentences);
  }
}

void read_bucc(const Conversion& conversion, DatasetWriter& writer) {
  std::vector<GoldPair> pairs;
  std::string split = conversion.options.split;
  for (const InputFile& file : conversion.files) {
    if (file.name.role != FileRole::judgements) continue;
    read_gold_pairs(file, conversion, pairs);
    split = conversion.split_of(file);
  }
  std::set<std::string> partnered;
  for (const GoldPair& pair : pairs) partnered.insert(pair.query);
  for (const InputFile& file : conversion.files) {
    if (file.name.role == FileRole::judgements) continue;
    if (file.name.languages.size() != 3) refuse_name(file, "de-en.training.de");
    const Language language = file.name.languages.back();
    const bool answers = language == file.name.languages[1];
    InputLines lines(file, conversion.progress);
    std::vector<std::string_view> fields;
    for (std::string_view line; lines.next_record(line);) {
      split_tabs(line, fields);
      if (fields.size() != 2) {
        throw InvalidData(fmt::format("{}: expected 2 fields (id, tab, text), got {}", lines.place(), fields.size()));
      }
      const std::string id(fields[0]), text(fields[1]);
      if (answers) {
        writer.add(Document{.id = id, .title = "", .text = text, .language = language, .language_given = true},
                   lines.place());
      } else if (pairs.empty() || partnered.contains(id)) {
        writer.add({id, text, language, OrderedJson::object()}, lines.place());
      } else {
        writer.note("foreign sentences without a partner, left out");
      }
    }
  }
  std::set<std::pair<std::string, std::string>> judged;
  for (const GoldPair& pair : pairs) {
    if (!writer.has_query(pair.query) || !writer.has_document(pair.document)) {
      throw InvalidData(fmt::format("{}: the pair names '{}' and '{}', which are not both among the sentences",
                                    pair.place, pair.query, pair.document));
    }
    if (judged.emplace(pair.query, pair.document).second) writer.judge(split, pair.query, pair.document, 1);
  }
}

void read_parallel(const Conversion& conversion, DatasetWriter& writer) {
  std::map<std::string, std::vector<ParallelFile>> groups;  // By split.
  for (const InputFile& file : conversion.files) {
    if (file.name.languages.empty()) {
      writer.note("files without a language in their name, left out");
      continue;
    }
    auto& group = groups[file.name.split];
    const Language language = file.name.languages.back();
    for (const ParallelFile& other : group) {
      if (other.language != language) continue;
      throw InvalidArgument(fmt::format("{}: is in {}, as {} is; each language needs one file", file.path,
                                        language.tag(), other.file->path));
    }
    group.push_back({&file, std::make_unique<InputLines>(file, conversion.progress), language});
  }
  for (auto& [split, files] : groups) {
    if (files.size() < 2) {
      throw InvalidArgument(
          fmt::format("{}: stands alone; parallel text needs a file for each language", files.front().file->path));
    }
    read_parallel_group(files, split, conversion, writer);
  }
}

}  // namespace dragoman
