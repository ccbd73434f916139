#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <string_view>

#include "dragoman/base/hash.h"
#include "experiment/page.h"
#include "experiment/report_formats.h"

namespace dragoman::reporting {
namespace {

/// Base64 of bytes given in hexadecimal, which is how a content security policy wants a hash.
std::string base64_of_hex(std::string_view hex) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  std::uint32_t bits = 0;
  int waiting = 0;
  for (const char c : hex) {
    bits = bits << 4 | static_cast<std::uint32_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    for (waiting += 4; waiting >= 6; waiting -= 6) result += kAlphabet[bits >> (waiting - 6) & 63];
  }
  if (waiting != 0) result += kAlphabet[bits << (6 - waiting) & 63];
  while (result.size() % 4 != 0) result += '=';
  return result;
}

std::string source_hash(std::string_view content) { return fmt::format("'sha256-{}'", base64_of_hex(sha256(content))); }

/// Nothing is loaded and nothing runs but the page's own style and scripts, told by their hashes: text that got past
/// every escape could still do nothing.
std::string policy() {
  return fmt::format("default-src 'none'; script-src {} {}; style-src {}; base-uri 'none'; form-action 'none'",
                     source_hash(kChartLibrary), source_hash(kPageScript), source_hash(kPageStyle));
}

std::string html(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

/// A block that the browser keeps as text. Without "<" no text can end it, or begin a comment or a script in it.
std::string data_block(std::string_view id, const Json& data) {
  std::string block = fmt::format("<script type=\"application/json\" id=\"{}\">", id);
  for (const char c : to_line(data)) {
    if (c == '<') {
      block += "\\u003c";
    } else {
      block += c;
    }
  }
  return block + "</script>\n";
}

/// All but the single queries at once, and those in a block a cell, which the page reads when somebody asks.
std::string data_blocks(const Results& results) {
  Json summary = results.json;
  std::string blocks;
  std::size_t number = 0;
  for (Json& cell : summary["cells"]) {
    const std::string id = fmt::format("per-query-{}", number++);
    if (const auto found = cell.find("per_query"); found != cell.end()) {
      blocks += data_block(id, *found);
      cell.erase(found);
    }
  }
  return data_block("results", summary) + blocks;
}

/// Fills the gaps {{name}}; what is filled in is not looked at again.
std::string filled(std::string_view text, const std::function<std::string(std::string_view)>& content) {
  std::string result;
  for (;;) {
    const auto open = text.find("{{"), close = text.find("}}", open);
    if (open == std::string_view::npos || close == std::string_view::npos) return result += text;
    result += text.substr(0, open);
    result += content(text.substr(open + 2, close - open - 2));
    text.remove_prefix(close + 2);
  }
}

}  // namespace

std::string render_page(const Results& results) {
  return filled(kPageSkeleton, [&](std::string_view gap) {
    if (gap == "title") return html(results.name);
    if (gap == "policy") return policy();
    if (gap == "style") return std::string(kPageStyle);
    if (gap == "data") return data_blocks(results);
    if (gap == "library") return std::string(kChartLibrary);
    return std::string(kPageScript);
  });
}

}  // namespace dragoman::reporting
