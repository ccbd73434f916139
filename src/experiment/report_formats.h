#pragma once

#include <string>

#include "experiment/report_results.h"

namespace dragoman::reporting {

/// One a member of ReportFormat; the public header says what each is.
std::string render_page(const Results& results);
std::string render_csv(const Results& results);
std::string render_json(const Results& results);
std::string render_latex(const Results& results);
std::string render_markdown(const Results& results);

}  // namespace dragoman::reporting
