#include "text/analysis/pipeline.h"

#include <atomic>
#include <map>
#include <mutex>
#include <utility>

#include "text/analysis/tokenizer.h"
#include "text/icu.h"

namespace dragoman {
namespace {

/// Folders hold tables that cost a little to make and are the same for all who fold alike.
const Folder& folder_of(Fold folds) {
  static std::mutex mutex;
  static std::map<Fold, Folder> folders;
  const std::lock_guard lock(mutex);
  return folders.try_emplace(folds, folds).first->second;
}

std::uint32_t next_id() {
  static std::atomic<std::uint32_t> last{0};
  return ++last;
}

std::string with_dots(std::string_view word) {
  constexpr std::string_view kDotless = "ı";
  std::string out;
  for (std::size_t at = 0; at < word.size();) {
    const bool dotless = word.substr(at).starts_with(kDotless);
    out += dotless ? 'i' : word[at];
    at += dotless ? kDotless.size() : 1;
  }
  return out;
}

/// Open syllables that end in oa, oe or uy bear the tone on the first vowel in the old spelling, on the second in the
/// new one.
void use_old_tone_place(std::string& syllable) {
  struct Place {
    std::string_view new_one, old_one;
  };
  static constexpr Place kPlaces[] = {{"oà", "òa"}, {"oá", "óa"}, {"oả", "ỏa"}, {"oã", "õa"}, {"oạ", "ọa"},
                                      {"oè", "òe"}, {"oé", "óe"}, {"oẻ", "ỏe"}, {"oẽ", "õe"}, {"oẹ", "ọe"},
                                      {"uỳ", "ùy"}, {"uý", "úy"}, {"uỷ", "ủy"}, {"uỹ", "ũy"}, {"uỵ", "ụy"}};
  for (const Place& place : kPlaces) {
    // "qu" is one consonant: "quý" has its tone in the only place there is.
    if (!syllable.ends_with(place.new_one) || (syllable.starts_with("qu") && place.new_one.starts_with('u'))) continue;
    syllable.replace(syllable.size() - place.new_one.size(), place.new_one.size(), place.old_one);
    return;
  }
}

}  // namespace

std::shared_ptr<const Stemmer> make_stemmer(const LanguageRules& rules) {
  switch (rules.stemming) {
    case Stemming::snowball:
      return make_snowball_stemmer(std::string(rules.algorithm));
    case Stemming::truncate:
      return make_truncating_stemmer(rules.letters);
    case Stemming::none:
    case Stemming::ngrams:
      break;
  }
  return nullptr;
}

Pipeline::Pipeline(const LanguageRules& rules, PipelineOptions options)
    : rules_(&rules), options_(std::move(options)), folder_(&folder_of(rules.folds)), id_(next_id()) {
  stemmer_ = options_.lemmatiser != nullptr ? options_.lemmatiser : make_stemmer(rules);
  // Without a stemmer folding is cheaper than looking up; and what options add is not kept.
  latin_ = !rules.languages.empty() && Language::parse(rules.name()).script() == "Latn";
  const bool costs = stemmer_ != nullptr || rules.remove_marks || has(rules.folds, Fold::vietnamese_tones);
  remembers_ = costs && options_.decompounder == nullptr && !options_.camel_case;
}

void Pipeline::analyze(std::string_view text, std::size_t offset, std::vector<Token>& tokens) const {
  Tokenizer(*this, text, offset, tokens).run();
}

bool Pipeline::is_question_word(std::string_view index_word) const {
  // Most pipelines of a process never see a query, and Chinese words cost a table of characters.
  std::call_once(asked_, [&] {
    std::vector<Token> tokens;
    analyze(rules_->question_words, 0, tokens);
    for (Token& token : tokens) question_words_.insert(std::move(token.text));
  });
  return question_words_.contains(std::string(index_word));
}

void Pipeline::finish(std::string& word) const {
  if (word.empty()) return;
  if (stemmer_ != nullptr && cuts(word)) stemmer_->stem(word);
  fold_behind(word);
}

bool Pipeline::cuts(std::string_view word) const {
  if (latin_ || (rules_->stemming != Stemming::truncate && rules_->stemming != Stemming::ngrams)) return true;
  constexpr char32_t kBehindLatin = 0x0250;
  std::size_t at = 0;
  return next_code_point(word, at) >= kBehindLatin;
}

void Pipeline::fold_behind(std::string& word) const {
  if (rules_->remove_marks) remove_latin_marks(word);
  if (rules_->dotless_i) word = with_dots(word);
  if (has(rules_->folds, Fold::vietnamese_tones)) use_old_tone_place(word);
}

std::vector<AnalysisStep> Pipeline::explain(std::string_view word) const {
  std::vector<AnalysisStep> steps;
  std::string text;
  folder_->fold(word, text);
  steps.push_back({"fold", text});
  if (stemmer_ != nullptr && !text.empty() && cuts(text)) {
    stemmer_->stem(text);
    steps.push_back({options_.lemmatiser != nullptr ? "lemmatise" : "stem", text});
  }
  std::string behind = text;
  fold_behind(behind);
  if (behind != text) steps.push_back({"fold behind", std::move(behind)});
  return steps;
}

}  // namespace dragoman
