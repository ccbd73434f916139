#include "dragoman/evaluate/fairness.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <unordered_set>

#include "dragoman/base/error.h"
#include "evaluate/exposure.h"
#include "evaluate/languages.h"

namespace dragoman {
namespace {

using Shares = std::map<Language, double>;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Mean of what was added, NaN of nothing.
struct Mean {
  std::size_t count = 0;
  double sum = 0;

  void add(double value) {
    sum += value;
    ++count;
  }
  double value() const { return count == 0 ? kNan : sum / static_cast<double>(count); }
};

void check(const FairnessOptions& options) {
  if (options.depth == 0) throw InvalidArgument("depth is 0, expected at least 1");
  if (options.rel < 1) throw InvalidArgument(fmt::format("rel is {}, expected at least 1", options.rel));
  if (!(options.persistence > 0 && options.persistence < 1)) {
    throw InvalidArgument(fmt::format("persistence is {}, expected a number between 0 and 1", options.persistence));
  }
}

bool same_language(const Language& a, const Language& b) { return !a.undetermined() && a.primary() == b.primary(); }

bool names_language(std::string_view tag, const Language& language) {
  try {
    return same_language(Language::parse(tag), language);
  } catch (const InvalidArgument&) {
    return false;
  }
}

Shares shares_of(const std::map<Language, std::size_t>& documents) {
  double total = 0;
  for (const auto& [language, count] : documents) total += static_cast<double>(count);
  if (total == 0) throw InvalidArgument("fairness: the collection has no document in any language");
  Shares shares;
  for (const auto& [language, count] : documents) shares[language] = static_cast<double>(count) / total;
  return shares;
}

/// Sum over the languages that are the same as `language`.
double own(const Shares& shares, const Language& language) {
  double sum = 0;
  for (const auto& [other, share] : shares) {
    if (same_language(language, other)) sum += share;
  }
  return sum;
}

Shares exposure(const Ranking& ranking, const LanguageOf& languages, std::size_t depth) {
  Shares shares;
  double total = 0;
  for (std::size_t i = 0; i < std::min(depth, ranking.size()); ++i) {
    shares[language_of(ranking[i].id, languages)] += exposure_of(i + 1);
    total += exposure_of(i + 1);
  }
  for (auto& [language, share] : shares) share /= total;
  return shares;
}

/// Part of the first `depth` hits that is in the query's own language.
double own_part(const Ranking& ranking, const LanguageOf& languages, const Language& own_language, std::size_t depth) {
  const std::size_t size = std::min(depth, ranking.size());
  const auto is_own = [&](const Hit& hit) { return same_language(own_language, language_of(hit.id, languages)); };
  const auto count = std::count_if(ranking.begin(), ranking.begin() + static_cast<std::ptrdiff_t>(size), is_own);
  return static_cast<double>(count) / static_cast<double>(size);
}

/// Query ids by what they ask, both ascending.
std::map<std::string, std::vector<std::string>> by_question(const Run& run, const LanguagePool& pool) {
  std::map<std::string, std::vector<std::string>> questions;
  for (const auto& [query_id, ranking] : run) {
    const auto found = pool.questions.find(query_id);
    questions[found == pool.questions.end() ? query_id : found->second].push_back(query_id);
  }
  return questions;
}

/// Exposure and own share of every ranking that holds anything.
void add_exposure(const Run& run, const LanguagePool& pool, const FairnessOptions& options, FairnessReport& report) {
  std::map<Language, std::size_t> rankings;
  Mean own_share;
  std::map<Language, Mean> own_share_of;
  std::vector<double> parts, fair_parts;  // one a question
  for (const auto& [question, query_ids] : by_question(run, pool)) {
    Mean part, fair_part;
    for (const std::string& query_id : query_ids) {
      const Ranking& ranking = run.at(query_id);
      if (ranking.empty()) continue;
      const Language& language = language_of(query_id, pool.query_languages);
      ++rankings[language];
      for (const auto& [other, share] : exposure(ranking, pool.document_languages, options.depth)) {
        report.exposure[language][other] += share;
      }
      const double fair = own(report.fair_exposure, language);
      if (fair == 0) continue;
      const double taken = own_part(ranking, pool.document_languages, language, options.depth);
      own_share.add(taken / fair);
      own_share_of[language].add(taken / fair);
      part.add(taken);
      fair_part.add(fair);
    }
    if (part.count == 0) continue;
    parts.push_back(part.value());
    fair_parts.push_back(fair_part.value());
  }
  for (auto& [language, shares] : report.exposure) {
    for (auto& [other, share] : shares) share /= static_cast<double>(rankings[language]);
  }
  report.own_language_share = own_share.value();
  for (const auto& [language, mean] : own_share_of) report.own_language_share_of[language] = mean.value();
  if (!parts.empty()) report.own_language_bias = compare_paired(fair_parts, parts, options.resampling);
}

struct Overlap {
  double at_depth = 0, rank_biased = 0;
};

/// Of two rankings that do not both hold nothing, down to `depth`.
Overlap overlap(const Ranking& a, const Ranking& b, const FairnessOptions& options) {
  const std::size_t size_a = std::min(options.depth, a.size()), size_b = std::min(options.depth, b.size());
  const std::size_t longer = std::max(size_a, size_b), shorter = std::min(size_a, size_b);
  const double p = options.persistence;
  // Webber et al.: X_d is how many documents both have in their first d; s and l are the lengths, s <= l.
  std::unordered_set<std::string_view> seen_a, seen_b;
  double shared = 0, shared_at_shorter = 0, sum = 0, weight = 1;
  for (std::size_t d = 1; d <= longer; ++d) {
    if (d <= size_a && d <= size_b && a[d - 1].id == b[d - 1].id) {
      ++shared;
    } else {
      if (d <= size_a) shared += seen_b.contains(a[d - 1].id);
      if (d <= size_b) shared += seen_a.contains(b[d - 1].id);
    }
    if (d <= size_a) seen_a.insert(a[d - 1].id);
    if (d <= size_b) seen_b.insert(b[d - 1].id);
    weight *= p;
    sum += shared / static_cast<double>(d) * weight;
    if (d == shorter) shared_at_shorter = shared;
    if (d > shorter && shorter > 0) {
      const auto s = static_cast<double>(shorter), at = static_cast<double>(d);
      sum += shared_at_shorter * (at - s) / (s * at) * weight;
    }
  }
  const double agreement = shorter == 0 ? 0 : shared_at_shorter / static_cast<double>(shorter);
  const double tail = (shared - shared_at_shorter) / static_cast<double>(longer) + agreement;
  return {shared / static_cast<double>(longer), (1 - p) / p * sum + tail * weight};
}

void add_overlap(const Run& run, const LanguagePool& pool, const FairnessOptions& options, FairnessReport& report) {
  Mean at_depth, rank_biased;
  for (const auto& [question, query_ids] : by_question(run, pool)) {
    Mean of_question, of_question_biased;
    for (std::size_t i = 0; i < query_ids.size(); ++i) {
      for (std::size_t j = i + 1; j < query_ids.size(); ++j) {
        const Ranking &a = run.at(query_ids[i]), &b = run.at(query_ids[j]);
        if (a.empty() && b.empty()) continue;
        const Overlap pair = overlap(a, b, options);
        of_question.add(pair.at_depth);
        of_question_biased.add(pair.rank_biased);
      }
    }
    if (of_question.count == 0) continue;
    at_depth.add(of_question.value());
    rank_biased.add(of_question_biased.value());
  }
  report.questions = at_depth.count;
  report.overlap = at_depth.value();
  report.rank_biased_overlap = rank_biased.value();
}

/// Document id -> rank from 1, of those that are relevant.
std::unordered_map<std::string_view, std::size_t> relevant_ranks(const Ranking& ranking,
                                                                 const QueryJudgements& judgements, int rel) {
  std::unordered_map<std::string_view, std::size_t> ranks;
  for (std::size_t i = 0; i < ranking.size(); ++i) {
    const auto judgement = judgements.find(ranking[i].id);
    if (judgement != judgements.end() && judgement->second >= rel) ranks.emplace(judgement->first, i + 1);
  }
  return ranks;
}

/// Nothing where the relevant documents are all in one language or none was found.
std::optional<double> rank_variance(const Ranking& ranking, const QueryJudgements& judgements,
                                    const LanguageOf& languages, int rel) {
  const auto found = relevant_ranks(ranking, judgements, rel);
  if (found.empty()) return std::nullopt;
  std::set<Language> relevant_languages;
  std::vector<double> ranks;
  for (const auto& [document_id, grade] : judgements) {
    if (grade < rel) continue;
    relevant_languages.insert(language_of(document_id, languages));
    const auto rank = found.find(document_id);
    ranks.push_back(static_cast<double>(rank == found.end() ? ranking.size() + 1 : rank->second));
  }
  if (relevant_languages.size() < 2) return std::nullopt;
  Mean mean, variance;
  for (const double rank : ranks) mean.add(rank);
  for (const double rank : ranks) variance.add((rank - mean.value()) * (rank - mean.value()));
  return variance.value();
}

struct Degrees {
  Mean weak, strong;
};

Degrees alignment(const Ranking& ranking, const QueryJudgements& judgements, const LanguageOf& languages,
                  const Language& query_language, int rel) {
  // The first irrelevant rank in each language: all above it in this language are relevant.
  std::map<std::string_view, std::size_t> first_irrelevant;
  const auto ranks = relevant_ranks(ranking, judgements, rel);
  for (std::size_t i = 0; i < ranking.size(); ++i) {
    if (ranks.contains(ranking[i].id)) continue;
    first_irrelevant.try_emplace(language_of(ranking[i].id, languages).primary(), i + 1);
  }
  const auto is_before = [&](std::size_t rank, const Language& language) {
    const auto irrelevant = first_irrelevant.find(language.primary());
    return irrelevant == first_irrelevant.end() || rank < irrelevant->second;
  };
  Degrees degrees;
  for (const auto& [document_id, grade] : judgements) {
    const Language& language = language_of(document_id, languages);
    if (grade < rel || language.undetermined() || same_language(query_language, language)) continue;
    const auto rank = ranks.find(document_id);
    degrees.weak.add(rank != ranks.end() && is_before(rank->second, language));
    degrees.strong.add(rank != ranks.end() && is_before(rank->second, query_language));
  }
  return degrees;
}

void add_relevant(const Judgements& judgements, const Run& run, const LanguagePool& pool,
                  const FairnessOptions& options, FairnessReport& report) {
  static const Ranking kNothing;
  Mean variances, weak, strong;
  for (const auto& [query_id, of_query] : judgements) {
    const auto found = run.find(query_id);
    const Ranking& ranking = found == run.end() ? kNothing : found->second;
    if (const auto variance = rank_variance(ranking, of_query, pool.document_languages, options.rel)) {
      variances.add(*variance);
    }
    const Language& language = language_of(query_id, pool.query_languages);
    if (own(report.fair_exposure, language) == 0) continue;
    const Degrees degrees = alignment(ranking, of_query, pool.document_languages, language, options.rel);
    if (degrees.weak.count == 0) continue;
    weak.add(degrees.weak.value());
    strong.add(degrees.strong.value());
  }
  report.rank_variance_queries = variances.count;
  report.rank_variance = variances.value();
  report.alignment = {weak.count, weak.value(), strong.value()};
}

}  // namespace

std::map<Language, std::size_t> count_languages(const LanguageOf& languages) {
  std::map<Language, std::size_t> counts;
  for (const auto& [id, language] : languages) ++counts[language];
  return counts;
}

std::unordered_map<std::string, std::string> questions_by_id(const LanguageOf& query_languages) {
  std::unordered_map<std::string, std::string> questions;
  for (const auto& [id, language] : query_languages) {
    // From the left: in "q1-zh-Hant" the whole tag is found before its script.
    for (std::size_t at = id.find_first_of("-_."); at != std::string::npos; at = id.find_first_of("-_.", at + 1)) {
      if (at == 0 || !names_language(std::string_view(id).substr(at + 1), language)) continue;
      questions[id] = id.substr(0, at);
      break;
    }
  }
  return questions;
}

FairnessReport fairness(const Judgements& judgements, const Run& run, const LanguagePool& pool,
                        const FairnessOptions& options) {
  check(options);
  FairnessReport report;
  report.depth = options.depth;
  report.fair_exposure = shares_of(pool.documents);
  add_exposure(run, pool, options, report);
  add_overlap(run, pool, options, report);
  add_relevant(judgements, run, pool, options, report);
  return report;
}

std::vector<DialPoint> exposure_curve(const Judgements& judgements, const Run& run, std::span<const Measure> measures,
                                      const LanguagePool& pool, std::span<const double> dials,
                                      const FairnessOptions& options, const EvaluateOptions& evaluate_options) {
  check(options);
  const Shares fair = shares_of(pool.documents);
  std::vector<DialPoint> curve;
  for (const double dial : dials) {
    Run turned;
    Mean own_share;
    for (const auto& [query_id, ranking] : run) {
      Ranking balanced = balance_exposure(ranking, pool.document_languages, fair, dial);
      const Language& language = language_of(query_id, pool.query_languages);
      const double fair_part = own(fair, language);
      if (!balanced.empty() && fair_part > 0) {
        own_share.add(own_part(balanced, pool.document_languages, language, options.depth) / fair_part);
      }
      turned.emplace_hint(turned.end(), query_id, std::move(balanced));
    }
    curve.push_back({dial, own_share.value(), evaluate(judgements, turned, measures, evaluate_options).all.values});
  }
  return curve;
}

}  // namespace dragoman
