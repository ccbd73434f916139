#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/file.h"
#include "dragoman/base/hash.h"

namespace dragoman {

/// Writes an immutable segment: a header, named sections of bytes, a table of contents, all checksummed
/// (docs/formats/segment.md). The file appears whole, by rename, or not at all.
class SegmentWriter {
 public:
  /// @param kind  what the segment holds: "lexical", "dense".
  /// @param stamp what made it (analyser, model hash, ...), compared as a whole when the segment is opened.
  SegmentWriter(std::filesystem::path path, std::string kind, std::string stamp);

  /// Adds a section, aligned to 64 bytes. Names are unique. @throws Unavailable if the disk is full.
  void add(std::string_view name, std::span<const std::byte> bytes);

  template <class T>
  void add_array(std::string_view name, std::span<const T> values) {
    add(name, std::as_bytes(values));
  }

  /// A section in pieces, for what does not fit into memory: begin() it, and append() as often as needed; the next
  /// section or commit() ends it.
  void begin(std::string_view name);
  void append(std::span<const std::byte> bytes);

  /// Puts the file in its place and returns its size in bytes.
  std::uint64_t commit();

 private:
  struct Section {
    std::string name;
    std::uint64_t offset, size, checksum;
  };
  void end();

  AtomicFile file_;
  std::string kind_, stamp_;
  std::vector<Section> sections_;
  std::optional<Checksum> checksum_;  // Of the section that was begun.
};

/// A mapped segment. Thread-safe; views die with it.
class SegmentReader {
 public:
  /// Verifies header, table of contents and every section's checksum.
  /// @param remedy the command that makes the file again; empty: `dragoman index --rebuild`, into its collection.
  /// @throws NotFound if the file is missing; InvalidData if it is damaged, cut short, of another kind or stamp; the
  ///         message says which, and the remedy.
  SegmentReader(const std::filesystem::path& path, std::string_view kind, std::string_view stamp,
                std::string_view remedy = {});

  bool has(std::string_view name) const;

  /// @throws InvalidData if there is no such section.
  std::span<const std::byte> section(std::string_view name) const;

  /// The section as an array of trivially copyable values. @throws InvalidData if its size is no multiple of sizeof(T).
  template <class T>
  std::span<const T> array(std::string_view name) const {
    const auto bytes = section(name);
    check_multiple(name, bytes.size(), sizeof(T));
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }

  /// For what only all sections together say.
  /// @throws InvalidData that names the file and the command that makes it again, unless they are `consistent`.
  void check(bool consistent) const;

  const std::filesystem::path& path() const { return file_.path(); }

 private:
  void check_multiple(std::string_view name, std::size_t bytes, std::size_t unit) const;

  struct Section {
    std::string name;
    std::span<const std::byte> bytes;
  };
  [[noreturn]] void refuse(std::string_view why) const;

  std::string remedy_;
  MappedFile file_;
  std::vector<Section> sections_;
};

}  // namespace dragoman
