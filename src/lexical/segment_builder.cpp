#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "dragoman/base/error.h"
#include "dragoman/lexical/lexical_segment.h"
#include "dragoman/lexical/phrase.h"
#include "lexical/posting_source.h"
#include "lexical/posting_writer.h"
#include "lexical/segment_documents.h"
#include "lexical/spill_file.h"
#include "lexical/term_table.h"

namespace dragoman {
namespace {

constexpr std::size_t kMaxLanguages = std::numeric_limits<std::uint16_t>::max();
/// A posting takes so much in the order of documents, and then in that of words.
constexpr std::size_t kPostingMemory = sizeof(Occurrence) + 2 * sizeof(std::uint32_t);
/// A position, in either order.
constexpr std::size_t kPositionMemory = 2 * sizeof(std::uint32_t);
constexpr std::uint64_t kReportEvery = std::uint64_t{1} << 20;

}  // namespace

struct LexicalSegmentBuilder::State {
  explicit State(LexicalBuildOptions given) : options(std::move(given)) {
    if (options.spill_folder.empty()) options.spill_folder = std::filesystem::temp_directory_path();
  }

  std::uint32_t language_ordinal(const Language& language) {
    const auto found = language_ordinals.find(language.tag());
    if (found != language_ordinals.end()) return found->second;
    if (languages.size() == kMaxLanguages) {
      throw InvalidArgument(
          fmt::format("'{}' is language number {} of one lexical segment; at most {} fit, write a segment before",
                      language.tag(), languages.size() + 1, kMaxLanguages));
    }
    const auto ordinal = static_cast<std::uint32_t>(languages.size());
    languages.push_back(language);
    language_ordinals.emplace(language.tag(), ordinal);
    return ordinal;
  }

  /// @throws InvalidArgument; nothing is changed then.
  void begin_document(DocumentNumber document, const Language& language) {
    if (lengths.empty()) first_document = document;
    const std::uint64_t next = std::uint64_t{first_document} + lengths.size();
    if (document < next) {
      throw InvalidArgument(
          fmt::format("document {} was added behind document {}; numbers must ascend", document, next - 1));
    }
    const std::uint32_t undetermined = document > next ? language_ordinal(Language()) : 0;
    const std::uint32_t ordinal = language_ordinal(language);
    lengths.resize(document - first_document, 0);
    document_languages.resize(document - first_document, undetermined);
    document_languages.push_back(ordinal);
    lengths.push_back(0);
  }

  void add_term(std::string_view term, std::uint32_t frequency, std::uint32_t position) {
    const auto document = static_cast<std::uint32_t>(lengths.size() - 1);
    const std::uint32_t number = terms.number(term);
    if (number == latest.size()) latest.push_back(kNever);
    lengths.back() += frequency;
    const std::uint32_t last = latest[number];
    if (last != kNever && occurrences[last].document == document) {
      occurrences[last].frequency += frequency;
    } else {
      latest[number] = static_cast<std::uint32_t>(occurrences.size());
      occurrences.push_back({number, document, frequency});
    }
    if (options.positions) unsorted.emplace_back(latest[number], position);
  }

  /// Puts the document's positions behind those of the documents before it, in the order of its words.
  void sort_positions() {
    // Positions ascend, and the sort keeps their order.
    std::ranges::stable_sort(unsorted, {}, &std::pair<std::uint32_t, std::uint32_t>::first);
    for (const auto& [occurrence, position] : unsorted) positions.push_back(position);
    unsorted.clear();
  }

  /// @param term_of     makes a TermFrequency of one of `items`.
  /// @param position_of the position of item i, ascending; not asked for where positions are not kept.
  /// @throws InvalidArgument; nothing is changed then.
  template <typename Item, typename TermOf, typename PositionOf>
  void add(DocumentNumber document, const Language& language, std::span<const Item> items, TermOf term_of,
           PositionOf position_of) {
    std::uint64_t sum = 0;
    for (const Item& item : items) {
      const TermFrequency term = term_of(item);
      if (term.term.empty()) {
        throw InvalidArgument(fmt::format("document {} has an empty token; tokens must have a text", document));
      }
      if (term.frequency == 0) {
        throw InvalidArgument(fmt::format("document {} has '{}' 0 times; leave it out", document, term.term));
      }
      sum += term.frequency;
    }
    if (sum > std::numeric_limits<std::uint32_t>::max()) {
      throw InvalidArgument(
          fmt::format("the frequencies of document {} add up to {}, more than 32 bits", document, sum));
    }
    begin_document(document, language);
    for (std::size_t i = 0; i < items.size(); ++i) {
      const TermFrequency term = term_of(items[i]);
      add_term(term.term, term.frequency, options.positions ? position_of(i) : 0);
    }
    if (options.positions) sort_positions();
    end_document();
  }

