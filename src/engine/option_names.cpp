#include "dragoman/engine/option_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <type_traits>
#include <utility>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

template <class T>
using Choice = std::pair<std::string_view, T>;

template <class T, std::size_t N>
T pick(std::string_view what, std::string_view value, const std::array<Choice<T>, N>& choices) {
  std::vector<std::string_view> names;
  for (const auto& [name, choice] : choices) {
    if (name == value) return choice;
    names.push_back(name);
  }
  throw InvalidArgument(fmt::format("{} is '{}', must be one of: {}", what, printable(value), fmt::join(names, ", ")));
}

std::size_t parse_count(std::string_view name, std::string_view value, std::size_t least) {
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), count);
  if (error != std::errc() || end != value.data() + value.size() || count < least) {
    throw InvalidArgument(fmt::format("{} is '{}', must be a whole number from {} up", name, printable(value), least));
  }
  return count;
}

float parse_number(std::string_view name, std::string_view value, float least, float most) {
  float number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || !(number >= least && number <= most)) {
    throw InvalidArgument(
        fmt::format("{} is '{}', must be a number {}", name, printable(value),
                    std::isinf(most) ? fmt::format("from {} up", least) : fmt::format("from {} to {}", least, most)));
  }
  return number;
}

std::vector<std::string_view> parts(std::string_view list) {
  std::vector<std::string_view> found;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view part = list.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) found.push_back(part);
    list = comma == std::string_view::npos ? "" : list.substr(comma + 1);
  }
  return found;
}

constexpr float kUnbounded = std::numeric_limits<float>::infinity();

void set_stages(SearchOptions& options, std::string_view value) {
  options.retrieve.clear();
  for (const std::string_view name : parts(value)) options.retrieve.push_back(parse_first_stage(name));
  if (options.retrieve.empty()) throw InvalidArgument("stages is empty; choose of bm25, dense");
}

void set_languages(SearchOptions& options, std::string_view value) {
  options.same_language = value == "same";
  options.documents_in.clear();
  if (options.same_language) return;
  for (const std::string_view tag : parts(value)) options.documents_in.push_back(Language::parse(tag));
}

using Setter = void (*)(SearchOptions& options, std::string_view value);

struct Option {
  std::string_view name;
  Setter set;
};

constexpr std::array kRetrieval = {
    Option{"stages", set_stages},
    Option{"depth", [](SearchOptions& o, std::string_view v) { o.depth = parse_count("depth", v, 1); }},
    Option{"fuse", [](SearchOptions& o, std::string_view v) { o.fuse.method = parse_fuse_method(v); }},
    Option{"rrf_k", [](SearchOptions& o, std::string_view v) { o.fuse.k = parse_number("rrf_k", v, 0, kUnbounded); }},
    Option{"k1", [](SearchOptions& o, std::string_view v) { o.bm25.k1 = parse_number("k1", v, 0, kUnbounded); }},
    Option{"b", [](SearchOptions& o, std::string_view v) { o.bm25.b = parse_number("b", v, 0, 1); }},
    Option{"statistics", [](SearchOptions& o, std::string_view v) { o.bm25.statistics = parse_lexical_statistics(v); }},
    Option{"in", set_languages},
};

/// Sets a member of RerankOptions.
template <auto Set>
constexpr Setter rerank = [](SearchOptions& options, std::string_view value) {
  if (!options.rerank) options.rerank.emplace();
  Set(*options.rerank, value);
};

constexpr std::array kRerank = {
    Option{"method", rerank<[](RerankOptions& o, std::string_view v) { o.method = parse_rerank_method(v); }>},
    Option{"model", [](SearchOptions& o, std::string_view v) { o.rerank_model = v; }},
    Option{"depth", rerank<[](RerankOptions& o, std::string_view v) { o.depth = parse_count("depth", v, 1); }>},
    Option{
        "passage_tokens",
        rerank<[](RerankOptions& o, std::string_view v) { o.passage_tokens = parse_count("passage_tokens", v, 0); }>},
    Option{"sort", rerank<[](RerankOptions& o, std::string_view v) { o.sort = parse_pairwise_sort(v); }>},
    Option{"window", rerank<[](RerankOptions& o, std::string_view v) { o.window = parse_count("window", v, 2); }>},
    Option{"stride", rerank<[](RerankOptions& o, std::string_view v) { o.stride = parse_count("stride", v, 1); }>},
    Option{"prompt", rerank<[](RerankOptions& o, std::string_view v) { o.prompt = v; }>},
};

template <std::size_t N>
std::array<std::string_view, N> names_of(const std::array<Option, N>& options) {
  std::array<std::string_view, N> names;
  for (std::size_t i = 0; i < N; ++i) names[i] = options[i].name;
  return names;
}

template <std::size_t N>
void set_option(const std::array<Option, N>& known, SearchOptions& options, std::string_view name,
                std::string_view value) {
  for (const Option& option : known) {
    if (option.name == name) return option.set(options, value);
  }
  throw InvalidArgument(
      fmt::format("unknown option '{}'; there are {}", printable(name), fmt::join(names_of(known), ", ")));
}

}  // namespace

FuseMethod parse_fuse_method(std::string_view name) {
  return pick<FuseMethod>("fuse", name, std::array{Choice<FuseMethod>{"rrf", FuseMethod::rrf}});
}

LexicalStatistics parse_lexical_statistics(std::string_view name) {
  using enum LexicalStatistics;
  return pick<LexicalStatistics>(
      "statistics", name,
      std::array{Choice<LexicalStatistics>{"per_language", per_language}, Choice<LexicalStatistics>{"pooled", pooled}});
}

RerankMethod parse_rerank_method(std::string_view name) {
  using enum RerankMethod;
  return pick<RerankMethod>(
      "reranking method", name,
      std::array{Choice<RerankMethod>{"pointwise", pointwise}, Choice<RerankMethod>{"pairwise", pairwise},
                 Choice<RerankMethod>{"listwise", listwise}});
}

PairwiseSort parse_pairwise_sort(std::string_view name) {
  using enum PairwiseSort;
  return pick<PairwiseSort>(
      "sort", name, std::array{Choice<PairwiseSort>{"all_pairs", all_pairs}, Choice<PairwiseSort>{"heap", heap}});
}

std::span<const std::string_view> retrieval_option_names() {
  static const auto names = names_of(kRetrieval);
  return names;
}

void set_retrieval_option(SearchOptions& options, std::string_view name, std::string_view value) {
  set_option(kRetrieval, options, name, value);
}

std::span<const std::string_view> rerank_option_names() {
  static const auto names = names_of(kRerank);
  return names;
}

void set_rerank_option(SearchOptions& options, std::string_view name, std::string_view value) {
  set_option(kRerank, options, name, value);
}

}  // namespace dragoman
