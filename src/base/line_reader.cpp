#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"

namespace dragoman {
namespace {

constexpr std::size_t kBlock = 256 << 10;
constexpr std::size_t kMebibyte = 1 << 20;

/// Raw bytes of a file or of standard input.
class Source {
 public:
  explicit Source(const std::string& path) : path_(path) {
    descriptor_ = path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0) {
      if (errno == ENOENT || errno == ENOTDIR) throw NotFound(fmt::format("{}: no such file", path));
      throw Unavailable(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
    }
    struct stat status {};
    fstat(descriptor_, &status);
    if (S_ISREG(status.st_mode)) total_ = static_cast<std::uint64_t>(status.st_size);
  }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  ~Source() { close(descriptor_); }

  /// Fills `buffer` from its current end up to a block; false at the end of the file.
  bool fill(std::vector<char>& buffer) {
    const std::size_t old_size = buffer.size();
    buffer.resize(old_size + kBlock);
    ssize_t count;
    do count = ::read(descriptor_, buffer.data() + old_size, kBlock);
    while (count < 0 && errno == EINTR);
    if (count < 0) throw Unavailable(fmt::format("{}: cannot be read: {}", path_, std::strerror(errno)));
    buffer.resize(old_size + static_cast<std::size_t>(count));
    read_ += static_cast<std::uint64_t>(count);
    return count > 0;
  }

  std::uint64_t read_ = 0, total_ = 0;

 private:
  std::string path_;
  int descriptor_;
};

/// Bytes as they were before compression.
class Stream {
 public:
  virtual ~Stream() = default;
  /// Appends some bytes to `out`; false at the end.
  virtual bool read(std::vector<char>& out) = 0;
};

class PlainStream : public Stream {
 public:
  PlainStream(Source& source, std::vector<char> head) : source_(source), head_(std::move(head)) {}
  bool read(std::vector<char>& out) override {
    if (!head_.empty()) {
      out.insert(out.end(), head_.begin(), head_.end());
      head_.clear();
      return true;
    }
    return source_.fill(out);
  }

 private:
  Source& source_;
  std::vector<char> head_;
};

class GzipStream : public Stream {
 public:
  GzipStream(Source& source, std::vector<char> head, std::string path)
      : source_(source), input_(std::move(head)), path_(std::move(path)) {
    inflateInit2(&zlib_, 15 + 16);  // 16: a gzip header, not a zlib one.
  }
  ~GzipStream() override { inflateEnd(&zlib_); }

  bool read(std::vector<char>& out) override {
    for (;;) {
      if (consumed_ == input_.size()) {
        input_.clear();
        consumed_ = 0;
        if (!source_.fill(input_)) {
          if (!between_members_) throw InvalidData(fmt::format("{}: the gzip stream is cut short", path_));
          return false;
        }
      }
      if (between_members_) inflateReset(&zlib_);  // A .gz file may hold several members, one after another.
      between_members_ = false;
      const std::size_t old_size = out.size();
      out.resize(old_size + kBlock);
      zlib_.next_in = reinterpret_cast<Bytef*>(input_.data() + consumed_);
      zlib_.avail_in = static_cast<uInt>(input_.size() - consumed_);
      zlib_.next_out = reinterpret_cast<Bytef*>(out.data() + old_size);
      zlib_.avail_out = kBlock;
      const int status = inflate(&zlib_, Z_NO_FLUSH);
      consumed_ = input_.size() - zlib_.avail_in;
      out.resize(old_size + kBlock - zlib_.avail_out);
      if (status == Z_STREAM_END)
        between_members_ = true;
      else if (status != Z_OK && status != Z_BUF_ERROR) {
        throw InvalidData(fmt::format("{}: the gzip stream is damaged", path_));
      }
      if (out.size() > old_size) return true;
    }
  }

 private:
  Source& source_;
  std::vector<char> input_;
  std::string path_;
  std::size_t consumed_ = 0;
  bool between_members_ = false;
  z_stream zlib_{};
};

class ZstdStream : public Stream {
 public:
  ZstdStream(Source& source, std::vector<char> head, std::string path)
      : source_(source), input_(std::move(head)), path_(std::move(path)), context_(ZSTD_createDCtx()) {}
  ~ZstdStream() override { ZSTD_freeDCtx(context_); }

