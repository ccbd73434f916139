// Grids of lexical pipelines over a handful of documents: no model is needed. tools/check-grid runs one with models,
// and kills it.

#include "dragoman/experiment/grid.h"

#include <gmock/gmock.h>

#include <fstream>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "experiment/journal.h"
#include "experiment/plan.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;

// Every question has its answer in its own language, and an English one that shares a word with the Swahili question.
constexpr std::string_view kCorpus =
    R"({"_id": "chai-sw", "text": "Chai ya tangawizi huchemshwa na maziwa", "lang": "sw"}
{"_id": "chai-en", "text": "Chai is tea boiled with ginger and milk", "lang": "en"}
{"_id": "chai-hi", "text": "अदरक वाली चाय दूध के साथ उबाली जाती है", "lang": "hi"}
{"_id": "chai-ar", "text": "يغلى شاي الزنجبيل مع الحليب", "lang": "ar"}
{"_id": "pika-sw", "text": "Wali hupikwa kwa nazi", "lang": "sw"}
{"_id": "ru", "text": "Самовар стоит на столе", "lang": "ru"}
)";
constexpr std::string_view kQueries = R"({"_id": "q1-sw", "text": "chai ya tangawizi", "lang": "sw"}
{"_id": "q1-hi", "text": "अदरक वाली चाय", "lang": "hi"}
{"_id": "q1-ar", "text": "شاي الزنجبيل", "lang": "ar"}
{"_id": "q2-sw", "text": "wali wa nazi", "lang": "sw"}
{"_id": "q2-ru", "text": "самовар", "lang": "ru"}
{"_id": "q3-sw", "text": "nobody judged this", "lang": "sw"}
)";
constexpr std::string_view kQrels =
    "query-id\tcorpus-id\tscore\n"
    "q1-sw\tchai-sw\t1\nq1-sw\tchai-en\t1\nq1-hi\tchai-hi\t1\nq1-ar\tchai-ar\t1\nq2-sw\tpika-sw\t1\nq2-ru\tru\t1\n";

constexpr std::string_view kGrid = R"(name: tea
collections:
  - {name: tea, corpus: corpus.jsonl, topics: queries.jsonl, judgements: qrels.tsv, question_separator: "-"}
retrieve:
  - {name: pool, stages: bm25}
  - {name: own, stages: bm25, in: same}
measures: [P@1, R@10]
)";

class Grid : public testing::Test {
 protected:
  Grid() {
    folder_.write("corpus.jsonl", kCorpus);
    folder_.write("queries.jsonl", kQueries);
    folder_.write("qrels.tsv", kQrels);
  }

  Experiment experiment(std::string_view text = kGrid) const {
    return read_experiment(folder_.write("grid.yaml", text));
  }
  GridOptions options(const std::string& name = "out") const {
    return {.output = folder_.path() / name, .models = folder_.path() / "models", .threads = 2};
  }
  Json results(const std::string& name = "out") const {
    const auto file = folder_.path() / name / "results.json";
    return parse_json_object(read_file(file), file.string());
  }
  /// Without what two runs of the same grid may differ in.
  Json lasting_results(const std::string& name) const {
    Json json = results(name);
    json.erase("began");
    json.erase("machine");
    for (Json& collection : json["collections"]) collection.erase("cost");
    for (Json& cell : json["cells"]) cell.erase("cost");
    return json;
  }

  test::TemporaryFolder folder_;
};

TEST_F(Grid, JudgesEveryCell) {
  const GridReport report = run_grid(experiment(), options());
  EXPECT_EQ(report.cells, 2u);
  EXPECT_EQ(report.answers_made, 10u);  // 5 judged queries, 2 retrievers.
  const Json json = results();
  ASSERT_THAT(json["cells"], SizeIs(2));
  const Json& pool = json["cells"][0]["effectiveness"];
  EXPECT_EQ(json["cells"][0]["id"], "tea/pool/none/none");
  EXPECT_EQ(pool["all"]["queries"], 5);
  EXPECT_EQ(pool["all"]["values"]["P@1"], 1.0);
  EXPECT_EQ(pool["all"]["values"]["R@10"], 1.0);  // "chai" finds the English passage as well.
  EXPECT_EQ(pool["by_pair"]["sw>en"]["values"]["R@10"], 1.0);
  // In its own language alone the Swahili question misses one of its two answers, so the mean is (4 + 1/2) / 5.
  EXPECT_EQ(json["cells"][1]["effectiveness"]["all"]["values"]["R@10"], 0.9);
  EXPECT_EQ(json["cells"][1]["effectiveness"]["by_query_language"]["sw"]["values"]["R@10"], 0.75);
  EXPECT_EQ(json["collections"][0]["sampling"], "1 queries without judgements left out");
}

