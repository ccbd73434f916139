#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/experiment/report.h"
#include "memory_file.h"

namespace {

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

/// No text may begin or end a script: there are as many ends as beginnings, and those of the page's own only.
void check_page(const std::string& page) {
  if (count(page, "<script") != count(page, "</script>") || count(page, "<script>") != 2) std::abort();
}

}  // namespace

// Whatever the bytes, read as the results of a grid: InvalidData, or a report in every format.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using dragoman::ReportFormat;
  const dragoman::fuzz::MemoryFile file({data, size});
  try {
    check_page(dragoman::render_report(file.path()));
    for (const auto format : {ReportFormat::csv, ReportFormat::json, ReportFormat::latex, ReportFormat::markdown}) {
      if (dragoman::find_invalid_utf8(dragoman::render_report(file.path(), format)) != std::string::npos) std::abort();
    }
  } catch (const dragoman::InvalidData&) {
  }
  return 0;
}