  bool read(std::vector<char>& out) override {
    for (;;) {
      if (consumed_ == input_.size()) {
        input_.clear();
        consumed_ = 0;
        if (!source_.fill(input_)) {
          if (inside_frame_) throw InvalidData(fmt::format("{}: the zstd stream is cut short", path_));
          return false;
        }
      }
      const std::size_t old_size = out.size();
      out.resize(old_size + kBlock);
      ZSTD_inBuffer in{input_.data(), input_.size(), consumed_};
      ZSTD_outBuffer target{out.data() + old_size, kBlock, 0};
      const std::size_t status = ZSTD_decompressStream(context_, &target, &in);
      if (ZSTD_isError(status)) throw InvalidData(fmt::format("{}: the zstd stream is damaged", path_));
      consumed_ = in.pos;
      inside_frame_ = status != 0;
      out.resize(old_size + target.pos);
      if (out.size() > old_size) return true;
    }
  }

 private:
  Source& source_;
  std::vector<char> input_;
  std::string path_;
  std::size_t consumed_ = 0;
  bool inside_frame_ = false;
  ZSTD_DCtx* context_;
};

std::unique_ptr<Stream> open_stream(Source& source, const std::string& path) {
  std::vector<char> head;
  while (head.size() < 4 && source.fill(head)) {
  }
  const std::string_view magic(head.data(), std::min<std::size_t>(head.size(), 4));
  if (magic.starts_with("\x1f\x8b")) return std::make_unique<GzipStream>(source, std::move(head), path);
  if (magic == "\x28\xb5\x2f\xfd") return std::make_unique<ZstdStream>(source, std::move(head), path);
  return std::make_unique<PlainStream>(source, std::move(head));
}

}  // namespace

struct LineReader::State {
  State(const std::string& name, std::size_t limit)
      : path(name), max_line_bytes(limit), source(name), stream(open_stream(source, name)) {}

  std::string path;
  std::size_t max_line_bytes;
  Source source;
  std::unique_ptr<Stream> stream;
  std::vector<char> buffer;
  std::size_t begin = 0;  // of the line now being looked for, in buffer
  std::uint64_t line_number = 0;
  bool at_end = false;
};

LineReader::LineReader(const std::string& path, std::size_t max_line_bytes)
    : state_(std::make_unique<State>(path, max_line_bytes)) {}
LineReader::~LineReader() = default;

bool LineReader::next(std::string_view& line) {
  State& s = *state_;
  std::size_t searched = s.begin;
  for (;;) {
    const std::string_view rest(s.buffer.data() + searched, s.buffer.size() - searched);
    const std::size_t end_of_line = rest.find('\n');
    if (end_of_line != std::string_view::npos || (s.at_end && s.begin < s.buffer.size())) {
      const std::size_t end = end_of_line == std::string_view::npos ? s.buffer.size() : searched + end_of_line;
      line = {s.buffer.data() + s.begin, end - s.begin};
      s.begin = std::min(end + 1, s.buffer.size());
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (s.line_number == 0 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
      ++s.line_number;
      if (line.size() > s.max_line_bytes) break;
      return true;
    }
    if (s.at_end) return false;
    // A byte order mark and a carriage return do not count as bytes of the line.
    if (s.buffer.size() - s.begin > s.max_line_bytes + 4) {
      ++s.line_number;
      break;
    }
    s.buffer.erase(s.buffer.begin(), s.buffer.begin() + static_cast<std::ptrdiff_t>(s.begin));
    s.begin = 0;
    searched = s.buffer.size();
    s.at_end = !s.stream->read(s.buffer);
  }
  const std::size_t limit = s.max_line_bytes;
  throw InvalidData(
      fmt::format("{}: the line is longer than {}; one record belongs on one line", place(),
                  limit % kMebibyte == 0 ? fmt::format("{} MiB", limit / kMebibyte) : fmt::format("{} bytes", limit)));
}

std::uint64_t LineReader::line_number() const { return state_->line_number; }
std::uint64_t LineReader::bytes_read() const { return state_->source.read_; }
std::uint64_t LineReader::bytes_total() const { return state_->source.total_; }
std::string LineReader::place() const {
  return fmt::format("{}:{}", state_->path == "-" ? "standard input" : state_->path, state_->line_number);
}

}  // namespace dragoman
