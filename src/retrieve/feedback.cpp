#include "dragoman/retrieve/feedback.h"

#include <algorithm>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "dragoman/base/utf8.h"
#include "dragoman/retrieve/retriever.h"
#include "dragoman/text/script.h"
#include "text/language_key.h"

namespace dragoman {
namespace {

constexpr double kLeastShare = 1e-6;

/// A word in more documents than this share of them says little of any.
constexpr double kMostDocuments = 0.1;

std::vector<WordShare> by_share(const std::map<std::string_view, double>& shares) {
  std::vector<std::pair<std::string_view, double>> sorted(shares.begin(), shares.end());
  std::ranges::stable_sort(sorted, [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<WordShare> words;
  for (const auto& [word, share] : sorted) words.push_back({std::string(word), static_cast<float>(share)});
  return words;
}

/// A letter, a digit, a sign: no word, unless its script writes words so.
bool is_too_short(std::string_view word) {
  if (count_code_points(word) > 1) return false;
  const std::string script = dominant_script(word).script;
  return script != "Hani" && script != "Jpan" && script != "Kore";
}

}  // namespace

std::vector<WordShare> relevance_model(std::span<const FeedbackDocument> documents, std::size_t terms) {
  double scores = 0;
  for (const FeedbackDocument& document : documents) scores += double{document.score};
  std::map<std::string_view, double> likelihoods;
  for (const FeedbackDocument& document : documents) {
    if (document.words->total == 0) continue;
    const double weight = double{document.score} / scores / static_cast<double>(document.words->total);
    for (const auto& [word, count] : document.words->words) likelihoods[word] += static_cast<double>(count) * weight;
  }
  std::vector<std::pair<std::string_view, double>> best(likelihoods.begin(), likelihoods.end());
  std::ranges::stable_sort(best, [](const auto& a, const auto& b) { return a.second > b.second; });
  if (best.size() > terms) best.resize(terms);
  double sum = 0;
  for (const auto& [word, likelihood] : best) sum += likelihood;
  std::map<std::string_view, double> shares;
  for (const auto& [word, likelihood] : best) shares[word] = likelihood / sum;
  return by_share(shares);
}

std::vector<WordShare> interpolate(std::span<const std::string_view> query, std::span<const WordShare> model,
                                   float query_weight) {
  std::map<std::string_view, double> shares;
  for (const std::string_view word : query) shares[word] += double{query_weight} / static_cast<double>(query.size());
  for (const WordShare& word : model) shares[word.word] += (1 - double{query_weight}) * double{word.share};
  std::erase_if(shares, [](const auto& word) { return word.second < kLeastShare; });
  return by_share(shares);
}

struct FeedbackWords::State {
  struct Kept {
    std::shared_ptr<const WordCounts> words;
    std::list<DocumentNumber>::iterator place;
  };

  std::shared_ptr<const Bm25Index> index;
  std::shared_ptr<const AnalyzedDocuments> documents;
  Read read;
  std::size_t kept_words;
  std::vector<std::vector<Language>> groups;  // Languages that differ in region alone.
  std::vector<std::size_t> group_of;          // By number of the language.
  std::vector<double> sizes;                  // Live documents of each group.

  std::mutex mutex;
  std::unordered_map<DocumentNumber, Kept> kept;
  std::list<DocumentNumber> order;  // Last asked for first.
  std::size_t words = 0;            // That are kept.

  WordCounts count(DocumentNumber document) const {
    std::vector<std::string> all = read(document);
    std::ranges::sort(all);
    const std::size_t group = group_of[documents->languages().of[document]];
    WordCounts counts;
    for (std::size_t begin = 0, end = 0; begin < all.size(); begin = end) {
      while (end < all.size() && all[end] == all[begin]) ++end;
      if (is_too_short(all[begin])) continue;
      double frequency = 0;
      for (const double of_language : index->document_frequencies(all[begin], groups[group])) frequency += of_language;
      if (frequency > kMostDocuments * sizes[group]) continue;
      counts.words.emplace_back(std::move(all[begin]), end - begin);
      counts.total += end - begin;
    }
    return counts;
  }
};

FeedbackWords::FeedbackWords(std::shared_ptr<const Bm25Index> index, std::shared_ptr<const AnalyzedDocuments> documents,
                             Read read, std::size_t kept_words)
    : state_(std::make_unique<State>()) {
  state_->index = std::move(index);
  state_->documents = std::move(documents);
  state_->read = std::move(read);
  state_->kept_words = kept_words;
  const Collection::DocumentLanguages& languages = state_->documents->languages();
  std::map<Language, std::size_t> numbers;
  for (const Language& language : languages.languages) {
    const std::size_t group = numbers.try_emplace(language_key(language), numbers.size()).first->second;
    state_->group_of.push_back(group);
    state_->groups.resize(numbers.size());
    state_->groups[group].push_back(language);
  }
  state_->sizes.resize(numbers.size());
  for (DocumentNumber d = 0; d < languages.of.size(); ++d) {
    if (languages.is_live(d)) state_->sizes[state_->group_of[languages.of[d]]] += 1;
  }
}

FeedbackWords::~FeedbackWords() = default;

std::shared_ptr<const WordCounts> FeedbackWords::of(DocumentNumber document) const {
  {
    const std::lock_guard lock(state_->mutex);
    const auto found = state_->kept.find(document);
    if (found != state_->kept.end()) {
      state_->order.splice(state_->order.begin(), state_->order, found->second.place);
      return found->second.words;
    }
  }
  // Two threads may count the same document at once; that is rare, and both count the same.
  auto counts = std::make_shared<const WordCounts>(state_->count(document));
  const std::lock_guard lock(state_->mutex);
  if (state_->kept.contains(document)) return counts;
  state_->order.push_front(document);
  state_->kept.emplace(document, State::Kept{counts, state_->order.begin()});
  state_->words += counts->words.size() + 1;  // An empty one takes room too.
  while (state_->words > state_->kept_words) {
    const auto last = state_->kept.find(state_->order.back());
    state_->words -= last->second.words->words.size() + 1;
    state_->kept.erase(last);
    state_->order.pop_back();
  }
  return counts;
}

}  // namespace dragoman
