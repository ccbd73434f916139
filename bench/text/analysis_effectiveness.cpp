// What the analysis of words is worth: BM25 inside one language, over real questions and texts, with plain words, with
// analyser "icu", and with the rules of each language.
//
//   analysis_effectiveness DATA                     a table a test collection
//   analysis_effectiveness DATA --ablate [NAME...]  what each choice in a language's rules is worth; names are those of
//                                                   collections and languages, all of them by default
//
// DATA holds the folders xquad-clir, lareqa-xquad-r, ntrex-docs, ntrex, afriqa and claims.
#include <fmt/format.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "dragoman/base/file.h"
#include "dragoman/collection/corpus_reader.h"
#include "dragoman/evaluate/judgements.h"
#include "dragoman/evaluate/measures.h"
#include "dragoman/evaluate/topics.h"
#include "dragoman/text/analyzer.h"
#include "text/analysis/pipeline.h"
#include "text/icu.h"

namespace {

using namespace dragoman;

struct Text {
  std::string id, text;
};

/// Documents and queries in one language.
struct Task {
  std::vector<Text> documents, queries;
  std::map<std::string, std::set<std::string>> relevant;  // By query.
};
struct TestSet {
  std::string name;
  std::map<std::string, Task> tasks;  // By language.
};

using Words = std::vector<std::string>;
using Analysis = std::function<Words(const std::string&)>;

constexpr double kK1 = 0.9, kB = 0.4;

/// nDCG@10 of every query, in their order.
std::vector<double> ndcg(const Task& task, const Analysis& of_documents, const Analysis& of_queries) {
  std::unordered_map<std::string, std::vector<std::pair<std::size_t, int>>> postings;
  std::vector<double> lengths;
  double total = 0;
  for (std::size_t d = 0; d < task.documents.size(); ++d) {
    std::unordered_map<std::string, int> counts;
    const Words words = of_documents(task.documents[d].text);
    for (const std::string& word : words) ++counts[word];
    for (const auto& [word, count] : counts) postings[word].emplace_back(d, count);
    lengths.push_back(static_cast<double>(words.size()));
    total += lengths.back();
  }
  const auto size = static_cast<double>(task.documents.size());
  const Measure measure = parse_measure("nDCG@10");
  std::vector<double> values;
  for (const Text& query : task.queries) {
    std::vector<double> scores(task.documents.size(), 0);
    for (const std::string& word : of_queries(query.text)) {
      const auto found = postings.find(word);
      if (found == postings.end()) continue;
      const auto df = static_cast<double>(found->second.size());
      const double idf = std::log(1 + (size - df + 0.5) / (df + 0.5));
      for (const auto& [d, tf] : found->second) {
        scores[d] += idf * tf / (tf + kK1 * (1 - kB + kB * lengths[d] / (total / size)));
      }
    }
    std::vector<std::size_t> order;
    for (std::size_t d = 0; d < scores.size(); ++d) {
      if (scores[d] > 0) order.push_back(d);
    }
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
      return scores[a] != scores[b] ? scores[a] > scores[b] : task.documents[a].id < task.documents[b].id;
    });
    const auto& relevant = task.relevant.at(query.id);
    GradedRanking ranking;
    for (const std::size_t d : order) ranking.retrieved.push_back(relevant.contains(task.documents[d].id) ? 1 : 0);
    ranking.judged.assign(relevant.size(), 1);
    values.push_back(measure.compute(ranking));
  }
  return values;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

/// Words of ICU in small letters, and no more.
Words plain_words(const std::string& text) {
  Words words;
  std::size_t begin = 0;
  for (const std::size_t end : unit_ends(Boundary::word, text)) {
    const std::string word = text.substr(begin, end - begin);
    begin = end;
    const auto tokens = Analyzer("icu").analyze(word);
    if (tokens.empty()) continue;
    std::string lower;
    icu::UnicodeString::fromUTF8(word).toLower(icu::Locale::getRoot()).toUTF8String(lower);
    words.push_back(lower);
  }
  return words;
}

Words texts_of(std::vector<Token> tokens) {
  Words words;
  for (Token& token : tokens) words.push_back(std::move(token.text));
  return words;
}

// The collections ------------------------------------------------------------------------------------------------

