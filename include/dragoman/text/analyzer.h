#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/text/language.h"
#include "dragoman/text/language_identifier.h"

namespace dragoman {

/// A word as the index knows it, and where it stood.
struct Token {
  std::string text;       ///< Normalised; never empty, at most Analyzer::kMaxTokenBytes.
  std::size_t begin = 0;  ///< Byte range in the original, half-open.
  std::size_t end = 0;

  bool operator==(const Token&) const = default;
};

/// What one step made of a word: "fold", "stem" ...
struct AnalysisStep {
  std::string step;
  std::string text;

  bool operator==(const AnalysisStep&) const = default;
};

/// A token, the language it was analysed by, and the steps from the word to it.
struct ExplainedToken {
  Token token;
  Language language;
  std::vector<AnalysisStep> steps;
};

/// What an analyser does with some languages: a row of the table behind "multilingual".
struct AnalysisRules {
  std::vector<std::string> languages;       ///< Tags; empty for the row of all languages that no other row names.
  std::vector<std::string> folds;           ///< "arabic_letters", ... beside what every language gets.
  std::string stemming;                     ///< "snowball russian", "first 5 letters", "2-grams", "none".
  std::vector<std::string> question_words;  ///< That queries go without.
  std::string reason;                       ///< Why, with the gain that was measured.
};

/// Splits text of any language into index words. An analyser is a named pipeline:
///
/// - "multilingual" goes by the rules of each text's language, from one table (see language_rules()): what is folded
///   into one, and what makes one of the forms of a word. Options may follow, in any order, each after a "+":
///   "camel_case" adds the parts of "camelCase"; "hunspell" takes lemmas of installed Hunspell dictionaries in place of
///   stems; "compounds" adds the parts of words that a dictionary knows as two (German, Dutch, Swedish, Finnish ...);
///   "spans" finds the parts of a text that are in other languages than the rest, and adds their words as those
///   languages have them, at the same places, to the words that the text's language makes of them (see
///   docs/code-switching.md).
/// - "icu" goes by no language at all, and does no more than the steps below.
/// - "whitespace" takes texts that were cut beforehand: words are what lies between white space, unchanged.
///
/// What "icu" and "multilingual" share:
/// 1. Words lie between the boundaries of UAX #29, which ICU finds in Thai, Lao, Khmer and Burmese by dictionary. They
///    are also cut at apostrophes ("l'homme" is "l" and "homme"). Runs of Chinese characters and kana give every
///    character and every two neighbours instead: "東京都" is "東", "東京", "京", "京都", "都", with ranges that
///    overlap.
/// 2. Punctuation and white space are dropped; letters, numbers, marks, emoji and symbols are kept.
/// 3. Words are normalised by NFKC_Casefold, which also removes what is not seen (ZWJ, ZWNJ, soft hyphens). Beyond it,
///    decimal digits of all scripts become 0-9; i, ı, I and İ are one; tatweel and the optional vowel signs of Arabic
///    and Hebrew are removed.
/// 4. A longer word than kMaxTokenBytes is cut into several. A sign that stands for several words (U+FDFA) gives
///    several tokens of the same range.
///
/// Tokens are in the order of their begins. A text without words gives none. The same analyser must serve index and
/// query, so its version() is stamped into the index.
///
/// Thread-safe: analyze() may be called from many threads, which share no lock. O(bytes).
class Analyzer {
 public:
  static constexpr std::size_t kMaxTokenBytes = 256;
  static constexpr std::string_view kDefaultName = "multilingual";

  /// @param identifier finds the spans of "+spans"; null: the script alone does.
  /// @throws NotFound for an unknown name or option, naming the known ones.
  explicit Analyzer(std::string_view name = kDefaultName,
                    std::shared_ptr<const LanguageIdentifier> identifier = nullptr);
  ~Analyzer();
  Analyzer(Analyzer&&) noexcept;
  Analyzer& operator=(Analyzer&&) noexcept;

  /// The words of a document.
  ///
  /// @param text      UTF-8; ill-formed bytes are read as U+FFFD and dropped.
  /// @param language  of the text; an undetermined one is analysed by no language's rules.
  /// @throws InvalidArgument if the text is longer than 2 GiB.
  std::vector<Token> analyze(std::string_view text, const Language& language = {}) const;

  /// The same for a text in several languages, as LanguageIdentifier finds them: each span goes by its own language's
  /// rules alone, what lies between them by those of `rest`; none are looked for. A word that a span's end cuts is cut.
  /// @throws InvalidArgument if the spans are not in ascending order, overlap or leave the text.
  std::vector<Token> analyze(std::string_view text, std::span<const LanguageSpan> spans,
                             const Language& rest = {}) const;

  /// The words to look for in documents of the same language as the query. Words that only ask ("who", "какой") are
  /// left out, unless there are no others.
  std::vector<Token> analyze_query(std::string_view text, const Language& language) const;

  /// The words to look for in documents of other languages: every word as its own language has it, and as each of
  /// `documents` would have it, each form once. Names are found so although two languages cut different endings off
  /// them: untranslated questions on 17 pairs of XQuAD's languages gain 5.5 points of nDCG@10 over unstemmed words, and
  /// lose 0.3 if the query's language alone decides.
  std::vector<Token> analyze_query(std::string_view text, const Language& language,
                                   std::span<const Language> documents) const;

  /// What analyze() does with a text, for readers: every step. Spans as there; none: as without spans.
  std::vector<ExplainedToken> explain(std::string_view text, std::span<const LanguageSpan> spans,
                                      const Language& rest) const;
  /// The same of analyze_query() for documents in the query's language.
  std::vector<ExplainedToken> explain_query(std::string_view text, const Language& language) const;

  /// The table of "multilingual".
  static std::vector<AnalysisRules> language_rules();
  /// The row that texts in a language are analysed by, as an index into the table; always 0 for the other analysers.
  std::size_t rules_of(const Language& language) const;

  /// The name it was made by, options in their fixed order.
  const std::string& name() const;
  /// Has it the option "spans", so that an identifier matters? @throws NotFound as the constructor.
  static bool finds_spans(std::string_view name);

  /// Name, our own version, and those of the libraries and dictionaries that decide: "icu-1/72.1".
  std::string version() const;

 private:
  struct State;
  struct Switched;

  ExplainedToken explain_token(std::string_view text, Token token, const Language& language) const;
  Switched find_switched(std::string_view text, const Language& language) const;
  Switched find_switched_query(std::string_view text, const Language& language) const;
  std::vector<ExplainedToken> explain_switched(std::string_view text, Switched switched, const Language& rest) const;

  std::unique_ptr<State> state_;
};

}  // namespace dragoman
