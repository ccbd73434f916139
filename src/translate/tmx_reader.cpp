#include "translate/tmx_reader.h"

#include <expat.h>
#include <fmt/format.h>

#include <cstring>
#include <exception>
#include <memory>
#include <optional>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"
#include "translate/text_fields.h"

namespace dragoman {
namespace {

/// What a reader of TMX knows between two of the parser's calls, which must not throw.
struct Unit {
  const Language* from;
  const Language* to;
  const std::function<void(std::string_view, std::string_view)>* take;
  std::optional<std::string> source, target;  // Of the unit that is open.
  std::string* segment = nullptr;             // Of the segment that is open, if it is wanted.
  std::string* variant = nullptr;             // Of the variant that is open.
  std::size_t code_depth = 0;                 // Of inline elements that hold another format's code.
  std::exception_ptr failure = nullptr;
  XML_Parser parser = nullptr;
};

bool is_code(std::string_view element) {
  return element == "bpt" || element == "ept" || element == "it" || element == "ph" || element == "ut";
}

void open_variant(Unit& unit, const char** attributes) {
  unit.variant = nullptr;
  for (; *attributes != nullptr; attributes += 2) {
    if (std::strcmp(attributes[0], "xml:lang") != 0 && std::strcmp(attributes[0], "lang") != 0) continue;
    Language language;
    try {
      language = Language::parse(attributes[1]);
    } catch (const InvalidArgument&) {
      return;  // Some tools write names of their own, which are nobody's tag.
    }
    for (auto [wanted, text] : {std::pair(unit.from, &unit.source), std::pair(unit.to, &unit.target)}) {
      if (!same_written_language(language, *wanted) || *text) continue;
      unit.variant = &text->emplace();
      return;
    }
    return;
  }
}

void on_begin(void* data, const char* name, const char** attributes) {
  Unit& unit = *static_cast<Unit*>(data);
  const std::string_view element(name);
  if (element == "tu") {
    unit.source.reset();
    unit.target.reset();
  } else if (element == "tuv") {
    open_variant(unit, attributes);
  } else if (element == "seg") {
    unit.segment = unit.variant;
  } else if (is_code(element)) {
    ++unit.code_depth;
  }
}

void on_end(void* data, const char* name) {
  Unit& unit = *static_cast<Unit*>(data);
  const std::string_view element(name);
  if (element == "seg") {
    unit.segment = nullptr;
  } else if (element == "tuv") {
    unit.variant = nullptr;
  } else if (is_code(element) && unit.code_depth > 0) {
    --unit.code_depth;
  } else if (element == "tu" && unit.source && unit.target) {
    for (std::string* text : {&*unit.source, &*unit.target}) {
      for (char& c : *text) c = c == '\n' || c == '\t' || c == '\r' ? ' ' : c;
    }
    try {
      (*unit.take)(trimmed_text(*unit.source), trimmed_text(*unit.target));
    } catch (...) {
      unit.failure = std::current_exception();
      XML_StopParser(unit.parser, XML_FALSE);
    }
  }
}

void on_text(void* data, const char* text, int size) {
  Unit& unit = *static_cast<Unit*>(data);
  if (unit.segment != nullptr && unit.code_depth == 0) unit.segment->append(text, static_cast<std::size_t>(size));
}

}  // namespace

bool is_tmx(const std::string& path) {
  LineReader lines(path);
  std::string_view line;
  while (lines.next(line)) {
    line = trimmed_text(line);
    if (line.empty()) continue;
    return line.starts_with("<?xml") || line.starts_with("<!DOCTYPE") || line.starts_with("<tmx");
  }
  return false;
}

void read_tmx(const std::string& path, const Language& from, const Language& to,
              const std::function<void(std::string_view source, std::string_view target)>& take) {
  Unit unit{.from = &from, .to = &to, .take = &take};
  const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(XML_ParserCreate(nullptr), XML_ParserFree);
  unit.parser = parser.get();
  XML_SetUserData(parser.get(), &unit);
  XML_SetElementHandler(parser.get(), on_begin, on_end);
  XML_SetCharacterDataHandler(parser.get(), on_text);
  LineReader lines(path);
  const auto parse = [&](std::string_view text, bool last) {
    if (XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), last) == XML_STATUS_OK) return;
    if (unit.failure) std::rethrow_exception(unit.failure);
    throw InvalidData(fmt::format("{}: malformed XML: {}", lines.place(),
                                  printable(XML_ErrorString(XML_GetErrorCode(parser.get())))));
  };
  for (std::string_view line; lines.next(line);) {
    parse(line, false);
    parse("\n", false);
  }
  parse("", true);
}

}  // namespace dragoman