/// A BEIR folder; a query's relevant documents are those of its own language.
TestSet read_beir(const std::string& folder, const std::string& name, const std::string& queries,
                  const std::string& judgements) {
  TestSet set{name, {}};
  std::map<std::string, std::string> language_of;
  CorpusReader reader(folder);
  for (Document document; reader.next(document);) {
    const std::string text = document.title.empty() ? document.text : document.title + "\n" + document.text;
    set.tasks[document.language.tag()].documents.push_back({document.id, text});
    language_of[document.id] = document.language.tag();
  }
  const Judgements judged = read_judgements(judgements);
  for (const Query& query : read_queries(queries)) {
    const auto found = judged.find(query.id);
    if (found == judged.end()) continue;
    std::set<std::string> relevant;
    for (const auto& [document, grade] : found->second) {
      if (grade > 0 && language_of[document] == query.language.tag()) relevant.insert(document);
    }
    if (relevant.empty()) continue;
    Task& task = set.tasks[query.language.tag()];
    task.queries.push_back({query.id, query.text});
    task.relevant[query.id] = std::move(relevant);
  }
  return set;
}

/// News stories, every second sentence of which looks for the others.
TestSet read_stories(const std::string& folder) {
  TestSet set{"stories", {}};
  std::vector<std::string> stories;
  LineReader ids(folder + "/docids.txt");
  for (std::string_view line; ids.next(line);) stories.emplace_back(line);
  for (const char* code : {"arb", "ben", "ces", "deu", "eng", "fas", "fin",    "fra", "hau",   "hin", "hun",
                           "ind", "jpn", "kat", "kor", "nld", "pol", "por-BR", "rus", "som",   "spa", "swa",
                           "swe", "tam", "tha", "tur", "ukr", "urd", "vie",    "yor", "zho-CN"}) {
    Task& task = set.tasks[Language::parse(code).tag()];
    LineReader lines(fmt::format("{}/{}.txt.gz", folder, code));
    std::map<std::string, std::string> texts;
    std::map<std::string, int> counts;
    std::size_t number = 0;
    for (std::string_view line; lines.next(line); ++number) {
      const std::string& story = stories.at(number);
      if (++counts[story] % 2 == 1) {
        texts[story] += std::string(line) + "\n";
      } else {
        task.queries.push_back({std::to_string(number), std::string(line)});
        task.relevant[std::to_string(number)] = {story};
      }
    }
    for (const auto& [story, text] : texts) task.documents.push_back({story, text});
  }
  return set;
}

std::vector<TestSet> read_sets(const std::string& data) {
  const auto beir = [&](const char* folder, const char* name, const char* queries, const char* judgements) {
    return read_beir(data + "/" + folder, name, data + "/" + folder + "/" + queries,
                     data + "/" + folder + "/qrels/" + judgements);
  };
  std::vector<TestSet> sets;
  sets.push_back(beir("xquad-clir", "xquad", "queries.jsonl.gz", "test.tsv.gz"));
  sets.push_back(beir("lareqa-xquad-r", "xquad-r", "queries.jsonl.gz", "test.tsv.gz"));
  sets.push_back(beir("ntrex-docs", "headlines", "queries.jsonl.gz", "test.tsv.gz"));
  sets.push_back(read_stories(data + "/ntrex"));
  sets.push_back(beir("claims", "claims", "queries.jsonl.gz", "train.tsv"));
  sets.push_back(beir("afriqa", "afriqa", "queries-pivot.jsonl.gz", "test.tsv"));
  return sets;
}

// What is compared -----------------------------------------------------------------------------------------------

void print_tables(const std::vector<TestSet>& sets) {
  const Analyzer icu("icu"), multilingual("multilingual");
  for (const TestSet& set : sets) {
    fmt::print("\n## {}\n\n| language | queries | plain words | icu | multilingual | over plain |\n", set.name);
    fmt::print("|---|---:|---:|---:|---:|---:|\n");
    std::vector<double> plain_means, icu_means, multilingual_means;
    for (const auto& [tag, task] : set.tasks) {
      if (task.queries.empty()) continue;
      const Language language = Language::parse(tag);
      const Analysis by_icu = [&](const std::string& text) { return texts_of(icu.analyze(text)); };
      plain_means.push_back(mean(ndcg(task, plain_words, plain_words)));
      icu_means.push_back(mean(ndcg(task, by_icu, by_icu)));
      multilingual_means.push_back(mean(ndcg(
          task, [&](const std::string& text) { return texts_of(multilingual.analyze(text, language)); },
          [&](const std::string& text) { return texts_of(multilingual.analyze_query(text, language)); })));
      fmt::print("| {} | {} | {:.4f} | {:.4f} | {:.4f} | {:+.4f} |\n", tag, task.queries.size(), plain_means.back(),
                 icu_means.back(), multilingual_means.back(), multilingual_means.back() - plain_means.back());
    }
    fmt::print("| mean | | {:.4f} | {:.4f} | {:.4f} | {:+.4f} |\n", mean(plain_means), mean(icu_means),
               mean(multilingual_means), mean(multilingual_means) - mean(plain_means));
    std::fflush(stdout);
  }
}