TEST_F(Grid, ComparesWithTheBaselineAndSaysWhenNothingIsToBeTold) {
  run_grid(experiment(), options());
  const Json comparisons = results()["comparisons"];
  ASSERT_FALSE(comparisons.empty());
  for (const Json& one : comparisons) {
    EXPECT_EQ(one["cell"], "tea/own/none/none");
    EXPECT_EQ(one["baseline"], "tea/pool/none/none");
    EXPECT_EQ(one["verdict"], "not_distinguishable");
    EXPECT_THAT(one["sentence"].get<std::string>(), HasSubstr("not distinguishable"));
  }
}

TEST_F(Grid, KeepsRankingsForTheExplorerAndRunFiles) {
  run_grid(experiment(), options());
  const Json json = results();
  const Json& hits = json["cells"][0]["per_query"]["q1-sw"]["hits"];
  EXPECT_EQ(hits[0][0], "chai-sw");
  EXPECT_EQ(hits[0][2], 1);  // Its grade.
  EXPECT_EQ(json["documents"]["tea"]["chai-sw"]["language"], "sw");
  EXPECT_EQ(json["queries"]["tea"][2]["question"], "q1");
  const std::string run = read_file(folder_.path() / "out" / json["cells"][0]["run"].get<std::string>());
  EXPECT_THAT(run, HasSubstr("q1-sw Q0 chai-sw 1 "));
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "out/report.html"));
}

TEST_F(Grid, DoesNothingTwice) {
  run_grid(experiment(), options());
  const Json before = results();
  const GridReport report = run_grid(experiment(), options());
  EXPECT_EQ(report.answers_made, 0u);
  EXPECT_EQ(report.answers_kept, 10u);
  EXPECT_EQ(results(), before);  // Costs and times as well: they are those of the work that was done.
}

TEST_F(Grid, DoesOnlyWhatIsNewWhenTheFileGrows) {
  run_grid(experiment(), options());
  const GridReport report =
      run_grid(experiment(std::string(kGrid) + "baseline: own/none/none\n" +
                          "translate:\n  - none\n  - {name: english, topics: english.jsonl}\n"),
               [&] {
                 folder_.write("english.jsonl", R"({"_id": "q1-sw", "text": "ginger tea", "lang": "en"}
{"_id": "q1-hi", "text": "ginger tea", "lang": "en"}
{"_id": "q1-ar", "text": "ginger tea", "lang": "en"}
{"_id": "q2-sw", "text": "coconut rice", "lang": "en"}
{"_id": "q2-ru", "text": "samovar", "lang": "en"}
)");
                 return options();
               }());
  EXPECT_EQ(report.answers_kept, 10u);
  EXPECT_EQ(report.answers_made, 10u);  // Two retrievers, in English.
  const Json json = results();
  EXPECT_EQ(json["cells"][1]["id"], "tea/pool/english/none");
  // Languages are those of the people who ask.
  EXPECT_EQ(json["cells"][1]["effectiveness"]["by_pair"]["sw>en"]["values"]["R@10"], 1.0);
}

TEST_F(Grid, AsksAgainWhatDependsOnSomethingThatChanged) {
  run_grid(experiment(), options());
  folder_.write("queries.jsonl", std::string(kQueries).replace(std::string(kQueries).find("chai ya"), 7, "maziwa na"));
  EXPECT_EQ(run_grid(experiment(), options()).answers_kept, 0u);
  folder_.write("queries.jsonl", kQueries);
  EXPECT_EQ(run_grid(experiment(), options()).answers_kept, 10u);
  folder_.write("corpus.jsonl", std::string(kCorpus) + R"({"_id": "new", "text": "чай", "lang": "ru"})");
  EXPECT_EQ(run_grid(experiment(), options()).answers_kept, 0u);
}

