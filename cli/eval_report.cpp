#include "eval_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace dragoman::cli {
namespace {

OrderedJson interval_json(const Interval& interval) {
  return {number_or_null(interval.low), number_or_null(interval.high)};
}

OrderedJson shares_json(const std::map<Language, double>& shares) {
  OrderedJson json = OrderedJson::object();
  for (const auto& [language, share] : shares) json[language.tag()] = number_or_null(share);
  return json;
}

OrderedJson paired_json(const PairedComparison& paired) {
  return {{"queries", paired.queries},
          {"difference", number_or_null(paired.difference)},
          {"interval", interval_json(paired.interval)},
          {"p_t", number_or_null(paired.p_t)},
          {"p_randomisation", number_or_null(paired.p_randomisation)}};
}

/// Values stand under the names of measures, which can be long.
std::size_t width_of(const std::string& measure) { return std::max<std::size_t>(10, measure.size()); }

void print_names(const MeasureNames& measures) {
  for (const std::string& measure : measures) fmt::print(" {:>{}}", measure, width_of(measure));
}

void print_values(const MeasureNames& measures, const std::vector<double>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) fmt::print(" {:>{}.4f}", values[i], width_of(measures[i]));
}

std::string interval_text(const Interval& interval) {
  return std::isnan(interval.low) ? "-" : fmt::format("{:+.4f} {:+.4f}", interval.low, interval.high);
}

void print_exposure(const FairnessReport& report) {
  fmt::print("\n{:<24}", "exposure of documents in");
  for (const auto& [language, share] : report.fair_exposure) fmt::print(" {:>7}", language.tag());
  const auto print_shares = [&](std::string_view label, const std::map<Language, double>& shares) {
    fmt::print("\n{:<24}", label);
    for (const auto& [language, share] : report.fair_exposure) {
      const auto found = shares.find(language);
      fmt::print(" {:>7.4f}", found == shares.end() ? 0 : found->second);
    }
  };
  for (const auto& [language, shares] : report.exposure) print_shares(fmt::format("to {}", language.tag()), shares);
  print_shares("part of the collection", report.fair_exposure);
  fmt::print("\n");
}

void print_curve(const MeasureNames& measures, const std::vector<DialPoint>& curve) {
  if (curve.empty()) return;
  fmt::print("\n{:<24} {:>8}", "dial", "own");
  print_names(measures);
  for (const DialPoint& point : curve) {
    fmt::print("\n{:<24} {:>8.4f}", fmt::format("{}", point.dial), point.own_language_share);
    print_values(measures, point.values);
  }
  fmt::print("\n");
}

}  // namespace

OrderedJson values_json(const MeasureNames& measures, const std::vector<double>& values) {
  OrderedJson json = OrderedJson::object();
  for (std::size_t i = 0; i < measures.size(); ++i) json[measures[i]] = number_or_null(values[i]);
  return json;
}

OrderedJson rows_json(const MeasureNames& measures, const std::vector<EvaluationRow>& rows) {
  OrderedJson json = OrderedJson::object();
  for (const EvaluationRow& row : rows) {
    json[row.label] = {{"queries", row.queries}, {"values", values_json(measures, row.values)}};
  }
  return json;
}

OrderedJson comparisons_json(const std::string& baseline, const std::vector<SystemComparison>& comparisons) {
  OrderedJson json = OrderedJson::array();
  for (const SystemComparison& comparison : comparisons) {
    OrderedJson one = {{"baseline", baseline}, {"measure", comparison.measure}, {"group", comparison.group}};
    one.update(paired_json(comparison.paired));
    one["p_adjusted"] = number_or_null(comparison.p_adjusted);
    one["effect_size"] = number_or_null(comparison.paired.effect_size);
    one["wins"] = comparison.paired.wins;
    one["losses"] = comparison.paired.losses;
    one["ties"] = comparison.paired.ties;
    one["verdict"] = to_string(comparison.verdict);
    one["sentence"] = comparison.sentence;
    json.push_back(std::move(one));
  }
  return json;
}

