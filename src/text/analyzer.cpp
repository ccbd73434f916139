#include "dragoman/text/analyzer.h"

#include <fmt/format.h>
#include <unicode/uversion.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <iterator>
#include <mutex>
#include <optional>
#include <set>
#include <tuple>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "text/analysis/pipeline.h"
#include "text/analysis/whitespace.h"
#include "text/language_switches.h"

namespace dragoman {
namespace {

constexpr std::string_view kIcu = "icu", kWhitespace = "whitespace", kMultilingual = Analyzer::kDefaultName;

/// Raised whenever the tokens of any text change.
constexpr int kIcuVersion = 1;
constexpr int kWhitespaceVersion = 1;
constexpr int kMultilingualVersion = 1;
constexpr int kSpansVersion = 1;

struct Options {
  bool camel_case = false, compounds = false, hunspell = false, spans = false;
};

struct ParsedName {
  std::string_view base;
  Options options;
};

[[noreturn]] void reject(std::string_view name) {
  throw NotFound(fmt::format(
      "there is no analyzer '{}'; the known ones are '{}' (with +camel_case, +compounds, +hunspell or +spans "
      "behind it), '{}' and '{}'",
      printable(name), kMultilingual, kIcu, kWhitespace));
}

ParsedName parse(std::string_view name) {
  ParsedName parsed{name.substr(0, name.find('+')), {}};
  if (parsed.base != kIcu && parsed.base != kWhitespace && parsed.base != kMultilingual) reject(name);
  for (std::string_view rest = name.substr(parsed.base.size()); !rest.empty();) {
    rest.remove_prefix(1);
    const std::string_view option = rest.substr(0, rest.find('+'));
    rest.remove_prefix(option.size());
    if (parsed.base != kMultilingual) reject(name);
    bool* known = option == "camel_case"  ? &parsed.options.camel_case
                  : option == "compounds" ? &parsed.options.compounds
                  : option == "hunspell"  ? &parsed.options.hunspell
                  : option == "spans"     ? &parsed.options.spans
                                          : nullptr;
    if (known == nullptr) reject(name);
    *known = true;
  }
  return parsed;
}

std::string icu_version() {
  UVersionInfo numbers;
  u_getVersion(numbers);
  return fmt::format("{}.{}", numbers[0], numbers[1]);
}

std::string_view name_of(Fold fold) {
  switch (fold) {
    case Fold::basic:
      return "basic";
    case Fold::turkish_i:
      return "turkish_i";
    case Fold::arabic_letters:
      return "arabic_letters";
    case Fold::persian_letters:
      return "persian_letters";
    case Fold::urdu_letters:
      return "urdu_letters";
    case Fold::devanagari_marks:
      return "devanagari_marks";
    case Fold::simplified_han:
      return "simplified_han";
    case Fold::cyrillic_yo:
      return "cyrillic_yo";
    case Fold::romanian_cedilla:
      return "romanian_cedilla";
    case Fold::vietnamese_tones:
      return "vietnamese_tones";
  }
  return {};
}

std::string describe_stemming(const LanguageRules& rules) {
  switch (rules.stemming) {
    case Stemming::none:
      break;
    case Stemming::snowball:
      return fmt::format("snowball {}", rules.algorithm);
    case Stemming::truncate:
      return fmt::format("first {} letters", rules.letters);
    case Stemming::ngrams:
      return fmt::format("{}-grams", rules.letters);
  }
  return "none";
}

std::vector<std::string> split_words(std::string_view list) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t end = std::min(list.find(' ', begin), list.size());
    words.emplace_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

bool is_same_place_and_word(const Token& a, const Token& b) {
  return std::tie(a.begin, a.end, a.text) == std::tie(b.begin, b.end, b.text);
}

}  // namespace

struct Analyzer::State {
  State(const ParsedName& parsed, std::shared_ptr<const LanguageIdentifier> identifier)
      : base(parsed.base), options(parsed.options) {
    name = base;
    if (options.camel_case) name += "+camel_case";
    if (options.compounds) name += "+compounds";
    if (options.hunspell) name += "+hunspell";
    if (options.spans) name += "+spans";
    pipelines.resize(base == kMultilingual ? all_language_rules().size() : 1);
    for (std::size_t row = 0; row < pipelines.size(); ++row) {
      pipelines[row] =
          std::make_unique<Pipeline>(all_language_rules()[row], pipeline_options(all_language_rules()[row]));
    }
    if (!options.spans) return;
    if (identifier == nullptr) identifier = std::make_shared<const LanguageIdentifier>();
    identifier_stamp = identifier->stamp();
    switches.emplace(std::move(identifier), language_rules_of);
  }

