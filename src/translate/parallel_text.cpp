#include "dragoman/translate/parallel_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"
#include "translate/dictd_reader.h"
#include "translate/text_fields.h"
#include "translate/tmx_reader.h"

namespace dragoman {
namespace {

using Take = std::function<void(const TextPair&)>;

/// A file, and the columns of its lines that matter.
struct Place {
  std::string path;
  std::optional<std::size_t> column = {}, second_column = {};  // From 1.
};

std::optional<std::size_t> parse_column(std::string_view text) {
  std::size_t column = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), column);
  if (error != std::errc() || end != text.data() + text.size() || column == 0) return std::nullopt;
  return column;
}

Place parse_place(std::string_view text) {
  const std::size_t mark = text.rfind('#');
  if (mark == std::string_view::npos) return {std::string(text)};
  const std::string_view columns = text.substr(mark + 1);
  const std::size_t colon = columns.find(':');
  Place place{std::string(text.substr(0, mark)), parse_column(columns.substr(0, colon))};
  if (colon != std::string_view::npos) place.second_column = parse_column(columns.substr(colon + 1));
  if (!place.column || (colon != std::string_view::npos && !place.second_column)) {
    throw InvalidArgument(
        fmt::format("'{}': behind '#' stands the number of a column, or two as 2:1", printable(text)));
  }
  return place;
}

/// "deu-eng" of "x/deu-eng.tsv.gz".
std::string stem_of(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  return name.substr(0, name.find('.'));
}

/// The language that a file's name is, if it is one.
std::optional<Language> language_named(std::string_view name) {
  // Tags of more than eight letters without a mark are words; "und" is none to ask for.
  try {
    Language language = Language::parse(name);
    if (language.undetermined()) return std::nullopt;
    return language;
  } catch (const InvalidArgument&) {
    return std::nullopt;
  }
}

enum class Order { unknown, as_asked, other_way_round, other_languages };

/// What a name like "deu-eng" says to somebody who asks for two languages.
Order order_named(std::string_view stem, const Language& from, const Language& to) {
  bool all_codes = false;
  for (std::size_t mark = stem.find('-'); mark != std::string_view::npos; mark = stem.find('-', mark + 1)) {
    const std::string_view parts[2] = {stem.substr(0, mark), stem.substr(mark + 1)};
    const auto first = language_named(parts[0]), second = language_named(parts[1]);
    if (!first || !second) continue;
    if (same_written_language(*first, from) && same_written_language(*second, to)) return Order::as_asked;
    if (same_written_language(*first, to) && same_written_language(*second, from)) return Order::other_way_round;
    // Other names may look like tags ("pairs-all.tsv"), but not of three letters each.
    all_codes = all_codes || (parts[0].size() == 3 && parts[1].size() == 3);
  }
  return all_codes ? Order::other_languages : Order::unknown;
}

/// Lines of one file, of which one column is a text.
class TextLines {
 public:
  explicit TextLines(const Place& place) : lines_(place.path), column_(place.column) {}

  bool next(std::string_view& text) {
    if (!lines_.next(text)) return false;
    check_utf8(text, lines_);
    text = column_ ? trimmed_text(field(fields_of(text), *column_, lines_)) : trimmed_text(text);
    return true;
  }
  std::string place() const { return lines_.place(); }

 private:
  LineReader lines_;
  std::optional<std::size_t> column_;
};

class Reading {
 public:
  Reading(const Language& from, const Language& to, const Take& take) : from_(from), to_(to), take_(take) {}

  ParallelTextReport report;

  void read_two_files(const Place& source, const Place& target) {
    TextLines sources(source), targets(target);
    for (std::string_view a, b;;) {
      const bool has_source = sources.next(a), has_target = targets.next(b);
      if (has_source != has_target) {
        throw InvalidData(fmt::format("{}: the file ends, but {} goes on; their lines must belong together",
                                      has_source ? targets.place() : sources.place(),
                                      has_source ? source.path : target.path));
      }
      if (!has_source) return;
      add(a, b, std::nullopt);
    }
  }

