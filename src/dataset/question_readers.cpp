#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "dataset/json_input.h"
#include "dataset/readers.h"
#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"

namespace dragoman {
namespace {

constexpr std::size_t kHashDigits =
    12;  // 48 bits: no two of a million passages share one, as a rule; if, it is refused.

/// A passage without an id is known by its content.
std::string content_id(std::string_view prefix, std::string_view title, std::string_view text) {
  return fmt::format("{}-{}", prefix, sha256(fmt::format("{}\n{}", title, text)).substr(0, kHashDigits));
}

void add_unique(std::vector<std::string>& list, std::string item) {
  if (!item.empty() && std::ranges::find(list, item) == list.end()) list.push_back(std::move(item));
}

// --- MKQA ----------------------------------------------------------------------------------------------------------

/// `answers` of one language: their texts and aliases. Long and missing answers have no text.
std::vector<std::string> mkqa_answers(const Json& object, const std::string& language, const std::string& place) {
  std::vector<std::string> texts;
  const auto all = object.find("answers");
  if (all == object.end() || !all->is_object() || !all->contains(language)) return texts;
  for (const Json& answer : array_member(*all, language.c_str(), place)) {
    require_object(answer, place);
    add_unique(texts, string_member(answer, "text", place).value_or(""));
    for (std::string& alias : text_list_member(answer, "aliases", place)) add_unique(texts, std::move(alias));
  }
  return texts;
}

// --- AfriQA --------------------------------------------------------------------------------------------------------

struct QuestionKey {
  std::string language, split, text;
  auto operator<=>(const QuestionKey&) const = default;
};

struct GoldQuestion {
  std::string id, translation, pivot, place;
  std::vector<std::string> answers, pivot_answers;
  std::set<std::string> passages;
  bool asked = false;  ///< A file of queries has it.
};

class AfriqaReader {
 public:
  AfriqaReader(const Conversion& conversion, DatasetWriter& writer) : conversion_(conversion), writer_(writer) {}

  void read_gold(const InputFile& file) {
    const auto [language, pivot] = languages_of(file);
    for_each_object(
        file, conversion_.progress,
        [&, language = language, pivot = pivot](const Json& object, const std::string& place) {
          const std::string context = required_string(object, "context", place);
          const std::string title = string_member(object, "title", place).value_or("");
          const std::string question(trimmed(required_string(object, "question_lang", place)));
          GoldQuestion& gold = gold_[{language.tag(), conversion_.split_of(file), question}];
          if (gold.place.empty()) {
            gold.id = required_string(object, "id", place);
            gold.translation = string_member(object, "question_translated", place).value_or("");
            gold.pivot = pivot.tag();
            gold.answers = text_list_member(object, "answer_lang", place);
            gold.place = place;
            if (const auto answer = object.find("answer_pivot"); answer != object.end() && answer->is_object()) {
              gold.pivot_answers = text_list_member(*answer, "text", place);
            }
          }
          if (trimmed(context).empty()) return writer_.note("gold passages without text, left out");
          const std::string id = content_id(pivot.tag(), title, context);
          gold.passages.insert(id);
          writer_.add(Document{.id = id, .title = title, .text = context, .language = pivot, .language_given = true},
                      place);
        });
  }

  void read_queries(const InputFile& file) {
    const auto [language, pivot] = languages_of(file);
    for_each_object(
        file, conversion_.progress,
        [&, language = language, pivot = pivot](const Json& object, const std::string& place) {
          const std::string split = string_member(object, "split", place).value_or(conversion_.split_of(file));
          const std::string id = fmt::format("{}-{}-{}", language.tag(), split, required_string(object, "id", place));
          const std::string text(trimmed(required_string(object, "question", place)));
          add_question(
              id, text, language, pivot, split, string_member(object, "translated_question", place).value_or(""),
              text_list_member(object, "answers", place), text_list_member(object, "translated_answer", place), place);
          const auto gold = gold_.find({language.tag(), split, text});
          if (gold == gold_.end() || gold->second.passages.empty())
            return writer_.note("questions without a gold passage");
          gold->second.asked = true;
          for (const std::string& passage : gold->second.passages) judgements_.insert({split, id, passage});
        });
  }

  /// Questions that only the gold passages know, and all judgements.
  void finish() {
    for (const auto& [key, gold] : gold_) {
      if (gold.asked) continue;
      const std::string id = fmt::format("{}-{}-gold-{}", key.language, key.split, gold.id);
      add_question(id, key.text, Language::parse(key.language), Language::parse(gold.pivot), key.split,
                   gold.translation, gold.answers, gold.pivot_answers, gold.place);
      for (const std::string& passage : gold.passages) judgements_.insert({key.split, id, passage});
    }
    for (const auto& [split, query, passage] : judgements_) writer_.judge(split, query, passage, 1);
  }