  PipelineOptions pipeline_options(const LanguageRules& rules) {
    PipelineOptions made{.camel_case = options.camel_case};
    if (rules.languages.empty() || (!options.hunspell && !options.compounds)) return made;
    const auto path = HunspellDictionary::find(rules.name());
    if (!path) return made;  // Its own rules go on as they are.
    const char* linking = options.compounds ? compound_linking(rules.name()) : nullptr;
    if (!options.hunspell && linking == nullptr) return made;
    const auto dictionary = std::make_shared<const HunspellDictionary>(*path);
    dictionaries.push_back(dictionary->stamp());
    if (options.hunspell) made.lemmatiser = make_lemmatiser(dictionary, make_stemmer(rules));
    if (linking != nullptr) made.decompounder = std::make_shared<const Decompounder>(dictionary, linking);
    return made;
  }

  const Pipeline& pipeline(const Language& language) const {
    return *pipelines[pipelines.size() == 1 ? 0 : language_rules_of(language)];
  }

  std::string base, name;
  Options options;
  std::vector<std::unique_ptr<const Pipeline>> pipelines;  // Of "multilingual" one for each of its rules.
  std::vector<std::string> dictionaries;                   // Stamps.
  std::optional<LanguageSwitches> switches;                // Of "spans".
  std::string identifier_stamp;
};

/// Tokens of a text with spans in other languages, in the order of their begins.
struct Analyzer::Switched {
  struct SpanToken {
    Token token;
    std::size_t span;  ///< Index of the one by whose rules it was made, or kNone.
  };
  static constexpr std::size_t kNone = ~std::size_t{0};

  std::vector<LanguageSpan> spans;
  std::vector<SpanToken> tokens;

