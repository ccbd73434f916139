#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace dragoman {

/// Is a document, by its number, among those that a search may return, or that are to be kept?
/// @param allowed one byte a document number, non-zero where it is; empty for all.
inline bool is_allowed(std::span<const std::uint8_t> allowed, std::size_t document) {
  return allowed.empty() || (document < allowed.size() && allowed[document] != 0);
}

}  // namespace dragoman
