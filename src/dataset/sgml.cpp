#include "dataset/sgml.h"

#include <fmt/format.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

/// HTML's names of U+00A0 to U+00FF, in their order.
constexpr std::array<std::string_view, 96> kLatin1 = {
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",    "copy",   "ordf",
    "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn", "sup2",   "sup3",   "acute",  "micro",
    "para",   "middot", "cedil",  "sup1",   "ordm",   "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave",
    "Aacute", "Acirc",  "Atilde", "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",
    "Igrave", "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde", "Ouml",
    "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",  "szlig",  "agrave", "aacute",
    "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil", "egrave", "eacute", "ecirc",  "euml",   "igrave",
    "iacute", "icirc",  "iuml",   "eth",    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide",
    "oslash", "ugrave", "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string small(std::string_view word) {
  std::string lower(word);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

std::optional<char32_t> code_point_of(std::string_view entity) {
  if (entity.starts_with('#')) {
    entity.remove_prefix(1);
    const bool hexadecimal = entity.starts_with('x') || entity.starts_with('X');
    if (hexadecimal) entity.remove_prefix(1);
    std::uint32_t number = 0;
    const auto [end, error] =
        std::from_chars(entity.data(), entity.data() + entity.size(), number, hexadecimal ? 16 : 10);
    const bool whole = error == std::errc() && end == entity.data() + entity.size();
    const bool legal = number != 0 && number <= 0x10FFFF && (number < 0xD800 || number > 0xDFFF);
    return whole && legal ? std::optional<char32_t>(number) : std::nullopt;
  }
  if (entity == "amp") return U'&';
  if (entity == "lt") return U'<';
  if (entity == "gt") return U'>';
  if (entity == "quot") return U'"';
  if (entity == "apos") return U'\'';
  const auto found = std::find(kLatin1.begin(), kLatin1.end(), entity);
  if (found == kLatin1.end()) return std::nullopt;
  return static_cast<char32_t>(0xA0 + (found - kLatin1.begin()));
}

void append(std::string& text, char32_t code_point) {
  char bytes[U8_MAX_LENGTH];
  std::size_t size = 0;
  U8_APPEND_UNSAFE(bytes, size, code_point);
  text.append(bytes, size);
}

struct Tag {
  bool end = false;
  std::string name;
  std::string_view attributes;
  std::size_t size = 0;  ///< With its brackets.
};

/// The tag that begins at text[0], which is '<'.
std::optional<Tag> tag_at(std::string_view text) {
  Tag tag;
  std::size_t at = 1;
  if (at < text.size() && text[at] == '/') tag.end = true, ++at;
  const std::size_t name = at;
  if (at == text.size() || std::isalpha(static_cast<unsigned char>(text[at])) == 0) return std::nullopt;
  while (at < text.size() && is_name(text[at])) ++at;
  const std::size_t close = text.find_first_of("<>", at);
  if (close == std::string_view::npos || text[close] == '<') return std::nullopt;
  if (close != at && !is_space(text[at]) && text[at] != '/') return std::nullopt;
  tag.name = small(text.substr(name, at - name));
  tag.attributes = text.substr(at, close - at);
  tag.size = close + 1;
  return tag;
}

/// Bytes of a comment, a declaration or an instruction at text[0]; 0 if it is none.
std::size_t ignorable_size(std::string_view text) {
  const auto up_to = [&](std::string_view end) {
    const std::size_t found = text.find(end);
    return found == std::string_view::npos ? text.size() : found + end.size();
  };
  if (text.starts_with("<!--")) return up_to("-->");
  if (text.starts_with("<?")) return up_to("?>");
  if (text.starts_with("<!") && text.size() > 2 && std::isalpha(static_cast<unsigned char>(text[2])) != 0) {
    return up_to(">");
  }
  return 0;
}

}  // namespace

std::string decode_entities(std::string_view text) {
  constexpr std::size_t kLongest = 10;
  std::string decoded;
  while (!text.empty()) {
    const std::size_t begin = text.find('&');
    decoded += text.substr(0, begin);
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const std::size_t end = text.substr(0, kLongest + 2).find(';');
    const auto code_point = end == std::string_view::npos ? std::nullopt : code_point_of(text.substr(1, end - 1));
    if (code_point) {
      append(decoded, *code_point);
      text.remove_prefix(end + 1);
    } else {
      decoded += '&';
      text.remove_prefix(1);
    }
  }
  return decoded;
}

