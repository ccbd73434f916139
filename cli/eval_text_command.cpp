#include <fmt/format.h>

#include <functional>
#include <map>
#include <memory>
#include <unordered_map>

#include "base/json.h"
#include "command.h"
#include "dragoman/base/error.h"
#include "dragoman/collection/corpus_reader.h"
#include "dragoman/evaluate/answer_recall.h"
#include "dragoman/evaluate/references.h"
#include "dragoman/evaluate/text_measures.h"
#include "dragoman/evaluate/topics.h"

namespace dragoman::cli {
namespace {

struct EvalTextArgs {
  std::string references, texts, kind = "qa", tokenizer = "13a", language, corpus;
  bool json = false;
};

/// Texts, their references and what was found of an answer, of one language or of all.
struct Group {
  std::vector<std::string> texts;
  std::vector<std::vector<std::string>> references;
  std::vector<Language> languages;
  Answers answers;
};

/// Name and value, in the order they are printed in.
using Values = std::vector<std::pair<std::string, double>>;

Values judge_answers(const Group& group) {
  double exact_match = 0, f1 = 0;
  for (std::size_t i = 0; i < group.texts.size(); ++i) {
    const AnswerScore score = score_answer(group.texts[i], group.references[i], group.languages[i]);
    exact_match += score.exact_match;
    f1 += score.f1;
  }
  const auto count = static_cast<double>(group.texts.size());
  return {{"EM", 100 * exact_match / count}, {"F1", 100 * f1 / count}};
}

Values judge_translations(const EvalTextArgs& args, const Group& group) {
  if (args.kind == "chrf") return {{"chrF", corpus_chrf(group.texts, group.references)}};
  if (args.kind == "chrf++") return {{"chrF++", corpus_chrf(group.texts, group.references, {.word_order = 2})}};
  const auto tokenizer = args.tokenizer == "char" ? BleuTokenizer::character : BleuTokenizer::v13a;
  const Bleu bleu = corpus_bleu(group.texts, group.references, {tokenizer});
  return {{"BLEU", bleu.score}, {"BP", bleu.brevity_penalty}};
}

/// R@2kt and R@5kt of a run over a corpus.
class RecallJudge {
 public:
  explicit RecallJudge(const EvalTextArgs& args) : run_(read_run(args.texts)) {
    for (const auto& [query, ranking] : run_) {
      for (const Hit& hit : ranking) texts_.try_emplace(hit.id);
    }
    CorpusReader corpus(args.corpus);
    for (Document document; corpus.next(document);) {
      const auto text = texts_.find(document.id);
      if (text != texts_.end())
        text->second = document.title.empty() ? document.text : document.title + "\n" + document.text;
    }
  }

  Values operator()(const Group& group) const {
    const auto text_of = [&](const std::string& id) { return texts_.at(id); };
    return {{"R@2kt", 100 * answer_recall(run_, group.answers, text_of, {.max_tokens = 2000}).recall},
            {"R@5kt", 100 * answer_recall(run_, group.answers, text_of, {.max_tokens = 5000}).recall}};
  }

