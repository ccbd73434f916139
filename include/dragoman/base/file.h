#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace dragoman {

/// A whole file, mapped read-only into memory. Movable; the view dies with it. Thread-safe.
class MappedFile {
 public:
  /// @throws NotFound if there is no such file, InvalidData if it is a folder or a device, Unavailable if the system
  ///         refuses to map it.
  explicit MappedFile(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Reads text line by line from a plain, .gz or .zst file (told by content, not by name), or from "-", standard input.
/// Lines end at LF; a CR before it is dropped, and a UTF-8 byte order mark at the start is skipped.
class LineReader {
 public:
  /// A longer line is refused: it is almost always a file without line breaks, and would take all memory.
  static constexpr std::size_t kMaxLineBytes = std::size_t{16} << 20;

  /// @throws NotFound if there is no such file, Unavailable if it cannot be read.
  explicit LineReader(const std::string& path, std::size_t max_line_bytes = kMaxLineBytes);
  ~LineReader();

  /// Puts the next line, without its end, into `line`; false after the last one. The view is valid until the next call.
  /// @throws InvalidData if a line is too long or the compressed stream is damaged.
  bool next(std::string_view& line);

  /// Number of the line last returned, counted from 1.
  std::uint64_t line_number() const;

  /// Bytes of the file (compressed, if it is) read so far, and in all; 0 in all where that cannot be told.
  std::uint64_t bytes_read() const;
  std::uint64_t bytes_total() const;

  /// "corpus.jsonl:17", for messages.
  std::string place() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// @throws NotFound, InvalidData, Unavailable, as MappedFile.
std::string read_file(const std::filesystem::path& path);

/// Makes a folder, and those above it, where they are not there. @throws Unavailable.
void make_folder(const std::filesystem::path& folder);

/// A file that appears whole or not at all: written beside its place under a temporary name, flushed to the disk and
/// renamed by commit(). Without commit() nothing remains. A link is followed; what is no regular file (/dev/null, a
/// pipe) is written to as it stands.
class AtomicFile {
 public:
  /// @throws Unavailable if the folder cannot be written.
  explicit AtomicFile(std::filesystem::path path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  /// @throws Unavailable, naming the file and the system's reason (a full disk, say).
  void write(std::span<const std::byte> bytes);
  void write(std::string_view bytes);

  /// Puts bytes in the place of the first ones written, a header that counts what followed it, say.
  /// @throws InvalidArgument for what is no regular file, or for more bytes than there are; Unavailable as write().
  void rewrite_begin(std::string_view bytes);

  std::uint64_t size() const { return size_; }
  /// Where the bytes lie until commit(); empty for what is no regular file.
  const std::filesystem::path& temporary_path() const { return temporary_; }
  void commit();

 private:
  std::filesystem::path path_, temporary_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace dragoman
