#include "dataset/input_file.h"

#include <fmt/format.h>
#include <unicode/ucnv.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/dataset/convert.h"

namespace dragoman {
namespace {

constexpr std::uint64_t kLinesBetweenReports = 4096;

struct ConverterClose {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, ConverterClose>;

Converter open_converter(const std::string& encoding) {
  UErrorCode status = U_ZERO_ERROR;
  Converter converter(ucnv_open(encoding.c_str(), &status));
  if (U_FAILURE(status)) {
    throw InvalidArgument(fmt::format(
        "encoding '{}' is unknown; legal ones are utf-8, iso-8859-1, windows-1252, koi8-r, gb18030 and others "
        "that ICU knows",
        printable(encoding)));
  }
  return converter;
}

}  // namespace

InputProgress::InputProgress(const std::vector<InputFile>& files, ProgressCallback callback)
    : callback_(std::move(callback)) {
  for (const InputFile& file : files) {
    std::error_code unknown;  // Standard input, a pipe.
    const auto bytes = std::filesystem::file_size(file.path, unknown);
    if (!unknown) total_ += bytes;
  }
}

struct Decoder::State {
  Converter from, to;
  std::string text;
};

Decoder::Decoder(const std::string& encoding) : state_(std::make_unique<State>()) {
  state_->from = open_converter(encoding);
  state_->to = open_converter("utf-8");
  // Lines are cut at the byte 0x0A, and elements at '<', before anything is decoded.
  if (ucnv_getMinCharSize(state_->from.get()) != 1) {
    throw InvalidArgument(
        fmt::format("encoding '{}' is no superset of ASCII; convert the file to UTF-8 first", encoding));
  }
  UErrorCode status = U_ZERO_ERROR;
  ucnv_setToUCallBack(state_->from.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
}

Decoder::~Decoder() = default;

std::string_view Decoder::decode(std::string_view bytes, const std::string& place) {
  ucnv_reset(state_->from.get());
  ucnv_reset(state_->to.get());
  state_->text.resize(bytes.size() * 4 + 16);  // No code point takes more bytes in UTF-8 than four.
  UErrorCode status = U_ZERO_ERROR;
  char* target = state_->text.data();
  const char* source = bytes.data();
  UChar pivot[1024];
  UChar *pivot_source = pivot, *pivot_target = pivot;
  ucnv_convertEx(state_->to.get(), state_->from.get(), &target, state_->text.data() + state_->text.size(), &source,
                 bytes.data() + bytes.size(), pivot, &pivot_source, &pivot_target, pivot + std::size(pivot), 1, 1,
                 &status);
  if (U_FAILURE(status)) {
    UErrorCode ignored = U_ZERO_ERROR;
    throw InvalidData(
        fmt::format("{}: a byte before byte {} of the line is no text in {}; name another with --encoding", place,
                    source - bytes.data() + 1, ucnv_getName(state_->from.get(), &ignored)));
  }
  return {state_->text.data(), static_cast<std::size_t>(target - state_->text.data())};
}

InputLines::InputLines(const InputFile& file, InputProgress& progress, const std::string& encoding,
                       std::size_t max_line_bytes)
    : lines_(file.path, max_line_bytes), progress_(progress) {
  if (!encoding.empty() && ucnv_compareNames(encoding.c_str(), "utf-8") != 0) {
    decoder_ = std::make_unique<Decoder>(encoding);
  }
}

InputLines::~InputLines() {
  if (!finished_) progress_.finish(lines_.bytes_total());
}

bool InputLines::next(std::string_view& line) {
  if (!lines_.next(line)) {
    if (!finished_) progress_.finish(lines_.bytes_total());
    finished_ = true;
    return false;
  }
  if (lines_.line_number() % kLinesBetweenReports == 0) progress_.at(lines_.bytes_read());
  if (decoder_) {
    line = decoder_->decode(line, place());
  } else if (const std::size_t at = find_invalid_utf8(line); at != std::string_view::npos) {
    throw InvalidData(
        fmt::format("{}: byte {} of the line is not valid UTF-8, expected a file in UTF-8", place(), at + 1));
  }
  return true;
}

bool InputLines::next_record(std::string_view& line) {
  while (next(line)) {
    if (line.find_first_not_of(" \t") != std::string_view::npos) return true;
  }
  return false;
}

char first_character(const InputFile& file) {
  LineReader lines(file.path, kMaxJsonBytes);
  for (std::string_view line; lines.next(line);) {
    if (const auto text = trimmed(line); !text.empty()) return text.front();
  }
  return '\0';
}

std::string declared_encoding(const InputFile& file) {
  LineReader lines(file.path, kMaxJsonBytes);
  std::string_view line;
  if (!lines.next(line)) return "";
  const std::size_t head = line.find("<?xml");
  if (head == std::string_view::npos) return "";
  line = line.substr(head, line.find("?>", head) - head);
  const std::size_t name = line.find("encoding=");
  if (name == std::string_view::npos) return "";
  line.remove_prefix(name + std::string_view("encoding=").size());
  if (line.empty() || (line[0] != '"' && line[0] != '\'')) return "";
  return std::string(line.substr(1, line.find(line[0], 1) - 1));
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  for (bool changed = true; changed;) {
    changed = false;
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1), changed = true;
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1), changed = true;
    if (text.starts_with(kMark)) text.remove_prefix(kMark.size()), changed = true;
    if (text.ends_with(kMark)) text.remove_suffix(kMark.size()), changed = true;
  }
  return text;
}

}  // namespace dragoman
