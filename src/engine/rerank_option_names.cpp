#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/engine/option_names.h"
#include "engine/option_table.h"

namespace dragoman {
namespace {

using namespace option_table;

constexpr std::array kRerankMethods = {Choice<RerankMethod>{"pointwise", RerankMethod::pointwise},
                                       Choice<RerankMethod>{"pairwise", RerankMethod::pairwise},
                                       Choice<RerankMethod>{"setwise", RerankMethod::setwise},
                                       Choice<RerankMethod>{"listwise", RerankMethod::listwise},
                                       Choice<RerankMethod>{"tournament", RerankMethod::tournament},
                                       Choice<RerankMethod>{"late_interaction", RerankMethod::late_interaction},
                                       Choice<RerankMethod>{"cascade", RerankMethod::cascade}};
constexpr std::array kRerankSorts = {
    Choice<RerankSort>{"automatic", RerankSort::automatic}, Choice<RerankSort>{"all_pairs", RerankSort::all_pairs},
    Choice<RerankSort>{"heap", RerankSort::heap}, Choice<RerankSort>{"sliding", RerankSort::sliding}};
constexpr std::array kAggregations = {Choice<RankAggregation>{"borda", RankAggregation::borda},
                                      Choice<RankAggregation>{"kemeny", RankAggregation::kemeny}};
constexpr std::array kListwiseAnswers = {Choice<ListwiseAnswer>{"permutation", ListwiseAnswer::permutation},
                                         Choice<ListwiseAnswer>{"first_token", ListwiseAnswer::first_token}};
constexpr std::array kPointwiseScores = {Choice<PointwiseScore>{"yes_no", PointwiseScore::yes_no},
                                         Choice<PointwiseScore>{"graded", PointwiseScore::graded},
                                         Choice<PointwiseScore>{"likelihood", PointwiseScore::likelihood}};
constexpr std::array kDocumentReadings = {Choice<DocumentReading>{"passage", DocumentReading::passage},
                                          Choice<DocumentReading>{"first", DocumentReading::first},
                                          Choice<DocumentReading>{"best", DocumentReading::best},
                                          Choice<DocumentReading>{"sum", DocumentReading::sum},
                                          Choice<DocumentReading>{"decayed_sum", DocumentReading::decayed_sum},
                                          Choice<DocumentReading>{"top_mean", DocumentReading::top_mean}};

/// Names are ours, with underscores, whichever way they are written.
std::string underscored(std::string_view name) {
  std::string text(name);
  std::ranges::replace(text, '-', '_');
  return text;
}

void set_cascade(RerankOptions& options, std::string_view value) {
  options.cascade.clear();
  for (const std::string_view part : parts(value)) {
    const std::size_t colon = part.find(':');
    if (colon == std::string_view::npos) {
      throw InvalidArgument(
          fmt::format("cascade has '{}', must be a method with its depth, as pointwise:20", printable(part)));
    }
    options.cascade.push_back(
        {parse_rerank_method(part.substr(0, colon)), parse_count("depth", part.substr(colon + 1), 1)});
  }
}

std::string cascade_names(const RerankOptions& options) {
  std::vector<std::string> names;
  for (const CascadeStage& stage : options.cascade) {
    names.push_back(fmt::format("{}:{}", name_among(kRerankMethods, stage.method), stage.depth));
  }
  return fmt::format("{}", fmt::join(names, ","));
}

void set_mix(RerankOptions& options, std::string_view value) {
  if (value == "auto") {
    options.mix.reset();
  } else {
    options.mix = value == "off" ? 0.0f : parse_number("mix", value, 0, 1);
  }
}

/// "40calls", "500ms", "2s", "" for none.
void set_budget(RerankOptions& options, std::string_view value) {
  options.budget_calls = options.budget_ms = 0;
  for (const std::string_view part : parts(value)) {
    const std::size_t unit = std::min(part.find_first_not_of("0123456789"), part.size());
    const std::size_t count = unit == 0 ? 0 : parse_count("budget", part.substr(0, unit), 1);
    const std::string_view name = part.substr(unit);
    if (count > 0 && name == "calls") {
      options.budget_calls = count;
    } else if (count > 0 && (name == "ms" || name == "s")) {
      options.budget_ms = name == "s" ? 1000 * count : count;
    } else {
      throw InvalidArgument(fmt::format("budget is '{}', must be as 40calls, 500ms or 2s, or two of them with a comma",
                                        printable(value)));
    }
  }
}

std::string budget_name(const RerankOptions& options) {
  std::string name;
  if (options.budget_calls > 0) name += fmt::format("{}calls", options.budget_calls);
  if (options.budget_ms > 0) name += fmt::format("{}{}ms", name.empty() ? "" : ",", options.budget_ms);
  return name;
}

using R = RerankOptions;
constexpr std::array kRerank = {
    Option<R>{"method", [](R& o, std::string_view v) { o.method = parse_rerank_method(v); },
              [](const R& o) { return name_among(kRerankMethods, o.method); }},
    Option<R>{"depth", [](R& o, std::string_view v) { o.depth = parse_count("depth", v, 1); },
              [](const R& o) { return fmt::format("{}", o.depth); }},
    Option<R>{"passage_tokens",
              [](R& o, std::string_view v) { o.passage_tokens = parse_count("passage_tokens", v, 0); },
              [](const R& o) { return fmt::format("{}", o.passage_tokens); }},
    Option<R>{"sort", [](R& o, std::string_view v) { o.sort = pick("sort", underscored(v), kRerankSorts); },
              [](const R& o) { return name_among(kRerankSorts, o.sort); }},
    Option<R>{"top", [](R& o, std::string_view v) { o.top = parse_count("top", v, 0); },
              [](const R& o) { return fmt::format("{}", o.top); }},
    Option<R>{"window", [](R& o, std::string_view v) { o.window = parse_count("window", v, 2); },
              [](const R& o) { return fmt::format("{}", o.window); }},
    Option<R>{"stride", [](R& o, std::string_view v) { o.stride = parse_count("stride", v, 1); },
              [](const R& o) { return fmt::format("{}", o.stride); }},
    Option<R>{"set_size", [](R& o, std::string_view v) { o.set_size = parse_count("set_size", v, 2); },
              [](const R& o) { return fmt::format("{}", o.set_size); }},
    Option<R>{"passes", [](R& o, std::string_view v) { o.passes = parse_count("passes", v, 1); },
              [](const R& o) { return fmt::format("{}", o.passes); }},
    Option<R>{"shuffles", [](R& o, std::string_view v) { o.shuffles = parse_count("shuffles", v, 0); },
              [](const R& o) { return fmt::format("{}", o.shuffles); }},
    Option<R>{"seed", [](R& o, std::string_view v) { o.seed = parse_count("seed", v, 0); },
              [](const R& o) { return fmt::format("{}", o.seed); }},
    Option<R>{"aggregation", [](R& o, std::string_view v) { o.aggregation = pick("aggregation", v, kAggregations); },
              [](const R& o) { return name_among(kAggregations, o.aggregation); }},
    Option<R>{"answer", [](R& o, std::string_view v) { o.answer = pick("answer", underscored(v), kListwiseAnswers); },
              [](const R& o) { return name_among(kListwiseAnswers, o.answer); }},
    Option<R>{"score", [](R& o, std::string_view v) { o.score = pick("score", underscored(v), kPointwiseScores); },
              [](const R& o) { return name_among(kPointwiseScores, o.score); }},
    Option<R>{"calibrate", [](R& o, std::string_view v) { o.calibrate = pick("calibrate", v, kYesNo); },
              [](const R& o) { return name_among(kYesNo, o.calibrate); }},
    Option<R>{"documents",
              [](R& o, std::string_view v) { o.documents = pick("documents", underscored(v), kDocumentReadings); },
              [](const R& o) { return name_among(kDocumentReadings, o.documents); }},
    Option<R>{"cascade", set_cascade, cascade_names},
    Option<R>{"mix", set_mix, [](const R& o) { return o.mix ? fmt::format("{}", *o.mix) : std::string("auto"); }},
    Option<R>{"prompt", [](R& o, std::string_view v) { o.prompt = v; }, [](const R& o) { return o.prompt; }},
    Option<R>{"prompt_language", [](R& o, std::string_view v) { o.prompt_language = v; },
              [](const R& o) { return o.prompt_language; }},
    Option<R>{"budget", set_budget, budget_name},
};

}  // namespace

RerankMethod parse_rerank_method(std::string_view name) {
  return pick("reranking method", underscored(name), kRerankMethods);
}

std::string rerank_method_names() {
  std::vector<std::string_view> names;
  for (const auto& choice : kRerankMethods) names.push_back(choice.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::span<const std::string_view> rerank_option_names() {
  static constexpr auto kNames = names_of(kRerank);
  return kNames;
}

void set_rerank_option(RerankOptions& options, std::string_view name, std::string_view value) {
  set_option(kRerank, options, name, value);
}

NamedValues rerank_option_values(const RerankOptions& options) { return values_of(kRerank, options); }

}  // namespace dragoman
