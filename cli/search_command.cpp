#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <memory>

#include "base/json.h"
#include "command.h"
#include "dragoman/base/utf8.h"
#include "dragoman/engine/engine.h"
#include "dragoman/engine/shown_translations.h"
#include "rerank_json.h"
#include "search_flags.h"

namespace dragoman::cli {
namespace {

struct SearchArgs {
  std::filesystem::path index;
  std::string text, language;
  SearchFlags flags;
  std::string show = "original";
  bool json = false, explain = false;
};
using Shown = std::vector<std::optional<ShownPassage>>;

constexpr std::size_t kSnippetCodePoints = 220;

/// The beginning of the best passage, on one line, cut where a sentence or a word ends.
std::string snippet(std::string_view passage) {
  std::string text = beginning_of(passage, kSnippetCodePoints);
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return text;
}

OrderedJson to_json(const SearchHit& hit, bool explain) {
  OrderedJson json = {
      {"id", hit.id},
      {"score", hit.score},
      {"language", hit.language.tag()},
      {"language_given", hit.document.language_given},
      {"title", hit.document.title},
      {"passage",
       {{"begin", hit.passage.begin}, {"end", hit.passage.end}, {"text", hit.passage.of(hit.document.text)}}},
      {"metadata", OrderedJson::parse(hit.document.metadata)}};
  if (explain) {
    for (const HitTrace& step : hit.trace) {
      json["trace"].push_back({{"stage", step.stage}, {"rank", step.rank}, {"score", step.score}});
    }
  }
  return json;
}

/// Never without who made it, and when.
OrderedJson to_json(const ShownPassage& shown) {
  OrderedJson json = {{"language", shown.language.tag()}, {"provider", shown.provider}, {"text", shown.text}};
  if (shown.made != 0) json["made"] = fmt::format("{:%FT%TZ}", fmt::gmtime(static_cast<std::time_t>(shown.made)));
  return json;
}

OrderedJson to_json(const SearchResult& result, const Shown& shown, std::string_view show, bool explain) {
  OrderedJson json = {{"query", result.query.text},
                      {"language", result.query.language.tag()},
                      {"language_given", !result.explanation.language_identified},
                      {"query_truncated", result.explanation.query_truncated}};
  if (result.explanation.language_identified) {
    OrderedJson& posterior = json["language_posterior"] = OrderedJson::object();
    for (const auto& [language, probability] : result.explanation.language.languages) {
      posterior[language.tag()] = std::round(probability * 1e4) / 1e4;
    }
  }
  json["hits"] = OrderedJson::array();
  for (std::size_t i = 0; i < result.hits.size(); ++i) {
    json["hits"].push_back(to_json(result.hits[i], explain));
    if (i < shown.size() && shown[i]) json["hits"].back()["passage"][std::string(show)] = to_json(*shown[i]);
  }
  if (explain) {
    json["explanation"] = {{"terms", result.explanation.terms},
                           {"query_tokens", result.explanation.query_tokens},
                           {"candidates", result.explanation.candidates}};
    if (result.explanation.romanized) json["explanation"]["romanized"] = true;
    for (const WordShare& word : result.explanation.expansion) {
      json["explanation"]["expansion"].push_back(
          {{"word", word.word}, {"share", std::round(double{word.share} * 1e4) / 1e4}});
    }
    for (const QueryTranslation& translation : result.explanation.translations) {
      OrderedJson words = OrderedJson::array();
      for (const TranslatedWord& word : translation.words) {
        OrderedJson shares = OrderedJson::object();
        for (const WordShare& as : word.translations) shares[as.word] = std::round(double{as.share} * 1e4) / 1e4;
        words.push_back({{"word", word.word}, {"translations", shares}});
      }
      json["explanation"]["translations"].push_back(
          {{"to", translation.to.tag()}, {"by", translation.by}, {"words", words}});
      if (!translation.text.empty()) json["explanation"]["translations"].back()["text"] = translation.text;
    }
    if (!result.explanation.phrases.empty()) json["explanation"]["phrases"] = result.explanation.phrases;
  }
  if (result.explanation.rerank)
    json["rerank"] = rerank_json(*result.explanation.rerank, result.explanation.rerank_mix);
  return json;
}

/// How the query's language is known: " (told from its text: sw 0.71, en 0.12)".
std::string how_known(const SearchExplanation& explanation) {
  if (!explanation.language_identified) return "";
  std::string list;
  for (std::size_t i = 0; i < std::min<std::size_t>(explanation.language.languages.size(), 3); ++i) {
    const LanguageProbability& item = explanation.language.languages[i];
    list += fmt::format("{}{} {:.2f}", i == 0 ? ": " : ", ", item.language.tag(), item.probability);
  }
  return fmt::format(" (told from its {}{})", explanation.language.by_model ? "text" : "script", list);
}

void print(const QueryTranslation& translation) {
  constexpr std::size_t kShown = 4;  // Of a word's translations; JSON has all.
  if (!translation.text.empty()) {
    fmt::print("for documents in {}, by {}: {}\n", translation.to.tag(), translation.by, printable(translation.text));
    return;
  }
  if (translation.by.starts_with("documents in ")) {
    fmt::print("documents in {} were searched as {}\n", translation.to.tag(), translation.by);
    return;
  }
  if (translation.by.find(':') != std::string::npos) {
    fmt::print("for documents in {}: no translation by {}, as it is written\n", translation.to.tag(), translation.by);
    return;
  }
  fmt::print("for documents in {}, by a {} table:\n", translation.to.tag(), translation.by);
  for (const TranslatedWord& word : translation.words) {
    std::string list;
    for (std::size_t i = 0; i < std::min(word.translations.size(), kShown); ++i) {
      list += fmt::format("{}{} {:.2f}", i == 0 ? "" : ", ", printable(word.translations[i].word),
                          word.translations[i].share);
    }
    if (word.translations.size() > kShown) list += fmt::format(", {} more", word.translations.size() - kShown);
    fmt::print("  {}: {}\n", printable(word.word), list.empty() ? "as it is written" : list);
  }
}

void print(const SearchResult& result, const Shown& shown, std::string_view show, bool explain) {
  if (result.explanation.query_truncated) {
    fmt::print(stderr, "the query is longer than the encoder reads; its end was left out\n");
  }
  if (explain) {
    fmt::print("query language {}{}; {} words, {} encoder tokens; {} candidates\n", result.query.language.tag(),
               how_known(result.explanation), result.explanation.terms.size(), result.explanation.query_tokens,
               result.explanation.candidates);
    for (const std::string& phrase : result.explanation.phrases) {
      fmt::print("documents must have the phrase: {}\n", printable(phrase));
    }
    if (!result.explanation.expansion.empty()) {
      std::string list;
      for (const WordShare& word : result.explanation.expansion) {
        list += fmt::format("{}{} {:.3f}", list.empty() ? "" : ", ", printable(word.word), word.share);
      }
      fmt::print("rm3 made of the query: {}\n", list);
    }
    for (const QueryTranslation& translation : result.explanation.translations) print(translation);
    if (result.explanation.romanized) fmt::print("words were also searched for by their sound, in other scripts\n");
    if (result.explanation.rerank) {
      fmt::print("reranking: {}\n", to_line(rerank_json(*result.explanation.rerank, result.explanation.rerank_mix)));
    }
  }
  if (result.hits.empty()) fmt::print("nothing found\n");
  for (std::size_t i = 0; i < result.hits.size(); ++i) {
    const SearchHit& hit = result.hits[i];
    fmt::print("{:2}. [{}] {:.4f}  {}  ({})\n    {}\n", i + 1, hit.language.tag(), hit.score, hit.document.title,
               hit.id, snippet(hit.passage.of(hit.document.text)));
    if (i < shown.size() && shown[i]) {
      fmt::print("    [{} to {} by {}] {}\n", show, shown[i]->language.tag(), shown[i]->provider,
                 snippet(shown[i]->text));
    }
    if (!explain) continue;
    for (const HitTrace& step : hit.trace) {
      fmt::print("      {:<8} rank {:>4}  score {:.6g}\n", step.stage, step.rank, step.score);
    }
  }
}

void run_search(const SearchArgs& args, const Context& context) {
  const Engine engine(args.index, args.flags.engine_options(context));
  Query query{.id = "q", .text = args.text, .language = {}};
  if (!args.language.empty()) query.language = Language::parse(args.language);
  const ShowPassages show = parse_show_passages(args.show);
  const SearchOptions options = args.flags.options();
  const SearchResult result = engine.search(query, options);
  Shown shown;
  if (show != ShowPassages::original) {
    PassageReader reader(show, args.flags.engine_options(context), options);
    shown = reader.read(result);
    for (const std::string& notice : reader.notices()) fmt::print(stderr, "{}\n", notice);
  }
  for (const std::string& notice : engine.notices()) fmt::print(stderr, "{}\n", notice);
  if (args.json) {
    fmt::print("{}\n", to_line(to_json(result, shown, args.show, args.explain)));
  } else {
    print(result, shown, args.show, args.explain);
  }
}

}  // namespace

void add_search_command(CLI::App& program, const Context& context) {
  auto args = std::make_shared<SearchArgs>();
  CLI::App* command = program.add_subcommand("search", "Ask a collection one question");
  command->add_option("index", args->index, "Folder of the collection")->required();
  command->add_option("query", args->text, "The question, in any language")->required();
  command->add_option("--lang", args->language, "Language of the question (de, swh, hi-Latn, ...)");
  args->flags.add_retrieval(*command);
  args->flags.add_reranking(*command, "--rerank");
  command
      ->add_option(
          "--show", args->show,
          "Passages in other languages than the question's: original alone, or with them translated (by the best "
          "route, or --translator) or glossed (word by word, by tables), always with who did it")
      ->capture_default_str();
  command->add_flag("--json", args->json, "Answer as JSON");
  command->add_flag("--explain", args->explain, "Tell by which route every hit came");
  command->footer(
      "Examples:\n"
      "  dragoman search my-index \"Wie repariere ich einen Reifen?\" --lang de --hits 5\n"
      "  dragoman search my-index \"malaria\" --where 'year>=2020' --where source=bbc\n"
      "  dragoman search my-index \"chai ya tangawizi\" --retrieve dense,sparse,multivector --explain\n"
      "  dragoman search my-index \"green tea\" --retrieve bm25 --field-weights title:4:0.3,text:1\n"
      "  dragoman search my-index 'prevention of \"yellow fever\"' --retrieve bm25    (index made with --positions)\n"
      "  dragoman search my-index \"malaria\" --retrieve bm25 --rm3 --explain\n"
      "  dragoman search my-index \"green tea\" --lang en --translate query --translator apertium --show translated\n"
      "  dragoman search my-index \"malaria\" --rerank listwise --model smollm2-135m-instruct --explain");
  command->callback([args, &context] { run_search(*args, context); });
}

}  // namespace dragoman::cli
