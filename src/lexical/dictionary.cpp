#include "lexical/dictionary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "dragoman/base/error.h"
#include "lexical/position_block.h"

namespace dragoman {
namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 32;
/// More bytes than there can be.
constexpr std::uint64_t kTooMuch = ~std::uint64_t{0};
/// The two lengths of a word share a byte; this says that a number follows.
constexpr std::uint64_t kMore = 15;

std::uint64_t prefix_of(std::string_view term) {
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < 8; ++i) prefix = prefix << 8 | (i < term.size() ? static_cast<std::uint8_t>(term[i]) : 0);
  return prefix;
}

std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Bytes that were verified, read with the functions of CheckedBytes.
class TrustedBytes {
 public:
  explicit TrustedBytes(const std::uint8_t* at) : at_(at) {}
  std::uint64_t varint() { return take_varint(at_); }
  std::span<const std::uint8_t> take(std::uint64_t size) {
    const std::span<const std::uint8_t> taken(at_, size);
    at_ += size;
    return taken;
  }
  std::uint64_t left() const { return kTooMuch; }

 private:
  const std::uint8_t* at_;
};

/// How a word differs from the one before it.
struct Change {
  std::uint64_t shared = 0;
  std::string_view suffix;
};

template <class Bytes>
Change take_change(Bytes& in) {
  const auto lengths = in.take(1);
  if (lengths.empty()) return {};
  std::uint64_t shared = lengths[0] & 15u, size = lengths[0] >> 4;
  if (shared == kMore) shared += in.varint();
  if (size == kMore) size += in.varint();
  return {shared, as_text(in.take(size))};
}

template <class Bytes>
DictionaryEntry take_entry(Bytes& in, bool positions) {
  DictionaryEntry entry;
  // One number says how many documents, and whether any has the word twice.
  const std::uint64_t head = in.varint();
  entry.documents = static_cast<std::uint32_t>(std::min<std::uint64_t>(head >> 1, ~std::uint32_t{0}));
  if (entry.documents >= kBlockPostings) {
    entry.postings_offset = in.varint();
    entry.first_block = in.varint();
    entry.first_language = in.varint();
    entry.language_count = in.varint();
    return entry;
  }
  const auto bits = in.take(1 + (head & 1));
  if (bits.empty()) return entry;
  entry.document_bits = bits[0];
  entry.frequency_bits = bits.size() > 1 ? bits[1] : 0;
  if (positions) entry.positions = (head & 1) != 0 ? in.varint() : entry.documents;
  // Wider is refused when it is opened; this keeps the size small until then.
  entry.packed =
      in.take(stream_bytes(entry.documents, entry.document_bits) + stream_bytes(entry.documents, entry.frequency_bits));
  if (!positions || entry.packed.data() == nullptr) return entry;
  const std::uint8_t* begin = entry.packed.data() + entry.packed.size();
  const auto size = packed_positions_size(begin, entry.positions, in.left());
  const auto packed = in.take(size.value_or(kTooMuch));
  entry.packed = {entry.packed.data(), entry.packed.size() + packed.size()};
  return entry;
}

}  // namespace

void DictionaryWriter::add(std::string_view term, const DictionaryEntry& entry) {
  if (bytes_.size() >= kMaxBytes) {
    throw InvalidArgument("the words of one lexical segment take more than 4 GiB; write a segment before");
  }
  std::size_t shared = 0;
  if (term_count_ % kGroupTerms == 0) {
    groups_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  } else {
    shared = static_cast<std::size_t>(std::ranges::mismatch(term, last_).in1 - term.begin());
  }
  const std::string_view suffix = term.substr(shared);
  bytes_.push_back(static_cast<std::uint8_t>(std::min<std::size_t>(shared, kMore) |
                                             std::min<std::size_t>(suffix.size(), kMore) << 4));
  if (shared >= kMore) put_varint(bytes_, shared - kMore);
  if (suffix.size() >= kMore) put_varint(bytes_, suffix.size() - kMore);
  put_bytes(bytes_, suffix);

  const bool long_list = entry.documents >= kBlockPostings;
  put_varint(bytes_, std::uint64_t{entry.documents} << 1 | (!long_list && entry.frequency_bits > 0));
  if (long_list) {
    put_varint(bytes_, entry.postings_offset);
    put_varint(bytes_, entry.first_block);
    put_varint(bytes_, entry.first_language);
    put_varint(bytes_, entry.language_count);
  } else {
    bytes_.push_back(entry.document_bits);
    if (entry.frequency_bits > 0) bytes_.push_back(entry.frequency_bits);
    if (positions_ && entry.frequency_bits > 0) put_varint(bytes_, entry.positions);
    bytes_.insert(bytes_.end(), entry.packed.begin(), entry.packed.end());
  }
  last_ = term;
  ++term_count_;
}