struct Variant {
  std::string name;
  LanguageRules rules;
  PipelineOptions options = {};
  bool drops_questions = true;
};

std::vector<Variant> variants_of(const LanguageRules& rules) {
  std::vector<Variant> variants = {{"rules", rules}};
  const auto add = [&](std::string name, const std::function<void(LanguageRules&)>& change) {
    LanguageRules changed = rules;
    change(changed);
    variants.push_back({std::move(name), changed});
  };
  variants.push_back({"keep questions", rules, {}, false});
  add("no stemming", [](LanguageRules& changed) { changed.stemming = Stemming::none; });
  for (const std::size_t letters : {4, 5, 6, 7}) {
    add(fmt::format("first {}", letters), [&](LanguageRules& changed) {
      changed.stemming = Stemming::truncate;
      changed.letters = letters;
    });
  }
  for (const std::size_t letters : {2, 3, 4}) {
    add(fmt::format("{}-grams", letters), [&](LanguageRules& changed) {
      changed.stemming = Stemming::ngrams;
      changed.letters = letters;
    });
  }
  add("marks", [](LanguageRules& changed) { changed.remove_marks = !changed.remove_marks; });
  if (rules.drop_single_kana) add("single kana", [](LanguageRules& changed) { changed.drop_single_kana = false; });
  if (rules.folds != Fold::basic) {
    add("no folds", [](LanguageRules& changed) { changed.folds = Fold::basic; });
  }
  if (const auto path = rules.languages.empty() ? std::nullopt : HunspellDictionary::find(rules.name())) {
    const auto dictionary = std::make_shared<const HunspellDictionary>(*path);
    variants.push_back({"hunspell", rules, {.lemmatiser = make_lemmatiser(dictionary, make_stemmer(rules))}});
    if (const char* linking = compound_linking(rules.name())) {
      variants.push_back(
          {"compounds", rules, {.decompounder = std::make_shared<const Decompounder>(dictionary, linking)}});
    }
  }
  return variants;
}

/// nDCG@10 of queries with an even and with an odd place in their task: choose by one, look at the other.
void print_ablation(const std::vector<TestSet>& sets, const std::set<std::string>& names) {
  const auto named_set = [&](const TestSet& set) { return names.contains(set.name); };
  const bool all_sets = std::ranges::none_of(sets, named_set);
  const bool all_languages = std::ranges::all_of(
      names, [&](const std::string& name) { return std::ranges::find(sets, name, &TestSet::name) != sets.end(); });
  for (const TestSet& set : sets) {
    if (!all_sets && !named_set(set)) continue;
    for (const auto& [tag, task] : set.tasks) {
      if (task.queries.empty() || (!all_languages && !names.contains(tag))) continue;
      fmt::print("\n{} {}\n", set.name, tag);
      const LanguageRules& rules = all_language_rules()[language_rules_of(Language::parse(tag))];
      for (const Variant& variant : variants_of(rules)) {
        const Pipeline pipeline(variant.rules, variant.options);
        const Analysis documents = [&](const std::string& text) {
          std::vector<Token> tokens;
          pipeline.analyze(text, 0, tokens);
          return texts_of(std::move(tokens));
        };
        const Analysis queries = [&](const std::string& text) {
          Words words = documents(text);
          const auto asks = [&](const std::string& word) { return pipeline.is_question_word(word); };
          if (variant.drops_questions && !std::ranges::all_of(words, asks)) std::erase_if(words, asks);
          return words;
        };
        const std::vector<double> values = ndcg(task, documents, queries);
        std::vector<double> even, odd;
        for (std::size_t i = 0; i < values.size(); ++i) (i % 2 == 0 ? even : odd).push_back(values[i]);
        fmt::print("  {:16} {:.4f}  ({:.4f} {:.4f})\n", variant.name, mean(values), mean(even), mean(odd));
      }
      std::fflush(stdout);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: {} DATA [--ablate [NAME...]]\n", argv[0]);
    return 2;
  }
  try {
    const std::vector<TestSet> sets = read_sets(argv[1]);
    if (argc > 2 && std::string_view(argv[2]) == "--ablate") {
      print_ablation(sets, std::set<std::string>(argv + 3, argv + argc));
    } else {
      print_tables(sets);
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
