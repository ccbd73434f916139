#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/engine/option_names.h"
#include "dragoman/translate/translator_registry.h"
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
                                         Choice<PointwiseScore>{"likelihood", PointwiseScore::likelihood},
                                         Choice<PointwiseScore>{"cross_encoder", PointwiseScore::cross_encoder}};
constexpr std::array kShownTexts = {Choice<ShownText>{"original", ShownText::original},
                                    Choice<ShownText>{"translated", ShownText::translated},
                                    Choice<ShownText>{"both", ShownText::both}};
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

/// "rank.gguf,german.gguf:0.5": what stands behind the last colon is a weight if it is a number.
void set_adapters(RerankOptions& options, std::string_view value) {
  options.adapters.clear();
  for (const std::string_view part : parts(value)) options.adapters.push_back(parse_adapter(part));
}

std::string adapter_names(const RerankOptions& options) {
  std::vector<std::string> names;
  for (const auto& adapter : options.adapters) names.push_back(fmt::format("{}:{}", adapter.file, adapter.weight));
  return fmt::format("{}", fmt::join(names, ","));
}

/// "0.15:0.6", of what is read and of what is written; one number for both; empty for none.
void set_price(RerankOptions& options, std::string_view value) {
  const std::size_t colon = std::min(value.find(':'), value.size());
  const auto number = [](std::string_view text) {
    return static_cast<double>(parse_number("price", text, 0, std::numeric_limits<float>::max()));
  };
  options.limits.prompt_price = value.empty() ? 0 : number(value.substr(0, colon));
  options.limits.answer_price = colon < value.size() ? number(value.substr(colon + 1)) : options.limits.prompt_price;
}

std::string price_name(const RerankOptions& options) {
  const EndpointLimits& limits = options.limits;
  if (limits.prompt_price == 0 && limits.answer_price == 0) return {};
  return fmt::format("{}:{}", static_cast<float>(limits.prompt_price), static_cast<float>(limits.answer_price));
}

double limit_of(std::string_view name, std::string_view value) {
  return static_cast<double>(parse_number(name, value, 0, std::numeric_limits<float>::max()));
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
    Option<R>{"adapters", set_adapters, adapter_names},
    Option<R>{"passages", [](R& o, std::string_view v) { o.passages = pick("passages", v, kShownTexts); },
              [](const R& o) { return name_among(kShownTexts, o.passages); }},
    Option<R>{"query_text", [](R& o, std::string_view v) { o.query_text = pick("query_text", v, kShownTexts); },
              [](const R& o) { return name_among(kShownTexts, o.query_text); }},
    Option<R>{"passage_translations", [](R& o, std::string_view v) { o.translations.passages = v; },
              [](const R& o) { return o.translations.passages; }},
    Option<R>{"query_translations", [](R& o, std::string_view v) { o.translations.queries = v; },
              [](const R& o) { return o.translations.queries; }},
    Option<R>{"translator",
              [](R& o, std::string_view v) {
                if (v != "auto" && v != "none") parse_providers(v);
                o.translations.translator = v;
              },
              [](const R& o) { return o.translations.translator; }},
    Option<R>{"translate_into", [](R& o, std::string_view v) { o.translations.into = Language::parse(v).tag(); },
              [](const R& o) { return o.translations.into; }},
    Option<R>{"requests_per_minute",
              [](R& o, std::string_view v) { o.limits.requests_per_minute = limit_of("requests_per_minute", v); },
              [](const R& o) { return fmt::format("{}", static_cast<float>(o.limits.requests_per_minute)); }},
    Option<R>{"tokens_per_minute",
              [](R& o, std::string_view v) { o.limits.tokens_per_minute = limit_of("tokens_per_minute", v); },
              [](const R& o) { return fmt::format("{}", static_cast<float>(o.limits.tokens_per_minute)); }},
    Option<R>{"call_limit", [](R& o, std::string_view v) { o.limits.calls = parse_count("call_limit", v, 0); },
              [](const R& o) { return fmt::format("{}", o.limits.calls); }},
    Option<R>{"token_limit", [](R& o, std::string_view v) { o.limits.tokens = parse_count("token_limit", v, 0); },
              [](const R& o) { return fmt::format("{}", o.limits.tokens); }},
    Option<R>{"price", set_price, price_name},
    Option<R>{"spend_limit", [](R& o, std::string_view v) { o.limits.cost = limit_of("spend_limit", v); },
              [](const R& o) { return fmt::format("{}", static_cast<float>(o.limits.cost)); }},
};

}  // namespace

RerankMethod parse_rerank_method(std::string_view name) {
  return pick("reranking method", underscored(name), kRerankMethods);
}

LanguageModelAdapter parse_adapter(std::string_view text) {
  LanguageModelAdapter adapter{.file = std::string(text)};
  if (const std::size_t colon = text.rfind(':'); colon != text.npos) {
    const std::string_view weight = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(weight.data(), weight.data() + weight.size(), adapter.weight);
    if (error == std::errc() && end == weight.data() + weight.size() && std::isfinite(adapter.weight)) {
      adapter.file = text.substr(0, colon);
    } else {
      adapter.weight = 1;  // A colon of the file's name.
    }
  }
  if (adapter.file.empty()) {
    throw InvalidArgument(
        fmt::format("adapter is '{}', must be a file with a weight or none, as german.gguf:0.5", printable(text)));
  }
  return adapter;
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
