#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>

#include "dataset/readers.h"
#include "dataset/sgml.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "evaluate/records.h"

namespace dragoman {
namespace {

/// What a topic says, whatever it was written in.
struct Topic {
  std::string id;
  std::map<TopicField, std::string> fields;
};

std::string joined(const Topic& topic, const std::vector<TopicField>& wanted) {
  std::string text;
  for (const TopicField field : wanted) {
    const auto found = topic.fields.find(field);
    if (found == topic.fields.end() || found->second.empty()) continue;
    if (!text.empty()) text += ' ';
    text += found->second;
  }
  return text;
}

QueryRecord to_record(const Topic& topic, const Language& language, const Conversion& conversion) {
  QueryRecord query{topic.id, joined(topic, conversion.options.fields), language, OrderedJson::object()};
  constexpr std::array<std::pair<TopicField, const char*>, 3> kMembers = {
      {{TopicField::title, "title"}, {TopicField::description, "description"}, {TopicField::narrative, "narrative"}}};
  for (const auto& [field, member] : kMembers) {
    const auto found = topic.fields.find(field);
    if (found != topic.fields.end() && found->second != query.text) query.more[member] = found->second;
  }
  return query;
}

// --- TREC and CLEF -------------------------------------------------------------------------------------------------

enum class Element { other, number, title, description, narrative };

/// CLEF writes the language in front: "<DE-title>".
Element element_of(std::string_view name) {
  if (name.size() > 3 && name[2] == '-') name.remove_prefix(3);
  if (name == "num" || name == "identifier" || name == "number") return Element::number;
  if (name == "title") return Element::title;
  if (name == "desc" || name == "description") return Element::description;
  if (name == "narr" || name == "narrative") return Element::narrative;
  return Element::other;
}

/// TREC writes a label behind the tag: "<num> Number: 301".
std::string without_label(std::string_view text, Element element) {
  text = trimmed(text);
  constexpr std::array<std::pair<Element, std::string_view>, 4> kLabels = {{{Element::number, "number:"},
                                                                            {Element::title, "topic:"},
                                                                            {Element::description, "description:"},
                                                                            {Element::narrative, "narrative:"}}};
  for (const auto& [labelled, label] : kLabels) {
    const bool here = labelled == element && text.size() >= label.size() &&
                      std::equal(label.begin(), label.end(), text.begin(), [](char wanted, char found) {
                        return wanted == static_cast<char>(std::tolower(static_cast<unsigned char>(found)));
                      });
    if (here) text.remove_prefix(label.size());
  }
  std::string tidy;
  for (std::string_view rest = trimmed(text); !rest.empty(); rest = trimmed(rest)) {
    const std::size_t end = std::min(rest.find_first_of(" \t\r\n\v\f"), rest.size());
    if (!tidy.empty()) tidy += ' ';
    tidy += rest.substr(0, end);
    rest.remove_prefix(end);
  }
  return tidy;
}

void read_sgml_topics(const InputFile& file, const Language& given, const Conversion& conversion,
                      DatasetWriter& writer) {
  const std::string& encoding = conversion.options.encoding;
  InputLines lines(file, conversion.progress, encoding.empty() ? declared_encoding(file) : encoding,
                   SgmlRecords::kMaxRecordBytes);
  SgmlRecords records(lines, {"top", "topic"});
  bool any = false;
  for (SgmlRecords::Record record; records.next(record); any = true) {
    Topic topic;
    Language language = given;
    if (const std::string tag = sgml_attribute(record.attributes, "lang"); !tag.empty() && given.undetermined()) {
      language = parse_record_language(tag, record.place);
    }
    Element element = Element::other;
    std::map<Element, std::string> contents;
    for (const SgmlToken& token : scan_sgml(record.content)) {
      // A field ends where the next tag stands, whether that is its own end or not: old topics have no end tags.
      if (token.kind == SgmlToken::Kind::text) {
        if (element != Element::other) contents[element] += token.text();
      } else if (token.kind == SgmlToken::Kind::end) {
        element = Element::other;
      } else if (element = element_of(token.name); language.undetermined() && token.name.size() > 3 &&
                                                   token.name[2] == '-' && element != Element::other) {
        language = parse_record_language(token.name.substr(0, 2), record.place);
      }
    }
    topic.id = without_label(contents[Element::number], Element::number);
    if (topic.id.empty()) throw InvalidData(fmt::format("{}: the topic has no number (<num>)", record.place));
    for (const auto& [part, field] :
         {std::pair(Element::title, TopicField::title), std::pair(Element::description, TopicField::description),
          std::pair(Element::narrative, TopicField::narrative)}) {
      if (contents.contains(part)) topic.fields[field] = without_label(contents[part], part);
    }
    writer.add(to_record(topic, language, conversion), record.place);
  }
  if (!any) throw InvalidData(fmt::format("{}: holds no <top>", file.path));
}

// --- Patapsco, HC4, NeuCLIR ----------------------------------------------------------------------------------------

struct Wording {
  Topic topic;
  Language language;
  std::string source;
};

/// "human translation" is "human": part of a file's name.
std::string slug(std::string_view source) {
  std::string name;
  for (const char c : source.substr(0, source.find(" translation"))) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (plain) name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (!plain && !name.empty() && name.back() != '-') name += '-';
  }
  while (name.ends_with('-')) name.pop_back();
  return name.empty() ? "other" : name.substr(0, 40);
}

/// The wording that is asked: of the wanted language, or of none in particular, an original before a human translation
/// before any other.
std::size_t choose(const std::vector<Wording>& wordings, const Language& wanted) {
  const auto order = [&](const Wording& wording) {
    if (!wanted.undetermined() && !matches(wanted, wording.language)) return 3;
    return wording.source == "original" ? 0 : wording.source.starts_with("human") ? 1 : 2;
  };
  const auto best = std::ranges::min_element(wordings, {}, order);
  return order(*best) == 3 ? wordings.size() : static_cast<std::size_t>(best - wordings.begin());
}

bool judged_in(const Json& object, const Language& language, const std::string& place) {
  const auto judged = object.find("languages_with_qrels");
  if (language.undetermined() || judged == object.end() || !judged->is_array()) return true;
  return std::ranges::any_of(*judged, [&](const Json& tag) {
    return tag.is_string() && matches(language, parse_record_language(tag.get<std::string>(), place));
  });
}

void read_worded_topic(const Json& object, const std::string& place, const Language& wanted, const Language& documents,
                       const Conversion& conversion, DatasetWriter& writer) {
  const std::string id = required_string(object, "topic_id", place);
  if (!judged_in(object, documents, place)) return writer.note("topics without judgements in this language, left out");
  const auto list = object.find("topics");
  if (list == object.end() || !list->is_array()) throw InvalidData(fmt::format("{}: \"topics\" is no array", place));
  std::vector<Wording> wordings;
  for (const Json& entry : *list) {
    if (!entry.is_object()) throw InvalidData(fmt::format("{}: an entry of \"topics\" is no object", place));
    Wording wording;
    wording.topic.id = id;
    wording.language = parse_record_language(required_string(entry, "lang", place), place);
    wording.source = string_member(entry, "source", place).value_or("");
    wording.topic.fields[TopicField::title] = string_member(entry, "topic_title", place).value_or("");
    wording.topic.fields[TopicField::description] = string_member(entry, "topic_description", place).value_or("");
    wordings.push_back(std::move(wording));
  }
  if (wordings.empty()) throw InvalidData(fmt::format("{}: \"topics\" is empty", place));
  const std::size_t chosen = choose(wordings, wanted);
  if (chosen == wordings.size()) return writer.note("topics without a wording in the wanted language, left out");
  for (std::size_t i = 0; i < wordings.size(); ++i) {
    const QueryRecord query = to_record(wordings[i].topic, wordings[i].language, conversion);
    if (i == chosen) {
      writer.add(query, place);
    } else {
      writer.add_variant(fmt::format("{}-{}", wordings[i].language.tag(), slug(wordings[i].source)), query, place);
    }
  }
}

// --- JSON lines and tabs -------------------------------------------------------------------------------------------

/// The first of several names that is there.
std::optional<std::string> first_of(const Json& object, std::initializer_list<const char*> names,
                                    const std::string& place) {
  for (const char* name : names) {
    if (auto value = string_member(object, name, place)) return value;
  }
  return std::nullopt;
}

QueryRecord parse_json_query(const Json& object, const Language& language, const std::string& place) {
  auto id = first_of(object, {"_id", "id", "query_id", "qid"}, place);
  if (!id)
    throw InvalidData(fmt::format("{}: \"_id\" is missing, expected \"_id\", \"id\", \"query_id\" or \"qid\"", place));
  auto text = first_of(object, {"text", "query", "contents", "question"}, place);
  if (!text) throw InvalidData(fmt::format("{}: \"text\" is missing, expected \"text\" or \"query\"", place));
  QueryRecord query{*std::move(id), *std::move(text), language, OrderedJson::object()};
  if (const auto tag = first_of(object, {"lang", "language"}, place); tag && !tag->empty()) {
    query.language = parse_record_language(*tag, place);
  }
  for (const auto& [name, value] : object.items()) {
    constexpr std::array<std::string_view, 9> kTaken = {"_id",  "id",    "query_id", "qid",     "text",
                                                        "lang", "query", "language", "contents"};
    if (std::ranges::find(kTaken, name) == kTaken.end() && !value.is_null()) query.more[name] = value;
  }
  return query;
}

void read_line_topics(const InputFile& file, const Language& language, const Conversion& conversion,
                      DatasetWriter& writer) {
  InputLines lines(file, conversion.progress, conversion.options.encoding);
  std::vector<std::string_view> fields;
  for (std::string_view line; lines.next_record(line);) {
    const std::string place = lines.place();
    if (line[line.find_first_not_of(" \t")] == '{') {
      const Json object = parse_json_object(line, place);
      if (object.contains("topic_id") && object.contains("topics")) {
        const Language& documents = conversion.options.language;
        read_worded_topic(object, place, conversion.options.query_language, documents, conversion, writer);
      } else {
        writer.add(parse_json_query(object, language, place), place);
      }
      continue;
    }
    split_tabs(line, fields);
    if (fields.size() != 2) {
      throw InvalidData(fmt::format("{}: expected 2 fields (id, tab, text), got {}", place, fields.size()));
    }
    writer.add({std::string(fields[0]), std::string(fields[1]), language, OrderedJson::object()}, place);
  }
}

}  // namespace

Language parse_record_language(const std::string& tag, std::string_view place) {
  try {
    return Language::parse(tag);
  } catch (const InvalidArgument& error) {
    throw InvalidData(fmt::format("{}: {}", place, error.what()));
  }
}

void read_topics(const InputFile& file, const Language& language, const Conversion& conversion, DatasetWriter& writer) {
  return first_character(file) == '<' ? read_sgml_topics(file, language, conversion, writer)
                                      : read_line_topics(file, language, conversion, writer);
}

}  // namespace dragoman
