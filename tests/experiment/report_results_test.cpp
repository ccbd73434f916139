#include "experiment/report_results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/base/error.h"
#include "dragoman/experiment/report.h"
#include "experiment/small_results.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::small_results;
using test::with;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::ThrowsMessage;

struct Malformed {
  std::string from, to, complaint;
};

class MalformedResults : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedResults, AreRefusedNamingFileAndMember) {
  const Malformed& malformed = GetParam();
  ASSERT_THAT(small_results(), HasSubstr(malformed.from));
  const test::TemporaryFolder folder;
  const auto path = folder.write("results.json", with(small_results(), malformed.from, malformed.to));
  EXPECT_THAT([&] { render_report(path, ReportFormat::csv); },
              ThrowsMessage<InvalidData>(EndsWith("results.json: " + malformed.complaint)));
}

INSTANTIATE_TEST_SUITE_P(
    Members, MalformedResults,
    testing::Values(
        Malformed{"\"dragoman-results-1\"", "\"dragoman-results-7\"",
                  "format: is 'dragoman-results-7'; this version of dragoman reads 'dragoman-results-1'"},
        Malformed{"\"name\": \"Small", "\"title\": \"Small", "\"name\" is missing"},
        Malformed{"\"measures\": [\"nDCG@10\", \"R@100\"]", "\"measures\": []", "measures: holds no measure"},
        Malformed{"\"documents\": 3", "\"documents\": \"3\"",
                  "collections[0].documents: expected a whole number, got string"},
        Malformed{"\"collection\": \"c\"", "\"collection\": \"d\"",
                  "cells[0].collection: 'd' is none of the collections"},
        Malformed{"c/a,b/none/point", "c/bm25/none/none", "cells[1]: the id 'c/bm25/none/none' stands twice"},
        Malformed{"{\"nDCG@10\": 0.25", "{\"nDCG@10\": \"high\"",
                  "cells[0].effectiveness.all.values.nDCG@10: expected a number or null, got string"},
        Malformed{"[0.125, 0.5]", "[0.125]",
                  "cells[0].effectiveness.all.intervals.nDCG@10: expected [low, high], got array"},
        Malformed{"[\"d1\", 1.5, 1]", "[\"d1\", 1.5]",
                  "cells[0].per_query.q1.hits[0]: expected [document id, score, grade or null], got array"},
        Malformed{"\"cpu_s\": 0.5", "\"cpu_s\": {}", "cells[0].cost.total.cpu_s: expected a number, got object"},
        Malformed{"{\"cell\": \"c/a,b/none/point\"", "{\"cell\": \"elsewhere\"",
                  "comparisons[0].cell: 'elsewhere' is none of the cells"},
        Malformed{"\"text\": \"ماء\"", "\"text\": 7", "queries.c[1].text: expected a string, got number"},
        Malformed{"\"title\": \"Water\"", "\"title\": [\"Water\"]",
                  "documents.c.d1.title: expected a string, got array"}));

TEST(Results, ThatAreNoJsonAreRefusedNamingTheLine) {
  const test::TemporaryFolder folder;
  const auto path = folder.write("results.json", "{\n\"format\": ,\n}");
  EXPECT_THAT([&] { render_report(path); },
              ThrowsMessage<InvalidData>(AllOf(HasSubstr("results.json: not valid JSON"), HasSubstr("line 2"))));
}

TEST(Results, ThatAreNotThereAreNotFound) { EXPECT_THROW(render_report("/nowhere/results.json"), NotFound); }

TEST(Results, OfALaterVersionMayHoldMembersThatNobodyKnows) {
  const test::TemporaryFolder folder;
  const auto path = folder.write("results.json", with(small_results(), "\"name\"", "\"colour\": [{}], \"name\""));
  EXPECT_EQ(reporting::read_results(path).cells.size(), 2);
  const auto stage =
      folder.write("stage.json", with(small_results(), "\"cpu_s\": 0.5", "\"cpu_s\": 0.5, \"hot\": true"));
  EXPECT_EQ(reporting::read_results(stage).cells[0].cost.at("cpu_s"), 0.5);
}

TEST(Results, NameACellByWhatIsDoneInIt) {
  const test::TemporaryFolder folder;
  const auto results = reporting::read_results(folder.write("results.json", small_results()));
  EXPECT_EQ(results.cells[0].label(), "bm25");
  EXPECT_EQ(results.cells[1].label(), "a,b + point");
}

TEST(ReportFormat, IsParsedOrRefusedNamingAllThereAre) {
  EXPECT_EQ(parse_report_format("latex"), ReportFormat::latex);
  EXPECT_THAT(
      [] { parse_report_format("pdf"); },
      ThrowsMessage<InvalidArgument>("unknown format of a report 'pdf'; there are html, csv, json, latex, markdown"));
}

}  // namespace
}  // namespace dragoman
