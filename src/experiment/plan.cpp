#include "experiment/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"
#include "dragoman/collection/corpus_reader.h"
#include "dragoman/encode/language_identifiers.h"
#include "dragoman/encode/model_store.h"
#include "dragoman/text/analyzer.h"
#include "dragoman/translate/table_set.h"
#include "dragoman/translate/translator_registry.h"
#include "experiment/file_hashes.h"

namespace dragoman {
namespace {

/// Answers of another version of the program are not mixed with this one's.
constexpr std::string_view kAnswersBy = "dragoman " DRAGOMAN_VERSION ", counts by name";

std::string key_of(const OrderedJson& dependencies) { return sha256(to_line(dependencies)).substr(0, 20); }

std::string hash_of(const std::vector<Query>& queries) {
  Sha256 hash;
  for (const Query& query : queries) {
    // Lengths keep neighbours apart.
    hash.update(fmt::format("{} {} {}\n{}\n{}\n", query.id.size(), query.text.size(), query.language.tag(), query.id,
                            query.text));
  }
  return hash.finish();
}

class Planner {
 public:
  Planner(const Experiment& experiment, const GridOptions& options)
      : experiment_(experiment), work_(work_folder(options)), store_(options.models), hashes_(work_ / "hashes.json") {
    // Without one an index is what it always was.
    if (identifier_->has_model()) identifier_hash_ = store_.find(kDefaultIdentifier).sha256;
  }

  GridParts plan() {
    for (std::size_t c = 0; c < experiment_.collections.size(); ++c) add_selection(c);
    for (std::size_t c = 0; c < experiment_.collections.size(); ++c) {
      for (std::size_t r = 0; r < experiment_.retrievers.size(); ++r) {
        const std::size_t index_part = index(c, experiment_.retrievers[r]);
        for (std::size_t t = 0; t < experiment_.translations.size(); ++t) {
          const std::size_t first = first_stage(index_part, r, t);
          for (std::size_t k = 0; k < experiment_.rerankers.size(); ++k) add_cell({c, r, t, k}, first);
        }
      }
    }
    check_names();
    hashes_.save();
    return std::move(parts_);
  }

 private:
  void add_selection(std::size_t c) {
    parts_.selections.push_back(select_queries(experiment_.collections[c], experiment_.seed, *identifier_));
    for (std::size_t t = 0; t < experiment_.translations.size(); ++t) {
      const auto& topics = experiment_.translations[t].topics;
      if (!topics.empty()) parts_.translated[{c, t}] = translated_queries(parts_.selections[c], topics);
    }
  }

  /// One choice of each: indices into the experiment's lists.
  struct Choice {
    std::size_t collection, retriever, translation, reranker;
  };

  void add_cell(const Choice& choice, std::size_t first_stage) {
    const auto& reranker = experiment_.rerankers[choice.reranker];
    Cell cell{.id = fmt::format("{}/{}", experiment_.collections[choice.collection].name,
                                pipeline_name(experiment_.retrievers[choice.retriever],
                                              experiment_.translations[choice.translation], reranker)),
              .collection = choice.collection,
              .retriever = choice.retriever,
              .translation = choice.translation,
              .reranker = choice.reranker,
              .first_stage = first_stage,
              .reranking = std::nullopt};
    if (reranker.options) cell.reranking = reranking(cell.first_stage, cell.id, reranker);
    parts_.cells.push_back(std::move(cell));
  }

