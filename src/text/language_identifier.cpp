#include "dragoman/text/language_identifier.h"

#include <fmt/format.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"
#include "dragoman/base/utf8.h"
#include "dragoman/text/script.h"
#include "text/icu.h"
#include "text/identifier_state.h"

namespace dragoman {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{64} << 10;

// Fitted on a quarter of the sentences of FLORES-200 and their beginnings of 1, 2, 3, 5 and 8 words, with lid.176,
// languages it does not know having a tenth of the weight; docs/language-identification.md has the figures. A text of n
// letters is trusted as if the model had seen it kTrust * log(1 + n) times.
constexpr double kTrust = 0.24;
constexpr double kOther = -1.6, kOtherByLength = -0.1;
/// Beyond that many letters nothing is gained; a page is not a hundred independent witnesses.
constexpr double kMaxLetters = 1000;
/// What a model gives less than that was never weighed by it.
constexpr double kLeastProbability = 1e-6;
/// Scripts that one language dominates have few others: a tenth.
constexpr double kOtherOfDominated = -2.3;
/// How sure a script alone is of the language that dominates it.
constexpr double kScriptAlone = 0.9;

constexpr double kLeastShown = 1e-3;

/// Codes of Wikipedias that are not those of the language.
constexpr std::pair<std::string_view, const char*> kWikipedias[] = {{"als", "gsw"}, {"bh", "bho"}, {"no", "nb"}};

Language language_of_label(std::string_view label, std::string_view place) {
  label.remove_prefix(kFasttextLabel.size());
  for (const auto& [code, tag] : kWikipedias) {
    if (label == code) return Language::parse(tag);
  }
  try {
    return Language::parse(label);
  } catch (const InvalidArgument&) {
    throw InvalidData(fmt::format("{}: label \"{}\" is no language; a model that tells languages is needed", place,
                                  printable(label, 40)));
  }
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_address(std::string_view word) {
  return word.find("://") != std::string_view::npos || word.find('@') != std::string_view::npos;
}

bool has_letter(std::string_view word) {
  return std::ranges::any_of(word, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
  });
}

}  // namespace

void fold_word(std::string_view word, std::string& folded) {
  folded.clear();
  folded.reserve(word.size() + 4);
  for (std::size_t at = 0; at < word.size();) {
    if (const auto byte = static_cast<unsigned char>(word[at]); byte < 0x80) {
      folded += byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte | 0x20) : word[at];
      ++at;
      continue;
    }
    const UChar32 lower = u_tolower(static_cast<UChar32>(next_code_point(word, at)));
    append_code_point(static_cast<char32_t>(lower), folded);
  }
}

LanguageGuess LanguagePosterior::best() const {
  if (languages.empty()) return {};
  return {languages[0].language, static_cast<float>(languages[0].probability)};
}

LanguageGuess LanguagePosterior::guess() const {
  const LanguageGuess first = best();
  if (languages.empty() || first.confidence > 0.5f) return first;
  return {script.empty() ? Language() : Language::parse("und-" + script), 1.0f - first.confidence};
}

LanguagePosterior posterior_of(const LanguageEvidence& evidence, std::string_view script) {
  LanguagePosterior posterior;
  posterior.script = script;
  double most = evidence.log_other;
  for (const double weight : evidence.log_weights) most = std::max(most, weight);
  double total = 0;
  std::vector<LanguageProbability> all;
  const auto add = [&](const Language& language, double log_weight) {
    const double weight = std::exp(log_weight - most);
    if (weight > 0) all.push_back({language, weight});
    total += weight;
  };
  for (std::size_t i = 0; i < evidence.languages.size(); ++i) add(evidence.languages[i], evidence.log_weights[i]);
  add(evidence.other, evidence.log_other);
  double rest = 0;
  for (LanguageProbability& item : all) {
    item.probability /= total;
    if (item.probability >= kLeastShown || item.language == evidence.other) {
      posterior.languages.push_back(item);
    } else {
      rest += item.probability;
    }
  }
  const auto other = std::ranges::find(posterior.languages, evidence.other, &LanguageProbability::language);
  if (other != posterior.languages.end()) {
    other->probability += rest;
  } else if (!posterior.languages.empty()) {
    for (LanguageProbability& item : posterior.languages) item.probability /= 1 - rest;
  }
  std::ranges::sort(posterior.languages, [](const auto& a, const auto& b) {
    return a.probability != b.probability ? a.probability > b.probability : a.language.tag() < b.language.tag();
  });
  return posterior;
}

