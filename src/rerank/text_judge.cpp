#include "rerank/text_judge.h"

#include <algorithm>

#include "dragoman/text/passages.h"
#include "rerank/shown_text.h"

namespace dragoman::reranking {
namespace {

constexpr std::size_t kLeastPassageTokens = 32;

/// White space in one line: a line break inside a passage would look like the end of it.
std::string one_line(std::string_view text) {
  std::string out;
  bool space = false;
  for (const char c : text) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      space = true;
      continue;
    }
    if (space && !out.empty()) out += ' ';
    space = false;
    out += c;
  }
  return out;
}

}  // namespace

TextJudge::TextJudge(const Prompt& prompt, std::string_view query, std::span<const Candidate> candidates,
                     const RerankOptions& options)
    : prompt_(prompt),
      query_(one_line(query)),
      most_tokens_(options.passage_tokens > 0 ? options.passage_tokens : std::numeric_limits<std::size_t>::max()),
      truncated_(candidates.size()) {
  for (const Candidate& candidate : candidates) {
    const std::string text = one_line(candidate.text), translation = one_line(candidate.translation);
    passages_.push_back(shown_text(text, translation, options.passages));
    auto& both = both_.emplace_back();
    if (options.passages == ShownText::both && !translation.empty()) both.emplace(text, translation);
  }
}

std::string TextJudge::shortened(std::size_t candidate, std::size_t tokens, const Count& count, const Cut& cut) const {
  const auto& both = both_[candidate];
  if (!both) return cut(passages_[candidate], tokens);
  constexpr std::size_t kBrackets = 3;
  const std::size_t room = tokens > kBrackets ? tokens - kBrackets : 0;
  const std::size_t original = count(both->first), translation = count(both->second);
  // Whoever needs less than half leaves the rest to the other.
  const std::size_t first = std::min(original, std::max(room / 2, room - std::min(room, translation)));
  return shown_together(cut(both->first, first), cut(both->second, room - first));
}

std::vector<std::string_view> TextJudge::texts(const Question& question) {
  std::vector<std::string_view> texts;
  for (const Passage& passage : question) texts.push_back(passage.text);
  return texts;
}

std::size_t TextJudge::least(std::size_t longest) const {
  return std::min({kLeastPassageTokens, most_tokens_, longest});
}

void TextJudge::shorten(std::size_t candidate, std::string text) {
  passages_[candidate] = std::move(text);
  mark_truncated(candidate);
}

std::uint64_t TextJudge::truncated() const {
  return static_cast<std::uint64_t>(std::count(truncated_.begin(), truncated_.end(), true));
}

std::vector<Passage> TextJudge::split(std::size_t longest,
                                      const std::function<std::size_t(std::string_view)>& measure) const {
  std::vector<Passage> pieces;
  for (std::size_t i = 0; i < size(); ++i) {
    const std::string_view whole = passage(i).text;
    auto ranges = split_passages(whole, longest, measure);
    // An empty text has no piece, but is a candidate all the same.
    if (ranges.empty()) ranges.push_back({0, whole.size()});
    for (const TextRange& range : ranges) pieces.push_back({i, range.of(whole)});
  }
  return pieces;
}

}  // namespace dragoman::reranking
