#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "dragoman/experiment/report.h"
#include "experiment/page.h"
#include "experiment/small_results.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::small_results;
using test::with;
using testing::HasSubstr;
using testing::Not;

std::string page(const std::string& results = small_results()) {
  const test::TemporaryFolder folder;
  return render_report(folder.write("results.json", results));
}

/// What stands between <script ... id="ID"> and its end, as the browser would read it.
Json block(const std::string& page, const std::string& id) {
  const std::string head = "<script type=\"application/json\" id=\"" + id + "\">";
  const auto begin = page.find(head), end = page.find("</script>", begin);
  if (begin == std::string::npos) return nullptr;
  return Json::parse(page.substr(begin + head.size(), end - begin - head.size()));
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

TEST(ReportPage, HoldsTheResultsAndEachCellsQueriesInBlocksOfTheirOwn) {
  const std::string html = page();
  const Json results = block(html, "results"), queries = block(html, "per-query-0");
  EXPECT_EQ(results["name"], "Small & plain");
  EXPECT_FALSE(results["cells"][0].contains("per_query"));
  EXPECT_EQ(queries["q1"]["hits"][0][0], "d1");
  EXPECT_TRUE(block(html, "per-query-1").is_null()) << "the second cell has no single queries";
}

TEST(ReportPage, KeepsTextAsItIsInAnyScript) {
  const Json results = block(page(), "results");
  EXPECT_EQ(results["queries"]["c"][1]["text"], "ماء");
}

TEST(ReportPage, IsNotEndedByHostileText) {
  // Ends of scripts and comments, line separators that were once no JavaScript, overrides of direction, gaps of ours.
  const std::string hostile =
      R"(</script><script>x()</script><!-- <img src=x onerror=x()> \u2028\u2029 \u202e\u2066 {{script}} ]]> &lt; 水)";
  const std::string plain = page(), html = page(with(small_results(), "ماء", hostile));
  EXPECT_EQ(count(html, "<script"), count(plain, "<script"));
  EXPECT_EQ(count(html, "</script>"), count(plain, "</script>"));
  EXPECT_EQ(count(html, "<!--"), count(plain, "<!--"));
  EXPECT_THAT(html, Not(HasSubstr("<img")));
  EXPECT_EQ(block(html, "results")["queries"]["c"][1]["text"], Json::parse("\"" + hostile + "\""));
}

TEST(ReportPage, EscapesTheTitle) {
  EXPECT_THAT(page(with(small_results(), "Small & plain", "</title><b>مرحبا\\\"")),
              HasSubstr("<title>&lt;/title&gt;&lt;b&gt;مرحبا&quot;</title>"));
}

TEST(ReportPage, LoadsNothing) {
  const std::string html = page();
  EXPECT_THAT(html, HasSubstr("content=\"default-src 'none'; script-src 'sha256-"));
  for (const char* loading : {"<link", " src=", "@import", "url(", "fetch(", "XMLHttpRequest("}) {
    EXPECT_THAT(std::string(reporting::kPageSkeleton), Not(HasSubstr(loading)));
    EXPECT_THAT(std::string(reporting::kPageStyle), Not(HasSubstr(loading)));
    EXPECT_THAT(std::string(reporting::kPageScript), Not(HasSubstr(loading)));
  }
}

TEST(ReportPage, MakesNoMarkupOutOfText) {
  for (const char* unsafe : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", ".html("}) {
    EXPECT_THAT(std::string(reporting::kPageScript), Not(HasSubstr(unsafe)));
  }
}

TEST(ReportPage, CarriesNoScriptThatEndsItself) {
  EXPECT_THAT(std::string(reporting::kPageScript), Not(HasSubstr("</script")));
  EXPECT_THAT(std::string(reporting::kChartLibrary), Not(HasSubstr("</script")));
}

TEST(ReportPage, AppearsWholeWhereItIsAskedFor) {
  const test::TemporaryFolder folder;
  const auto output = folder.path() / "page.html";
  write_report(folder.write("results.json", small_results()), output);
  EXPECT_EQ(std::filesystem::file_size(output), page().size());
}

}  // namespace
}  // namespace dragoman