 private:
  static std::pair<Language, Language> languages_of(const InputFile& file) {
    if (file.name.languages.size() < 2) {
      throw InvalidArgument(
          fmt::format("{}: its name tells no two languages; call it like queries.afriqa.swa.en.test.json", file.path));
    }
    return {file.name.languages[0], file.name.languages[1]};
  }

  void add_question(const std::string& id, const std::string& text, const Language& language, const Language& pivot,
                    const std::string& split, const std::string& translation, const std::vector<std::string>& answers,
                    const std::vector<std::string>& pivot_answers, const std::string& place) {
    const OrderedJson more = {{"split", split}, {"answers", answers}, {"answers_pivot", pivot_answers}};
    writer_.add({id, text, language, more}, place);
    if (!translation.empty()) writer_.add_variant("pivot", {id, translation, pivot, OrderedJson::object()}, place);
  }

  const Conversion& conversion_;
  DatasetWriter& writer_;
  std::map<QuestionKey, GoldQuestion> gold_;
  std::set<std::tuple<std::string, std::string, std::string>> judgements_;
};

}  // namespace

void read_mkqa(const Conversion& conversion, DatasetWriter& writer) {
  const Language& wanted = conversion.options.query_language;
  for (const InputFile& file : conversion.files) {
    for_each_object(file, conversion.progress, [&](const Json& object, const std::string& place) {
      const std::string example = required_string(object, "example_id", place);
      const auto queries = object.find("queries");
      if (queries == object.end() || !queries->is_object()) {
        throw InvalidData(fmt::format("{}: \"queries\" must be an object of language and text", place));
      }
      for (const auto& [tag, text] : queries->items()) {
        const Language language = parse_record_language(tag, place);
        if (!wanted.undetermined() && !matches(wanted, language)) continue;
        if (!text.is_string()) throw InvalidData(fmt::format("{}: the query in \"{}\" must be a string", place, tag));
        const OrderedJson more = {{"question", example}, {"answers", mkqa_answers(object, tag, place)}};
        writer.add({fmt::format("{}-{}", example, language.tag()), text.get<std::string>(), language, more}, place);
      }
    });
  }
}

void read_xor_tydi(const Conversion& conversion, DatasetWriter& writer) {
  const Language english = Language::parse("en");
  for (const InputFile& file : conversion.files) {
    if (file.name.stem.ends_with(".tsv")) read_tab_documents(file, english, conversion, writer);
  }
  std::set<std::tuple<std::string, std::string, std::string>> judgements;
  for (const InputFile& file : conversion.files) {
    if (file.name.stem.ends_with(".tsv")) continue;
    if (!file.name.stem.ends_with(".json")) {
      for_each_object(file, conversion.progress, [&](const Json& object, const std::string& place) {
        QueryRecord query{required_string(object, "id", place), required_string(object, "question", place),
                          parse_record_language(required_string(object, "lang", place), place), OrderedJson::object()};
        query.more["answers"] = text_list_member(object, "answers", place);
        writer.add(query, place);
      });
      continue;
    }
    // Gold paragraphs, in SQuAD's form.
    const Json whole = read_json_object(file, conversion.progress);
    std::size_t number = 0;
    for (const Json& article : array_member(whole, "data", file.path)) {
      const std::string place = fmt::format("{}: data[{}]", file.path, number++);
      require_object(article, place);
      const std::string title = string_member(article, "title", place).value_or("");
      for (const Json& paragraph : array_member(article, "paragraphs", place)) {
        require_object(paragraph, place + ".paragraphs");
        const std::string context = required_string(paragraph, "context", place);
        const std::string id = content_id("gold", title, context);
        writer.add(Document{.id = id, .title = title, .text = context, .language = english, .language_given = true},
                   place);
        for (const Json& question : array_member(paragraph, "qas", place)) {
          require_object(question, place + ".qas");
          judgements.insert({conversion.split_of(file), required_string(question, "id", place), id});
        }
      }
    }
  }
  for (const auto& [split, query, document] : judgements) writer.judge(split, query, document, 1);
}

void read_afriqa(const Conversion& conversion, DatasetWriter& writer) {
  AfriqaReader reader(conversion, writer);
  for (const InputFile& file : conversion.files) {
    if (file.name.role == FileRole::judgements) reader.read_gold(file);
  }
  for (const InputFile& file : conversion.files) {
    if (file.name.role == FileRole::queries) reader.read_queries(file);
  }
  reader.finish();
}

}  // namespace dragoman