  std::vector<Token> take() {
    std::vector<Token> taken;
    taken.reserve(tokens.size());
    for (SpanToken& token : tokens) taken.push_back(std::move(token.token));
    return taken;
  }
};

Analyzer::Analyzer(std::string_view name, std::shared_ptr<const LanguageIdentifier> identifier)
    : state_(std::make_unique<State>(parse(name), std::move(identifier))) {}
Analyzer::~Analyzer() = default;
Analyzer::Analyzer(Analyzer&&) noexcept = default;
Analyzer& Analyzer::operator=(Analyzer&&) noexcept = default;

std::vector<Token> Analyzer::analyze(std::string_view text, const Language& language) const {
  if (state_->switches) return find_switched(text, language).take();
  return analyze(text, {}, language);
}

std::vector<Token> Analyzer::analyze(std::string_view text, std::span<const LanguageSpan> spans,
                                     const Language& rest) const {
  std::size_t at = 0;
  for (const LanguageSpan& span : spans) {
    if (span.range.begin < at || span.range.end < span.range.begin || span.range.end > text.size()) {
      throw InvalidArgument(fmt::format("span [{}, {}) of {} is out of order or leaves the text of {} bytes",
                                        span.range.begin, span.range.end, span.language.tag(), text.size()));
    }
    at = span.range.end;
  }
  std::vector<Token> tokens;
  if (state_->base == kWhitespace) {
    split_at_white_space(text, tokens);
    return tokens;
  }
  if (state_->pipelines.size() == 1 || spans.empty()) {
    state_->pipeline(rest).analyze(text, 0, tokens);
    return tokens;
  }
  at = 0;
  for (const LanguageSpan& span : spans) {
    state_->pipeline(rest).analyze(text.substr(at, span.range.begin - at), at, tokens);
    state_->pipeline(span.language).analyze(span.range.of(text), span.range.begin, tokens);
    at = span.range.end;
  }
  state_->pipeline(rest).analyze(text.substr(at), at, tokens);
  return tokens;
}

/// What the language of the whole makes of the text, and beside it what the languages of spans make of their words,
/// where that is something else.
Analyzer::Switched Analyzer::find_switched(std::string_view text, const Language& language) const {
  Switched switched;
  if (state_->switches) switched.spans = state_->switches->find(text, language);
  std::vector<Token> own = analyze(text, {}, language);
  switched.tokens.reserve(own.size());
  std::size_t next = 0;
  const auto take_own = [&](std::size_t end) {
    for (; next < own.size() && own[next].begin < end; ++next) {
      switched.tokens.push_back({std::move(own[next]), Switched::kNone});
    }
  };
  for (std::size_t s = 0; s < switched.spans.size(); ++s) {
    const TextRange range = switched.spans[s].range;
    std::vector<Token> others;
    state_->pipeline(switched.spans[s].language).analyze(range.of(text), range.begin, others);
    for (Token& other : others) {
      take_own(other.begin + 1);
      const auto is_known = [&](const Switched::SpanToken& known) {
        return is_same_place_and_word(known.token, other);
      };
      auto same_begin = switched.tokens.end();
      while (same_begin != switched.tokens.begin() && std::prev(same_begin)->token.begin == other.begin) --same_begin;
      if (std::none_of(same_begin, switched.tokens.end(), is_known)) switched.tokens.push_back({std::move(other), s});
    }
  }
  take_own(text.size());
  return switched;
}

/// Without the places of words that only ask, in the language of the span they are in.
Analyzer::Switched Analyzer::find_switched_query(std::string_view text, const Language& language) const {
  Switched switched = find_switched(text, language);
  const auto span_at = [&](std::size_t at) {
    std::size_t span = 0;
    while (span < switched.spans.size() && switched.spans[span].range.end <= at) ++span;
    return span < switched.spans.size() && switched.spans[span].range.begin <= at ? span : Switched::kNone;
  };
  std::set<std::pair<std::size_t, std::size_t>> asking;
  for (const auto& [token, span] : switched.tokens) {
    const std::size_t around = span_at(token.begin);
    const Pipeline& pipeline = state_->pipeline(around == Switched::kNone ? language : switched.spans[around].language);
    if (pipeline.is_question_word(token.text)) asking.emplace(token.begin, token.end);
  }
  const auto asks = [&](const Switched::SpanToken& token) {
    return asking.contains({token.token.begin, token.token.end});
  };
  if (!std::ranges::all_of(switched.tokens, asks)) std::erase_if(switched.tokens, asks);
  return switched;
}

std::vector<Token> Analyzer::analyze_query(std::string_view text, const Language& language) const {
  if (state_->switches) return find_switched_query(text, language).take();
  std::vector<Token> tokens = analyze(text, language);
  if (state_->pipelines.size() == 1) return tokens;
  const Pipeline& pipeline = state_->pipeline(language);
  const auto asks = [&](const Token& token) { return pipeline.is_question_word(token.text); };
  if (!std::ranges::all_of(tokens, asks)) std::erase_if(tokens, asks);
  return tokens;
}

std::vector<Token> Analyzer::analyze_query(std::string_view text, const Language& language,
                                           std::span<const Language> documents) const {
  std::vector<Token> tokens = analyze_query(text, language);
  if (state_->pipelines.size() == 1) return tokens;
  // A word that only asks in the query's language is not looked for in any form.
  std::set<std::pair<std::size_t, std::size_t>> asking;
  for (const Token& token : analyze(text, language)) asking.emplace(token.begin, token.end);
  for (const Token& token : tokens) asking.erase({token.begin, token.end});

  std::set<std::size_t> rows;
  for (const Language& document : documents) rows.insert(language_rules_of(document));
  rows.erase(language_rules_of(language));
  for (const std::size_t row : rows) {
    std::vector<Token> forms;
    state_->pipelines[row]->analyze(text, 0, forms);
    std::erase_if(forms, [&](const Token& form) { return asking.contains({form.begin, form.end}); });
    std::ranges::move(forms, std::back_inserter(tokens));
  }
  if (rows.empty()) return tokens;
  // Words that stand twice in the query keep counting twice: only forms of the same place are one.
  std::ranges::stable_sort(tokens, [](const Token& a, const Token& b) {
    return std::tie(a.begin, a.end, a.text) < std::tie(b.begin, b.end, b.text);
  });
  const auto repeated = std::ranges::unique(tokens, is_same_place_and_word);
  tokens.erase(repeated.begin(), repeated.end());
  return tokens;
}

ExplainedToken Analyzer::explain_token(std::string_view text, Token token, const Language& language) const {
  ExplainedToken explained{std::move(token), language, {}};
  if (state_->base != kWhitespace) {
    explained.steps = state_->pipeline(language).explain(
        text.substr(explained.token.begin, explained.token.end - explained.token.begin));
  }
  return explained;
}

std::vector<ExplainedToken> Analyzer::explain_switched(std::string_view text, Switched switched,
                                                       const Language& rest) const {
  std::vector<ExplainedToken> explained;
  for (auto& [token, span] : switched.tokens) {
    const Language& language = span == Switched::kNone ? rest : switched.spans[span].language;
    explained.push_back(explain_token(text, std::move(token), language));
  }
  return explained;
}

std::vector<ExplainedToken> Analyzer::explain(std::string_view text, std::span<const LanguageSpan> spans,
                                              const Language& rest) const {
  if (state_->switches && spans.empty()) return explain_switched(text, find_switched(text, rest), rest);
  std::vector<ExplainedToken> explained;
  std::size_t next = 0;
  for (Token& token : analyze(text, spans, rest)) {
    while (next < spans.size() && spans[next].range.end <= token.begin) ++next;
    const bool inside = next < spans.size() && spans[next].range.begin <= token.begin;
    explained.push_back(explain_token(text, std::move(token), inside ? spans[next].language : rest));
  }
  return explained;
}

std::vector<ExplainedToken> Analyzer::explain_query(std::string_view text, const Language& language) const {
  if (state_->switches) return explain_switched(text, find_switched_query(text, language), language);
  std::vector<ExplainedToken> explained;
  for (Token& token : analyze_query(text, language))
    explained.push_back(explain_token(text, std::move(token), language));
  return explained;
}

std::vector<AnalysisRules> Analyzer::language_rules() {
  std::vector<AnalysisRules> rows;
  for (const LanguageRules& rules : all_language_rules()) {
    AnalysisRules row{split_words(rules.languages),
                      {},
                      describe_stemming(rules),
                      split_words(rules.question_words),
                      std::string(rules.reason)};
    for (std::uint32_t bit = 1; !name_of(static_cast<Fold>(bit)).empty(); bit *= 2) {
      if (has(rules.folds, static_cast<Fold>(bit))) row.folds.emplace_back(name_of(static_cast<Fold>(bit)));
    }
    if (rules.remove_marks) row.folds.emplace_back("latin_marks");
    if (rules.drop_single_kana) row.folds.emplace_back("single_kana");
    rows.push_back(std::move(row));
  }
  return rows;
}

std::size_t Analyzer::rules_of(const Language& language) const {
  return state_->pipelines.size() == 1 ? 0 : language_rules_of(language);
}

const std::string& Analyzer::name() const { return state_->name; }

bool Analyzer::finds_spans(std::string_view name) { return parse(name).options.spans; }

std::string Analyzer::version() const {
  if (state_->base == kIcu) return fmt::format("{}-{}/{}", kIcu, kIcuVersion, icu_version());
  if (state_->base == kWhitespace) return fmt::format("{}-{}", kWhitespace, kWhitespaceVersion);
  std::string version =
      fmt::format("{}-{}/{}/{}", state_->name, kMultilingualVersion, icu_version(), snowball_version());
  for (const std::string& dictionary : state_->dictionaries) version += "/" + dictionary;
  if (state_->switches) version += fmt::format("/spans-{}/{}", kSpansVersion, state_->identifier_stamp);
  return version;
}

}  // namespace dragoman