  void read_one_file(const Place& place) {
    const Order order = place.second_column ? Order::as_asked : order_named(stem_of(place.path), from_, to_);
    if (order == Order::other_languages) {
      throw InvalidArgument(
          fmt::format("{}: its name says that it is not in '{}' and '{}'; if it is, say in which columns, as {}#1:2",
                      place.path, from_.tag(), to_.tag(), place.path));
    }
    if (is_dictd_index(place.path)) {
      return read_dictd(place.path, [&](std::string_view headword, std::string_view translation, std::size_t rank) {
        const double weight = 1 / static_cast<double>(rank);
        order == Order::other_way_round ? add(translation, headword, weight) : add(headword, translation, weight);
      });
    }
    if (is_tmx(place.path)) {
      return read_tmx(place.path, from_, to_,
                      [&](std::string_view source, std::string_view target) { add(source, target, std::nullopt); });
    }
    read_lines(place, order == Order::other_way_round);
  }

  void read_folder(const Place& place) {
    std::optional<std::filesystem::path> source, target;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(place.path)) files.push_back(entry.path());
    std::ranges::sort(files);
    bool found = false;
    for (const std::filesystem::path& file : files) {
      if (is_dictd_data(file.string())) continue;  // Read through its index.
      const std::string stem = stem_of(file);
      const Order order = order_named(stem, from_, to_);
      if (order == Order::as_asked || order == Order::other_way_round) {
        read_one_file({file.string(), place.column, place.second_column});
        found = true;
        continue;
      }
      const auto language = language_named(stem);
      if (!language || order == Order::other_languages) continue;
      if (same_written_language(*language, from_)) keep(file, from_, source);
      if (same_written_language(*language, to_)) keep(file, to_, target);
    }
    if (found) return;
    if (!source || !target) {
      report.has_languages = false;
      return;
    }
    read_two_files({source->string(), place.column}, {target->string(), place.column});
  }

 private:
  static void keep(const std::filesystem::path& file, const Language& language,
                   std::optional<std::filesystem::path>& of_language) {
    if (of_language) {
      throw InvalidArgument(fmt::format("{} and {} are both in '{}'; name one of them", of_language->string(),
                                        file.string(), language.tag()));
    }
    of_language = file;
  }

  void read_lines(const Place& place, bool turned) {
    LineReader lines(place.path);
    std::size_t source = place.column.value_or(1), target = place.second_column.value_or(2);
    if (turned) std::swap(source, target);
    const bool columns_told = place.column.has_value();
    for (std::string_view line; lines.next(line);) {
      check_utf8(line, lines);
      if (trimmed_text(line).empty()) continue;
      if (!columns_told && line.find('\t') == std::string_view::npos) {
        add_muse(line, turned, lines);
        continue;
      }
      const auto fields = fields_of(line);
      std::optional<double> count;
      if (!columns_told && fields.size() > 2) count = parse_count(fields[2]);
      add(trimmed_text(field(fields, source, lines)), trimmed_text(field(fields, target, lines)), count);
    }
  }

  void add_muse(std::string_view line, bool turned, const LineReader& lines) {
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos) {
      throw InvalidData(
          fmt::format("{}: expected two texts with a tab between them, or two words with a space", lines.place()));
    }
    const std::string_view first = trimmed_text(line.substr(0, space)), second = trimmed_text(line.substr(space + 1));
    turned ? add(second, first, std::nullopt) : add(first, second, std::nullopt);
  }

  static std::optional<double> parse_count(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !(value > 0 && value < 1e12)) return std::nullopt;
    return value;
  }

  void add(std::string_view source, std::string_view target, std::optional<double> count) {
    if (source.empty() || target.empty()) {
      ++report.one_sided;
      return;
    }
    ++report.pairs;
    take_({source, target, count});
  }

  const Language& from_;
  const Language& to_;
  const Take& take_;
};

}  // namespace

ParallelTextReport read_parallel_text(std::string_view place, const Language& from, const Language& to,
                                      const std::function<void(const TextPair&)>& take) {
  Reading reading(from, to, take);
  if (const std::size_t comma = place.find(','); comma != std::string_view::npos) {
    reading.read_two_files(parse_place(place.substr(0, comma)), parse_place(place.substr(comma + 1)));
    return reading.report;
  }
  const Place one = parse_place(place);
  if (!std::filesystem::exists(one.path)) {
    throw NotFound(fmt::format("{}: no such file or folder of parallel text", printable(one.path)));
  }
  std::filesystem::is_directory(one.path) ? reading.read_folder(one) : reading.read_one_file(one);
  return reading.report;
}

}  // namespace dragoman
