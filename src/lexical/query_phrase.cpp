#include "lexical/query_phrase.h"

#include <algorithm>

namespace dragoman {

QueryPhrase::QueryPhrase(const Phrase& phrase, const WordStatistics& statistics, const Bm25Options& options)
    : phrase_(phrase) {
  for (const PhraseForm& form : phrase.forms) {
    for (const PhraseTerm& term : form) texts_.push_back(term.text);
  }
  std::ranges::sort(texts_);
  texts_.erase(std::unique(texts_.begin(), texts_.end()), texts_.end());
  words_ = statistics.look_up(texts_, options);
  weight_.weights = weigh(&QueryWord::weights);
  weight_.inverses = weigh(&QueryWord::inverses);
  for (const QueryWord& own : words_) weight_.most_frequency = std::max(weight_.most_frequency, own.most_frequency);
  weight_.groups_with =
      static_cast<std::size_t>(std::ranges::count_if(weight_.weights, [](double weight) { return weight > 0; }));
}

const QueryWord& QueryPhrase::word(std::string_view text) const {
  return words_[static_cast<std::size_t>(std::ranges::lower_bound(texts_, text) - texts_.begin())];
}

bool QueryPhrase::has_several_words() const {
  return std::ranges::any_of(phrase_.forms, [](const PhraseForm& form) { return form.size() > 1; });
}

std::vector<double> QueryPhrase::weigh(std::vector<double> QueryWord::*values) const {
  std::size_t groups = 0;
  for (const QueryWord& own : words_) groups = std::max(groups, (own.*values).size());
  std::vector<double> all(groups, 0);
  for (const PhraseForm& form : phrase_.forms) {
    for (std::size_t group = 0; group < groups; ++group) {
      double most = 0;
      bool has_all = !form.empty();
      for (const PhraseTerm& term : form) {
        const auto& own = word(term.text).*values;
        // An unknown word has one weight for all groups: 0.
        const double value = own.empty() ? 0 : own.size() == 1 ? own[0] : own[group];
        has_all = has_all && value > 0;
        most = std::max(most, value);
      }
      if (has_all) all[group] = all[group] == 0 ? most : std::min(all[group], most);
    }
  }
  return all;
}

PartPhrase QueryPhrase::in_part(std::size_t part) const {
  PartPhrase found{.forms = {}, .slop = phrase_.slop};
  for (const PhraseForm& form : phrase_.forms) {
    std::vector<PlacedList> lists;
    for (const PhraseTerm& term : form) lists.push_back({word(term.text).lists[part], term.position});
    const bool has_all = std::ranges::all_of(lists, [](const PlacedList& placed) { return placed.list.size > 0; });
    if (has_all && !lists.empty()) found.forms.push_back(std::move(lists));
  }
  return found;
}

}  // namespace dragoman
