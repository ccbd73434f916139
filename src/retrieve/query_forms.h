#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/lexical/word_union.h"
#include "dragoman/text/analyzer.h"

namespace dragoman {

/// The words of a query, each as one union of all its forms: what its own language, spans of the query and other
/// languages make of it. Documents with spans in several languages have the same word in several forms, too, and should
/// not gain by that. Forms that are several index words, as n-grams are, stand for themselves.
class QueryForms {
 public:
  /// Without words that only ask.
  /// @param others languages whose forms are wanted besides.
  QueryForms(const Analyzer& analyzer, std::string_view query, const Language& language,
             std::span<const Language> others);

  /// Each once, with the times that the query has it. They live as long as this.
  std::vector<WordUnion> unions() const;
  /// Has any word several forms?
  bool has_alternatives() const;

 private:
  std::map<std::vector<std::string>, float> times_;  // By forms, ascending.
};

/// Tokens of Analyzer::analyze_query() without those that only a span of the query has: one form for each word.
std::vector<Token> own_forms(const Analyzer& analyzer, std::string_view query, const Language& language);

}  // namespace dragoman
