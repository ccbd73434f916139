#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "dragoman/base/error.h"
#include "dragoman/translate/parallel_text.h"

/// Files of sentences and words as other people's tools write them. The first byte says which kind it is: TSV or MUSE,
/// a translation memory, or a dictionary, of which half is the index.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const std::filesystem::path folder = [] {
    const auto path = std::filesystem::temp_directory_path() / ("parallel-text-fuzz-" + std::to_string(getpid()));
    std::filesystem::create_directories(path);
    return path;
  }();
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto write = [&](const char* name, std::string_view content) {
    std::ofstream(folder / name, std::ios::binary) << content;
    return (folder / name).string();
  };
  std::string place;
  switch (data[0] % 3) {
    case 0:
      place = write("pairs.tsv", text);
      break;
    case 1:
      place = write("memory.tmx", "<?xml version=\"1.0\"?>\n" + text);
      break;
    case 2:
      write("words.dict", std::string_view(text).substr(text.size() / 2));
      place = write("words.index", std::string_view(text).substr(0, text.size() / 2));
      break;
  }
  static const dragoman::Language from = dragoman::Language::parse("en"), to = dragoman::Language::parse("ja");
  try {
    dragoman::read_parallel_text(place, from, to, [](const dragoman::TextPair& pair) {
      if (pair.source.empty() || pair.target.empty()) __builtin_trap();
    });
  } catch (const dragoman::Error&) {
  }
  return 0;
}
