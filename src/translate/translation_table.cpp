#include "dragoman/translate/translation_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"
#include "dragoman/base/utf8.h"
#include "dragoman/collection/segment_file.h"

namespace dragoman {
namespace {

constexpr std::string_view kSegmentKind = "translations";
constexpr std::string_view kFormat = "1";
constexpr std::string_view kRemedy = "dragoman translate learn";
constexpr double kMostProbability = 65535;  // A probability of 1.

constexpr std::array kKinds = {TableKind::lexicon, TableKind::learned, TableKind::combined};

/// Strings one after another, and where each begins; one more begin for the end.
class StringSection {
 public:
  StringSection() = default;
  StringSection(const SegmentReader& reader, const char* begins, const char* bytes)
      : begins_(reader.array<std::uint32_t>(begins)), bytes_(reader.section(bytes)) {
    bool ascending = !begins_.empty() && begins_.front() == 0 && begins_.back() == bytes_.size();
    for (std::size_t i = 1; i < begins_.size(); ++i) ascending = ascending && begins_[i - 1] <= begins_[i];
    reader.check(ascending);
  }
  std::size_t size() const { return begins_.size() - 1; }
  std::string_view operator[](std::size_t number) const {
    return {reinterpret_cast<const char*>(bytes_.data()) + begins_[number], begins_[number + 1] - begins_[number]};
  }

 private:
  std::span<const std::uint32_t> begins_;
  std::span<const std::byte> bytes_;
};

class StringWriter {
 public:
  void add(std::string_view text) {
    if (text.size() > std::numeric_limits<std::uint32_t>::max() - bytes_.size()) {
      throw InvalidArgument("a translation table holds 4 GiB of words at most");
    }
    bytes_ += text;
    begins_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  }
  void write(SegmentWriter& writer, const char* begins, const char* bytes) const {
    writer.add_array<std::uint32_t>(begins, begins_);
    writer.add(bytes, std::as_bytes(std::span(bytes_)));
  }

 private:
  std::vector<std::uint32_t> begins_ = {0};
  std::string bytes_;
};

TableKind parse_kind(std::string_view name, std::string_view place) {
  for (const TableKind kind : kKinds) {
    if (name == to_string(kind)) return kind;
  }
  throw InvalidData(fmt::format("{}: a table of kind '{}' is unknown to this program", place, printable(name)));
}

std::uint64_t count_member(const Json& json, const char* name, std::string_view place) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_number_unsigned()) {
    throw InvalidData(fmt::format("{}: member '{}' must be a number", place, name));
  }
  return found->get<std::uint64_t>();
}

TableInfo info_of(std::string_view text, std::string_view place) {
  const Json json = parse_json_object(text, place);
  TableInfo info;
  try {
    info.from = Language::parse(required_string(json, "from", place));
    info.to = Language::parse(required_string(json, "to", place));
  } catch (const InvalidArgument& error) {
    throw InvalidData(fmt::format("{}: {}", place, error.what()));
  }
  info.kind = parse_kind(required_string(json, "kind", place), place);
  info.analyzer = required_string(json, "analyzer", place);
  info.sentence_pairs = count_member(json, "sentence_pairs", place);
  info.lexicon_pairs = count_member(json, "lexicon_pairs", place);
  const auto sources = json.find("sources");
  if (sources == json.end() || !sources->is_array()) {
    throw InvalidData(fmt::format("{}: member 'sources' must be a list", place));
  }
  for (const Json& source : *sources) {
    if (!source.is_string()) throw InvalidData(fmt::format("{}: a source must be a string", place));
    info.sources.push_back(source.get<std::string>());
  }
  return info;
}

}  // namespace

std::string_view to_string(TableKind kind) {
  switch (kind) {
    case TableKind::lexicon:
      return "lexicon";
    case TableKind::learned:
      return "learned";
    case TableKind::combined:
      return "combined";
  }
  return "";
}

struct TranslationTable::State {
  explicit State(const std::filesystem::path& path) : reader(path, kSegmentKind, kFormat, kRemedy) {
    const auto about = reader.section("about");
    info = info_of({reinterpret_cast<const char*>(about.data()), about.size()}, path.string());
    sources = StringSection(reader, "source_begins", "sources");
    targets = StringSection(reader, "target_begins", "targets");
    written = StringSection(reader, "written_begins", "written");
    rows = reader.array<std::uint32_t>("rows");
    cells = reader.array<std::uint32_t>("cells");
    probabilities = reader.array<std::uint16_t>("probabilities");
    bool consistent = written.size() == targets.size() && rows.size() == sources.size() + 1 && rows.front() == 0 &&
                      rows.back() == cells.size() && probabilities.size() == cells.size();
    for (std::size_t i = 1; consistent && i < rows.size(); ++i) consistent = rows[i - 1] <= rows[i];
    for (std::size_t i = 1; consistent && i < sources.size(); ++i) consistent = sources[i - 1] < sources[i];
    consistent = consistent && std::ranges::all_of(cells, [&](std::uint32_t cell) { return cell < targets.size(); }) &&
                 std::ranges::all_of(probabilities, [](std::uint16_t probability) { return probability != 0; });
    reader.check(consistent);
    Checksum sum;
    for (const char* section : {"about", "source_begins", "sources", "target_begins", "targets", "written_begins",
                                "written", "rows", "cells", "probabilities"}) {
      sum.update(reader.section(section));
    }
    stamp = fmt::format("{:016x}", sum.value());
  }

