#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "dragoman/base/progress.h"
#include "dragoman/encode/model_store.h"
#include "dragoman/encode/precision.h"
#include "dragoman/text/language.h"
#include "dragoman/translate/translator.h"

namespace dragoman {

struct MarianOptions {
  /// int8 is the arithmetic the models were made for, and the fastest where the processor has AVX-512 VNNI; f32 rounds
  /// no activations. None: int8 with VNNI, else f32. bf16 is refused.
  std::optional<Precision> precision = {};
  std::optional<std::size_t> beam_size = {};  ///< In [1, 64]; none: what the model's settings say, 1 as a rule.
  std::size_t threads = 0;                    ///< 0: all processors. Translations do not depend on it.
  /// A sentence of more tokens is cut, at a clause or a word, and its parts are translated one by one; in [8, 1024].
  /// Marian models have seen few sentences of more than a hundred.
  std::size_t max_tokens = 128;
  bool split_sentences = true;  ///< false: each line is one sentence.
  /// Translate a sentence again around its numbers, addresses and tags if some of them were lost (see sentences.h).
  bool protect = true;
  /// Of a folder, which does not say what it translates; a file does.
  std::optional<Language> from = {}, to = {};
  ProgressCallback progress = {};  ///< Of translate(), in sentences.
};

/// A neural translator in Marian's format: a transformer with a recurrent decoder (SSRU), weights in 8 bits,
/// SentencePiece vocabularies and a lexical shortlist, as Bergamot's models are (Bogoychev et al., "Edinburgh's
/// Submissions to the 2020 Machine Translation Efficiency Task", WNGT 2020). A text gets the same translation in any
/// company and at any number of threads. A sentence whose letters the model's vocabulary does not have, for the most
/// part, is in another language: it stays as it is between others, and a text of nothing else has no translation.
///
/// @param model an installed model's file (GGUF of architecture "marian", docs/formats/model.md), or a folder with
///              Marian's own files, whose config*.yml names them.
/// @throws NotFound if a file is missing, InvalidData if one is damaged, InvalidArgument naming what cannot be run, an
///         option that is not legal, or the missing languages of a folder.
std::unique_ptr<Translator> open_marian_translator(const std::filesystem::path& model,
                                                   const MarianOptions& options = {});

/// The same of an installed model, whose file need not be hashed again.
std::unique_ptr<Translator> open_marian_translator(const Model& model, const MarianOptions& options = {});

/// The installed translation models that serve a pair, by name.
std::vector<Model> find_marian_models(const ModelStore& store, const Language& from, const Language& to);

/// The first of them, opened. @throws NotFound naming the command that installs one, if the catalogue has one.
std::unique_ptr<Translator> open_marian_translator(const ModelStore& store, const Language& from, const Language& to,
                                                   const MarianOptions& options = {});

}  // namespace dragoman
