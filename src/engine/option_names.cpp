#include "dragoman/engine/option_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/translate/translator_registry.h"
#include "engine/option_table.h"

namespace dragoman {
namespace {

using namespace option_table;

constexpr std::array kFuseMethods = {Choice<FuseMethod>{"rrf", FuseMethod::rrf},
                                     Choice<FuseMethod>{"sum", FuseMethod::sum},
                                     Choice<FuseMethod>{"calibrated", FuseMethod::calibrated}};
constexpr std::array kDebias = {Choice<Debias>{"none", Debias::none}, Choice<Debias>{"center", Debias::center},
                                Choice<Debias>{"auto", Debias::automatic}};
constexpr std::array kStatistics = {Choice<LexicalStatistics>{"per_language", LexicalStatistics::per_language},
                                    Choice<LexicalStatistics>{"pooled", LexicalStatistics::pooled}};
constexpr std::array kTranslateSides = {Choice<TranslateSide>{"none", TranslateSide::none},
                                        Choice<TranslateSide>{"query", TranslateSide::query},
                                        Choice<TranslateSide>{"document", TranslateSide::document},
                                        Choice<TranslateSide>{"auto", TranslateSide::automatic}};
constexpr std::array kMatches = {Choice<LexicalMatch>{"any", LexicalMatch::any},
                                 Choice<LexicalMatch>{"all", LexicalMatch::all}};
constexpr std::array kWeightings = {Choice<LexicalWeighting>{"bm25", LexicalWeighting::bm25},
                                    Choice<LexicalWeighting>{"dirichlet", LexicalWeighting::dirichlet}};
constexpr std::array kSparseWeightings = {Choice<SparseWeighting>{"idf", SparseWeighting::idf},
                                          Choice<SparseWeighting>{"plain", SparseWeighting::plain}};
constexpr std::array kSparseMethods = {Choice<SparseMethod>{"exact", SparseMethod::exact},
                                       Choice<SparseMethod>{"exhaustive", SparseMethod::exhaustive},
                                       Choice<SparseMethod>{"approximate", SparseMethod::approximate}};
constexpr std::array kMultiVectorMethods = {Choice<MultiVectorMethod>{"pruned", MultiVectorMethod::pruned},
                                            Choice<MultiVectorMethod>{"exhaustive", MultiVectorMethod::exhaustive}};
constexpr std::array kPhraseReadings = {Choice<PhraseReading>{"auto", PhraseReading::automatic},
                                        Choice<PhraseReading>{"on", PhraseReading::on},
                                        Choice<PhraseReading>{"off", PhraseReading::off}};
constexpr std::array kDocumentOrders = {Choice<DocumentOrder>{"as_added", DocumentOrder::as_added},
                                        Choice<DocumentOrder>{"bisection", DocumentOrder::bisection}};

constexpr float kMostFieldWeight = 1e6f;

void set_stages(SearchOptions& options, std::string_view value) {
  options.retrieve.clear();
  for (const std::string_view name : parts(value)) options.retrieve.push_back(parse_first_stage(name));
  if (options.retrieve.empty()) {
    throw InvalidArgument(fmt::format("stages is empty; choose of {}", first_stage_names()));
  }
}

std::vector<Language> parse_languages(std::string_view list) {
  std::vector<Language> languages;
  for (const std::string_view tag : parts(list)) languages.push_back(Language::parse(tag));
  return languages;
}

std::string tags_of(std::span<const Language> languages) {
  std::vector<std::string_view> tags;
  for (const Language& language : languages) tags.push_back(language.tag());
  return fmt::format("{}", fmt::join(tags, ","));
}

void set_languages(SearchOptions& options, std::string_view value) {
  options.same_language = value == "same";
  options.documents_in = options.same_language ? std::vector<Language>() : parse_languages(value);
}

void set_translation_tables(SearchOptions& options, std::string_view value) {
  options.translation_tables.clear();
  for (const std::string_view part : parts(value)) {
    if (!std::filesystem::exists(part)) {
      throw InvalidArgument(fmt::format("translation_tables has '{}', which is no file or folder", printable(part)));
    }
    options.translation_tables.emplace_back(part);
  }
}

void set_translators(SearchOptions& options, std::string_view value) { options.translators = parse_providers(value); }

std::string translation_table_names(const SearchOptions& options) {
  std::string names;
  for (const auto& table : options.translation_tables) names += (names.empty() ? "" : ",") + table.string();
  return names;
}

void set_by_language(SearchOptions& options, std::string_view value) {
  options.bm25.by_language.clear();
  for (const std::string_view part : parts(value)) {
    const std::size_t k1 = part.find(':'), b = part.find(':', k1 == std::string_view::npos ? k1 : k1 + 1);
    if (b == std::string_view::npos) {
      throw InvalidArgument(
          fmt::format("by_language has '{}', must be a language with its k1 and b, as de:1.2:0.75", printable(part)));
    }
    options.bm25.by_language.push_back({Language::parse(part.substr(0, k1)),
                                        parse_number("k1", part.substr(k1 + 1, b - k1 - 1), 0, kUnbounded),
                                        parse_number("b", part.substr(b + 1), 0, 1)});
  }
}

std::string by_language_names(const SearchOptions& options) {
  std::vector<std::string> names;
  for (const LanguageBm25& own : options.bm25.by_language) {
    names.push_back(fmt::format("{}:{}:{}", own.language.tag(), own.k1, own.b));
  }
  return fmt::format("{}", fmt::join(names, ","));
}

constexpr std::array kExposureRules = {Choice<ExposureRule>{"relevance", ExposureRule::relevance},
                                       Choice<ExposureRule>{"proportional", ExposureRule::proportional},
                                       Choice<ExposureRule>{"guaranteed", ExposureRule::guaranteed}};

void set_exposure(SearchOptions& options, std::string_view value) {
  const std::size_t colon = value.find(':');
  options.exposure = {.rule = pick("exposure", value.substr(0, colon), kExposureRules)};
  const bool needs_value = options.exposure.rule != ExposureRule::relevance;
  if (needs_value != (colon != std::string_view::npos)) {
    throw InvalidArgument(fmt::format(
        "exposure is '{}', must be relevance, or proportional or guaranteed with a number, as guaranteed:0.5",
        printable(value)));
  }
  if (needs_value) {
    options.exposure.value = static_cast<double>(parse_number("exposure", value.substr(colon + 1), 0, 1));
  }
}

std::string exposure_name(const SearchOptions& options) {
  const std::string rule = name_among(kExposureRules, options.exposure.rule);
  return options.exposure.rule == ExposureRule::relevance
             ? rule
             : fmt::format("{}:{}", rule, static_cast<float>(options.exposure.value));
}

void set_fuse_weights(SearchOptions& options, std::string_view value) {
  options.fuse_weights.clear();
  for (const std::string_view part : parts(value)) {
    const std::size_t colon = part.find(':');
    if (colon == std::string_view::npos) {
      throw InvalidArgument(
          fmt::format("fuse_weights has '{}', must be a first stage with its weight, as bm25:0.2", printable(part)));
    }
    options.fuse_weights[parse_first_stage(part.substr(0, colon))] =
        parse_number("fuse weight", part.substr(colon + 1), 0, std::numeric_limits<float>::max());
  }
}

std::string fuse_weight_names(const SearchOptions& options) {
  std::vector<std::string> names;
  for (const auto& [stage, weight] : options.fuse_weights)
    names.push_back(fmt::format("{}:{}", name_of(stage), weight));
  return fmt::format("{}", fmt::join(names, ","));
}

void set_field_weights(SearchOptions& options, std::string_view value) {
  options.bm25.fields.clear();
  for (const std::string_view part : parts(value)) {
    const std::size_t weight = part.find(':'),
                      b = part.find(':', weight == std::string_view::npos ? weight : weight + 1);
    if (weight == std::string_view::npos || weight == 0) {
      throw InvalidArgument(
          fmt::format("field_weights has '{}', must be a field with its weight and perhaps its b, as title:2:0.3",
                      printable(part)));
    }
    FieldBm25& field = options.bm25.fields.emplace_back();
    field.field = part.substr(0, weight);
    field.weight = parse_number("weight", part.substr(weight + 1, b == std::string_view::npos ? b : b - weight - 1), 0,
                                kMostFieldWeight);
    if (b != std::string_view::npos) field.b = parse_number("b", part.substr(b + 1), 0, 1);
  }
}

std::string field_weight_names(const SearchOptions& options) {
  std::vector<std::string> names;
  for (const FieldBm25& field : options.bm25.fields) {
    names.push_back(field.b ? fmt::format("{}:{}:{}", field.field, field.weight, *field.b)
                            : fmt::format("{}:{}", field.field, field.weight));
  }
  return fmt::format("{}", fmt::join(names, ","));
}

std::string stage_names(const SearchOptions& options) {
  std::vector<std::string_view> names;
  for (const FirstStage stage : options.retrieve) names.push_back(name_of(stage));
  return fmt::format("{}", fmt::join(names, ","));
}

std::string language_names(const SearchOptions& options) {
  return options.same_language ? "same" : tags_of(options.documents_in);
}

using S = SearchOptions;
constexpr std::array kRetrieval = {
    Option<S>{"stages", set_stages, stage_names},
    Option<S>{"depth", [](S& o, std::string_view v) { o.depth = parse_count("depth", v, 1); },
              [](const S& o) { return fmt::format("{}", o.depth); }},
    Option<S>{"fuse", [](S& o, std::string_view v) { o.fuse.method = parse_fuse_method(v); },
              [](const S& o) { return name_among(kFuseMethods, o.fuse.method); }},
    Option<S>{"rrf_k", [](S& o, std::string_view v) { o.fuse.k = parse_number("rrf_k", v, 0, kUnbounded); },
              [](const S& o) { return fmt::format("{}", o.fuse.k); }},
    Option<S>{"fuse_weights", set_fuse_weights, fuse_weight_names},
    Option<S>{"debias", [](S& o, std::string_view v) { o.debias = parse_debias(v); },
              [](const S& o) { return name_among(kDebias, o.debias); }},
    Option<S>{"debias_queries", [](S& o, std::string_view v) { o.debias_queries = v; },
              [](const S& o) { return o.debias_queries; }},
    Option<S>{"exposure", set_exposure, exposure_name},
    Option<S>{"k1", [](S& o, std::string_view v) { o.bm25.k1 = parse_number("k1", v, 0, kUnbounded); },
              [](const S& o) { return fmt::format("{}", o.bm25.k1); }},
    Option<S>{"b", [](S& o, std::string_view v) { o.bm25.b = parse_number("b", v, 0, 1); },
              [](const S& o) { return fmt::format("{}", o.bm25.b); }},
    Option<S>{"statistics", [](S& o, std::string_view v) { o.bm25.statistics = parse_lexical_statistics(v); },
              [](const S& o) { return name_among(kStatistics, o.bm25.statistics); }},
    Option<S>{"weighting", [](S& o, std::string_view v) { o.bm25.weighting = parse_lexical_weighting(v); },
              [](const S& o) { return name_among(kWeightings, o.bm25.weighting); }},
    Option<S>{"mu",
              [](S& o, std::string_view v) {
                o.bm25.mu = parse_number("mu", v, std::numeric_limits<float>::min(), std::numeric_limits<float>::max());
              },
              [](const S& o) { return fmt::format("{}", o.bm25.mu); }},
    Option<S>{"by_language", set_by_language, by_language_names},
    Option<S>{"field_weights", set_field_weights, field_weight_names},
    Option<S>{"match", [](S& o, std::string_view v) { o.bm25.match = parse_lexical_match(v); },
              [](const S& o) { return name_among(kMatches, o.bm25.match); }},
    Option<S>{"phrases", [](S& o, std::string_view v) { o.bm25.phrases = parse_phrase_reading(v); },
              [](const S& o) { return name_among(kPhraseReadings, o.bm25.phrases); }},
    Option<S>{"proximity",
              [](S& o, std::string_view v) { o.bm25.proximity = parse_number("proximity", v, 0, kUnbounded); },
              [](const S& o) { return fmt::format("{}", o.bm25.proximity); }},
    Option<S>{"proximity_depth",
              [](S& o, std::string_view v) { o.bm25.proximity_depth = parse_count("proximity_depth", v, 1); },
              [](const S& o) { return fmt::format("{}", o.bm25.proximity_depth); }},
    Option<S>{"rm3", [](S& o, std::string_view v) { o.rm3.on = pick("rm3", v, kYesNo); },
              [](const S& o) { return name_among(kYesNo, o.rm3.on); }},
    Option<S>{"rm3_documents", [](S& o, std::string_view v) { o.rm3.documents = parse_count("rm3_documents", v, 1); },
              [](const S& o) { return fmt::format("{}", o.rm3.documents); }},
    Option<S>{"rm3_terms", [](S& o, std::string_view v) { o.rm3.terms = parse_count("rm3_terms", v, 1); },
              [](const S& o) { return fmt::format("{}", o.rm3.terms); }},
    Option<S>{"rm3_weight", [](S& o, std::string_view v) { o.rm3.query_weight = parse_number("rm3_weight", v, 0, 1); },
              [](const S& o) { return fmt::format("{}", o.rm3.query_weight); }},
    Option<S>{"exact", [](S& o, std::string_view v) { o.dense.exact = pick("exact", v, kYesNo); },
              [](const S& o) { return name_among(kYesNo, o.dense.exact); }},
    Option<S>{"ef", [](S& o, std::string_view v) { o.dense.ef = parse_count("ef", v, 1); },
              [](const S& o) { return fmt::format("{}", o.dense.ef); }},
    Option<S>{"nprobe", [](S& o, std::string_view v) { o.dense.nprobe = parse_count("nprobe", v, 1); },
              [](const S& o) { return fmt::format("{}", o.dense.nprobe); }},
    Option<S>{"sparse_weighting", [](S& o, std::string_view v) { o.sparse.weighting = parse_sparse_weighting(v); },
              [](const S& o) { return name_among(kSparseWeightings, o.sparse.weighting); }},
    Option<S>{"sparse_method", [](S& o, std::string_view v) { o.sparse.method = parse_sparse_method(v); },
              [](const S& o) { return name_among(kSparseMethods, o.sparse.method); }},
    Option<S>{"sparse_postings",
              [](S& o, std::string_view v) { o.sparse.postings = parse_count("sparse_postings", v, 1); },
              [](const S& o) { return fmt::format("{}", o.sparse.postings); }},
    Option<S>{"sparse_full_scores",
              [](S& o, std::string_view v) { o.sparse.full_scores = parse_count("sparse_full_scores", v, 1); },
              [](const S& o) { return fmt::format("{}", o.sparse.full_scores); }},
    Option<S>{"multivector_method",
              [](S& o, std::string_view v) { o.multivector.method = parse_multi_vector_method(v); },
              [](const S& o) { return name_among(kMultiVectorMethods, o.multivector.method); }},
    Option<S>{"multivector_probes",
              [](S& o, std::string_view v) { o.multivector.probes = parse_count("multivector_probes", v, 1); },
              [](const S& o) { return fmt::format("{}", o.multivector.probes); }},
    Option<S>{
        "multivector_full_scores",
        [](S& o, std::string_view v) { o.multivector.full_scores = parse_count("multivector_full_scores", v, 1); },
        [](const S& o) { return fmt::format("{}", o.multivector.full_scores); }},
    Option<S>{"translate", [](S& o, std::string_view v) { o.translate = parse_translate_side(v); },
              [](const S& o) { return name_among(kTranslateSides, o.translate); }},
    Option<S>{"translation_tables", set_translation_tables, translation_table_names},
    Option<S>{"translators", set_translators,
              [](const S& o) { return fmt::format("{}", fmt::join(o.translators, ",")); }},
    Option<S>{"in", set_languages, language_names},
    Option<S>{"query_languages", [](S& o, std::string_view v) { o.query_languages = parse_languages(v); },
              [](const S& o) { return tags_of(o.query_languages); }},
};

}  // namespace

FuseMethod parse_fuse_method(std::string_view name) { return pick("fuse", name, kFuseMethods); }
std::string fuse_name(FuseMethod method) { return name_among(kFuseMethods, method); }
Debias parse_debias(std::string_view name) { return pick("debias", name, kDebias); }
LexicalStatistics parse_lexical_statistics(std::string_view name) { return pick("statistics", name, kStatistics); }
LexicalWeighting parse_lexical_weighting(std::string_view name) { return pick("weighting", name, kWeightings); }
LexicalMatch parse_lexical_match(std::string_view name) { return pick("match", name, kMatches); }
SparseWeighting parse_sparse_weighting(std::string_view name) {
  return pick("sparse_weighting", name, kSparseWeightings);
}
SparseMethod parse_sparse_method(std::string_view name) { return pick("sparse_method", name, kSparseMethods); }
MultiVectorMethod parse_multi_vector_method(std::string_view name) {
  return pick("multivector_method", name, kMultiVectorMethods);
}
PhraseReading parse_phrase_reading(std::string_view name) { return pick("phrases", name, kPhraseReadings); }
TranslateSide parse_translate_side(std::string_view name) { return pick("translate", name, kTranslateSides); }
DocumentOrder parse_document_order(std::string_view name) { return pick("document order", name, kDocumentOrders); }

std::span<const std::string_view> retrieval_option_names() {
  static constexpr auto kNames = names_of(kRetrieval);
  return kNames;
}

void set_retrieval_option(SearchOptions& options, std::string_view name, std::string_view value) {
  set_option(kRetrieval, options, name, value);
}

NamedValues retrieval_option_values(const SearchOptions& options) { return values_of(kRetrieval, options); }

}  // namespace dragoman
