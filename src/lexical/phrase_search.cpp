#include "lexical/phrase_search.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <vector>

#include "lexical/for_each_posting.h"
#include "lexical/list_cursor.h"

namespace dragoman {
namespace {

/// One form of a phrase, and what its rarest word says of the phrase's score: a phrase is in no document more often
/// than that, so the bounds of the word's blocks hold.
struct BoundForm {
  FormMatcher matcher;
  std::vector<std::int32_t> bounds = {};  // By block of the lead.
  std::int32_t bound = 0;                 // The highest.
  std::size_t block = 0;                  // Of the lead: the first one that ends in the window or behind it.
  std::uint32_t last_of_short = 0;        // Of a lead without headers.

  BoundForm(std::span<const PlacedList> terms, const Scorer* scorer) : matcher(terms) {
    const PostingList& lead = matcher.lead();
    bounds.resize(lead.block_count(), 0);
    if (lead.headers.empty()) {
      std::array<std::uint32_t, kBlockPostings + kKernelPadding> documents, frequencies;
      lead.documents_of(0, documents.data());
      lead.frequencies_of(0, frequencies.data());
      last_of_short = documents[lead.size - 1];
      for (std::size_t i = 0; i < lead.size && scorer != nullptr; ++i) {
        // Scores rise with the frequency, but for what float rounding does.
        bounds[0] = std::max(bounds[0], raise_bound(scorer->score(documents[i], frequencies[i])));
      }
    } else if (scorer != nullptr) {
      scorer->bound(lead.headers, bounds.data());
    }
    bound = *std::max_element(bounds.begin(), bounds.end());
  }

  std::uint32_t last_of(std::size_t of) const {
    return matcher.lead().headers.empty() ? last_of_short : matcher.lead().headers[of].last_document;
  }
  /// Where the lead goes on at the earliest; 2^64 - 1 at its end.
  std::uint64_t next_from(std::uint64_t document) {
    while (block < bounds.size() && last_of(block) < document) ++block;
    if (block == bounds.size()) return ~std::uint64_t{0};
    return std::max<std::uint64_t>(document, matcher.lead().document_before(block) + 1);
  }
};

struct BoundPhrase {
  std::vector<BoundForm> forms = {};
  std::uint32_t slop = 0;
  const Scorer* scorer = nullptr;
  std::int32_t bound = 0;
  std::uint64_t postings = 0;  // Of its leads.

  explicit BoundPhrase(const PartPhrase& phrase) : slop(phrase.slop), scorer(phrase.scorer) {
    forms.reserve(phrase.forms.size());
    for (const auto& form : phrase.forms) {
      forms.emplace_back(form, scorer);
      bound = std::max(bound, forms.back().bound);
      postings += forms.back().matcher.lead().size;
    }
  }

  bool may_have(std::uint32_t document) {
    return std::ranges::any_of(forms, [&](BoundForm& form) { return form.matcher.has(document); });
  }

  std::uint32_t frequency(std::uint32_t document) {
    std::uint32_t most = 0;
    for (BoundForm& form : forms) most = std::max(most, form.matcher.frequency(document, slop));
    return most;
  }
};

class PhraseSearch {
 public:
  PhraseSearch(const PartSearch& part, TopDocuments& top) : part_(part), top_(top) {
    words_.reserve(part.lists.size());
    for (const ScoredList& scored : part.lists) words_.emplace_back(scored);
    for (ListCursor& word : words_) order_.push_back(&word);
    phrases_.reserve(part.phrases.size());
    for (const PartPhrase& phrase : part.phrases) phrases_.emplace_back(phrase);
    std::ranges::stable_sort(phrases_, {}, &BoundPhrase::postings);
    for (const BoundPhrase& phrase : phrases_) phrase_bound_ += phrase.bound;
  }

  void run() {
    const std::uint64_t documents = part_.segment.document_count;
    std::uint64_t window = kFirstWindow;
    for (std::uint64_t base = next_from(0); base < documents; base = next_from(end_)) {
      base_ = static_cast<std::uint32_t>(base);
      end_ = std::min(base + window, documents);
      window = std::min<std::uint64_t>(2 * window, kMaxWindow);
      std::int32_t sum = 0;
      bool all = true;
      for (ListCursor& word : words_) {
        const std::int32_t bound = word.enter(base_, end_);
        sum += bound;
        all = all && bound > 0;
      }
      if (sum + phrase_bound_ < top_.least() || (part_.all_words && !all)) continue;
      find(sum);
      add_words(sum);
      if (candidates_->size > 0) offer();
    }
  }

 private:
  std::uint64_t next_from(std::uint64_t document) {
    std::uint64_t next = ~std::uint64_t{0};
    for (BoundForm& form : phrases_[0].forms) next = std::min(next, form.next_from(document));
    return next;
  }

  /// The window's documents that have all words of all phrases, and may reach the list.
  void find(std::int32_t sum) {
    found_.clear();
    BoundPhrase& leader = phrases_[0];
    const std::int32_t others = sum + phrase_bound_ - leader.bound;
    for (BoundForm& form : leader.forms) find_in(form, others);
    if (leader.forms.size() > 1) {
      std::ranges::sort(found_);
      found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
    }
    candidates_->size = 0;
    for (const std::uint32_t document : found_) {
      if (part_.allowed != nullptr && !part_.allowed->contains(part_.segment.number_of(document))) continue;
      const bool in_all = std::all_of(phrases_.begin() + 1, phrases_.end(),
                                      [&](BoundPhrase& phrase) { return phrase.may_have(document); });
      if (!in_all) continue;
      candidates_->documents[candidates_->size] = document;
      candidates_->scores[candidates_->size++] = 0;
    }
  }

