#pragma once

#include <string>

#include "dragoman/rerank/reranker.h"

namespace dragoman::reranking {

/// A text and its translation as ShownText::both has them.
inline std::string shown_together(const std::string& text, const std::string& translation) {
  return text + " [" + translation + "]";
}

/// What a model reads of a text. The original where there is no translation.
inline std::string shown_text(const std::string& text, const std::string& translation, ShownText shown) {
  if (shown == ShownText::original || translation.empty()) return text;
  return shown == ShownText::translated ? translation : shown_together(text, translation);
}

inline std::string shown_text(const Candidate& candidate, ShownText shown) {
  return shown_text(candidate.text, candidate.translation, shown);
}

}  // namespace dragoman::reranking