std::string Dictionary::open(std::span<const std::uint8_t> bytes, std::span<const std::uint32_t> groups,
                             std::uint64_t term_count, bool positions, const Check& check) {
  if (bytes.size() < kStreamPadding) return "section dictionary is cut short";
  if (groups.size() != (term_count + kGroupTerms - 1) / kGroupTerms) {
    return fmt::format("{} groups of words are not those of {} words", groups.size(), term_count);
  }
  bytes_ = bytes;
  groups_ = groups;
  term_count_ = term_count;
  positions_ = positions;
  prefixes_.reserve(groups.size());

  const auto words = bytes.first(bytes.size() - kStreamPadding);
  CheckedBytes in(words);
  std::string term, next;
  for (std::uint64_t i = 0; i < term_count; ++i) {
    const bool first = i % kGroupTerms == 0;
    if (first && groups[i / kGroupTerms] != words.size() - in.left()) {
      return fmt::format("group {} of words does not begin where it should", i / kGroupTerms);
    }
    const Change change = take_change(in);
    const DictionaryEntry entry = take_entry(in, positions);
    if (in.failed()) return fmt::format("term {} is cut short", i);
    if (first ? change.shared != 0 : change.shared > term.size()) {
      return fmt::format("term {} shares more with the one before than that has", i);
    }
    next.assign(term, 0, change.shared).append(change.suffix);
    if (next.empty()) return fmt::format("term {} is empty", i);
    if (i > 0 && term >= next) return fmt::format("term {} is out of order", i);
    term.swap(next);
    if (entry.documents == 0) return fmt::format("term {} is in no document", i);
    if (entry.document_bits > 32 || entry.frequency_bits > 32) {
      return fmt::format("numbers of term {} have more than 32 bits", i);
    }
    if (first) prefixes_.push_back(prefix_of(term));
    check(term, entry);
  }
  return in.at_end() ? "" : "section dictionary is longer than its words";
}

/// The last group whose first word is not above `term`; the first one if there is none.
std::size_t Dictionary::group_of(std::string_view term) const {
  const std::uint64_t prefix = prefix_of(term);
  auto low = static_cast<std::size_t>(std::lower_bound(prefixes_.begin(), prefixes_.end(), prefix) - prefixes_.begin());
  std::size_t high = low;
  while (high < prefixes_.size() && prefixes_[high] == prefix) ++high;
  // Groups [low, high) begin with the same 8 bytes; the whole words tell.
  const auto is_above = [&](std::size_t group) {
    TrustedBytes in(bytes_.data() + groups_[group]);
    return take_change(in).suffix > term;
  };
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (is_above(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low == 0 ? 0 : low - 1;
}

bool Dictionary::find(std::string_view term, DictionaryEntry& entry) const {
  if (term_count_ == 0) return false;
  const std::size_t group = group_of(term);
  const std::size_t count = std::min(kGroupTerms, term_count_ - group * kGroupTerms);
  TrustedBytes in(bytes_.data() + groups_[group]);
  // How much of `term` the last word has; a word that shares less with it than that is beyond `term` already.
  std::size_t matched = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Change change = take_change(in);
    entry = take_entry(in, positions_);
    if (change.shared < matched) return false;
    if (change.shared > matched) continue;  // It differs from `term` where the last one did.
    const std::string_view rest = term.substr(matched);
    const auto [end, unused] = std::ranges::mismatch(rest, change.suffix);
    const auto same = static_cast<std::size_t>(end - rest.begin());
    if (same == rest.size() && same == change.suffix.size()) return true;
    if (same < change.suffix.size() && (same == rest.size() || static_cast<std::uint8_t>(change.suffix[same]) >
                                                                   static_cast<std::uint8_t>(rest[same]))) {
      return false;
    }
    matched += same;
  }
  return false;
}

std::string Dictionary::term(std::size_t index) const {
  TrustedBytes in(bytes_.data() + groups_[index / kGroupTerms]);
  std::string term;
  for (std::size_t i = 0; i <= index % kGroupTerms; ++i) {
    const Change change = take_change(in);
    term.resize(change.shared);
    term += change.suffix;
    take_entry(in, positions_);
  }
  return term;
}

}  // namespace dragoman