  void end_document() {
    const std::size_t memory = occurrences.size() * kPostingMemory + positions.size() * kPositionMemory +
                               terms.memory() + latest.size() * sizeof(latest[0]);
    if (memory > options.memory_bytes || occurrences.size() >= kNever / 2) spill();
  }

  void spill() {
    SpillFile file(options.spill_folder, options.positions);
    const MemorySource source(terms, occurrences, positions);
    source.for_each([&](std::string_view term, const PostingSpans& postings) { file.write(term, postings); });
    spilled.push_back(std::move(file));
    posting_count += occurrences.size();
    occurrences.clear();
    positions.clear();
    latest.clear();
    terms = TermTable();
  }

  static constexpr std::uint32_t kNever = ~std::uint32_t{0};

  LexicalBuildOptions options;
  DocumentNumber first_document = 0;
  std::vector<std::uint32_t> lengths, document_languages;
  std::vector<Language> languages;
  std::map<std::string, std::uint32_t, std::less<>> language_ordinals;
  // What is in memory: postings in the order of documents, and each word's latest among them.
  TermTable terms;
  std::vector<Occurrence> occurrences;
  std::vector<std::uint32_t> latest;
  std::vector<std::uint32_t> positions;                           // Of each occurrence in turn.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> unsorted;  // Of one document: occurrence, position.
  std::vector<SpillFile> spilled;
  std::uint64_t posting_count = 0;  // Of those spilled.
};

LexicalSegmentBuilder::LexicalSegmentBuilder(LexicalBuildOptions options)
    : state_(std::make_unique<State>(std::move(options))) {}
LexicalSegmentBuilder::~LexicalSegmentBuilder() = default;
LexicalSegmentBuilder::LexicalSegmentBuilder(LexicalSegmentBuilder&&) noexcept = default;
LexicalSegmentBuilder& LexicalSegmentBuilder::operator=(LexicalSegmentBuilder&&) noexcept = default;

void LexicalSegmentBuilder::add(DocumentNumber document, const Language& language, std::span<const Token> tokens) {
  std::vector<std::uint32_t> positions;
  if (state_->options.positions) positions = token_positions(tokens);
  state_->add(
      document, language, tokens,
      [](const Token& token) {
        return TermFrequency{token.text, 1};
      },
      [&](std::size_t i) { return positions[i]; });
}

void LexicalSegmentBuilder::add_words(DocumentNumber document, const Language& language,
                                      std::span<const std::string_view> words) {
  state_->add(
      document, language, words,
      [](std::string_view word) {
        return TermFrequency{word, 1};
      },
      [](std::size_t i) { return static_cast<std::uint32_t>(i); });
}

void LexicalSegmentBuilder::add_weighted(DocumentNumber document, const Language& language,
                                         std::span<const TermFrequency> terms) {
  if (state_->options.positions) {
    throw InvalidArgument(fmt::format(
        "document {} has words with weights and no places, but positions are to be kept; leave out one of them",
        document));
  }
  state_->add(document, language, terms, std::identity(), [](std::size_t) { return 0; });
}

std::uint64_t LexicalSegmentBuilder::write(const std::filesystem::path& path, std::string_view stamp,
                                           const std::function<void(SegmentWriter&)>& add_more) {
  State& state = *state_;
  const MemorySource memory(state.terms, state.occurrences, state.positions);
  MergedPostings merged(state.spilled, memory);

  std::vector<std::uint32_t> order;  // Number less the first, by document.
  if (!state.options.given_order.empty()) {
    order = state.options.given_order;
    if (order.size() != state.lengths.size()) {
      throw InvalidArgument(
          fmt::format("the given order is of {} documents, but {} were added", order.size(), state.lengths.size()));
    }
  } else if (state.options.order == DocumentOrder::bisection) {
    order = order_by_bisection(merged, state.lengths.size(), state.options.threads);
  }
  SegmentDocuments documents{state.first_document, state.lengths, state.document_languages, state.languages, order};
  std::vector<std::uint32_t> place(order.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    documents.lengths[i] = state.lengths[order[i]];
    documents.language_of[i] = state.document_languages[order[i]];
    place[order[i]] = i;
  }
  SegmentWriter file(path, "lexical", std::string(stamp));
  const std::vector<std::uint8_t> length_codes = documents.write(file);

  PostingWriter writer(file, length_codes, documents.language_of, state.languages.size(), state.options.positions);
  const std::uint64_t total = state.posting_count + state.occurrences.size();
  std::uint64_t done = 0, next_report = 0;
  merged.for_each([&](std::string_view term, TermPostings& postings) {
    if (!place.empty()) reorder(place, postings);
    writer.add(term, postings.spans());
    done += postings.documents.size();
    if (done >= next_report) {
      report(state.options.progress, {"write", "postings", done, total});
      next_report = done + kReportEvery;
    }
  });
  writer.finish();
  if (add_more) add_more(file);
  return file.commit();
}

}  // namespace dragoman
