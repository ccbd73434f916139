#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "dataset/json_input.h"
#include "dataset/readers.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

/// A file's context language, and the language of its questions.
struct FileLanguages {
  Language context, question;
};

FileLanguages languages_of(const InputFile& file, const Conversion& conversion) {
  const auto& named = file.name.languages;
  FileLanguages languages{named.empty() ? conversion.options.language : named.front(),
                          named.empty() ? conversion.options.query_language : named.back()};
  if (languages.question.undetermined()) languages.question = languages.context;
  if (languages.context.undetermined()) {
    throw InvalidArgument(
        fmt::format("{}: its name tells no language; call it like xquad.de.json, or give --lang", file.path));
  }
  return languages;
}

struct Question {
  QueryRecord record;
  std::string key;  ///< Of the question in all its languages.
  std::string split, place;
};

/// Questions and what answers them, from several files that speak of the same questions by the same ids.
class ParallelQuestions {
 public:
  /// What holds the answers gets a number that is the same for all its translations: known by its questions.
  std::size_t number_of(const std::vector<std::string>& keys, const Language& language) {
    for (const std::string& key : keys) {
      const auto known = numbers_.find(key);
      if (known != numbers_.end() && taken_.emplace(known->second, language.tag()).second) return known->second;
    }
    taken_.emplace(next_, language.tag());
    return next_++;
  }
  void set_number(const std::string& key, std::size_t number) { numbers_.emplace(key, number); }

  void add(Question question) {
    const auto found = index_.find(question.record.id);
    if (found == index_.end()) {
      index_.emplace(question.record.id, questions_.size());
      questions_.push_back(std::move(question));
      return;
    }
    Question& before = questions_[found->second];
    if (before.record.text != question.record.text) {
      throw InvalidData(fmt::format("{}: question '{}' is asked otherwise at {}", question.place,
                                    printable(question.record.id), before.place));
    }
    // The file in which question and context share a language has the answers in it.
    if (!before.record.more.contains("answers") && question.record.more.contains("answers")) {
      before.record.more = std::move(question.record.more);
    }
  }
  void answer(const std::string& key, const std::string& document) { relevant_[key].insert(document); }

  void write(DatasetWriter& writer) const {
    for (const Question& question : questions_) writer.add(question.record, question.place);
    for (const Question& question : questions_) {
      const auto documents = relevant_.find(question.key);
      if (documents == relevant_.end()) continue;
      for (const std::string& document : documents->second) {
        writer.judge(question.split, question.record.id, document, 1);
      }
    }
  }

 private:
  std::vector<Question> questions_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::map<std::string, std::set<std::string>, std::less<>> relevant_;
  std::map<std::string, std::size_t, std::less<>> numbers_;
  std::set<std::pair<std::size_t, std::string>> taken_;
  std::size_t next_ = 0;
};

struct Paragraph {
  const Json& json;
  std::string title, context;
  const Json& questions;
  std::string place;
};

void for_each_paragraph(const InputFile& file, InputProgress& progress,
                        const std::function<void(const Paragraph&)>& visit) {
  const Json whole = read_json_object(file, progress);
  std::size_t article_number = 0;
  for (const Json& article : array_member(whole, "data", file.path)) {
    const std::string article_place = fmt::format("{}: data[{}]", file.path, article_number++);
    require_object(article, article_place);
    std::size_t number = 0;
    for (const Json& json : array_member(article, "paragraphs", article_place)) {
      const std::string place = fmt::format("{}.paragraphs[{}]", article_place, number++);
      require_object(json, place);
      const Json& questions = array_member(json, "qas", place);
      for (const Json& question : questions) require_object(question, place + ".qas");
      visit({json, string_member(article, "title", place).value_or(""), required_string(json, "context", place),
             questions, place});
    }
  }
}

std::vector<std::string> answers_of(const Json& question, const std::string& place) {
  std::vector<std::string> answers;
  if (!question.contains("answers")) return answers;
  for (const Json& answer : array_member(question, "answers", place)) {
    require_object(answer, place + ".answers");
    std::string text = required_string(answer, "text", place);
    if (std::ranges::find(answers, text) == answers.end()) answers.push_back(std::move(text));
  }
  return answers;
}

Question parse_question(const Json& json, const FileLanguages& languages, const std::string& split,
                        const std::string& place) {
  Question question;
  question.key = required_string(json, "id", place);
  question.record.id = fmt::format("{}-{}", question.key, languages.question.tag());
  question.record.text = trimmed(required_string(json, "question", place));
  question.record.language = languages.question;
  question.record.more["question"] = question.key;
  if (languages.context == languages.question) question.record.more["answers"] = answers_of(json, place);
  question.split = split;
  question.place = place;
  return question;
}

Document passage(const Paragraph& paragraph, const std::string& id, std::string text, const Language& language) {
  // The article's title goes into the metadata: it is English in every language of XQuAD, and would give others away.
  const OrderedJson more = paragraph.title.empty() ? OrderedJson::object() : OrderedJson{{"article", paragraph.title}};
  return {.id = id,
          .title = "",
          .text = std::move(text),
          .language = language,
          .language_given = true,
          .metadata = to_line(more)};
}

