#include "dragoman/experiment/report.h"

#include <fmt/format.h>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"
#include "experiment/report_formats.h"
#include "experiment/report_results.h"

namespace dragoman {
namespace {

struct NamedFormat {
  std::string_view name;
  ReportFormat format;
  std::string (*render)(const reporting::Results&);
};

constexpr NamedFormat kFormats[] = {{"html", ReportFormat::html, reporting::render_page},
                                    {"csv", ReportFormat::csv, reporting::render_csv},
                                    {"json", ReportFormat::json, reporting::render_json},
                                    {"latex", ReportFormat::latex, reporting::render_latex},
                                    {"markdown", ReportFormat::markdown, reporting::render_markdown}};

}  // namespace

ReportFormat parse_report_format(std::string_view name) {
  for (const NamedFormat& known : kFormats) {
    if (known.name == name) return known.format;
  }
  throw InvalidArgument(
      fmt::format("unknown format of a report '{}'; there are html, csv, json, latex, markdown", printable(name)));
}

std::string render_report(const std::filesystem::path& results, ReportFormat format) {
  for (const NamedFormat& known : kFormats) {
    if (known.format == format) return known.render(reporting::read_results(results));
  }
  throw InvalidArgument(fmt::format("report: unknown format {}", static_cast<int>(format)));
}

void write_report(const std::filesystem::path& results, const std::filesystem::path& output, ReportFormat format) {
  const std::string report = render_report(results, format);
  AtomicFile file(output);
  file.write(report);
  file.commit();
}

}  // namespace dragoman
