#include "engine/passage_maker.h"

#include "engine/index_stamp.h"

namespace dragoman {
namespace {

/// A title is read with every passage, so it may take only this share of what the encoder reads.
constexpr std::size_t kTitleShare = 4;

}  // namespace

void PassageMaker::add(DocumentNumber number, const Document& document) {
  const auto measure = [&](std::string_view text) { return encoder_.count_tokens(text); };
  // A token takes at least a byte of text, so most titles and texts need not be counted.
  std::string_view title = document.title;
  const std::size_t title_budget = encoder_.passage_budget() / kTitleShare;
  if (title.size() > title_budget && measure(title) > title_budget) {
    title = split_passages(title, title_budget, measure).front().of(title);
    ++report_.titles_cut;
  }
  const std::size_t budget = encoder_.passage_budget() - (title.empty() ? 0 : measure(title) + 1);
  std::vector<TextRange> ranges = document.text.size() <= budget ? std::vector<TextRange>{{0, document.text.size()}}
                                                                 : split_passages(document.text, budget, measure);
  if (ranges.empty()) ranges.push_back({0, 0});
  if (ranges.size() > 1) ++report_.documents_split;
  for (const TextRange& range : ranges) {
    std::string text = with_title(title, range.of(document.text));
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) continue;
    passages_.push_back({number, range});
    texts_.push_back(std::move(text));
  }
}

}  // namespace dragoman