void LanguageIdentifierState::read(std::span<const std::byte> model, std::string_view place) {
  bytes = model;
  classifier.emplace(read_fasttext(bytes, place), place);
  std::set<std::string> scripts;
  std::vector<WrittenLanguage> written_languages;
  for (const std::string_view label : classifier->labels()) {
    label_languages.push_back(language_of_label(label, place));
    written_languages.push_back(scripts_of(label_languages.back()));
    const auto& its_scripts = written_languages.back().scripts;
    scripts.insert(its_scripts.begin(), its_scripts.end());
    const std::string& usual = its_scripts.front();
    if (usual == "Hans" || usual == "Hant" || usual == "Jpan") scripts.insert("Hani");
  }
  for (const std::string& script : scripts) {
    ScriptCandidates found;
    for (const WrittenLanguage& language : written_languages) {
      const Language written = written_in(language, script);
      std::int32_t index = -1;
      if (!written.undetermined()) {
        const auto known = std::ranges::find(found.languages, written);
        index = static_cast<std::int32_t>(known - found.languages.begin());
        if (known == found.languages.end()) found.languages.push_back(written);
      }
      found.of_label.push_back(index);
    }
    if (!found.languages.empty()) by_script.emplace(script, std::move(found));
  }
}

const ScriptCandidates* LanguageIdentifierState::candidates(std::string_view script) const {
  const auto found = by_script.find(script);
  return found == by_script.end() ? nullptr : &found->second;
}

void LanguageIdentifierState::add_text(std::string_view text, std::string_view script, FasttextSum& sum) const {
  const bool latin = script == "Latn";
  std::string folded;
  for_each_fasttext_word(text, [&](std::string_view word) {
    if (is_address(word) || !has_letter(word) || (!latin && is_ascii(word))) return;
    fold_word(word, folded);
    classifier->add_word(folded, sum);
  });
}

LanguageEvidence LanguageIdentifierState::script_evidence(std::string_view script) const {
  LanguageEvidence evidence;
  const Language dominating = language_of_script(script);
  evidence.other = script.empty() ? Language() : Language::parse("und-" + std::string(script));
  if (dominating.undetermined()) return evidence;
  evidence.languages.push_back(dominating);
  evidence.log_weights.push_back(std::log(kScriptAlone));
  evidence.log_other = std::log(1 - kScriptAlone);
  return evidence;
}

LanguageEvidence LanguageIdentifierState::evidence(const FasttextSum& sum, std::string_view script,
                                                   std::size_t letters) const {
  const ScriptCandidates* known = candidates(script);
  if (known == nullptr || sum.features == 0) return script_evidence(script);
  const auto by_label = classifier->probabilities(sum);
  std::vector<double> probabilities(known->languages.size());
  for (std::size_t i = 0; i < by_label.size(); ++i) {
    if (known->of_label[i] >= 0) probabilities[static_cast<std::size_t>(known->of_label[i])] += by_label[i];
  }
  const double size = std::log1p(std::min(static_cast<double>(letters), kMaxLetters));
  LanguageEvidence evidence;
  evidence.languages = known->languages;
  for (const double probability : probabilities) {
    // The original's probabilities are up to 1e-5 too high, which is nothing where it is next to nothing.
    evidence.log_weights.push_back(kTrust * size * std::log(std::max(probability - 1e-5, kLeastProbability)));
  }
  evidence.other = Language::parse("und-" + std::string(script));
  evidence.log_other = kOther + kOtherByLength * size;
  if (!language_of_script(script).undetermined()) evidence.log_other += kOtherOfDominated;
  return evidence;
}

