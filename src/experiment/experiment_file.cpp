#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <map>

#include "base/yaml.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/engine/indexer.h"
#include "dragoman/experiment/experiment.h"

namespace dragoman {
namespace {

constexpr std::string_view kNone = "none";

/// An option with one of the values that its list holds.
using Settings = std::vector<std::pair<std::string, YAML::Node>>;

/// An experiment file on its way from YAML; every complaint names the line.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : file_(path) {}

  Experiment read() const {
    const YAML::Node& root = file_.root();
    file_.check_map(root, "", {"name", "collections", "retrieve", "measures"},
                    {"description", "encoder", "precision", "translate", "rerank", "baseline", "hits", "seed",
                     "fairness_depth", "dial", "resource_classes", "expected"});
    Experiment experiment;
    experiment.file = file_.path();
    experiment.name = name(root["name"]);
    if (root["description"]) experiment.description = file_.text(root["description"], "description");
    if (root["hits"]) experiment.hits = count(root["hits"], "hits");
    if (root["seed"]) experiment.seed = count(root["seed"], "seed", 0);
    if (root["fairness_depth"]) experiment.fairness_depth = count(root["fairness_depth"], "fairness_depth");
    if (root["dial"]) experiment.dial = read_dial(root["dial"]);
    if (root["resource_classes"]) experiment.resource_classes = path(root["resource_classes"], "resource_classes");
    for (const auto& node : list(root["collections"], "collections")) {
      add(experiment.collections, read_collection(node), node);
    }
    read_retrievers(root, experiment);
    read_translations(root, experiment);
    read_rerankers(root, experiment);
    for (const auto& node : list(root["measures"], "measures")) read_measure(node, experiment);
    read_baseline(root["baseline"], experiment);
    if (root["expected"]) {
      for (const auto& node : list(root["expected"], "expected")) read_expected(node, experiment);
    }
    return experiment;
  }

 private:
  std::vector<YAML::Node> list(const YAML::Node& node, std::string_view field) const {
    if (!node.IsSequence() || node.size() == 0) file_.fail(node, fmt::format("field '{}' must be a list", field));
    return {node.begin(), node.end()};
  }

  /// A name stands in cell ids between slashes, and in file names.
  std::string name(const YAML::Node& node) const {
    std::string text = file_.text(node, "name");
    const bool legal = std::ranges::all_of(text, [](unsigned char c) { return c > ' ' && c != '/' && c != 0x7F; });
    if (!legal || text.size() > 100) {
      file_.fail(node,
                 fmt::format("the name is '{}', must be up to 100 bytes without white space and '/'", printable(text)));
    }
    return text;
  }

  template <class T>
  T number(const YAML::Node& node, std::string_view field) const {
    const std::string text = file_.text(node, field);
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
      file_.fail(node, fmt::format("field '{}' is '{}', must be a number", field, printable(text)));
    }
    return value;
  }

  std::size_t count(const YAML::Node& node, std::string_view field, std::size_t least = 1) const {
    const auto value = number<std::size_t>(node, field);
    if (value < least) file_.fail(node, fmt::format("field '{}' is {}, must be at least {}", field, value, least));
    return value;
  }

  double finite(const YAML::Node& node, std::string_view field) const {
    const auto value = number<double>(node, field);
    if (!std::isfinite(value)) file_.fail(node, fmt::format("field '{}' must be finite", field));
    return value;
  }

  /// With ${NAME} and ${NAME:-default} filled in.
  std::string expand(std::string text, const YAML::Node& node) const {
    for (std::size_t open; (open = text.find("${")) != std::string::npos;) {
      const std::size_t close = text.find('}', open);
      if (close == std::string::npos) file_.fail(node, "a '}' is missing behind '${'");
      const std::string inside = text.substr(open + 2, close - open - 2);
      const std::size_t mark = inside.find(":-");
      const std::string variable = inside.substr(0, mark);
      const char* value = std::getenv(variable.c_str());
      if (value == nullptr && mark == std::string::npos) {
        file_.fail(node,
                   fmt::format("the environment has no {}; set it to the folder it stands for", printable(variable)));
      }
      // What is filled in is not looked at again.
      const std::string filled = value != nullptr ? value : inside.substr(mark + 2);
      text = text.substr(0, open) + filled + expand(text.substr(close + 1), node);
      break;
    }
    return text;
  }

  std::filesystem::path path(const YAML::Node& node, std::string_view field) const {
    return beside(file_.text(node, field), node);
  }

  /// A path that is seen from the file that names it.
  std::filesystem::path beside(const std::string& given, const YAML::Node& node) const {
    return (file_.path().parent_path() / expand(given, node)).lexically_normal();
  }

