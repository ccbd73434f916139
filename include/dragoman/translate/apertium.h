#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/text/language.h"
#include "dragoman/translate/translator.h"

namespace dragoman {

/// A pair that Apertium is installed for: a file of its folder `modes`, which holds a shell's pipeline.
struct ApertiumMode {
  std::string name;  ///< "spa-eng", "es-pt_BR".
  Language from, to;
  std::filesystem::path file;
};

/// The folder of modes: DRAGOMAN_APERTIUM, else where Debian's packages put them, /usr/share/apertium/modes.
std::filesystem::path default_apertium_folder();

/// The modes in a folder, by name; empty if it is not there. Those of one pair are between two languages; variants and
/// what shows only a stage of the way ("spa-eng-tagger") are left out.
std::vector<ApertiumMode> find_apertium_modes(const std::filesystem::path& folder = default_apertium_folder());

/// The mode for a pair: one that names the very region asked for, else one without, else any. None if there is none.
std::optional<ApertiumMode> find_apertium_mode(const std::vector<ApertiumMode>& modes, const Language& from,
                                               const Language& to);

/// "apertium-eng-spa": what to install for a pair in either direction, as Debian 12 calls it. Empty if there is
/// nothing.
std::string apertium_package(const Language& from, const Language& to);

struct ApertiumOptions {
  std::filesystem::path folder = {};  ///< Of modes; empty: default_apertium_folder().
  /// A pipeline that has taken and given nothing for so long hangs, > 0. It is ended and started again.
  std::chrono::milliseconds patience{30'000};
  bool split_sentences = true;  ///< false: each line is one sentence.
  bool protect = true;          ///< As MarianOptions::protect.
};

/// Rule-based translation by Apertium (Forcada et al., "Apertium: a free/open-source platform for rule-based machine
/// translation", Machine Translation 25, 2011): the pipeline of programs that the pair's mode names, started once and
/// kept open; each sentence is one null flush. A pipeline that hangs, dies or loses step is started again at the
/// sentence that it did not answer. One at which it fails twice has no translation, and notices() tells of it; nothing
/// else is lost. Words that Apertium does not know stay as they are; a sentence of which it knows less than a quarter
/// of the words is in another language, and has no translation.
///
/// The pipeline's programs run in a process group of their own, which ends with the translator.
/// @throws NotFound naming Debian's package if the pair is not installed; InvalidArgument for an option out of range.
std::unique_ptr<Translator> open_apertium_translator(const Language& from, const Language& to,
                                                     const ApertiumOptions& options = {});

}  // namespace dragoman
