#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "dragoman/text/analyzer.h"

namespace dragoman {

/// The tokens as Bm25Index takes them beside a DocumentSet; they must outlive what is returned.
inline std::vector<std::string_view> texts_of(std::span<const Token> tokens) {
  std::vector<std::string_view> texts;
  for (const Token& token : tokens) texts.push_back(token.text);
  return texts;
}

}  // namespace dragoman
