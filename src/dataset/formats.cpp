#include "dataset/formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

using enum DocumentSyntax;

constexpr FormatSettings kAsRecordsSay{json_lines, NamedLanguages::none, "und"};

constexpr std::array<Format, 21> kFormats = {{
    {{"beir", "corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv", "the same, normalised"},
     "beir-v1.0.0",
     read_beir,
     kAsRecordsSay},
    {{"trec", "documents <DOC>, topics*.sgml|tsv|jsonl, qrels*, *.run",
      "a document per <DOC>, a query per <top>, of --fields"},
     "",
     read_collection,
     {sgml, NamedLanguages::none, "und"}},
    {{"clef", "documents <DOC>, topics* with <num> or <identifier>, qrels*",
      "as trec; the language of a topic is in its elements (<DE-title>)"},
     "",
     read_collection,
     {sgml, NamedLanguages::none, "und"}},
    {{"tsv", "corpus* of id, tab, text; topics*; qrels*", "a document a line"},
     "",
     read_collection,
     {tabs, NamedLanguages::none, "und"}},
    {{"hc4", "LANG/hc4_docs.jsonl, SPLIT.topics*.jsonl, LANG/SPLIT.qrels*.txt",
      "the original topic is the query; other wordings are queries-LANG-SOURCE.jsonl"},
     "",
     read_collection,
     {json_lines, NamedLanguages::documents, "und"}},
    {{"neuclir", "LANG*.jsonl, topics*.jsonl, *qrels.LANG", "as hc4"},
     "neuclir22 neuclir23 neuclir24",
     read_collection,
     {json_lines, NamedLanguages::documents, "und"}},
    {{"patapsco", "docs*.jsonl (id, lang, date, text), topics*.jsonl, qrels*", "as hc4"},
     "",
     read_collection,
     kAsRecordsSay},
    {{"ciral", "LANG_passages.jsonl, topics.ciral-v1.0-LANG-SPLIT.tsv, qrels.ciral-v1.0-LANG-SPLIT.tsv",
      "passages in LANG, queries in English unless --query-lang says otherwise"},
     "",
     read_collection,
     {json_lines, NamedLanguages::documents, "en"}},
    {{"miracl", "docs-*.jsonl, topics.miracl-v1.0-LANG-SPLIT.tsv, qrels.miracl-v1.0-LANG-SPLIT.tsv",
      "documents and queries in LANG"},
     "",
     read_collection,
     {}},
    {{"mr-tydi", "docs.jsonl, topic.SPLIT.tsv, qrels.SPLIT.txt",
      "documents and queries in LANG; contents are taken apart into title and text"},
     "mrtydi mr.tydi",
     read_collection,
     {titled_lines, NamedLanguages::documents_and_queries, "und"}},
    {{"mmarco", "LANG_collection.tsv, LANG_queries.SPLIT.tsv, qrels.SPLIT.tsv", "documents and queries in LANG"},
     "",
     read_collection,
     {tabs, NamedLanguages::documents_and_queries, "und"}},
    {{"mkqa", "mkqa.jsonl", "queries in all languages, EXAMPLE-LANG, with their answers; no documents"},
     "",
     read_mkqa,
     {}},
    {{"xor-tydi", "*.jsonl of questions, *.tsv of passages (id, text, title)",
      "queries with answers, passages in English; judgements only of gold paragraphs (SQuAD's form, *.json)"},
     "xor-tydiqa xortydi xor-qa xorqa",
     read_xor_tydi,
     {}},
    {{"afriqa", "queries.*.LANG.PIVOT.SPLIT.json, gold_span_passages.afriqa.LANG.PIVOT.SPLIT.json",
      "gold passages are the documents; the human translation is queries-pivot.jsonl"},
     "",
     read_afriqa,
     {}},
    {{"xquad", "xquad.LANG.json", "a passage is relevant to its questions, in all languages given"},
     "squad",
     read_squad,
     {}},
    {{"mlqa", "SPLIT-context-LANG-question-LANG.json", "as xquad"}, "", read_squad, {}},
    {{"lareqa", "xquad-r/LANG.json or mlqa-r/LANG.json, with sentence_breaks",
      "sentences are the documents; the one that holds the answer is relevant, in all languages given"},
     "xquad-r mlqa-r",
     read_answer_sentences,
     {}},
    {{"tatoeba", "LANG-eng.tsv, or tatoeba.LANG-eng.LANG and .eng", "foreign sentences ask, English ones answer"},
     "pairs",
     read_pairs,
     {}},
    {{"bucc", "LANG-en.SPLIT.LANG, LANG-en.SPLIT.en, LANG-en.SPLIT.gold",
      "foreign sentences that have a partner ask, all English ones answer"},
     "",
     read_bucc,
     {}},
    {{"parallel", "LANG*.txt, line n of every file the same sentence",
      "each sentence asks for its translations in the other languages"},
     "flores ntrex",
     read_parallel,
     {}},
    {{"runs", "*.run", "runs/NAME.run, in trec_eval's order"}, "", read_collection, kAsRecordsSay},
}};

