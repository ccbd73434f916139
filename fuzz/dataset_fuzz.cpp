#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "dragoman/base/error.h"
#include "dragoman/collection/corpus_reader.h"
#include "dragoman/dataset/check.h"
#include "dragoman/dataset/convert.h"
#include "dragoman/evaluate/judgements.h"
#include "dragoman/evaluate/topics.h"

namespace {

namespace fs = std::filesystem;

/// A format, and a file name that it takes for the part that is fuzzed.
struct Target {
  const char* format;
  const char* file;
};

constexpr std::array<Target, 20> kTargets = {{{"beir", "corpus.jsonl"},
                                              {"beir", "queries.jsonl"},
                                              {"trec", "docs.sgml"},
                                              {"trec", "topics.txt"},
                                              {"clef", "docs.sgml"},
                                              {"clef", "topics.xml"},
                                              {"tsv", "corpus.tsv"},
                                              {"neuclir", "topics.jsonl"},
                                              {"mr-tydi", "docs.jsonl"},
                                              {"mmarco", "german_collection.tsv"},
                                              {"mkqa", "mkqa.jsonl"},
                                              {"xor-tydi", "xor.jsonl"},
                                              {"xor-tydi", "gold.json"},
                                              {"afriqa", "queries.afriqa.swa.en.test.json"},
                                              {"afriqa", "gold_span_passages.afriqa.swa.en.test.json"},
                                              {"xquad", "xquad.th.json"},
                                              {"lareqa", "xquad-r.th.json"},
                                              {"tatoeba", "tha-eng.tsv"},
                                              {"bucc", "zh-en.training.zh"},
                                              {"runs", "a.run"}}};

void write(const fs::path& path, const std::uint8_t* data, std::size_t size) {
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
}

/// What a conversion has made can be read by everything behind it.
void read_again(const fs::path& folder) {
  if (fs::exists(folder / "corpus.jsonl")) {
    dragoman::CorpusReader reader((folder / "corpus.jsonl").string());
    for (dragoman::Document document; reader.next(document);) {
      if (document.id.empty()) std::abort();
    }
  }
  if (fs::exists(folder / "queries.jsonl")) dragoman::read_queries((folder / "queries.jsonl").string());
  if (!fs::exists(folder / "corpus.jsonl") && !fs::exists(folder / "queries.jsonl") && !fs::exists(folder / "qrels")) {
    return;
  }
  const auto files = dragoman::dataset_files(folder);
  for (const auto& [split, path] : files.judgements) dragoman::read_judgements(path);
  for (const auto& finding : dragoman::check_dataset(files).findings) {
    if (finding.problem == dragoman::Problem::malformed_record) std::abort();
    if (finding.problem == dragoman::Problem::duplicate_document_id) std::abort();
  }
}

}  // namespace

// Whatever the bytes: an error of the library, or a folder that reads. The first byte chooses the format. check_dataset
// reads the bytes as they are, and may refuse nothing but a broken stream.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const fs::path folder = fs::temp_directory_path() / ("dataset_fuzz-" + std::to_string(getpid()));
  const Target& target = kTargets[data[0] % kTargets.size()];
  fs::remove_all(folder);
  fs::create_directories(folder / "in");
  const fs::path input = folder / "in" / target.file;
  write(input, data + 1, size - 1);
  try {
    dragoman::convert_dataset({.from = target.format, .inputs = {input.string()}, .into = folder / "out"});
    read_again(folder / "out");
  } catch (const dragoman::InvalidData&) {
  } catch (const dragoman::InvalidArgument&) {
  }
  try {
    dragoman::check_dataset(
        {.corpus = input.string(), .queries = input.string(), .judgements = {{"test", input.string()}}});
  } catch (const dragoman::InvalidData&) {
  }
  fs::remove_all(folder);
  return 0;
}
