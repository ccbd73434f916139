#include "engine/collection_prior.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dragoman {
namespace {

/// How many documents of each language have each word of a query, as that language's rules have the word. A word that
/// is said again says nothing new.
std::vector<std::vector<double>> word_frequencies(std::string_view query, const Bm25Index& words,
                                                  const Analyzer& analyzer, std::span<const Language> known) {
  std::map<std::size_t, std::set<std::pair<std::string_view, std::string>>> forms;  // By rules: written, index word.
  for (const Language& language : known) {
    const auto [rules, is_new] = forms.try_emplace(analyzer.rules_of(language));
    if (!is_new) continue;
    for (Token& token : analyzer.analyze(query, {}, language)) {
      if (token.text[0] >= '0' && token.text[0] <= '9') continue;  // Numbers are of all languages.
      rules->second.emplace(query.substr(token.begin, token.end - token.begin), std::move(token.text));
    }
  }
  // Words that every language has the same forms of are one: "Чай" and "ЧАЙ".
  std::map<std::string_view, std::string> all_forms;
  for (const auto& [rules, words_and_forms] : forms) {
    for (const auto& [word, form] : words_and_forms) all_forms[word] += fmt::format("{} {}\n", rules, form);
  }
  std::map<std::string, std::vector<double>> by_form, by_word;
  for (std::size_t i = 0; i < known.size(); ++i) {
    for (const auto& [word, form] : forms.at(analyzer.rules_of(known[i]))) {
      auto counts = by_form.find(form);
      if (counts == by_form.end()) counts = by_form.emplace(form, words.document_frequencies(form, known)).first;
      double& count = by_word.try_emplace(all_forms.at(word), known.size(), -1).first->second[i];
      // A word that is several forms, as n-grams are, is in no more documents than each of them.
      count = count < 0 ? counts->second[i] : std::min(count, counts->second[i]);
    }
  }
  std::vector<std::vector<double>> frequencies;
  for (auto& [word, counts] : by_word) {
    for (double& count : counts) count = std::max(count, 0.0);
    frequencies.push_back(std::move(counts));
  }
  return frequencies;
}

}  // namespace

LanguagePrior collection_prior(std::span<const Language> languages, std::span<const double> documents_in,
                               std::span<const Language> allowed, std::shared_ptr<const Bm25Index> words,
                               const Analyzer& analyzer) {
  LanguagePrior prior;
  prior.allowed.assign(allowed.begin(), allowed.end());
  auto known = std::make_shared<std::vector<Language>>();
  for (std::size_t i = 0; i < languages.size(); ++i) {
    if (languages[i].undetermined()) continue;
    known->push_back(languages[i]);
    prior.shares.push_back({languages[i], documents_in[i]});
  }
  if (!words) return prior;
  prior.document_frequencies = [&analyzer, words = std::move(words), known](std::string_view query) {
    return word_frequencies(query, *words, analyzer, *known);
  };
  return prior;
}

}  // namespace dragoman
