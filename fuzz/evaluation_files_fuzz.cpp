#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/evaluate/evaluation.h"
#include "dragoman/evaluate/judgements.h"
#include "dragoman/evaluate/measures.h"
#include "dragoman/evaluate/references.h"
#include "dragoman/evaluate/run_file.h"
#include "dragoman/evaluate/system_result.h"
#include "dragoman/evaluate/text_measures.h"
#include "dragoman/evaluate/topics.h"
#include "memory_file.h"

namespace {

void check_text(const std::string& text) {
  if (dragoman::find_invalid_utf8(text) != std::string_view::npos) std::abort();
}

void check_run(const std::string& path) {
  for (const auto& [query, ranking] : dragoman::read_run(path)) {
    check_text(query);
    std::set<std::string> ids;
    for (std::size_t i = 0; i < ranking.size(); ++i) {
      check_text(ranking[i].id);
      if (!std::isfinite(ranking[i].score) || !ids.insert(ranking[i].id).second) std::abort();
      if (i > 0 && ranking[i].score > ranking[i - 1].score) std::abort();
    }
  }
}

void check_judgements(const std::string& path) {
  for (const auto& [query, grades] : dragoman::read_judgements(path)) {
    check_text(query);
    for (const auto& [document, grade] : grades) check_text(document);
  }
}

void check_queries(const std::string& path) {
  std::set<std::string> ids;
  for (const dragoman::Query& query : dragoman::read_queries(path)) {
    check_text(query.id);
    check_text(query.text);
    if (query.id.empty() || !ids.insert(query.id).second) std::abort();
  }
}

void check_references(const std::string& path) {
  std::set<std::string> ids;
  for (const dragoman::References& references : dragoman::read_references(path)) {
    if (references.id.empty() || !ids.insert(references.id).second || references.texts.empty()) std::abort();
    check_text(references.id);
    for (const std::string& text : references.texts) check_text(text);
    check_text(dragoman::normalize_answer(references.texts[0], references.language));
    if (!(dragoman::sentence_chrf(references.texts.back(), references.texts) >= 0)) std::abort();
    if (!(dragoman::sentence_bleu(references.texts.back(), references.texts) >= 0)) std::abort();
  }
}

/// A measure is made again by its name, and its values are numbers.
void check_measures(const std::string& text) {
  static const dragoman::GradedRanking kRanking = {{0, 1, dragoman::GradedRanking::kUnjudged, 2, -1}, {2, 1, 1, 0, -1}};
  for (const dragoman::Measure& measure : dragoman::parse_measures(text)) {
    if (dragoman::parse_measure(measure.name).name != measure.name) std::abort();
    if (!std::isfinite(measure.compute(kRanking))) std::abort();
  }
}

void check_resource_classes(const std::string& path) {
  for (const auto& [language, name] : dragoman::read_resource_classes(path)) {
    check_text(name);
    if (name.empty()) std::abort();
  }
}

void check_results(const std::string& path) {
  const std::filesystem::path paths[] = {path};
  for (const auto& result : dragoman::read_system_results(paths)) {
    if (result.bitext && !(result.bitext->f1 >= 0 && result.bitext->f1 <= 1)) std::abort();
  }
}

}  // namespace

// Whatever the bytes, read as any file of an evaluation and as a list of measures: an error, or what the headers
// promise.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const dragoman::fuzz::MemoryFile file({data, size});
  for (const auto check :
       {check_run, check_judgements, check_queries, check_references, check_resource_classes, check_results}) {
    try {
      check(file.path());
    } catch (const dragoman::InvalidData&) {
    }
  }
  try {
    check_measures(std::string(reinterpret_cast<const char*>(data), size));
  } catch (const dragoman::InvalidArgument&) {
  }
  return 0;
}
