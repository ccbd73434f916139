#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/experiment/report.h"
#include "experiment/small_results.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string rendered(ReportFormat format, const std::string& results = test::small_results()) {
  const test::TemporaryFolder folder;
  return render_report(folder.write("results.json", results), format);
}

TEST(CsvReport, HasALineACellGroupAndMeasure) {
  EXPECT_EQ(rendered(ReportFormat::csv),
            R"(cell,collection,retrieve,translate,rerank,group,measure,queries,value,low,high,)"
            R"(difference,difference_low,difference_high,p_adjusted,verdict
c/bm25/none/none,c,bm25,none,none,all,nDCG@10,2,0.25,0.125,0.5,,,,,
c/bm25/none/none,c,bm25,none,none,all,R@100,2,1,,,,,,,
c/bm25/none/none,c,bm25,none,none,query_language:ar,nDCG@10,1,0,,,,,,,
c/bm25/none/none,c,bm25,none,none,query_language:ar,R@100,1,1,,,,,,,
c/bm25/none/none,c,bm25,none,none,query_language:sw,nDCG@10,1,0.5,,,,,,,
c/bm25/none/none,c,bm25,none,none,query_language:sw,R@100,1,1,,,,,,,
c/bm25/none/none,c,bm25,none,none,pair:sw>en,nDCG@10,0,,,,,,,,
c/bm25/none/none,c,bm25,none,none,pair:sw>en,R@100,0,,,,,,,,
c/bm25/none/none,c,bm25,none,none,cost,calls,2,0,,,,,,,
c/bm25/none/none,c,bm25,none,none,cost,cpu_s,2,0.5,,,,,,,
"c/a,b/none/point",c,"a,b",none,point,all,nDCG@10,2,0.75,,,0.5,0.25,0.75,0.02,better
"c/a,b/none/point",c,"a,b",none,point,all,R@100,2,0.5,,,-0.5,,,0.02,worse
"c/a,b/none/point",c,"a,b",none,point,query_language:ar,nDCG@10,1,1,,,,,,,
"c/a,b/none/point",c,"a,b",none,point,query_language:ar,R@100,1,0.5,,,,,,,
"c/a,b/none/point",c,"a,b",none,point,query_language:sw,nDCG@10,1,0.5,,,,,,,
"c/a,b/none/point",c,"a,b",none,point,query_language:sw,R@100,1,0.5,,,,,,,
)");
}

TEST(MarkdownReport, MarksTheBestAndWhatDiffersFromTheBaseline) {
  EXPECT_EQ(rendered(ReportFormat::markdown), R"(# Small &amp; plain

Two cells\_of \| one collection.

## Effectiveness and cost on c

| system | nDCG@10 | R@100 | CPU s a query |
|---|--:|--:|--:|
| bm25 (baseline) | 0.2500 | **1.0000** | 0.25 |
| a,b + point | **0.7500** ▲ | 0.5000 ▼ | – |

## nDCG@10 by query language on c

| system | ar | sw |
|---|--:|--:|
| bm25 (baseline) | 0.0000 | **0.5000** |
| a,b + point | **1.0000** | **0.5000** |

Bold: best of its column. ▲ and ▼: better and worse than the baseline, p < 0.05 by a randomisation test, adjusted for all comparisons.
)");
}

TEST(LatexReport, HasTheSameTables) {
  const std::string latex = rendered(ReportFormat::latex);
  EXPECT_THAT(latex, HasSubstr(R"(% Small \& plain. Needs \usepackage{booktabs}.
\begin{table}
  \centering
  \caption{Effectiveness and cost on c. Bold: best of its column. $^{+}$ and $^{-}$: better and worse than the baseline, $p < 0.05$ by a randomisation test, adjusted for all comparisons.}
  \begin{tabular}{lrrr}
    \toprule
    system & nDCG@10 & R@100 & CPU s a query \\
    \midrule
    bm25 (baseline) & 0.2500 & \textbf{1.0000} & 0.25 \\
    a,b + point & \textbf{0.7500}$^{+}$ & 0.5000$^{-}$ & -- \\
    \bottomrule
  \end{tabular}
\end{table}
)"));
}

TEST(LatexReport, TakesNoCommandFromAName) {
  const std::string latex = rendered(ReportFormat::latex, test::with(test::small_results(), R"("retrieve": "bm25")",
                                                                     R"("retrieve": "\\input{x}_50% $&#^~<>\nपानी")"));
  EXPECT_THAT(latex, HasSubstr(R"(\textbackslash{}input\{x\}\_50\% \$\&\#\textasciicircum{}\textasciitilde{})"
                               R"(\textless{}\textgreater{} पानी (baseline) &)"));
}

TEST(MarkdownReport, TakesNoMarkupFromAName) {
  const std::string markdown =
      rendered(ReportFormat::markdown,
               test::with(test::small_results(), R"("retrieve": "bm25")", R"("retrieve": "<b>|`[水](x)\n# y")"));
  EXPECT_THAT(markdown, HasSubstr(R"(| &lt;b&gt;\|\`\[水\](x) \# y (baseline) |)"));
}

TEST(CsvReport, QuotesWhatWouldEndAField) {
  EXPECT_THAT(rendered(ReportFormat::csv, test::with(test::small_results(), R"("retrieve": "bm25")",
                                                     R"("retrieve": "ein \"Wort\",\nน้ำ")")),
              HasSubstr("c,\"ein \"\"Wort\"\",\nน้ำ\",none"));
}

TEST(JsonReport, IsTheResultsWithoutTextsAndSingleQueries) {
  const std::string json = rendered(ReportFormat::json);
  EXPECT_THAT(json, HasSubstr(R"("measures":["nDCG@10","R@100"])"));
  EXPECT_THAT(json, HasSubstr(R"("verdict":"better")"));
  for (const char* member : {"per_query", "\"queries\":{", "documents\":{", "ماء", "Water"}) {
    EXPECT_THAT(json, Not(HasSubstr(member)));
  }
}

}  // namespace
}  // namespace dragoman
