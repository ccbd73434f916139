#include "dragoman/collection/segment_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

constexpr std::string_view kMagic = "DRAGOSEG";
constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kAlignment = 64;  // A cache line, and the widest SIMD load.

/// The last bytes of the file; they tell where the table of contents lies.
struct Footer {
  std::uint64_t contents_offset;
  std::uint64_t contents_size;
  std::uint64_t contents_checksum;
  std::uint64_t version;
  std::array<char, 8> magic;
};
static_assert(sizeof(Footer) == 40);

void put_number(std::string& out, std::uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) out += static_cast<char>(value >> shift);
}

void put_string(std::string& out, std::string_view value) {
  put_number(out, value.size());
  out += value;
}

std::string remedy_for(const std::filesystem::path& path, std::string_view remedy) {
  if (!remedy.empty()) return std::string(remedy);
  return fmt::format("dragoman index --rebuild --into {}", path.parent_path().parent_path().string());
}

std::string refusal(const std::filesystem::path& path, std::string_view why, std::string_view remedy) {
  return fmt::format("{}: {}; make it again with: {}", path.string(), why, remedy);
}

MappedFile map_segment(const std::filesystem::path& path, std::string_view remedy) {
  try {
    return MappedFile(path);
  } catch (const NotFound&) {
    throw NotFound(refusal(path, "no such file", remedy));
  }
}

/// Reads the table of contents; every length is checked against what is left.
class ContentsReader {
 public:
  ContentsReader(std::span<const std::byte> bytes, const std::filesystem::path& path, std::string_view remedy)
      : bytes_(bytes), path_(path), remedy_(remedy) {}

  std::uint64_t number() {
    const auto raw = take(8);
    std::uint64_t value = 0;
    for (std::size_t i = 8; i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(raw[i]);
    return value;
  }

  std::string string() {
    const auto raw = take(number());
    return {reinterpret_cast<const char*>(raw.data()), raw.size()};
  }

  bool at_end() const { return bytes_.empty(); }

 private:
  std::span<const std::byte> take(std::uint64_t size) {
    if (size > bytes_.size()) throw InvalidData(refusal(path_, "the table of contents is damaged", remedy_));
    const auto taken = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return taken;
  }

  std::span<const std::byte> bytes_;
  const std::filesystem::path& path_;
  std::string_view remedy_;
};

}  // namespace

SegmentWriter::SegmentWriter(std::filesystem::path path, std::string kind, std::string stamp)
    : file_(std::move(path)), kind_(std::move(kind)), stamp_(std::move(stamp)) {
  file_.write(kMagic);
}

void SegmentWriter::begin(std::string_view name) {
  end();
  constexpr std::array<std::byte, kAlignment> kZeros{};
  file_.write(std::span(kZeros).first((kAlignment - file_.size() % kAlignment) % kAlignment));
  sections_.push_back({std::string(name), file_.size(), 0, 0});
  checksum_.emplace();
}

void SegmentWriter::append(std::span<const std::byte> bytes) {
  file_.write(bytes);
  checksum_->update(bytes);
  sections_.back().size += bytes.size();
}

void SegmentWriter::end() {
  if (checksum_) sections_.back().checksum = checksum_->value();
  checksum_.reset();
}

void SegmentWriter::add(std::string_view name, std::span<const std::byte> bytes) {
  begin(name);
  append(bytes);
}

std::uint64_t SegmentWriter::commit() {
  end();
  std::string contents;
  put_string(contents, kind_);
  put_string(contents, stamp_);
  for (const Section& section : sections_) {
    put_string(contents, section.name);
    put_number(contents, section.offset);
    put_number(contents, section.size);
    put_number(contents, section.checksum);
  }
  const std::uint64_t offset = file_.size();
  std::string tail = contents;
  put_number(tail, offset);
  put_number(tail, contents.size());
  put_number(tail, checksum(contents));
  put_number(tail, kVersion);
  tail += kMagic;
  file_.write(tail);
  file_.commit();
  return file_.size();
}

SegmentReader::SegmentReader(const std::filesystem::path& path, std::string_view kind, std::string_view stamp,
                             std::string_view remedy)
    : remedy_(remedy_for(path, remedy)), file_(map_segment(path, remedy_)) {
  const auto bytes = file_.bytes();
  Footer footer;
  if (bytes.size() < kMagic.size() + sizeof footer) refuse("the segment is cut short");
  std::memcpy(&footer, bytes.data() + bytes.size() - sizeof footer, sizeof footer);
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()), kMagic.size());
  if (head != kMagic || std::string_view(footer.magic.data(), footer.magic.size()) != kMagic) {
    refuse("not a segment, or cut short");
  }
  if (footer.version != kVersion) {
    refuse(fmt::format("segment format {} is not {}, the one this program reads", footer.version, kVersion));
  }
  const std::uint64_t body = bytes.size() - sizeof footer;
  if (footer.contents_offset > body || footer.contents_size != body - footer.contents_offset) {
    refuse("the table of contents is damaged");
  }
  const auto contents = bytes.subspan(footer.contents_offset, footer.contents_size);
  if (checksum(contents) != footer.contents_checksum) refuse("the table of contents is damaged");

  ContentsReader reader(contents, path, remedy_);
  if (const auto found = reader.string(); found != kind) {
    refuse(fmt::format("a {} segment where a {} one belongs", printable(found), kind));
  }
  if (const auto found = reader.string(); found != stamp) {
    refuse(fmt::format("made by [{}], but [{}] is asked for", printable(found, 200), printable(stamp, 200)));
  }
  while (!reader.at_end()) {
    Section section{reader.string(), {}};
    const std::uint64_t offset = reader.number(), size = reader.number(), expected = reader.number();
    if (offset > footer.contents_offset || size > footer.contents_offset - offset || offset % kAlignment != 0) {
      refuse(fmt::format("section {} lies outside the file", printable(section.name)));
    }
    section.bytes = bytes.subspan(offset, size);
    if (checksum(section.bytes) != expected) {
      refuse(fmt::format("section {} is damaged (its checksum differs)", printable(section.name)));
    }
    sections_.push_back(std::move(section));
  }
}

void SegmentReader::refuse(std::string_view why) const { throw InvalidData(refusal(path(), why, remedy_)); }

bool SegmentReader::has(std::string_view name) const {
  return std::ranges::find(sections_, name, &Section::name) != sections_.end();
}

std::span<const std::byte> SegmentReader::section(std::string_view name) const {
  const auto found = std::ranges::find(sections_, name, &Section::name);
  if (found == sections_.end()) refuse(fmt::format("section {} is missing", name));
  return found->bytes;
}

void SegmentReader::check(bool consistent) const {
  if (!consistent) refuse("its sections contradict one another");
}

void SegmentReader::check_multiple(std::string_view name, std::size_t bytes, std::size_t unit) const {
  if (bytes % unit != 0) refuse(fmt::format("section {} has an odd size", name));
}

}  // namespace dragoman