// --- Sentences -----------------------------------------------------------------------------------------------------

/// In code points of the context, half-open, as LAReQA counts.
struct Span {
  std::size_t begin = 0, end = 0;
};

std::vector<Span> sentence_spans(const Paragraph& paragraph) {
  std::vector<Span> spans;
  for (const Json& pair : array_member(paragraph.json, "sentence_breaks", paragraph.place)) {
    const bool numbers =
        pair.is_array() && pair.size() == 2 && pair[0].is_number_unsigned() && pair[1].is_number_unsigned();
    if (!numbers || pair[0].get<std::size_t>() > pair[1].get<std::size_t>()) {
      throw InvalidData(fmt::format("{}: \"sentence_breaks\" must hold pairs [begin, end]", paragraph.place));
    }
    spans.push_back({pair[0].get<std::size_t>(), pair[1].get<std::size_t>()});
  }
  return spans;
}

/// The sentence that shares most with the answer, the first of several; their number if none shares anything.
std::size_t sentence_of(const Json& question, const std::vector<Span>& sentences, const std::string& place) {
  const Json& answers = array_member(question, "answers", place);
  if (answers.empty()) return sentences.size();
  require_object(answers[0], place + ".answers");
  const std::size_t begin = count_member(answers[0], "answer_start", place);
  const std::size_t end = begin + count_code_points(required_string(answers[0], "text", place));
  std::size_t best = sentences.size(), most = 0;
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    const std::size_t from = std::max(begin, sentences[i].begin), to = std::min(end, sentences[i].end);
    if (from < to && to - from > most) {
      most = to - from;
      best = i;
    }
  }
  return best;
}

void add_sentences(const Paragraph& paragraph, const std::string& stem, const FileLanguages& languages,
                   ParallelQuestions& questions, DatasetWriter& writer) {
  const auto spans = sentence_spans(paragraph);
  const Json& sentences = array_member(paragraph.json, "sentences", paragraph.place);
  if (sentences.size() != spans.size()) {
    throw InvalidData(
        fmt::format("{}: {} sentences, but {} sentence_breaks", paragraph.place, sentences.size(), spans.size()));
  }
  const auto id_of = [&](std::size_t i) { return fmt::format("{}s{:02}-{}", stem, i, languages.context.tag()); };
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    if (!sentences[i].is_string()) {
      throw InvalidData(fmt::format("{}: \"sentences\" must hold strings", paragraph.place));
    }
    writer.add(passage(paragraph, id_of(i), sentences[i].get<std::string>(), languages.context), paragraph.place);
  }
  for (const Json& question : paragraph.questions) {
    const std::size_t sentence = sentence_of(question, spans, paragraph.place);
    if (sentence == spans.size()) {
      writer.note("answers outside of every sentence");
    } else {
      questions.answer(required_string(question, "id", paragraph.place), id_of(sentence));
    }
  }
}

void read_questions(const Conversion& conversion, DatasetWriter& writer, bool by_sentence) {
  ParallelQuestions questions;
  std::map<std::pair<std::string, std::string>, std::string> stems;  // (language, context) -> "p0012"
  for (const InputFile& file : conversion.files) {
    const FileLanguages languages = languages_of(file, conversion);
    const std::string split = conversion.split_of(file);
    for_each_paragraph(file, conversion.progress, [&](const Paragraph& paragraph) {
      std::vector<std::string> keys;
      for (std::size_t i = 0; i < paragraph.questions.size(); ++i) {
        const std::string place = fmt::format("{}.qas[{}]", paragraph.place, i);
        Question question = parse_question(paragraph.questions[i], languages, split, place);
        keys.push_back(question.key);
        questions.add(std::move(question));
      }
      std::string& stem = stems[{languages.context.tag(), paragraph.context}];
      const bool is_new = stem.empty();
      std::size_t number = 0;
      if (is_new) {
        number = questions.number_of(keys, languages.context);
        stem = fmt::format("p{:04}", number);
      } else {
        number = std::stoul(stem.substr(1));
        writer.note("passages repeated");
      }
      for (const std::string& key : keys) questions.set_number(key, number);
      if (by_sentence) return add_sentences(paragraph, stem, languages, questions, writer);
      const std::string id = fmt::format("{}-{}", stem, languages.context.tag());
      if (is_new) writer.add(passage(paragraph, id, paragraph.context, languages.context), paragraph.place);
      for (const std::string& key : keys) questions.answer(key, id);
    });
  }
  questions.write(writer);
}

}  // namespace

void read_squad(const Conversion& conversion, DatasetWriter& writer) { read_questions(conversion, writer, false); }

void read_answer_sentences(const Conversion& conversion, DatasetWriter& writer) {
  read_questions(conversion, writer, true);
}

}  // namespace dragoman