bool is_version(std::string_view word) {
  if (word.starts_with('v')) word.remove_prefix(1);
  return !word.empty() && std::ranges::all_of(word, [](unsigned char c) { return std::isdigit(c) != 0; });
}

bool is_other_name(std::string_view name, const Format& format) {
  const std::string list = " " + std::string(format.other_names) + " ";
  return !name.empty() && list.find(" " + std::string(name) + " ") != std::string::npos;
}

/// How much of `name` is a name of the format; 0 if it is none.
std::size_t prefix_of(std::string_view name, const Format& format) {
  for (std::size_t size = name.size(); size > 0; --size) {
    const bool at_end = size == name.size() || name[size] == '/' || name[size] == '-';
    const std::string_view prefix = name.substr(0, size);
    if (at_end && (prefix == format.about.name || is_other_name(prefix, format))) return size;
  }
  return 0;
}

void resolve_rest(std::string_view rest, std::string_view name, NamedSet& set) {
  if (set.format->read == read_beir) {
    std::vector<std::string_view> folders;
    for (std::size_t at = 0; (at = rest.find_first_not_of("/-", at)) != std::string_view::npos;) {
      const std::size_t end = std::min(rest.find('/', at), rest.size());
      folders.push_back(rest.substr(at, end - at));
      at = end;
    }
    if (!folders.empty()) set.split = split_of_word(folders.back());
    if (!set.split.empty()) folders.pop_back();
    for (const auto folder : folders) set.folder += (set.folder.empty() ? "" : "/") + std::string(folder);
    return;
  }
  // "lareqa/xquad-r"
  if (const auto end = rest.find('/', 1); rest.size() > 1 && is_other_name(rest.substr(1, end - 1), *set.format)) {
    set.folder = rest.substr(1, end - 1);
    rest.remove_prefix(std::min(end, rest.size()));
  }
  for (const std::string_view word : words_of_name(rest)) {
    const bool part_of_tag = std::isupper(static_cast<unsigned char>(word[0])) != 0;  // A script or a region.
    const bool known = is_version(word) || !split_of_word(word).empty() || !language_of_word(word).undetermined() ||
                       word == "a" || word == "b" || word == "small" || word == "multi" || part_of_tag;
    if (!known) {
      throw InvalidArgument(fmt::format("'{}': '{}' is no language, split or version; a set is called like {}/sw/dev",
                                        printable(name), printable(word), set.format->about.name));
    }
  }
  // In "miracl/sw/dev" every word counts, whichever part it stands in.
  std::string flat(rest);
  std::ranges::replace(flat, '/', '-');
  const FileName all = parse_file_name(flat);
  set.languages = all.languages;
  set.split = all.split;
}

}  // namespace

std::span<const Format> formats() { return kFormats; }

std::vector<DatasetFormat> dataset_formats() {
  std::vector<DatasetFormat> list;
  for (const Format& format : kFormats) list.push_back(format.about);
  return list;
}

NamedSet resolve_set(std::string_view name) {
  NamedSet set;
  std::size_t prefix = 0;
  for (const Format& format : kFormats) {
    if (const std::size_t size = prefix_of(name, format); size > prefix) {
      prefix = size;
      set.format = &format;
    }
  }
  if (set.format == nullptr) {
    std::string known;
    for (const Format& format : kFormats) known += (known.empty() ? "" : ", ") + std::string(format.about.name);
    throw InvalidArgument(fmt::format("format '{}' is unknown; there are {}", printable(name), known));
  }
  if (set.format->read != read_beir && is_other_name(name.substr(0, prefix), *set.format)) {
    set.folder = name.substr(0, prefix);
  }
  resolve_rest(name.substr(prefix), name, set);
  return set;
}

}  // namespace dragoman
