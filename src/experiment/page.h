#pragma once

#include <string_view>

namespace dragoman::reporting {

/// The files of src/experiment/page, embedded when the program is built (embed_page.cmake).
extern const std::string_view kPageSkeleton;  ///< page.html, with gaps {{title}}, {{policy}}, {{style}}, ...
extern const std::string_view kPageStyle;     ///< Its style sheets, one behind the other.
extern const std::string_view kPageScript;    ///< Its scripts, one behind the other.
extern const std::string_view kChartLibrary;  ///< D3, as docs/decisions/charts.md says.

}  // namespace dragoman::reporting
