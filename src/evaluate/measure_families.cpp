#include "evaluate/measure_families.h"

#include <utility>

#include "evaluate/measure_functions.h"

namespace dragoman {
namespace {

using Names = std::vector<std::string_view>;

/// trec_eval's own.
constexpr std::string_view kCutoffs[] = {"5", "10", "15", "20", "30", "100", "200", "500", "1000"};
constexpr std::string_view kSuccessCutoffs[] = {"1", "5", "10"};
constexpr std::string_view kRecalls[] = {"0.00", "0.10", "0.20", "0.30", "0.40", "0.50",
                                         "0.60", "0.70", "0.80", "0.90", "1.00"};
constexpr std::string_view kMultiples[] = {"0.20", "0.40", "0.60", "0.80", "1.00",
                                           "1.20", "1.40", "1.60", "1.80", "2.00"};

/// Settings in which all grades count as relevant, judged or not: what counts "relevant" then counts everything.
MeasureSettings everything_relevant() { return {.rel = GradedRanking::kUnjudged}; }

/// For a family that must be told which grade is relevant; 0 never is.
MeasureSettings nothing_relevant() { return {.rel = 0}; }

constexpr std::pair<std::string_view, std::string_view> kGroups[] = {
    {"official", "num_q num_ret num_rel num_rel_ret map gm_map Rprec bpref recip_rank iprec_at_recall P"},
    {"set", "num_q num_ret num_rel num_rel_ret utility set_P set_recall set_relative_P set_map set_F"},
    {"all_trec",
     "num_q num_ret num_rel num_rel_ret map gm_map Rprec bpref recip_rank iprec_at_recall P recall infAP gm_bpref "
     "Rprec_mult utility 11pt_avg ndcg ndcg_cut map_cut relative_P success set_P set_relative_P set_recall set_map "
     "set_F num_nonrel_judged_ret"},
};

}  // namespace

std::span<const MeasureFamily> measure_families() {
  using enum Aggregation;
  const Names rel = {"rel"}, rel_judged = {"rel", "judged_only"}, cutoff = {"cutoff"}, none;
  const Names set_p = {"rel", "relative", "judged_only"};
  static const std::vector<MeasureFamily> families = {
      {{"nDCG"}, ndcg, {"dcg", "gains", "judged_only"}, "cutoff", none, {"ndcg_cut", "cutoff", kCutoffs}},
      {{"AP", "MAP"}, average_precision, rel_judged, "cutoff", none, {"map_cut", "cutoff", kCutoffs}},
      {{"RR", "MRR", "recip_rank"}, reciprocal_rank, rel_judged, "cutoff", none, {}},
      {{"R", "Recall"}, recall, rel_judged, "cutoff", cutoff, {"recall", "cutoff", kCutoffs}},
      {{"P", "Precision"}, precision, rel_judged, "cutoff", cutoff, {"P", "cutoff", kCutoffs}},
      {{"Success"}, success, rel_judged, "cutoff", cutoff, {"success", "cutoff", kSuccessCutoffs}},
      {{"Rprec"}, r_precision, rel_judged, "", none, {}},
      {{"Bpref"}, binary_preference, rel, "", none, {}},
      {{"infAP"}, inferred_average_precision, rel, "", none, {}},
      {{"IPrec"}, interpolated_precision, rel_judged, "recall", {"recall"}, {"iprec_at_recall", "recall", kRecalls}},
      {{"11pt_avg"}, eleven_point_average, rel, "", none, {}},
      {{"gm_map"}, log_average_precision, rel, "", none, {}, geometric_mean},
      {{"gm_bpref"}, log_binary_preference, rel, "", none, {}, geometric_mean},
      {{"RBP"}, rank_biased_precision, {"p", "rel"}, "cutoff", rel, {}, mean, nothing_relevant()},
      {{"ERR"}, expected_reciprocal_rank, {"max_rel"}, "cutoff", none, {}},
      {{"Judged"}, judged, none, "cutoff", none, {}},
      {{"SetP", "set_P"}, set_precision, set_p, "", none, {}},
      {{"SetP", "SetRelP", "set_relative_P"}, set_precision, set_p, "", none, {}, mean, {}, "relative=True"},
      {{"SetR", "set_recall"}, set_recall, rel, "", none, {}},
      {{"SetF", "set_F"}, set_f, {"rel", "beta", "judged_only"}, "", none, {"set_F", "beta", {}}},
      {{"SetAP", "set_map"}, set_average_precision, rel_judged, "", none, {}},
      {{"NumRet", "num_ret"}, retrieved_count, rel, "", none, {}, sum, everything_relevant()},
      {{"NumRet", "NumRelRet", "num_rel_ret"}, retrieved_count, rel, "", none, {}, sum, everything_relevant(), "rel=1"},
      {{"NumRel", "num_rel"}, relevant_count, rel, "", none, {}, sum},
      {{"NumQ", "num_q"}, query_count, none, "", none, {}, sum},
      {{"num_nonrel_judged_ret"}, retrieved_non_relevant_count, rel, "", none, {}, sum},
      {{"relative_P"}, relative_precision, rel, "cutoff", cutoff, {"relative_P", "cutoff", kCutoffs}},
      {{"Rprec_mult"}, r_precision_multiple, rel, "multiple", {"multiple"}, {"Rprec_mult", "multiple", kMultiples}},
      {{"utility"}, utility, rel, "", none, {}},
  };
  return families;
}

std::string_view measure_group(std::string_view name) {
  for (const auto& [group, measures] : kGroups) {
    if (group == name) return measures;
  }
  return {};
}

}  // namespace dragoman
