#include "lexical/max_score.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "lexical/for_each_posting.h"
#include "lexical/list_cursor.h"
#include "lexical/phrase_search.h"
#include "lexical/union_cursor.h"

namespace dragoman {
namespace {

constexpr std::uint64_t kWindowPostings = 4096;

/// All 0 between searches.
WindowScores& thread_window() {
  static thread_local const std::unique_ptr<WindowScores> window = std::make_unique<WindowScores>();
  return *window;
}

template <typename Cursor>
class MaxScore {
 public:
  /// @param words what cursors are made of.
  template <typename Word>
  MaxScore(const PartSearch& part, std::span<const Word> words, TopDocuments& top) : part_(part), top_(top) {
    cursors_.reserve(words.size());
    for (const Word& word : words) cursors_.emplace_back(word);
    for (Cursor& cursor : cursors_) order_.push_back(&cursor);
  }

  void run() {
    const std::uint64_t documents = part_.segment.document_count;
    std::uint64_t window = kFirstWindow;
    const std::uint64_t last_window = window_for(documents);
    for (std::uint64_t base = 0; base < documents;) {
      const std::uint64_t end = std::min<std::uint64_t>(base + window, documents);
      window = std::min(2 * window, last_window);
      if (may_be_allowed(base, end)) {
        std::int32_t sum = 0;
        bool all = true;
        for (Cursor& cursor : cursors_) {
          const std::int32_t bound = cursor.enter(static_cast<std::uint32_t>(base), end);
          sum += bound;
          all = all && bound > 0;
        }
        if (sum == 0) {
          base = next_window(end);
          continue;
        }
        if (sum >= top_.least() && (all || !part_.all_words)) {
          part_.all_words ? find_in_all() : find_in_any(static_cast<std::uint32_t>(base), end, sum);
        }
      }
      base = end;
    }
  }

 private:
  /// Documents of which a few thousand have one of the words.
  std::uint64_t window_for(std::uint64_t documents) const {
    std::uint64_t postings = 0;
    for (const Cursor& cursor : cursors_) postings += cursor.size();
    std::uint64_t window = kFirstWindow;
    while (window < kMaxWindow && window * postings < kWindowPostings * documents) window *= 2;
    return window;
  }

  bool may_be_allowed(std::uint64_t base, std::uint64_t end) const {
    if (part_.allowed == nullptr || !part_.segment.order.empty()) return true;
    return part_.allowed->may_have_any(part_.segment.first_document + base, part_.segment.first_document + end);
  }

  /// No word is in the window before: goes on where the first one is.
  std::uint64_t next_window(std::uint64_t end) {
    std::uint64_t next = ~std::uint64_t{0};
    for (Cursor& cursor : cursors_) next = std::min(next, cursor.next_from(static_cast<std::uint32_t>(end)));
    return next;
  }

  void find_in_any(std::uint32_t base, std::uint64_t end, std::int32_t sum) {
    // Cheap bounds first: words that add little for many postings are better looked up than added up.
    std::sort(order_.begin(), order_.end(), [](const Cursor* a, const Cursor* b) {
      return std::uint64_t{static_cast<std::uint32_t>(a->window_bound())} * b->size() <
             std::uint64_t{static_cast<std::uint32_t>(b->window_bound())} * a->size();
    });
    looked_up_.clear();
    added_up_.clear();
    std::int32_t rest = 0;
    for (Cursor* cursor : order_) {
      if (cursor->window_bound() == 0) continue;
      if (rest + cursor->window_bound() < top_.least()) {
        rest += cursor->window_bound();
        looked_up_.push_back(cursor);
      } else {
        added_up_.push_back(cursor);
      }
    }
    const std::int32_t cut = std::max(top_.least() - rest, 1);
    if (added_up_.size() == 1) {
      added_up_[0]->put_into(*candidates_, cut);
    } else {
      for (Cursor* cursor : added_up_) {
        cursor->add_to(*window_, top_.least() - (sum - cursor->window_bound()));
      }
      candidates_->size =
          collect(window_->scores, window_->touched, (end - base + kTouchedDocuments - 1) / kTouchedDocuments, cut,
                  base, candidates_->documents, candidates_->scores);
    }
    drop_what_is_not_allowed();
    std::sort(looked_up_.begin(), looked_up_.end(),
              [](const Cursor* a, const Cursor* b) { return a->window_bound() > b->window_bound(); });
    for (Cursor* cursor : looked_up_) {
      candidates_->keep(top_.least() - rest);
      if (candidates_->size == 0) return;
      cursor->probe(*candidates_, false);
      rest -= cursor->window_bound();
    }
    offer();
  }

