#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dragoman {

/// GPT-2 writes bytes as characters that can be seen: those that can be stay what they are, the others are U+0100 and
/// on. Radford et al., "Language Models are Unsupervised Multitask Learners", 2019 (its published tokenizer).
char32_t character_of_byte(std::uint8_t byte);

/// The bytes that a token of such a vocabulary stands for; none if it has a character that no byte is written as.
std::optional<std::string> bytes_of_token(std::string_view token);

}  // namespace dragoman