  template <class T>
  void add(std::vector<T>& all, T one, const YAML::Node& node) const {
    const bool taken = std::ranges::any_of(all, [&](const T& other) { return other.name == one.name; });
    if (taken) file_.fail(node, fmt::format("the name '{}' stands twice", one.name));
    all.push_back(std::move(one));
  }

  /// What the library has against a value, at the line where it stands.
  template <class Function>
  auto checked(const YAML::Node& node, Function function) const {
    try {
      return function();
    } catch (const InvalidArgument& error) {
      file_.fail(node, error.what());
    }
  }

  std::vector<Language> read_languages(const YAML::Node& node, std::string_view field) const {
    std::vector<Language> languages;
    for (const auto& tag : list(node, field)) {
      languages.push_back(checked(tag, [&] { return Language::parse(file_.text(tag, field)); }));
    }
    return languages;
  }

  ExperimentCollection read_collection(const YAML::Node& node) const {
    file_.check_map(node, " of a collection", {"name", "corpus", "topics", "judgements"},
                    {"languages", "query_languages", "fields", "queries_per_language", "question_separator"});
    ExperimentCollection collection;
    collection.name = name(node["name"]);
    collection.corpus = path(node["corpus"], "corpus");
    collection.topics = path(node["topics"], "topics");
    collection.judgements = path(node["judgements"], "judgements");
    if (node["languages"]) collection.languages = read_languages(node["languages"], "languages");
    if (node["query_languages"])
      collection.query_languages = read_languages(node["query_languages"], "query_languages");
    if (node["fields"]) {
      for (const auto& field : list(node["fields"], "fields")) {
        collection.fields.push_back(file_.text(field, "fields"));
      }
    }
    if (node["queries_per_language"]) {
      collection.queries_per_language = count(node["queries_per_language"], "queries_per_language");
    }
    if (node["question_separator"]) {
      collection.question_separator = file_.text(node["question_separator"], "question_separator");
    }
    return collection;
  }