  void find_in_all() {
    std::sort(order_.begin(), order_.end(), [](const Cursor* a, const Cursor* b) { return a->size() < b->size(); });
    std::int32_t rest = 0;
    for (const Cursor* cursor : order_) rest += cursor->window_bound();
    rest -= order_[0]->window_bound();
    order_[0]->put_into(*candidates_, std::max(top_.least() - rest, 1));
    drop_what_is_not_allowed();
    for (std::size_t i = 1; i < order_.size() && candidates_->size > 0; ++i) {
      order_[i]->probe(*candidates_, true);
      rest -= order_[i]->window_bound();
      candidates_->keep(top_.least() - rest);
    }
    offer();
  }

  void drop_what_is_not_allowed() {
    if (part_.allowed == nullptr) return;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < candidates_->size; ++i) {
      candidates_->documents[kept] = candidates_->documents[i];
      candidates_->scores[kept] = candidates_->scores[i];
      kept += part_.allowed->contains(part_.segment.number_of(candidates_->documents[i]));
    }
    candidates_->size = kept;
  }

  void offer() {
    for (std::size_t i = 0; i < candidates_->size; ++i) {
      if (candidates_->scores[i] >= top_.least()) {
        top_.offer(part_.segment.number_of(candidates_->documents[i]), candidates_->scores[i]);
      }
    }
  }

  const PartSearch& part_;
  TopDocuments& top_;
  std::vector<Cursor> cursors_;
  std::vector<Cursor*> order_, looked_up_, added_up_;
  WindowScores* window_ = &thread_window();
  Candidates* candidates_ = &thread_candidates();
};

/// The slow twin of a UnionCursor.
void score_every_document(const ScoredUnion& scored, std::span<std::int32_t> scores, std::span<std::uint32_t> words) {
  std::vector<float> sums(scores.size(), 0);
  for (const UnionPart& part : scored.parts) {
    for_each_posting(part.list, [&](std::uint32_t document, std::uint32_t frequency) {
      sums[document] += weighted_frequency(part.weight, frequency, part.inverses[document]);
    });
  }
  for (std::uint32_t document = 0; document < sums.size(); ++document) {
    if (sums[document] == 0) continue;
    scores[document] += saturated(scored.weight_of(document), sums[document]);
    ++words[document];
  }
}

}  // namespace

void search_max_score(const PartSearch& part, TopDocuments& top) {
  if (part.unions.empty()) return MaxScore<ListCursor>(part, part.lists, top).run();
  MaxScore<UnionCursor>(part, part.unions, top).run();
}

void search_part(TopKMethod method, const PartSearch& part, TopDocuments& top) {
  if (!part.phrases.empty()) {
    return method == TopKMethod::exhaustive ? search_phrases_exhaustive(part, top) : search_phrases(part, top);
  }
  method == TopKMethod::exhaustive ? search_exhaustive(part, top) : search_max_score(part, top);
}

void search_exhaustive(const PartSearch& part, TopDocuments& top) {
  std::vector<std::int32_t> scores(part.segment.document_count, 0);
  std::vector<std::uint32_t> words(part.segment.document_count, 0);
  for (const ScoredUnion& scored : part.unions) score_every_document(scored, scores, words);
  for (const ScoredList& scored : part.lists) {
    for_each_posting(scored.list, [&](std::uint32_t document, std::uint32_t frequency) {
      scores[document] += scored.scorer->score(document, frequency);
      ++words[document];
    });
  }
  for (std::uint32_t document = 0; document < scores.size(); ++document) {
    const DocumentNumber number = part.segment.number_of(document);
    if (words[document] < (part.all_words ? part.lists.size() + part.unions.size() : 1)) continue;
    if (part.allowed == nullptr || part.allowed->contains(number)) top.offer(number, scores[document]);
  }
}

}  // namespace dragoman
