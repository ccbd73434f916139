#include "encode/huggingface/torch_file.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

constexpr std::string_view kPickle = "data.pkl";

struct ArchiveDeleter {
  void operator()(archive* each) const { archive_read_free(each); }
};
using ArchivePointer = std::unique_ptr<archive, ArchiveDeleter>;

[[noreturn]] void throw_damaged(archive* each, std::string_view place) {
  const char* reason = archive_error_string(each);
  throw InvalidData(
      fmt::format("{}: damaged archive: {}", place, reason == nullptr ? "no reason given" : printable(reason, 200)));
}

ArchivePointer open_archive(std::span<const std::byte> bytes, std::string_view place) {
  ArchivePointer reader(archive_read_new());
  archive_read_support_format_zip_seekable(reader.get());
  if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
    throw_damaged(reader.get(), place);
  }
  return reader;
}

/// The name of the next member, and its size; none after the last.
archive_entry* next_entry(archive* reader, std::string_view place) {
  archive_entry* entry = nullptr;
  const int status = archive_read_next_header(reader, &entry);
  if (status == ARCHIVE_EOF) return nullptr;
  if (status < ARCHIVE_WARN) throw_damaged(reader, place);
  return entry;
}

constexpr std::array kTypes = {WeightTypeName{"FloatStorage", 4, WeightType::f32},
                               WeightTypeName{"HalfStorage", 2, WeightType::f16},
                               WeightTypeName{"BFloat16Storage", 2, WeightType::bf16},
                               WeightTypeName{"DoubleStorage", 8},
                               WeightTypeName{"LongStorage", 8},
                               WeightTypeName{"IntStorage", 4},
                               WeightTypeName{"ShortStorage", 2},
                               WeightTypeName{"CharStorage", 1},
                               WeightTypeName{"ByteStorage", 1},
                               WeightTypeName{"BoolStorage", 1}};

const WeightTypeName& type_of(const PickledTensor& tensor) {
  return *std::ranges::find(kTypes, tensor.storage_type,
                            &WeightTypeName::name);  // The pickle's reader knows no others.
}

bool row_major(const PickledTensor& tensor) {
  std::uint64_t expected = 1;
  for (std::size_t i = tensor.shape.size(); i-- > 0;) {
    if (tensor.shape[i] != 1 && tensor.stride[i] != expected) return false;
    expected *= tensor.shape[i];
  }
  return true;
}

class MappedTorchFile : public Weights {
 public:
  MappedTorchFile(const std::filesystem::path& path, std::string_view place)
      : mapped_(path), file_(mapped_.bytes(), place) {}
  const std::map<std::string, Weight, std::less<>>& all() const override { return file_.all(); }
  std::span<const std::byte> data(const std::string& name) override { return data_ = file_.read(name); }

 private:
  MappedFile mapped_;
  TorchFile file_;
  std::vector<std::byte> data_;
};

}  // namespace

TorchFile::TorchFile(std::span<const std::byte> bytes, std::string_view place) : bytes_(bytes), place_(place) {
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()), std::min<std::size_t>(bytes.size(), 2));
  if (head != "PK") {
    throw InvalidData(fmt::format(
        "{}: not a zip archive, as torch.save has written since PyTorch 1.6; load it there and save it again", place));
  }
  const auto reader = open_archive(bytes, place);
  while (archive_entry* entry = next_entry(reader.get(), place)) {
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr) continue;
    const std::string_view path = name;
    const auto size = static_cast<std::uint64_t>(std::max<la_int64_t>(archive_entry_size(entry), 0));
    // PyTorch compresses nothing, and a member larger than the file is a bomb.
    if (size > bytes.size()) {
      throw InvalidData(
          fmt::format("{}: {} unpacks to {} bytes, more than the file has", place, printable(path), size));
    }
    members_.emplace(path, size);
    const auto slash = path.find('/');
    if (prefix_.empty() && slash != path.npos && path.substr(slash + 1) == kPickle) prefix_ = path.substr(0, slash + 1);
  }
  if (prefix_.empty())
    throw InvalidData(fmt::format("{}: holds no {}; it is not a file of torch.save", place, kPickle));
  if (members_.contains(prefix_ + "byteorder")) {
    const auto order = read_member(prefix_ + "byteorder");
    if (std::string_view(reinterpret_cast<const char*>(order.data()), order.size()) != "little") {
      throw InvalidData(fmt::format("{}: its numbers are not in little-endian order", place));
    }
  }
  tensors_ = read_pickled_tensors(read_member(prefix_ + std::string(kPickle)), fmt::format("{}: {}", place, kPickle));
  for (const auto& [name, tensor] : tensors_) {
    check(name, tensor);
    all_.emplace(name, Weight{type_of(tensor).type, tensor.storage_type, tensor.shape});
  }
}

void TorchFile::check(std::string_view name, const PickledTensor& tensor) const {
  const auto fail = [&](std::string_view reason) {
    throw InvalidData(fmt::format("{}: tensor \"{}\" {}", place_, printable(name), reason));
  };
  const std::uint64_t count = elements(tensor.shape, place_, name);
  if (tensor.offset > tensor.storage_elements || count > tensor.storage_elements - tensor.offset) {
    fail(fmt::format("reaches beyond its storage of {} numbers", tensor.storage_elements));
  }
  if (count != 0 && !row_major(tensor)) fail("is a view whose numbers do not lie in order; save a contiguous copy");
  const auto member = members_.find(fmt::format("{}data/{}", prefix_, tensor.storage_key));
  if (member == members_.end()) fail(fmt::format("lies in \"{}\", which is missing", printable(tensor.storage_key)));
  const std::uint64_t size = type_of(tensor).bytes;
  if (member->second % size != 0 || member->second / size != tensor.storage_elements) {
    fail(fmt::format("lies in a storage of {} bytes, which are not {} numbers of {}", member->second,
                     tensor.storage_elements, tensor.storage_type));
  }
}

std::vector<std::byte> TorchFile::read(std::string_view name) const {
  const PickledTensor& tensor = tensors_.find(name)->second;
  const std::uint64_t size = type_of(tensor).bytes;
  auto storage = read_member(fmt::format("{}data/{}", prefix_, tensor.storage_key));
  const auto begin = storage.begin() + static_cast<std::ptrdiff_t>(tensor.offset * size);
  const auto bytes = static_cast<std::ptrdiff_t>(elements(tensor.shape, place_, name) * size);
  if (begin != storage.begin() || bytes != storage.end() - begin) storage = {begin, begin + bytes};
  return storage;
}

std::vector<std::byte> TorchFile::read_member(const std::string& name) const {
  const auto reader = open_archive(bytes_, place_);
  while (archive_entry* entry = next_entry(reader.get(), place_)) {
    const char* path = archive_entry_pathname(entry);
    if (path == nullptr || path != name) continue;
    std::vector<std::byte> bytes(members_.find(name)->second);
    for (std::size_t at = 0; at < bytes.size();) {
      const la_ssize_t got = archive_read_data(reader.get(), bytes.data() + at, bytes.size() - at);
      if (got < 0) throw_damaged(reader.get(), place_);
      if (got == 0) throw InvalidData(fmt::format("{}: {} ends {} bytes early", place_, name, bytes.size() - at));
      at += static_cast<std::size_t>(got);
    }
    return bytes;
  }
  throw InvalidData(fmt::format("{}: holds no {}", place_, printable(name)));
}

std::unique_ptr<Weights> open_torch_file(const std::filesystem::path& path, std::string_view place) {
  return std::make_unique<MappedTorchFile>(path, place);
}

}  // namespace dragoman
