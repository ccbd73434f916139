#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/evaluate/evaluation.h"
#include "dragoman/evaluate/judgements.h"
#include "dragoman/evaluate/run_file.h"
#include "dragoman/evaluate/system_result.h"
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

// Whatever the bytes, read as any file of an evaluation: InvalidData, or what the headers promise.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const dragoman::fuzz::MemoryFile file({data, size});
  for (const auto check : {check_run, check_judgements, check_queries, check_resource_classes, check_results}) {
    try {
      check(file.path());
    } catch (const dragoman::InvalidData&) {
    }
  }
  return 0;
}