  void find_in(BoundForm& form, std::int32_t others) {
    const PostingList& lead = form.matcher.lead();
    std::array<std::uint32_t, kBlockPostings + kKernelPadding> documents;
    form.next_from(base_);
    for (std::size_t block = form.block; block < form.bounds.size(); ++block) {
      if (lead.document_before(block) + 1 >= end_) break;
      if (form.bounds[block] + others < top_.least()) continue;
      lead.documents_of(block, documents.data());
      const auto last = documents.begin() + static_cast<std::ptrdiff_t>(lead.block_size(block));
      const auto first = std::lower_bound(documents.begin(), last, base_);
      const auto end = std::lower_bound(first, last, end_);
      const std::size_t kept = form.matcher.keep(&*first, static_cast<std::size_t>(end - first));
      found_.insert(found_.end(), first, first + static_cast<std::ptrdiff_t>(kept));
    }
  }

  void add_words(std::int32_t rest) {
    std::sort(order_.begin(), order_.end(),
              [](const ListCursor* a, const ListCursor* b) { return a->window_bound() > b->window_bound(); });
    for (ListCursor* word : order_) {
      if (candidates_->size == 0) return;
      if (word->window_bound() > 0) word->probe(*candidates_, part_.all_words);
      rest -= word->window_bound();
      const std::int32_t cut = top_.least() - rest - phrase_bound_;
      if (cut > 0) candidates_->keep(cut);
    }
  }

  void offer() {
    for (std::size_t i = 0; i < candidates_->size; ++i) {
      const std::uint32_t document = candidates_->documents[i];
      std::int32_t score = candidates_->scores[i], rest = phrase_bound_;
      bool in_all = true;
      for (BoundPhrase& phrase : phrases_) {
        if (score + rest < top_.least()) in_all = false;
        if (!in_all) break;
        const std::uint32_t frequency = phrase.frequency(document);
        in_all = frequency > 0;
        if (in_all && phrase.scorer != nullptr) score += phrase.scorer->score(document, frequency);
        rest -= phrase.bound;
      }
      if (in_all && score >= top_.least()) top_.offer(part_.segment.number_of(document), score);
    }
  }

  const PartSearch& part_;
  TopDocuments& top_;
  std::vector<ListCursor> words_;
  std::vector<ListCursor*> order_;
  std::vector<BoundPhrase> phrases_;  // The leader first.
  std::int32_t phrase_bound_ = 0;     // Of all of them.
  std::uint32_t base_ = 0;
  std::uint64_t end_ = 0;
  std::vector<std::uint32_t> found_;
  Candidates* candidates_ = &thread_candidates();
};

/// Positions of a word in each document that has it.
std::map<std::uint32_t, std::vector<std::uint32_t>> read_positions(const PostingList& list) {
  std::map<std::uint32_t, std::vector<std::uint32_t>> found;
  for_each_posting_with_positions(
      list, [&](std::uint32_t document, std::uint32_t, std::span<const std::uint32_t> positions) {
        found.emplace(document, std::vector<std::uint32_t>(positions.begin(), positions.end()));
      });
  return found;
}

/// How often a form stands in each document that has it.
std::map<std::uint32_t, std::uint32_t> count_form(std::span<const PlacedList> form, std::uint32_t slop) {
  std::map<std::uint32_t, std::uint32_t> counts;
  if (form.size() == 1) {
    // One word counts as often as it is there, also twice at a position; its index may have none.
    for_each_posting(form[0].list,
                     [&](std::uint32_t document, std::uint32_t frequency) { counts[document] = frequency; });
    return counts;
  }
  std::map<std::uint32_t, std::vector<std::vector<std::int64_t>>> starts;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const auto positions = read_positions(form[i].list);
    const bool first = i == 0 || form[i].place != form[i - 1].place;
    if (i == 0) {
      for (const auto& [document, unused] : positions) starts[document];
    }
    for (auto at = starts.begin(); at != starts.end();) {
      const auto found = positions.find(at->first);
      if (found == positions.end()) {
        at = starts.erase(at);
        continue;
      }
      if (first) at->second.emplace_back();
      intersect_starts(found->second, form[i].place, first, at->second.back());
      ++at;
    }
  }
  for (const auto& [document, of_document] : starts) counts[document] = count_phrase(of_document, slop);
  return counts;
}

}  // namespace

void search_phrases(const PartSearch& part, TopDocuments& top) { PhraseSearch(part, top).run(); }

void search_phrases_exhaustive(const PartSearch& part, TopDocuments& top) {
  const std::size_t count = part.segment.document_count;
  std::vector<std::int32_t> scores(count, 0);
  std::vector<std::size_t> words(count, 0), phrases(count, 0);
  for (const ScoredList& scored : part.lists) {
    for_each_posting(scored.list, [&](std::uint32_t document, std::uint32_t frequency) {
      scores[document] += scored.scorer->score(document, frequency);
      ++words[document];
    });
  }
  for (const PartPhrase& phrase : part.phrases) {
    std::map<std::uint32_t, std::uint32_t> most;
    for (const auto& form : phrase.forms) {
      for (const auto& [document, frequency] : count_form(form, phrase.slop)) {
        most[document] = std::max(most[document], frequency);
      }
    }
    for (const auto& [document, frequency] : most) {
      if (frequency == 0) continue;
      ++phrases[document];
      if (phrase.scorer != nullptr) scores[document] += phrase.scorer->score(document, frequency);
    }
  }
  for (std::uint32_t document = 0; document < count; ++document) {
    const DocumentNumber number = part.segment.number_of(document);
    if (phrases[document] < part.phrases.size() || scores[document] <= 0) continue;
    if (part.all_words && words[document] < part.lists.size()) continue;
    if (part.allowed == nullptr || part.allowed->contains(number)) top.offer(number, scores[document]);
  }
}

}  // namespace dragoman