LanguageIdentifier::LanguageIdentifier() : state_(std::make_unique<LanguageIdentifierState>()) {}
LanguageIdentifier::LanguageIdentifier(const std::filesystem::path& model) : LanguageIdentifier() {
  state_->file = std::make_unique<MappedFile>(model);
  state_->read(state_->file->bytes(), model.string());
}
LanguageIdentifier::LanguageIdentifier(std::span<const std::byte> model, std::string_view place)
    : LanguageIdentifier() {
  state_->read(model, place);
}
LanguageIdentifier::~LanguageIdentifier() = default;
LanguageIdentifier::LanguageIdentifier(LanguageIdentifier&&) noexcept = default;
LanguageIdentifier& LanguageIdentifier::operator=(LanguageIdentifier&&) noexcept = default;

bool LanguageIdentifier::has_model() const { return state_->classifier.has_value(); }

std::string LanguageIdentifier::stamp() const {
  return has_model() ? fmt::format("fasttext-{:016x}", checksum(state_->bytes)) : "script";
}

std::vector<Language> LanguageIdentifier::known_languages() const {
  const std::set<Language> languages(state_->label_languages.begin(), state_->label_languages.end());
  return {languages.begin(), languages.end()};
}

LanguagePosterior LanguageIdentifier::posterior(std::string_view text) const {
  return posterior(text, LanguagePrior{});
}

std::vector<std::pair<std::string, float>> LanguageIdentifier::model_probabilities(std::string_view text) const {
  std::vector<std::pair<std::string, float>> result;
  if (!has_model()) return result;
  const auto probabilities = state_->classifier->probabilities(text);
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    result.emplace_back(std::string(state_->classifier->labels()[i]), probabilities[i]);
  }
  return result;
}