  /// The index of a retriever: one for all retrievers of a collection that have the same encoder, or need none.
  std::size_t index(std::size_t c, const ExperimentRetriever& retriever) {
    const auto [encoder, precision] = encoder_of(retriever);
    std::set<FirstStage> stages;
    for (const auto& other : experiment_.retrievers) {
      if (encoder_of(other) == std::pair(encoder, precision))
        stages.insert(other.options.retrieve.begin(), other.options.retrieve.end());
    }
    const auto& collection = experiment_.collections[c];
    OrderedJson depends = {{"index", kAnswersBy},
                           {"corpus", hashes_.of(corpus_file(collection.corpus.string()))},
                           {"analyzer", analyzer_version_}};
    // Only where it cannot do without: an index with positions reads quotes as phrases unless it is told not to.
    const bool positions =
        uses(retriever.options, FirstStage::bm25) &&
        (retriever.options.bm25.proximity > 0 || retriever.options.bm25.phrases == PhraseReading::on);
    if (positions) depends["positions"] = true;
    // Translated into the languages that questions are in.
    std::vector<Language> translate_to;
    std::vector<std::string> translators;
    if (retriever.options.translate == TranslateSide::document) {
      for (const auto& [tag, queries] : parts_.selections[c].languages) {
        if (tag == "und") continue;
        translate_to.push_back(Language::parse(tag));
        depends["translate_to"].push_back(tag);
      }
      translators = retriever.options.translators;
      depend_on_translators(depends, translators);
    }
    if (!identifier_hash_.empty()) depends["identifier"] = identifier_hash_;
    for (const Language& language : collection.languages) depends["languages"].push_back(language.tag());
    for (const std::string& field : collection.fields) depends["fields"].push_back(field);
    for (const FirstStage stage : stages) depends["stages"].push_back(name_of(stage));
    if (!encoder.empty()) {
      const Model& model = find_model(encoder);
      depends["encoder"] = {model.sha256, model.query_prompt, model.passage_prompt, model.max_tokens};
      if (!model.endpoint.empty()) depends["endpoint"] = {model.endpoint, model.endpoint_model};
      if (precision) depends["precision"] = to_string(*precision);
    }
    const std::string key = key_of(depends);
    for (std::size_t i = 0; i < parts_.indexes.size(); ++i) {
      if (parts_.indexes[i].key == key && parts_.indexes[i].collection == c) return i;
    }
    const auto folder = work_ / "indexes" / key;
    parts_.indexes.push_back({.key = key,
                              .collection = c,
                              .encoder = encoder,
                              .precision = precision,
                              .stages = {stages.begin(), stages.end()},
                              .positions = positions,
                              .translate_to = std::move(translate_to),
                              .translators = std::move(translators),
                              .folder = folder,
                              .done = folder / "done.json"});
    return parts_.indexes.size() - 1;
  }

  /// A retriever without dense retrieval goes with the first that has it.
  std::pair<std::string, std::optional<Precision>> encoder_of(const ExperimentRetriever& retriever) const {
    if (uses_encoder(retriever.options)) return {retriever.encoder, retriever.precision};
    for (const ExperimentRetriever& other : experiment_.retrievers) {
      if (uses_encoder(other.options)) return {other.encoder, other.precision};
    }
    return {};
  }

  std::size_t first_stage(std::size_t index_part, std::size_t r, std::size_t t) {
    const std::size_t c = parts_.indexes[index_part].collection;
    const auto& retriever = experiment_.retrievers[r];
    const auto translated = parts_.translated.find({c, t});
    AnswerPart part{
        .key = {},
        .label =
            fmt::format("{}/{}/{}", experiment_.collections[c].name, retriever.name, experiment_.translations[t].name),
        .index = index_part,
        .queries = translated == parts_.translated.end() ? &parts_.selections[c].queries : &translated->second,
        .options = retriever.options,
        .first_stage = std::nullopt,
        .journal = {}};
    SearchOptions named = part.options;
    named.translation_tables.clear();  // Their content counts, not their place.
    OrderedJson depends = {{"retrieve", kAnswersBy},
                           {"index", parts_.indexes[part.index].key},
                           {"queries", hash_of(*part.queries)},
                           {"options", retrieval_option_values(named)},
                           {"hits", part.options.hits}};
    const TranslateSide side = part.options.translate;
    const bool asks = !part.options.translators.empty() || part.options.translation_tables.empty();
    if (asks && (side == TranslateSide::query || side == TranslateSide::automatic)) {
      depend_on_translators(depends, part.options.translators);
    }
    if (part.options.translate != TranslateSide::none) {
      for (const auto& stamp : table_stamps(part.options.translation_tables)) {
        depends["translation_tables"].push_back(stamp);
      }
    }
    if (!part.options.debias_queries.empty()) depends["debias_queries"] = hashes_.of(part.options.debias_queries);
    part.key = key_of(depends);
    return add(std::move(part));
  }

