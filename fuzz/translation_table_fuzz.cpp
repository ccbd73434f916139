#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "changed_segment.h"
#include "dragoman/base/error.h"
#include "dragoman/translate/translation_table.h"

namespace {

constexpr std::array kSections = {"about",          "source_begins", "sources", "target_begins", "targets",
                                  "written_begins", "written",       "rows",    "cells",         "probabilities"};

std::string file(const char* name) {
  return (std::filesystem::temp_directory_path() / ("table-fuzz-" + std::to_string(getpid()) + name)).string();
}

/// The sections of a small table that is as it should be.
dragoman::fuzz::SoundSegment make_sound() {
  using dragoman::Language;
  const std::string path = file("-sound");
  dragoman::write_translation_table(
      path, {.from = Language::parse("en"), .to = Language::parse("sw"), .analyzer = "icu-1", .sources = {"a"}},
      {{{"bank", "bank"}, {"river", "river"}},
       {{"benki", "benki"}, {"mto", "Mto"}, {"ukingo", "ukingo"}},
       {{{0, 0.75}, {2, 0.25}}, {{1, 1}}}});
  return dragoman::fuzz::read_sound(path, "translations", kSections, "1");
}

}  // namespace

/// Tables with right checksums whose sections contradict one another: refused, or read without leaving the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const dragoman::fuzz::SoundSegment sound = make_sound();
  static const std::string path = file("-changed");
  dragoman::fuzz::write_changed(path, sound, std::span(data, size));
  try {
    const dragoman::TranslationTable table(path);
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < table.words(); ++i) {
      if (table.find(table.word(i)).size() != table.translations_of(i).size()) __builtin_trap();
      for (const auto& translation : table.translations_of(i)) {
        bytes += translation.word.size() + translation.written.size();
        if (!(translation.probability > 0 && translation.probability <= 1)) __builtin_trap();
      }
    }
    if (bytes == static_cast<std::size_t>(-1)) __builtin_trap();
  } catch (const dragoman::Error&) {
  }
  return 0;
}