  SegmentReader reader;
  TableInfo info;
  StringSection sources, targets, written;
  std::span<const std::uint32_t> rows, cells;
  std::span<const std::uint16_t> probabilities;
  std::string stamp;
};

TranslationTable::TranslationTable(const std::filesystem::path& path) : state_(std::make_unique<State>(path)) {}
TranslationTable::~TranslationTable() = default;
TranslationTable::TranslationTable(TranslationTable&&) noexcept = default;
TranslationTable& TranslationTable::operator=(TranslationTable&&) noexcept = default;

const TableInfo& TranslationTable::info() const { return state_->info; }
std::size_t TranslationTable::words() const { return state_->sources.size(); }
std::size_t TranslationTable::translations() const { return state_->cells.size(); }
std::uint64_t TranslationTable::bytes() const { return std::filesystem::file_size(state_->reader.path()); }
std::string_view TranslationTable::word(std::size_t number) const { return state_->sources[number]; }
const std::filesystem::path& TranslationTable::path() const { return state_->reader.path(); }
const std::string& TranslationTable::stamp() const { return state_->stamp; }

void TranslationTable::require_analyzer(std::string_view version) const {
  if (version == info().analyzer) return;
  throw InvalidData(fmt::format(
      "{}: its words were made by [{}], but those of the index by [{}]; make the table again with: "
      "dragoman translate learn --from {} --to {} --analyzer ...",
      path().string(), printable(info().analyzer, 200), printable(version, 200), info().from.tag(), info().to.tag()));
}

std::vector<TableTranslation> TranslationTable::translations_of(std::size_t number) const {
  std::vector<TableTranslation> translations;
  for (std::size_t i = state_->rows[number]; i < state_->rows[number + 1]; ++i) {
    const std::uint32_t target = state_->cells[i];
    translations.push_back({state_->targets[target], state_->written[target],
                            static_cast<float>(state_->probabilities[i] / kMostProbability)});
  }
  return translations;
}

std::vector<TableTranslation> TranslationTable::find(std::string_view word) const {
  std::size_t low = 0, high = words();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    state_->sources[middle] < word ? low = middle + 1 : high = middle;
  }
  if (low == words() || state_->sources[low] != word) return {};
  return translations_of(low);
}

std::uint64_t write_translation_table(const std::filesystem::path& path, const TableInfo& info,
                                      const TableContent& content) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < content.sources.size(); ++i) {
    if (!content.rows[i].empty()) order.push_back(i);
  }
  std::ranges::sort(order, {}, [&](std::size_t i) -> const std::string& { return content.sources[i].word; });
  // Targets that rows have, by their words: the file does not depend on how they were numbered.
  std::vector<std::uint32_t> used(content.targets.size());
  for (const auto& row : content.rows) {
    for (const TableContent::Cell& cell : row) used[cell.target] = 1;
  }
  std::vector<std::uint32_t> targets;
  for (std::uint32_t i = 0; i < used.size(); ++i) {
    if (used[i] != 0) targets.push_back(i);
  }
  std::ranges::sort(targets, {}, [&](std::uint32_t i) -> const std::string& { return content.targets[i].word; });
  for (std::uint32_t i = 0; i < targets.size(); ++i) used[targets[i]] = i;

  StringWriter sources, words, written;
  std::vector<std::uint32_t> rows = {0}, cells;
  std::vector<std::uint16_t> probabilities;
  for (const std::uint32_t target : targets) {
    words.add(content.targets[target].word);
    written.add(content.targets[target].written);
  }
  for (const std::size_t i : order) {
    sources.add(content.sources[i].word);
    for (const TableContent::Cell& cell : content.rows[i]) {
      cells.push_back(used[cell.target]);
      probabilities.push_back(
          static_cast<std::uint16_t>(std::clamp(std::floor(cell.weight * kMostProbability), 1.0, kMostProbability)));
    }
    rows.push_back(static_cast<std::uint32_t>(cells.size()));
  }

  const std::string about = to_line(OrderedJson{{"from", info.from.tag()},
                                                {"to", info.to.tag()},
                                                {"kind", to_string(info.kind)},
                                                {"analyzer", info.analyzer},
                                                {"sentence_pairs", info.sentence_pairs},
                                                {"lexicon_pairs", info.lexicon_pairs},
                                                {"sources", info.sources}});
  SegmentWriter writer(path, std::string(kSegmentKind), std::string(kFormat));
  writer.add("about", std::as_bytes(std::span(about)));
  sources.write(writer, "source_begins", "sources");
  words.write(writer, "target_begins", "targets");
  written.write(writer, "written_begins", "written");
  writer.add_array<std::uint32_t>("rows", rows);
  writer.add_array<std::uint32_t>("cells", cells);
  writer.add_array<std::uint16_t>("probabilities", probabilities);
  return writer.commit();
}

}  // namespace dragoman
