#include "translate/quality_file.h"

#include <fmt/format.h>

#include <cmath>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"

namespace dragoman {
namespace {

double number(const Json& object, const char* name, const std::string& place) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number() || !(found->get<double>() >= 0)) {
    throw InvalidData(fmt::format("{}: \"{}\" is no number of 0 or more", place, name));
  }
  return found->get<double>();
}

Language language(const Json& object, const char* name, const std::string& place) {
  try {
    return Language::parse(required_string(object, name, place));
  } catch (const InvalidArgument& error) {
    throw InvalidData(fmt::format("{}: \"{}\": {}", place, name, error.what()));
  }
}

}  // namespace

std::vector<TranslationQuality> read_qualities(const std::filesystem::path& file) {
  std::vector<TranslationQuality> qualities;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) return qualities;
  const std::string place = file.string();
  const Json root = parse_json_object(read_file(file), place);
  const auto routes = root.find("routes");
  if (routes == root.end() || !routes->is_array()) {
    throw InvalidData(
        fmt::format("{}: has no list \"routes\"; remove it, and measure again with: dragoman translate "
                    "evaluate --pairs",
                    place));
  }
  for (const Json& item : *routes) {
    if (!item.is_object()) throw InvalidData(fmt::format("{}: a route is no object", place));
    qualities.push_back({.route = required_string(item, "route", place),
                         .from = language(item, "from", place),
                         .to = language(item, "to", place),
                         .chrf = number(item, "chrf", place),
                         .bleu = number(item, "bleu", place),
                         .sentences = static_cast<std::uint64_t>(number(item, "sentences", place)),
                         .sentences_per_second = number(item, "sentences_per_second", place),
                         .stamp = required_string(item, "stamp", place),
                         .source = required_string(item, "source", place)});
  }
  return qualities;
}

void write_qualities(const std::filesystem::path& file, std::span<const TranslationQuality> qualities) {
  const auto rounded = [](double value) { return std::round(value * 100) / 100; };
  OrderedJson routes = OrderedJson::array();
  for (const TranslationQuality& quality : qualities) {
    routes.push_back({{"route", quality.route},
                      {"from", quality.from.tag()},
                      {"to", quality.to.tag()},
                      {"chrf", rounded(quality.chrf)},
                      {"bleu", rounded(quality.bleu)},
                      {"sentences", quality.sentences},
                      {"sentences_per_second", rounded(quality.sentences_per_second)},
                      {"source", quality.source},
                      {"stamp", quality.stamp}});
  }
  make_folder(file.parent_path());
  write_json(file, OrderedJson{{"routes", routes}}, JsonLayout::indented);
}

}  // namespace dragoman