TEST_F(Grid, GoesOnWhereItWasStoppedAndComesToTheSame) {
  run_grid(experiment(), options("whole"));
  run_grid(experiment(), options("cut"));
  for (const auto& entry : std::filesystem::directory_iterator(work_folder(options("cut")) / "answers")) {
    // As a kill leaves it: in the middle of a line.
    std::filesystem::resize_file(entry.path(), std::filesystem::file_size(entry.path()) / 2);
  }
  const GridReport report = run_grid(experiment(), options("cut"));
  EXPECT_GT(report.answers_made, 0u);
  EXPECT_GT(report.answers_kept, 0u);
  EXPECT_EQ(lasting_results("cut"), lasting_results("whole"));
}

TEST_F(Grid, PlansWithoutDoing) {
  const GridPlan plan = plan_grid(experiment(), options());
  EXPECT_THAT(plan.cells, ElementsAre("tea/pool/none/none", "tea/own/none/none"));
  ASSERT_THAT(plan.parts, SizeIs(3));  // One index and two retrievals.
  EXPECT_EQ(plan.parts_unshared, 4u);
  EXPECT_EQ(plan.parts[1].queries, 5u);
  EXPECT_EQ(plan.parts[1].done, 0u);
  EXPECT_EQ(plan.parts[1].estimated_by, "a rule of thumb");
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "out"));

  run_grid(experiment(), options());
  const GridPlan after = plan_grid(experiment(), options());
  for (const PlannedPart& part : after.parts) EXPECT_EQ(part.estimated_by, "done");
  EXPECT_EQ(after.left_cpu_s, 0);
}

TEST_F(Grid, IndexesPositionsForWhoNeedsThem) {
  std::string text(kGrid);
  const std::string own = "stages: bm25";
  ASSERT_NE(text.find(own), std::string::npos);
  text.replace(text.find(own), own.size(), own + ", proximity: 0.5");
  const GridPlan plan = plan_grid(experiment(text), options());
  EXPECT_THAT(plan.parts, SizeIs(4)) << "two indexes and two retrievals";
  run_grid(experiment(), options());
  const Json before = results()["cells"][0]["effectiveness"]["all"]["values"]["R@10"];
  run_grid(experiment(text), options());
  EXPECT_EQ(results()["cells"][0]["effectiveness"]["all"]["values"]["R@10"], before) << "orders, and finds no more";
}

TEST_F(Grid, DoesNotJudgeWhatWasLeftOutOnPurpose) {
  folder_.write("qrels.tsv", std::string(kQrels) + "q1-ar\tchai-en\t1\n");
  const std::string text = std::string(kGrid).replace(kGrid.find("question_separator"), 0, "languages: [sw, ar], ");
  run_grid(experiment(text), options());
  const Json json = results();
  const Json& pool = json["cells"][0]["effectiveness"];
  EXPECT_EQ(pool["all"]["queries"], 3);           // The two of Swahili and the one of Arabic.
  EXPECT_EQ(pool["all"]["values"]["R@10"], 1.0);  // The English answers are not there to be found.
  EXPECT_EQ(json["collections"][0]["documents"], 3);

  folder_.write("qrels.tsv", "query-id\tcorpus-id\tscore\nq1-ar\tchai-en\t1\nq1-sw\tchai-sw\t1\n");
  run_grid(experiment(text), options());
  EXPECT_EQ(results()["cells"][0]["effectiveness"]["all"]["queries"], 1);
  EXPECT_THAT(results()["collections"][0]["sampling"].get<std::string>(),
              HasSubstr("1 of these have no judged document in the collection's languages"));
}