std::string SgmlToken::text() const { return verbatim ? std::string(content) : decode_entities(content); }

std::vector<SgmlToken> scan_sgml(std::string_view text) {
  constexpr std::string_view kCdata = "<![CDATA[", kCdataEnd = "]]>";
  std::vector<SgmlToken> tokens;
  const auto add_text = [&](std::string_view content, bool verbatim) {
    if (!content.empty()) tokens.push_back({SgmlToken::Kind::text, "", content, verbatim});
  };
  std::size_t begin = 0, at = 0;
  while ((at = text.find('<', at)) != std::string_view::npos) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with(kCdata)) {
      add_text(text.substr(begin, at - begin), false);
      const std::size_t end = std::min(rest.find(kCdataEnd), rest.size());
      add_text(rest.substr(kCdata.size(), end - std::min(end, kCdata.size())), true);
      begin = at = std::min(at + end + kCdataEnd.size(), text.size());
    } else if (const std::size_t size = ignorable_size(rest); size != 0) {
      add_text(text.substr(begin, at - begin), false);
      begin = at += size;
    } else if (auto tag = tag_at(rest)) {
      add_text(text.substr(begin, at - begin), false);
      tokens.push_back(
          {tag->end ? SgmlToken::Kind::end : SgmlToken::Kind::begin, std::move(tag->name), tag->attributes, false});
      begin = at += tag->size;
    } else {
      ++at;
    }
  }
  add_text(text.substr(begin), false);
  return tokens;
}

std::string sgml_attribute(std::string_view attributes, std::string_view name) {
  const std::string lower = small(attributes);
  for (std::size_t at = 0; (at = lower.find(name, at)) != std::string::npos; at += name.size()) {
    if (at != 0 && is_name(lower[at - 1])) continue;
    std::string_view rest = trimmed(attributes.substr(at + name.size()));
    if (!rest.starts_with('=')) continue;
    rest = trimmed(rest.substr(1));
    if (rest.starts_with('"') || rest.starts_with('\'')) return std::string(rest.substr(1, rest.find(rest[0], 1) - 1));
    return std::string(rest.substr(0, rest.find_first_of(" \t/")));
  }
  return "";
}

bool SgmlRecords::more() {
  std::string_view line;
  if (!lines_.next(line)) return false;
  line_.assign(line);
  line_ += '\n';
  at_ = 0;
  return true;
}

bool SgmlRecords::begin(Record& record) {
  do {
    for (; (at_ = line_.find('<', at_)) != std::string::npos; ++at_) {
      const auto tag = tag_at(std::string_view(line_).substr(at_));
      if (!tag || tag->end || std::ranges::find(names_, tag->name) == names_.end()) continue;
      record = {tag->name, std::string(tag->attributes), "", lines_.place()};
      at_ += tag->size;
      return true;
    }
  } while (more());
  return false;
}

bool SgmlRecords::next(Record& record) {
  if (!begin(record)) return false;
  do {
    const std::size_t content = at_;
    for (; (at_ = line_.find('<', at_)) != std::string::npos; ++at_) {
      const auto tag = tag_at(std::string_view(line_).substr(at_));
      if (!tag || tag->name != record.name) continue;
      if (!tag->end) {
        throw InvalidData(fmt::format("{}: the <{}> of {} has no end before the next one begins", lines_.place(),
                                      record.name, record.place));
      }
      record.content.append(line_, content, at_ - content);
      at_ += tag->size;
      return true;
    }
    record.content.append(line_, content);
    if (record.content.size() > kMaxRecordBytes) {
      throw InvalidData(fmt::format("{}: the <{}> that begins here is longer than {} MiB; its end tag may be missing",
                                    record.place, record.name, kMaxRecordBytes >> 20));
    }
  } while (more());
  throw InvalidData(
      fmt::format("{}: the <{}> that begins here has no end tag </{}>", record.place, record.name, record.name));
}

}  // namespace dragoman
