#include "engine/text_file.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/json.h"
#include "collection/document_members.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/collection/corpus_reader.h"
#include "engine/index_stamp.h"

namespace dragoman {
namespace {

bool is_json(const std::string& input, TextFormat format) {
  if (format != TextFormat::by_name) return format == TextFormat::json_lines;
  std::string_view name = input;
  for (const std::string_view end : {".gz", ".zst"}) {
    if (name.ends_with(end)) name.remove_suffix(end.size());
  }
  return name.ends_with(".jsonl") || name.ends_with(".ndjson");
}

}  // namespace

TextFile::TextFile(const std::string& input, TextFormat format)
    : input_(corpus_file(input)), json_(is_json(input_, format)), lines_(input_) {}

bool TextFile::next_line(LineReader& lines, std::string_view& line) const {
  while (lines.next(line)) {
    if (!json_ || line.find_first_not_of(" \t") != std::string_view::npos) return true;
  }
  return false;
}

bool TextFile::next(Text& text) {
  std::string_view line;
  if (!next_line(lines_, line)) return false;
  const std::string place = lines_.place();
  if (!json_) {
    if (const std::size_t at = find_invalid_utf8(line); at != std::string_view::npos) {
      throw InvalidData(fmt::format("{}: ill-formed UTF-8 at byte {}; convert the file to UTF-8", place, at + 1));
    }
    text = {std::string(line), std::nullopt};
    return true;
  }
  DocumentMembers members = document_members(parse_json_object(line, place), place);
  if (!members.text) throw InvalidData(fmt::format("{}: \"text\" is missing", place));
  if (!ids_) ids_ = members.id.has_value();
  if (*ids_ != members.id.has_value()) {
    throw InvalidData(fmt::format("{}: {}, unlike the lines before; give all texts an id, or none", place,
                                  members.id ? "the text has an id" : "\"_id\" is missing"));
  }
  text = {with_title(members.title, *members.text), std::move(members.id)};
  return true;
}

std::uint64_t TextFile::count() const {
  std::error_code ignored;
  if (input_ == "-" || !std::filesystem::is_regular_file(input_, ignored)) return 0;
  LineReader lines(input_);
  std::uint64_t count = 0;
  for (std::string_view line; next_line(lines, line);) ++count;
  return count;
}

}  // namespace dragoman