 private:
  Run run_;
  std::unordered_map<std::string, std::string> texts_;
};

struct Groups {
  Group all;
  std::map<Language, Group> by_language;
  std::size_t missing = 0;
};

Groups read_groups(const EvalTextArgs& args) {
  std::unordered_map<std::string, std::string> texts;
  if (args.kind != "recall") {
    for (Query& text : read_queries(args.texts)) texts.emplace(std::move(text.id), std::move(text.text));
  }
  Groups groups;
  const Language given = args.language.empty() ? Language() : Language::parse(args.language);
  for (const References& references : read_references(args.references)) {
    const Language& language = references.language.undetermined() ? given : references.language;
    const auto text = texts.find(references.id);
    if (text == texts.end()) ++groups.missing;
    for (Group* group : {&groups.all, &groups.by_language[language]}) {
      group->texts.push_back(text == texts.end() ? "" : text->second);
      group->references.push_back(references.texts);
      group->languages.push_back(language);
      group->answers.emplace(references.id, references.texts);
    }
  }
  if (groups.all.texts.empty()) throw InvalidData(fmt::format("{}: there is nothing to compare with", args.references));
  return groups;
}

OrderedJson to_json(const Group& group, const Values& values) {
  OrderedJson json = {{"texts", group.texts.size()}, {"values", OrderedJson::object()}};
  for (const auto& [name, value] : values) json["values"][name] = number_or_null(value);
  return json;
}

void print_row(std::string_view label, const Group& group, const Values& values) {
  fmt::print("{:<24} {:>8}", label, group.texts.size());
  for (const auto& value : values) fmt::print(" {:>10.2f}", value.second);
  fmt::print("\n");
}

void run_eval_text(const EvalTextArgs& args) {
  if (args.kind == "recall" && args.corpus.empty()) {
    throw InvalidArgument("--kind recall needs --corpus, for the texts of what was retrieved");
  }
  const Groups groups = read_groups(args);
  std::function<Values(const Group&)> judge = judge_answers;
  if (args.kind == "recall") {
    judge = RecallJudge(args);
  } else if (args.kind != "qa") {
    judge = [&](const Group& group) { return judge_translations(args, group); };
  }
  const Values all = judge(groups.all);
  OrderedJson json = to_json(groups.all, all);
  if (!args.json) {
    fmt::print("{:<24} {:>8}", args.texts, "texts");
    for (const auto& value : all) fmt::print(" {:>10}", value.first);
    fmt::print("\n");
    print_row("all", groups.all, all);
  }
  // Published values are often this one: a language counts alike, however many texts it has.
  Values mean = all;
  for (auto& value : mean) value.second = 0;
  for (const auto& [language, group] : groups.by_language) {
    const Values values = judge(group);
    for (std::size_t i = 0; i < values.size(); ++i) {
      mean[i].second += values[i].second / static_cast<double>(groups.by_language.size());
    }
    json["by_language"][language.tag()] = to_json(group, values);
    if (!args.json && groups.by_language.size() > 1) print_row(language.tag(), group, values);
  }
  json["mean_over_languages"] = to_json(groups.all, mean);
  if (!args.json && groups.by_language.size() > 1) print_row("mean over languages", groups.all, mean);
  if (args.kind != "recall") json["missing"] = groups.missing;
  if (args.json) fmt::print("{}\n", to_line(json));
  if (!args.json && args.kind != "recall" && groups.missing != 0) {
    fmt::print("{} references have no text; they are compared with an empty one\n", groups.missing);
  }
}

}  // namespace

void add_eval_text_command(CLI::App& program) {
  auto args = std::make_shared<EvalTextArgs>();
  CLI::App* command = program.add_subcommand("eval-text", "Judge texts: answers, translations, what was retrieved");
  command->add_option("references", args->references, "The right texts: JSON lines with \"answers\", or id<TAB>text")
      ->required();
  command->add_option("texts", args->texts, "The texts: JSON lines or id<TAB>text; recall: a TREC run")->required();
  command->add_option("--kind", args->kind, "qa (EM, F1), bleu, chrf, chrf++, or recall (R@2kt, R@5kt)")
      ->check(CLI::IsMember({"qa", "bleu", "chrf", "chrf++", "recall"}))
      ->capture_default_str();
  command->add_option("--tokenize", args->tokenizer, "bleu: 13a, or char for languages without spaces")
      ->check(CLI::IsMember({"13a", "char"}))
      ->capture_default_str();
  command->add_option("--lang", args->language, "Language of references that do not say it");
  command->add_option("--corpus", args->corpus, "recall: the corpus that the run ranks");
  command->add_flag("--json", args->json, "Answer as JSON");
  command->footer(
      "Example:\n"
      "  dragoman eval-text answers.jsonl written.tsv --kind qa --lang th\n"
      "  dragoman eval-text answers.jsonl dense.run --kind recall --corpus corpus.jsonl");
  command->callback([args] { run_eval_text(*args); });
}

}  // namespace dragoman::cli
