#include "dragoman/lexical/lexical_segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

static_assert(std::endian::native == std::endian::little, "segments hold little-endian arrays as they are in memory");

constexpr std::string_view kKind = "lexical";
constexpr std::size_t kMaxLanguages = std::numeric_limits<std::uint16_t>::max();

/// Offsets into something of `size` units: from 0 to `size`, each above the last.
bool are_offsets(std::span<const std::uint64_t> offsets, std::size_t size) {
  return !offsets.empty() && offsets.front() == 0 && offsets.back() == size &&
         std::adjacent_find(offsets.begin(), offsets.end(), std::greater_equal<>()) == offsets.end();
}

}  // namespace

std::uint16_t LexicalSegmentBuilder::language_ordinal(const Language& language) {
  const auto found = language_ordinals_.find(language.tag());
  if (found != language_ordinals_.end()) return found->second;
  if (languages_.size() == kMaxLanguages) {
    throw InvalidArgument(
        fmt::format("'{}' is language number {} of one lexical segment; at most {} fit, write a segment before",
                    language.tag(), languages_.size() + 1, kMaxLanguages));
  }
  const auto ordinal = static_cast<std::uint16_t>(languages_.size());
  languages_.push_back(language);
  language_ordinals_.emplace(language.tag(), ordinal);
  return ordinal;
}

std::uint32_t LexicalSegmentBuilder::term_number(const std::string& term) {
  return terms_.try_emplace(term, static_cast<std::uint32_t>(terms_.size())).first->second;
}

void LexicalSegmentBuilder::add(DocumentNumber document, const Language& language, std::span<const Token> tokens) {
  if (lengths_.empty()) first_document_ = document;
  const std::uint64_t next = std::uint64_t{first_document_} + lengths_.size();
  if (document < next) {
    throw InvalidArgument(
        fmt::format("document {} was added behind document {}; numbers must ascend", document, next - 1));
  }
  if (std::any_of(tokens.begin(), tokens.end(), [](const Token& token) { return token.text.empty(); })) {
    throw InvalidArgument(fmt::format("document {} has an empty token; tokens must have a text", document));
  }
  const std::uint16_t undetermined = document > next ? language_ordinal(Language()) : 0;
  const std::uint16_t ordinal = language_ordinal(language);
  lengths_.resize(document - first_document_, 0);
  document_languages_.resize(document - first_document_, undetermined);
  document_languages_.push_back(ordinal);
  lengths_.push_back(static_cast<std::uint32_t>(tokens.size()));

  std::vector<std::uint32_t> terms;
  terms.reserve(tokens.size());
  for (const Token& token : tokens) terms.push_back(term_number(token.text));
  std::sort(terms.begin(), terms.end());
  for (std::size_t begin = 0, end = 0; begin < terms.size(); begin = end) {
    while (end < terms.size() && terms[end] == terms[begin]) ++end;
    occurrences_.push_back({terms[begin], document, static_cast<std::uint32_t>(end - begin)});
  }
}

std::uint64_t LexicalSegmentBuilder::write(const std::filesystem::path& path, std::string_view stamp) const {
  std::vector<std::pair<std::string_view, std::uint32_t>> sorted(terms_.begin(), terms_.end());
  std::sort(sorted.begin(), sorted.end());

  std::string term_bytes;
  std::vector<std::uint64_t> term_offsets = {0};
  std::vector<std::uint32_t> rank(sorted.size());  // Place of a term in the sorted dictionary, by its number.
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    term_bytes += sorted[i].first;
    term_offsets.push_back(term_bytes.size());
    rank[sorted[i].second] = static_cast<std::uint32_t>(i);
  }

  // Counting sort by term. It is stable, so each list keeps the ascending order of documents.
  std::vector<std::uint64_t> posting_offsets(sorted.size() + 1, 0);
  for (const Occurrence& occurrence : occurrences_) ++posting_offsets[rank[occurrence.term] + 1];
  std::partial_sum(posting_offsets.begin(), posting_offsets.end(), posting_offsets.begin());
  std::vector<std::uint64_t> next(posting_offsets.begin(), posting_offsets.end() - 1);
  std::vector<DocumentNumber> documents(occurrences_.size());
  std::vector<std::uint32_t> frequencies(occurrences_.size());
  for (const Occurrence& occurrence : occurrences_) {
    const std::uint64_t at = next[rank[occurrence.term]]++;
    documents[at] = occurrence.document;
    frequencies[at] = occurrence.frequency;
  }

  std::string tags;
  for (const Language& language : languages_) tags += language.tag() + '\n';
  const std::vector<DocumentNumber> first_document = {first_document_};

  SegmentWriter writer(path, std::string(kKind), std::string(stamp));
  writer.add_array("first_document", std::span(first_document));
  writer.add_array("document_lengths", std::span(lengths_));
  writer.add_array("document_languages", std::span(document_languages_));
  writer.add("languages", std::as_bytes(std::span(tags)));
  writer.add_array<std::uint64_t>("term_offsets", term_offsets);
  writer.add("term_bytes", std::as_bytes(std::span(term_bytes)));
  writer.add_array<std::uint64_t>("posting_offsets", posting_offsets);
  writer.add_array<DocumentNumber>("posting_documents", documents);
  writer.add_array<std::uint32_t>("posting_frequencies", frequencies);
  return writer.commit();
}