TEST_F(Grid, AsksDocumentsOfOneLanguageInAnother) {
  const std::string text =
      std::string(kGrid).replace(kGrid.find("question_separator"), 0, "languages: [en], query_languages: [sw], ");
  run_grid(experiment(text), options());
  const Json json = results();
  EXPECT_EQ(json["collections"][0]["document_languages"], (Json{{"en", 1}}));
  EXPECT_EQ(json["collections"][0]["query_languages"], (Json{{"sw", 2}}));
  EXPECT_EQ(json["cells"][0]["effectiveness"]["all"]["queries"], 1) << "q2 has no English answer";
  EXPECT_EQ(json["cells"][0]["effectiveness"]["all"]["values"]["R@10"], 1.0) << "chai";
}

TEST_F(Grid, SamplesTheSameQuestionsInEachLanguage) {
  const std::string text = std::string(kGrid).replace(kGrid.find("question_separator"), 0, "queries_per_language: 1, ");
  run_grid(experiment(text), options());
  const Json json = results();
  EXPECT_EQ(json["collections"][0]["query_languages"], (Json{{"ar", 1}, {"hi", 1}, {"ru", 1}, {"sw", 1}}));
}

TEST_F(Grid, FailsAsAReproductionWhereAScoreDoesNotComeOut) {
  const std::string expected =
      "expected:\n"
      "  - {cell: tea/pool/none/none, measure: P@1, value: 1}\n"
      "  - {cell: tea/own/none/none, measure: R@10, value: 0.75, group: 'query_language:sw'}\n"
      "  - {cell: tea/own/none/none, measure: R@10, value: 1}\n"
      "  - {cell: tea/own/none/none, measure: R@10, value: 1, group: 'query_language:de'}\n";
  const GridReport report = run_grid(experiment(std::string(kGrid) + expected), options());
  ASSERT_THAT(report.failed_expectations, SizeIs(2));
  EXPECT_THAT(report.failed_expectations[0], HasSubstr("is 0.900000, expected 1 within 0.0005"));
  EXPECT_THAT(report.failed_expectations[1], HasSubstr("is not there"));
}

TEST_F(Grid, RefusesWhatCannotBe) {
  EXPECT_THAT([&] { run_grid(experiment(), {}); }, ThrowsMessage<InvalidArgument>(HasSubstr("--output")));
  const std::string unknown = std::string(kGrid) + "expected: [{cell: tea/x, measure: P@1, value: 1}]\n";
  EXPECT_THAT([&] { plan_grid(experiment(unknown), options()); },
              ThrowsMessage<InvalidData>(HasSubstr("of cell 'tea/x', which the grid has not")));
  folder_.write("qrels.tsv", "query-id\tcorpus-id\tscore\nelsewhere\td\t1\n");
  EXPECT_THAT([&] { plan_grid(experiment(), options()); },
              ThrowsMessage<InvalidData>(HasSubstr("none of its 6 queries is judged")));
}

TEST_F(Grid, AJournalEndsWhereItIsDamaged) {
  const auto path = folder_.path() / "a.journal";
  {
    Journal journal(path);
    journal.add("q1", {{{"d1", 0.5f}, {"文", 0.25f}}, {1.5, 1.25, std::nullopt}, {}});
    journal.add("q2", {{}, {1, 1, 3.5}, {2, 100, 50, 1, 0, 0}});
    journal.add_memory(1000);
  }
  const auto [entries, memory, good_bytes] = Journal::read(path);
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(entries.at("q1").ranking.at(1).id, "文");
  EXPECT_EQ(entries.at("q2").rerank.tokens_evaluated, 100u);
  EXPECT_EQ(entries.at("q2").cost.energy_j, 3.5);
  EXPECT_EQ(memory, 1000u);
  EXPECT_EQ(good_bytes, std::filesystem::file_size(path));

  std::string bytes = read_file(path);
  bytes[bytes.find("q2")] = 'p';
  std::ofstream(path, std::ios::binary) << bytes;
  EXPECT_THAT(Journal::read(path).entries, SizeIs(1));
  {
    Journal journal(path);
    EXPECT_FALSE(journal.holds("q2"));
    journal.add("q3", {});
  }
  EXPECT_THAT(Journal::read(path).entries, SizeIs(2));
}

}  // namespace
}  // namespace dragoman
