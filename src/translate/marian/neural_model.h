#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/base/file.h"
#include "dragoman/text/language.h"
#include "translate/marian/decoder.h"
#include "translate/marian/model.h"
#include "translate/marian/shortlist.h"
#include "translate/marian/vocabulary.h"

namespace dragoman {

/// What a model translates: one language into another, or any of many into any.
struct NeuralLanguages {
  std::vector<Language> list;        ///< Source and target, or all of them.
  std::vector<std::int32_t> tokens;  ///< Of each of many: before the source and before the translation. Else empty.
  std::optional<std::int32_t> target_token = {};  ///< Before the source, if the model wants the target told.

  bool serves(const Language& from, const Language& to) const;
  /// What stands before a source text's tokens. The model must serve the pair.
  std::vector<std::int32_t> source_prefix(const Language& from) const;
  /// The token of a translation's language, if the model has one for each.
  std::optional<std::int32_t> target_prompt(const Language& to) const;

 private:
  std::optional<std::size_t> find(const Language& language) const;
};

/// A neural translation model with all it needs, of whatever format.
struct NeuralModel {
  explicit NeuralModel(marian::ModelParts parts) : model(std::move(parts)) {}

  std::vector<MappedFile> mapped;  ///< What embeddings and shortlist lie in.
  std::string sha256;              ///< Of all that was read.
  NeuralLanguages languages;
  marian::Model model;
  std::shared_ptr<const PieceVocabulary> source, target;  ///< One, if it serves both.
  std::optional<Shortlist> shortlist;
  marian::Search search;
};

}  // namespace dragoman