LexicalSegment::LexicalSegment(const std::filesystem::path& path, std::string_view stamp)
    : reader_(path, kKind, stamp),
      lengths_(reader_.array<std::uint32_t>("document_lengths")),
      document_languages_(reader_.array<std::uint16_t>("document_languages")),
      term_offsets_(reader_.array<std::uint64_t>("term_offsets")),
      posting_offsets_(reader_.array<std::uint64_t>("posting_offsets")),
      posting_documents_(reader_.array<DocumentNumber>("posting_documents")),
      posting_frequencies_(reader_.array<std::uint32_t>("posting_frequencies")) {
  const auto bytes = reader_.section("term_bytes");
  term_bytes_ = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  check_documents();
  check_terms();
  check_postings();
}

void LexicalSegment::refuse(std::string_view why) const {
  throw InvalidData(fmt::format("{}: {}; make it again with: dragoman index --rebuild", reader_.path().string(), why));
}

void LexicalSegment::check_documents() {
  const auto first = reader_.array<DocumentNumber>("first_document");
  if (first.size() != 1) refuse("section first_document is not one number");
  first_document_ = first.front();
  if (first_document_ + std::uint64_t{lengths_.size()} > std::uint64_t{1} << 32) {
    refuse("document numbers go beyond 32 bits");
  }
  if (document_languages_.size() != lengths_.size()) refuse("document_languages and document_lengths differ in size");

  const auto bytes = reader_.section("languages");
  std::string_view tags(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  while (!tags.empty()) {
    const std::size_t end = tags.find('\n');
    if (end == std::string_view::npos) refuse("section languages does not end in a line break");
    try {
      languages_.push_back(Language::parse(tags.substr(0, end)));
    } catch (const InvalidArgument& error) {
      refuse(error.what());
    }
    tags.remove_prefix(end + 1);
  }
  for (const std::uint16_t language : document_languages_) {
    if (language >= languages_.size())
      refuse(fmt::format("a document has language {} of {}", language, languages_.size()));
  }
}

void LexicalSegment::check_terms() const {
  if (!are_offsets(term_offsets_, term_bytes_.size())) refuse("section term_offsets does not ascend over term_bytes");
  for (std::size_t i = 1; i < term_count(); ++i) {
    if (term(i - 1) >= term(i)) refuse(fmt::format("term {} is out of order", i));
  }
}

void LexicalSegment::check_postings() const {
  if (posting_offsets_.size() != term_offsets_.size()) refuse("posting_offsets and term_offsets differ in size");
  if (posting_frequencies_.size() != posting_documents_.size()) {
    refuse("posting_frequencies and posting_documents differ in size");
  }
  if (!are_offsets(posting_offsets_, posting_documents_.size())) {
    refuse("section posting_offsets does not ascend over posting_documents");
  }
  // The lengths are what the frequencies add up to: a matching document of length 0 would spoil the averages.
  std::vector<std::uint64_t> sums(lengths_.size(), 0);
  for (std::size_t i = 0; i < term_count(); ++i) {
    for (std::uint64_t at = posting_offsets_[i]; at < posting_offsets_[i + 1]; ++at) {
      const DocumentNumber document = posting_documents_[at];
      if (document < first_document_ || document - first_document_ >= lengths_.size()) {
        refuse(fmt::format("term {} points to document {}, outside the segment", i, document));
      }
      if (at > posting_offsets_[i] && posting_documents_[at - 1] >= document) {
        refuse(fmt::format("the documents of term {} are out of order", i));
      }
      if (posting_frequencies_[at] == 0) refuse(fmt::format("term {} occurs 0 times in document {}", i, document));
      sums[document - first_document_] += posting_frequencies_[at];
    }
  }
  if (!std::equal(sums.begin(), sums.end(), lengths_.begin(), lengths_.end())) {
    refuse("document_lengths are not the sums of posting_frequencies");
  }
}

std::string_view LexicalSegment::term(std::size_t index) const {
  return term_bytes_.substr(term_offsets_[index], term_offsets_[index + 1] - term_offsets_[index]);
}

Postings LexicalSegment::postings(std::string_view wanted) const {
  std::size_t low = 0, high = term_count();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (term(middle) < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == term_count() || term(low) != wanted) return {};
  const std::uint64_t begin = posting_offsets_[low], size = posting_offsets_[low + 1] - begin;
  return {posting_documents_.subspan(begin, size), posting_frequencies_.subspan(begin, size)};
}

}  // namespace dragoman
