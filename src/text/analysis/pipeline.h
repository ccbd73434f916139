#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "dragoman/text/analyzer.h"
#include "text/analysis/decompounding.h"
#include "text/analysis/folding.h"
#include "text/analysis/hunspell_dictionary.h"
#include "text/analysis/language_rules.h"
#include "text/analysis/segments.h"
#include "text/analysis/stemming.h"

namespace dragoman {

/// The stemmer that rules name; null if they name none.
std::shared_ptr<const Stemmer> make_stemmer(const LanguageRules& rules);

/// What an analyser may do beyond its language rules.
struct PipelineOptions {
  bool camel_case = false;
  std::shared_ptr<const Stemmer> lemmatiser = nullptr;  ///< In place of the rules' stemmer.
  std::shared_ptr<const Decompounder> decompounder = nullptr;
};

/// The way of a text to its tokens under the rules of one language. Immutable and thread-safe; each thread keeps the
/// stems of the words it has seen last.
class Pipeline {
 public:
  explicit Pipeline(const LanguageRules& rules, PipelineOptions options = {});

  /// Appends the tokens of `text`; their ranges are moved by `offset`.
  void analyze(std::string_view text, std::size_t offset, std::vector<Token>& tokens) const;

  /// Does an index word only ask?
  bool is_question_word(std::string_view index_word) const;

  /// Every step of a word, for readers.
  std::vector<AnalysisStep> explain(std::string_view word) const;

  const LanguageRules& rules() const { return *rules_; }

 private:
  friend class Tokenizer;

  /// The index word of a word that is folded: stemmed, and what is only folded behind the stem.
  void finish(std::string& word) const;
  /// Are the rules' letters counted in this word? Not in Latin names among Korean or Georgian words: their first
  /// letters and pairs would match words of other languages.
  bool cuts(std::string_view word) const;
  void fold_behind(std::string& word) const;

  const LanguageRules* rules_;
  PipelineOptions options_;
  const Folder* folder_;  // Lives as long as the process.
  std::shared_ptr<const Stemmer> stemmer_;
  mutable std::once_flag asked_;
  mutable std::unordered_set<std::string> question_words_;  // Index words; made when they are first asked for.
  std::uint32_t id_;                                        // No two pipelines of a process have the same.
  bool latin_;                                              // Is the language written in Latin letters?
  bool remembers_;                                          // Whether finding a word costs more than remembering it.
};

}  // namespace dragoman