OrderedJson fairness_json(const MeasureNames& measures, const FairnessReport& report,
                          const std::vector<DialPoint>& curve) {
  OrderedJson exposure = OrderedJson::object();
  for (const auto& [language, shares] : report.exposure) exposure[language.tag()] = shares_json(shares);
  OrderedJson json = {{"depth", report.depth},
                      {"own_language_share", number_or_null(report.own_language_share)},
                      {"own_language_share_of", shares_json(report.own_language_share_of)},
                      {"own_language_bias", paired_json(report.own_language_bias)},
                      {"exposure", exposure},
                      {"fair_exposure", shares_json(report.fair_exposure)},
                      {"questions", report.questions},
                      {"overlap", number_or_null(report.overlap)},
                      {"rank_biased_overlap", number_or_null(report.rank_biased_overlap)},
                      {"rank_variance", number_or_null(report.rank_variance)},
                      {"weak_alignment", number_or_null(report.alignment.weak)},
                      {"strong_alignment", number_or_null(report.alignment.strong)}};
  for (const DialPoint& point : curve) {
    json["dial"].push_back({{"dial", point.dial},
                            {"own_language_share", number_or_null(point.own_language_share)},
                            {"values", values_json(measures, point.values)}});
  }
  return json;
}

void print_header(std::string_view title, const MeasureNames& measures) {
  fmt::print("{:<24} {:>8}", title, "queries");
  print_names(measures);
  fmt::print("\n");
}

void print_row(const MeasureNames& measures, const EvaluationRow& row) {
  fmt::print("{:<24} {:>8}", row.label, row.queries);
  print_values(measures, row.values);
  fmt::print("\n");
}

void print_rows(std::string_view title, const MeasureNames& measures, const std::vector<EvaluationRow>& rows) {
  fmt::print("\n");
  print_header(title, measures);
  for (const EvaluationRow& row : rows) print_row(measures, row);
}

void print_comparisons(const std::string& run, const std::string& baseline,
                       const std::vector<SystemComparison>& comparisons) {
  fmt::print("\n{:<24} {:<20} {:>8} {:>10} {:>15} {:>8} {:>8} {:>8} {:>7}  {}\n", fmt::format("{} - {}", run, baseline),
             "group", "queries", "difference", "interval", "p (t)", "p (rand)", "adjusted", "d", "win/loss/tie");
  for (const auto& [system, measure, group, paired, p_adjusted, verdict, sentence] : comparisons) {
    fmt::print("{:<24} {:<20} {:>8} {:>+10.4f} {:>15} {:>8.4f} {:>8.4f} {:>8.4f} {:>7.3f}  {}/{}/{}\n", measure, group,
               paired.queries, paired.difference, interval_text(paired.interval), paired.p_t, paired.p_randomisation,
               p_adjusted, paired.effect_size, paired.wins, paired.losses, paired.ties);
  }
  std::size_t groups = 0, distinguishable = 0;
  for (const SystemComparison& comparison : comparisons) {
    const bool is_whole = comparison.group == "all", is_found = comparison.verdict != Verdict::not_distinguishable;
    if (is_whole || is_found) fmt::print("{}\n", comparison.sentence);
    groups += !is_whole;
    distinguishable += !is_whole && is_found;
  }
  if (groups != 0) fmt::print("{} of {} comparisons in groups are distinguishable\n", distinguishable, groups);
}

void print_fairness(const MeasureNames& measures, const FairnessReport& report, const std::vector<DialPoint>& curve) {
  const auto line = [](std::string_view what, std::size_t over, double value) {
    fmt::print("{:<44} {:>8} {:>10}\n", what, over, std::isnan(value) ? "-" : fmt::format("{:.4f}", value));
  };
  const PairedComparison& bias = report.own_language_bias;
  fmt::print("\n{:<44} {:>8} {:>10}\n", fmt::format("fairness, first {} ranks", report.depth), "over", "value");
  line("own language, times its fair share", bias.queries, report.own_language_share);
  line("own language, part of the hits above fair", bias.queries, bias.difference);
  line("  p of that by chance", bias.queries, bias.p_randomisation);
  line("overlap between translations of a question", report.questions, report.overlap);
  line("rank-biased overlap between them", report.questions, report.rank_biased_overlap);
  line("rank variance of parallel documents", report.rank_variance_queries, report.rank_variance);
  line("weak alignment", report.alignment.queries, report.alignment.weak);
  line("strong alignment", report.alignment.queries, report.alignment.strong);
  print_exposure(report);
  print_curve(measures, curve);
}

}  // namespace dragoman::cli