  /// The options of an entry in every combination of their lists, each with the name it gets.
  std::vector<std::pair<std::string, Settings>> combinations(const YAML::Node& entry,
                                                             const std::vector<std::string_view>& joined) const {
    std::vector<std::pair<std::string, Settings>> all = {{name(entry["name"]), {}}};
    for (const auto& member : entry) {
      const std::string option = member.first.Scalar();
      if (option == "name") continue;
      const bool is_list = member.second.IsSequence() && std::ranges::find(joined, option) == joined.end();
      const std::vector<YAML::Node> values =
          is_list ? list(member.second, option) : std::vector<YAML::Node>{member.second};
      std::vector<std::pair<std::string, Settings>> more;
      for (const auto& [base, settings] : all) {
        for (const YAML::Node& value : values) {
          auto& [label, extended] = more.emplace_back(base, settings);
          extended.emplace_back(option, value);
          if (values.size() > 1) label += fmt::format(",{}={}", option, file_.text(value, option));
        }
      }
      if (more.size() > 10'000) file_.fail(entry, "its lists make more than 10000 combinations");
      all = std::move(more);
    }
    return all;
  }

  /// A scalar, or the parts of a list with commas between them.
  std::string option_text(const YAML::Node& node, const std::string& option) const {
    if (!node.IsSequence()) return file_.text(node, option);
    std::string text;
    for (const auto& part : list(node, option)) text += (text.empty() ? "" : ",") + file_.text(part, option);
    return text;
  }

  void read_retrievers(const YAML::Node& root, Experiment& experiment) const {
    const std::string encoder = root["encoder"] ? file_.text(root["encoder"], "encoder") : kDefaultEncoder;
    std::optional<Precision> precision;
    if (const auto node = root["precision"]) {
      precision = checked(node, [&] { return parse_precision(file_.text(node, "precision")); });
    }
    std::vector<std::string_view> fields(retrieval_option_names().begin(), retrieval_option_names().end());
    fields.insert(fields.end(), {"encoder", "precision"});
    for (const auto& node : list(root["retrieve"], "retrieve")) {
      file_.check_map(node, " of a retriever", {"name", "stages"}, fields);
      for (auto& [label, settings] : combinations(node, {"stages", "in", "translation_tables"})) {
        ExperimentRetriever retriever{.name = label, .options = {}, .encoder = encoder, .precision = precision};
        for (const auto& [option, value] : settings) {
          const std::string text = option_text(value, option);
          if (option == "encoder") {
            retriever.encoder = text;
          } else if (option == "precision") {
            retriever.precision = checked(value, [&] { return parse_precision(text); });
          } else if (option == "translation_tables") {
            for (const auto& table : value.IsSequence() ? list(value, option) : std::vector<YAML::Node>{value}) {
              retriever.options.translation_tables.push_back(path(table, option));
            }
          } else {
            checked(value, [&] { set_retrieval_option(retriever.options, option, text); });
          }
        }
        retriever.options.hits = experiment.hits;
        retriever.options.depth = std::max(retriever.options.depth, experiment.hits);
        retriever.options.content = HitContent::id_only;
        add(experiment.retrievers, std::move(retriever), node);
      }
    }
  }

  void read_translations(const YAML::Node& root, Experiment& experiment) const {
    if (!root["translate"]) {
      experiment.translations.push_back({std::string(kNone), {}});
      return;
    }
    for (const auto& node : list(root["translate"], "translate")) {
      if (node.IsScalar() && node.Scalar() == kNone) {
        add(experiment.translations, {std::string(kNone), {}}, node);
        continue;
      }
      file_.check_map(node, " of a translation (or 'none')", {"name", "topics"});
      add(experiment.translations, {name(node["name"]), path(node["topics"], "topics")}, node);
    }
  }

  void read_rerankers(const YAML::Node& root, Experiment& experiment) const {
    if (!root["rerank"]) {
      experiment.rerankers.push_back({std::string(kNone), std::nullopt, {}});
      return;
    }
    std::vector<std::string_view> fields(rerank_option_names().begin(), rerank_option_names().end());
    fields.push_back("model");
    for (const auto& node : list(root["rerank"], "rerank")) {
      if (node.IsScalar() && node.Scalar() == kNone) {
        add(experiment.rerankers, {std::string(kNone), std::nullopt, {}}, node);
        continue;
      }
      file_.check_map(node, " of a reranker (or 'none')", {"name", "method"}, fields);
      for (auto& [label, settings] : combinations(node, {"cascade"})) {
        ExperimentReranker reranker{.name = label, .options = RerankOptions{}, .model = {}};
        for (const auto& [option, value] : settings) {
          if (option == "model") {
            reranker.model = file_.text(value, option);
          } else if (option == "prompt") {
            reranker.options->prompt = path(value, option).string();
          } else {
            checked(value, [&] { set_rerank_option(*reranker.options, option, option_text(value, option)); });
          }
        }
        for_each_file(*reranker.options, [&](std::string& file) { file = beside(file, node); });
        if (reranker.model.empty() && needs_model(*reranker.options)) {
          file_.fail(node, "a reranker that asks a language model needs a field 'model'");
        }
        add(experiment.rerankers, std::move(reranker), node);
      }
    }
  }

  void read_measure(const YAML::Node& node, Experiment& experiment) const {
    const std::string spelling = file_.text(node, "measures");
    add(experiment.measures, {spelling, checked(node, [&] { return parse_measure(spelling); })}, node);
  }

  std::vector<double> read_dial(const YAML::Node& node) const {
    std::vector<double> dial;
    for (const auto& part : list(node, "dial")) {
      dial.push_back(finite(part, "dial"));
      if (dial.back() < 0 || dial.back() > 1) file_.fail(part, "field 'dial' holds numbers from 0 to 1");
    }
    return dial;
  }

  void read_baseline(const YAML::Node& node, Experiment& experiment) const {
    std::vector<std::string> names;
    for (const auto& retriever : experiment.retrievers) {
      for (const auto& translation : experiment.translations) {
        for (const auto& reranker : experiment.rerankers) {
          names.push_back(pipeline_name(retriever, translation, reranker));
        }
      }
    }
    experiment.baseline = node ? file_.text(node, "baseline") : names.front();
    if (std::ranges::find(names, experiment.baseline) == names.end()) {
      file_.fail(node, fmt::format("baseline '{}' is none of the grid's pipelines: {}", printable(experiment.baseline),
                                   fmt::join(names, ", ")));
    }
  }

  void read_expected(const YAML::Node& node, Experiment& experiment) const {
    file_.check_map(node, " of an expected score", {"cell", "measure", "value"}, {"group", "tolerance"});
    ExpectedScore score;
    score.cell = file_.text(node["cell"], "cell");
    score.measure = file_.text(node["measure"], "measure");
    score.value = finite(node["value"], "value");
    if (node["group"]) score.group = file_.text(node["group"], "group");
    if (node["tolerance"]) score.tolerance = finite(node["tolerance"], "tolerance");
    if (score.tolerance < 0) file_.fail(node["tolerance"], "field 'tolerance' must not be below 0");
    const bool measured =
        std::ranges::any_of(experiment.measures, [&](const auto& m) { return m.name == score.measure; });
    if (!measured) {
      file_.fail(node["measure"], fmt::format("'{}' is none of this file's measures", printable(score.measure)));
    }
    experiment.expected.push_back(std::move(score));
  }

  YamlFile file_;
};

}  // namespace

Experiment read_experiment(const std::filesystem::path& path) { return Reader(path).read(); }

std::string pipeline_name(const ExperimentRetriever& retriever, const ExperimentTranslation& translation,
                          const ExperimentReranker& reranker) {
  return fmt::format("{}/{}/{}", retriever.name, translation.name, reranker.name);
}

}  // namespace dragoman
