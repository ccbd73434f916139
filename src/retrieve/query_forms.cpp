#include "retrieve/query_forms.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace dragoman {
namespace {

using Place = std::pair<std::size_t, std::size_t>;  // Begin and end.

Place place_of(const Token& token) { return {token.begin, token.end}; }

/// Tokens of two analyses of one text that only the first has.
std::vector<Token> without(std::span<const Token> tokens, std::span<const Token> others) {
  std::vector<Token> left;
  std::ranges::copy_if(tokens, std::back_inserter(left),
                       [&](const Token& token) { return std::ranges::find(others, token) == others.end(); });
  return left;
}

/// What is collected of one word of a query.
struct Forms {
  std::set<std::string> alternatives;
  std::set<std::string> parts;  ///< Of forms that are several index words.
};

void add(std::span<const Token> tokens, std::map<Place, Forms>& places) {
  std::map<Place, std::vector<const Token*>> by_place;
  for (const Token& token : tokens) by_place[place_of(token)].push_back(&token);
  for (const auto& [place, found] : by_place) {
    const auto known = places.find(place);
    if (known == places.end()) continue;  // A word that only asks.
    for (const Token* token : found) {
      (found.size() == 1 ? known->second.alternatives : known->second.parts).insert(token->text);
    }
  }
}

}  // namespace

QueryForms::QueryForms(const Analyzer& analyzer, std::string_view query, const Language& language,
                       std::span<const Language> others) {
  const std::vector<Token> all = analyzer.analyze_query(query, language);
  const std::vector<Token> own = analyzer.analyze(query, {}, language);
  std::map<Place, Forms> places;
  for (const Token& token : all) places[place_of(token)];
  add(own, places);
  add(without(all, own), places);
  std::set<std::size_t> rules = {analyzer.rules_of(language)};
  for (const Language& other : others) {
    if (rules.insert(analyzer.rules_of(other)).second) add(analyzer.analyze(query, {}, other), places);
  }
  for (const auto& [place, forms] : places) {
    if (!forms.alternatives.empty()) times_[{forms.alternatives.begin(), forms.alternatives.end()}] += 1;
    for (const std::string& part : forms.parts) {
      if (!forms.alternatives.contains(part)) times_[{part}] += 1;
    }
  }
}

std::vector<WordUnion> QueryForms::unions() const {
  std::vector<WordUnion> unions;
  for (const auto& [forms, times] : times_) {
    WordUnion& word = unions.emplace_back();
    word.times = times;
    for (const std::string& form : forms) word.words.push_back({form, 1});
  }
  return unions;
}

bool QueryForms::has_alternatives() const {
  return std::ranges::any_of(times_, [](const auto& word) { return word.first.size() > 1; });
}

std::vector<Token> own_forms(const Analyzer& analyzer, std::string_view query, const Language& language) {
  std::vector<Token> all = analyzer.analyze_query(query, language);
  if (!Analyzer::finds_spans(analyzer.name())) return all;
  return without(all, without(all, analyzer.analyze(query, {}, language)));
}

}  // namespace dragoman
