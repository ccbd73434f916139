#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace dragoman {

// Far beyond any model, and small enough that no product of three of them overflows 64 bits.
constexpr std::uint64_t kMaxSize = 1 << 20, kMaxLayers = 1024, kMaxVocabulary = 1 << 24;

/// The members of a config.json, each checked as it is read. A null counts as absent.
/// @throws InvalidData naming place and member, all of them.
class ConfigReader {
 public:
  /// @param place the file's name, for messages; must outlive the reader.
  ConfigReader(std::string_view json, std::string_view place);

  [[noreturn]] void refuse(std::string_view reason) const;

  std::string text(const char* name, std::string_view otherwise = "") const;
  /// @param otherwise if it is absent; none: it must be there.
  std::uint32_t size(const char* name, std::uint64_t most = kMaxSize, std::uint64_t least = 1,
                     std::optional<std::uint32_t> otherwise = std::nullopt) const;
  /// Above 0.
  float real(const Json& object, const char* name, double otherwise) const;
  float real(const char* name, double otherwise) const { return real(json_, name, otherwise); }
  bool flag(const char* name, bool otherwise) const;
  /// transformers' name of an activation (ACT2FN) as ours: gelu is by the error function, gelu_tanh by tanh.
  std::string activation(const char* member, std::string_view otherwise) const;

  bool present(const char* name) const;
  const Json& json() const { return json_; }
  std::string_view place() const { return place_; }

 private:
  Json json_;
  std::string_view place_;
};

}  // namespace dragoman
