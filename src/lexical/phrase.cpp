#include "dragoman/lexical/phrase.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace dragoman {
namespace {

constexpr std::uint32_t kMostSlop = 1000;

struct QuotePair {
  std::string_view open, close;
};

/// Of two pairs that begin alike, the one whose end comes first is meant.
constexpr std::array kQuotePairs = {QuotePair{"\"", "\""}, QuotePair{"“", "”"},   QuotePair{"„", "“"},
                                    QuotePair{"„", "”"},   QuotePair{"”", "”"},   QuotePair{"«", "»"},
                                    QuotePair{"»", "«"},   QuotePair{"»", "»"},   QuotePair{"‹", "›"},
                                    QuotePair{"「", "」"}, QuotePair{"『", "』"}, QuotePair{"＂", "＂"}};

struct Quoted {
  std::size_t begin = 0, end = 0;  // Of what stands in between.
  std::size_t behind = 0;          // Of the closing quote.
};

/// By pair: no quote that closes it is left. Without that, a text of opening quotes would be read once for each.
using Gone = std::array<bool, kQuotePairs.size()>;

/// What is in quotes, if `at` is where they open.
std::optional<Quoted> quoted_at(std::string_view text, std::size_t at, Gone& gone) {
  std::optional<Quoted> found;
  for (std::size_t i = 0; i < kQuotePairs.size(); ++i) {
    const QuotePair& pair = kQuotePairs[i];
    if (gone[i] || !text.substr(at).starts_with(pair.open)) continue;
    const std::size_t begin = at + pair.open.size(), end = text.find(pair.close, begin);
    gone[i] = end == std::string_view::npos;
    if (gone[i] || (found && found->end <= end)) continue;
    found = Quoted{begin, end, end + pair.close.size()};
  }
  return found;
}

/// Takes "~2" from where the text goes on; 0 if there is none.
std::uint32_t take_slop(std::string_view text, std::size_t& at) {
  if (at >= text.size() || text[at] != '~') return 0;
  std::uint32_t slop = 0;
  const char* const begin = text.data() + at + 1;
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), slop);
  if (end == begin) return 0;
  at = static_cast<std::size_t>(end - text.data());
  return error == std::errc() ? std::min(slop, kMostSlop) : kMostSlop;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

}  // namespace

std::vector<std::uint32_t> token_positions(std::span<const Token> tokens) {
  std::vector<std::uint32_t> positions;
  positions.reserve(tokens.size());
  std::uint32_t position = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0) position += tokens[i].begin != tokens[i - 1].begin;
    positions.push_back(position);
  }
  return positions;
}

PhraseForm phrase_form(std::span<const Token> tokens) {
  const auto positions = token_positions(tokens);
  PhraseForm form;
  for (std::size_t i = 0; i < tokens.size(); ++i) form.push_back({tokens[i].text, positions[i]});
  // The same word twice at one place says nothing more: n-grams of "aaa".
  std::ranges::sort(form, [](const PhraseTerm& a, const PhraseTerm& b) {
    return a.position != b.position ? a.position < b.position : a.text < b.text;
  });
  form.erase(std::unique(form.begin(), form.end()), form.end());
  return form;
}

QuotedQuery parse_quotes(std::string_view query) {
  QuotedQuery parsed;
  Gone gone = {};
  for (std::size_t at = 0; at < query.size();) {
    const auto quoted = quoted_at(query, at, gone);
    if (!quoted) {
      parsed.text += query[at++];
      continue;
    }
    const std::string_view inside = query.substr(quoted->begin, quoted->end - quoted->begin);
    at = quoted->behind;
    const std::uint32_t slop = take_slop(query, at);
    parsed.text += ' ';
    parsed.text += inside;
    parsed.text += ' ';
    if (!is_blank(inside)) parsed.phrases.push_back({std::string(inside), slop});
  }
  return parsed;
}

}  // namespace dragoman