  std::size_t reranking(std::size_t first_stage, const std::string& label, const ExperimentReranker& reranker) {
    AnswerPart part = parts_.answers[first_stage];
    Json prompts = Json::array();
    for (const auto& prompt : prompt_files(*reranker.options)) prompts.push_back(hashes_.of(prompt));
    RerankOptions named = *reranker.options;
    named.prompt.clear();  // Its content counts, not its place.
    for_each_file(named, [&](std::string& file) { file = hashes_.of(file); });
    OrderedJson depends = {{"rerank", kAnswersBy},
                           {"first_stage", part.key},
                           {"options", rerank_option_values(named)},
                           {"model", reranker.model.empty() ? "" : find_model(reranker.model).sha256},
                           {"prompts", prompts}};
    const std::string& translator = reranker.options->translations.translator;
    if (shows_translations(*reranker.options) && translator != "none") {
      const bool any = translator == "auto";
      depend_on_translators(depends, any ? std::vector<std::string>() : parse_providers(translator));
    }
    part.key = key_of(depends);
    part.label = label;
    part.options.rerank = reranker.options;
    part.options.rerank_model = reranker.model;
    part.first_stage = first_stage;
    return add(std::move(part));
  }

  std::size_t add(AnswerPart part) {
    const auto found = std::ranges::find(parts_.answers, part.key, &AnswerPart::key);
    if (found != parts_.answers.end()) return static_cast<std::size_t>(found - parts_.answers.begin());
    part.journal = work_ / "answers" / (part.key + ".journal");
    parts_.answers.push_back(std::move(part));
    return parts_.answers.size() - 1;
  }

  /// Many parts search by the same tables, which are read whole.
  const std::vector<std::string>& table_stamps(const std::vector<std::filesystem::path>& places) {
    const auto [known, is_new] = table_stamps_.try_emplace(places);
    if (is_new) {
      const TableSet tables(places, default_table_folder(store_.folder()));
      for (const auto& table : tables.tables()) known->second.push_back(table->stamp());
    }
    return known->second;
  }

  void depend_on_translators(OrderedJson& depends, const std::vector<std::string>& providers) {
    for (const std::string& stamp : translator_stamps(providers)) depends["translators"].push_back(stamp);
  }

  /// Who might translate, and how good each is: what routes are chosen by.
  const std::vector<std::string>& translator_stamps(const std::vector<std::string>& providers) {
    const auto [known, is_new] = translator_stamps_.try_emplace(providers);
    if (!is_new) return known->second;
    const TranslatorRegistry registry({.models = store_.folder(), .providers = providers});
    for (const TranslationStep& step : registry.steps()) {
      const bool installed = step.kind == ProviderKind::marian && !step.any_pair();
      known->second.push_back(installed ? fmt::format("{} {}", step.name, sha_of_model(step)) : step.name);
    }
    for (const TranslationQuality& quality : registry.qualities()) {
      known->second.push_back(
          fmt::format("{} {} {} {:.2f}", quality.route, quality.from.tag(), quality.to.tag(), quality.chrf));
    }
    return known->second;
  }

  const std::string& sha_of_model(const TranslationStep& step) {
    return find_model(step.name.substr(step.name.find(':') + 1)).sha256;
  }

  const Model& find_model(const std::string& name) {
    const auto found = models_.find(name);
    return found != models_.end() ? found->second : models_.emplace(name, store_.find(name)).first->second;
  }

  /// What the file names must be there, and said before hours of work, not after.
  void check_names() const {
    for (const ExpectedScore& expected : experiment_.expected) {
      const bool known = std::ranges::any_of(parts_.cells, [&](const Cell& cell) { return cell.id == expected.cell; });
      if (!known) {
        throw InvalidData(
            fmt::format("{}: an expected score is of cell '{}', which the grid has not; its first cell is '{}'",
                        experiment_.file.string(), expected.cell, parts_.cells.front().id));
      }
    }
  }

  const Experiment& experiment_;
  std::filesystem::path work_;
  ModelStore store_;
  std::shared_ptr<const LanguageIdentifier> identifier_ = open_language_identifier(store_.folder());
  std::string identifier_hash_;  ///< Of its model; empty for none.
  FileHashes hashes_;
  std::string analyzer_version_ = Analyzer().version();
  std::map<std::string, Model> models_;
  std::map<std::vector<std::filesystem::path>, std::vector<std::string>> table_stamps_;  ///< By places.
  std::map<std::vector<std::string>, std::vector<std::string>> translator_stamps_;       ///< By providers.
  GridParts parts_;
};

}  // namespace

GridParts take_apart(const Experiment& experiment, const GridOptions& options) {
  return Planner(experiment, options).plan();
}

}  // namespace dragoman