namespace {

/// Adds languages that the model knows nothing of. They share the weight of unknown ones with those that nobody named.
void add_unknown(LanguageEvidence& evidence, std::set<Language> languages) {
  for (const Language& known : evidence.languages) languages.erase(known);
  const double log_share = evidence.log_other - std::log1p(static_cast<double>(languages.size()));
  for (const Language& language : languages) {
    evidence.languages.push_back(language);
    evidence.log_weights.push_back(log_share);
  }
}

// Chosen on XQuAD's questions and their first words, asked of all passages and of those of one language alone, so that
// the right prior helps and the wrong one does little harm; docs/language-identification.md.

/// The share of belief that collections' languages get by being there; the rest is for all alike.
constexpr double kCollectionBelief = 0.05;
/// Of a word's frequency in a language, how much is taken from the whole collection instead.
constexpr double kBackground = 0.2;
/// Documents that a language is given in addition, with the words of the whole collection.
constexpr double kPseudoDocuments = 20;
/// What a word that the collection has says for a language that the collection has not; names are in all languages.
constexpr double kSeenElsewhere = 0.8;
/// What a word that the collection has not says for the languages that it has.
constexpr double kUnseen = 0.4;

void apply_shares(LanguageEvidence& evidence, const LanguagePrior& prior, std::string_view query,
                  std::string_view script) {
  double total = 0;
  for (const LanguageShare& share : prior.shares) total += share.documents;
  if (!(total > 0)) return;
  // What a collection's language is called in this script; asked once, for there are many candidates to compare with.
  std::vector<Language> written;
  for (const LanguageShare& share : prior.shares) written.push_back(written_in(share.language, script));
  std::set<Language> unknown;
  for (std::size_t s = 0; s < prior.shares.size(); ++s) {
    const Language& language = script.empty() ? prior.shares[s].language : written[s];
    if (prior.shares[s].documents > 0 && !language.undetermined()) unknown.insert(language);
  }
  add_unknown(evidence, std::move(unknown));
  const auto candidates = static_cast<double>(evidence.languages.size());
  std::vector<double> belief(evidence.languages.size(), 1 - kCollectionBelief);
  std::vector<std::vector<std::size_t>> shares_of(evidence.languages.size());
  for (std::size_t i = 0; i < evidence.languages.size(); ++i) {
    for (std::size_t s = 0; s < prior.shares.size(); ++s) {
      if (prior.shares[s].language != evidence.languages[i] && written[s] != evidence.languages[i]) continue;
      belief[i] += kCollectionBelief * candidates * prior.shares[s].documents / total;
      shares_of[i].push_back(s);
    }
  }
  for (std::size_t i = 0; i < belief.size(); ++i) evidence.log_weights[i] += std::log(belief[i]);
  evidence.log_other += std::log(1 - kCollectionBelief);
  if (!prior.document_frequencies) return;
  for (const std::vector<double>& word : prior.document_frequencies(query)) {
    double found = 0;
    for (const double documents : word) found += documents;
    const double everywhere = found / total;
    for (std::size_t i = 0; i < evidence.languages.size(); ++i) {
      double in_language = 0, documents = 0;
      for (const std::size_t s : shares_of[i]) {
        in_language += word[s];
        documents += prior.shares[s].documents;
      }
      const bool in_collection = documents > 0;
      double ratio = 1;
      if (!(found > 0)) {
        ratio = in_collection ? kUnseen : 1;
      } else if (!in_collection) {
        ratio = kSeenElsewhere;
      } else {
        ratio = kBackground + (1 - kBackground) * (in_language + kPseudoDocuments * everywhere) /
                                  ((documents + kPseudoDocuments) * everywhere);
      }
      evidence.log_weights[i] += std::log(ratio);
    }
    if (found > 0) evidence.log_other += std::log(kSeenElsewhere);
  }
}

/// Any language may be written in Latin letters; for other scripts one that is not written so is possible only where
/// nothing else is allowed.
void apply_allowed(LanguageEvidence& evidence, const std::vector<Language>& allowed, std::string_view script) {
  std::set<Language> unknown;
  for (const Language& wanted : allowed) {
    const Language written = script.empty() ? wanted : written_in(wanted, script);
    if (!written.undetermined()) unknown.insert(matches(wanted, written) ? written : wanted);
    if (written.undetermined() && script == "Latn") unknown.insert(wanted);
  }
  add_unknown(evidence, std::move(unknown));
  LanguageEvidence kept;
  for (std::size_t i = 0; i < evidence.languages.size(); ++i) {
    const auto is_allowed = [&](const Language& wanted) { return matches(wanted, evidence.languages[i]); };
    if (std::ranges::none_of(allowed, is_allowed)) continue;
    kept.languages.push_back(evidence.languages[i]);
    kept.log_weights.push_back(evidence.log_weights[i]);
  }
  if (kept.languages.empty()) {
    kept.languages = allowed;
    kept.log_weights.assign(allowed.size(), 0);
  }
  // Nothing is left for others.
  kept.other = kept.languages[0];
  kept.log_other = kept.log_weights[0];
  kept.languages.erase(kept.languages.begin());
  kept.log_weights.erase(kept.log_weights.begin());
  evidence = std::move(kept);
}

}  // namespace

LanguagePosterior LanguageIdentifier::posterior(std::string_view query, const LanguagePrior& prior) const {
  query = utf8_prefix(query, kMaxBytes);
  const DominantScript script = dominant_script(query);
  // Numbers are asked in all languages; a collection's languages say nothing of them.
  if (script.letters == 0 && prior.allowed.empty()) return {};
  LanguageEvidence evidence;
  const bool by_model = has_model() && script.letters != 0 && state_->candidates(script.script) != nullptr;
  if (by_model) {
    FasttextSum sum = state_->classifier->empty_sum();
    state_->add_text(query, script.script, sum);
    state_->classifier->add_end(sum);
    const double letters = script.share * static_cast<double>(script.letters);
    evidence = state_->evidence(sum, script.script, static_cast<std::size_t>(letters + 0.5));
  } else {
    evidence = state_->script_evidence(script.script);
  }
  apply_shares(evidence, prior, query, script.script);
  if (!prior.allowed.empty()) apply_allowed(evidence, prior.allowed, script.script);
  LanguagePosterior posterior = posterior_of(evidence, script.script);
  posterior.by_model = by_model;
  return posterior;
}

}  // namespace dragoman
