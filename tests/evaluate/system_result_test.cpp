#include "dragoman/evaluate/system_result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::EndsWith;
using testing::Pair;
using testing::ThrowsMessage;

namespace fs = std::filesystem;

// Questions in Thai and Arabic about texts in English. The same English text was found for t1 and t2, where it was
// wrong: accuracy 2/3; precision (1/2 + 0 + 1)/3; F1 (2/3 + 0 + 1)/3, as scikit-learn has it for classes e1, e2, e3
// and predictions e1, e1, e3.
constexpr const char* kGrid = R"({"format": "dragoman-results-1", "measures": ["ndcg_cut_10", "AP"],
  "collections": [{"name": "tatoeba", "document_languages": {"en": 3}}],
  "cells": [
    {"id": "tatoeba/hybrid/none/pointwise", "collection": "tatoeba", "retrieve": "hybrid", "translate": "none",
     "rerank": "pointwise", "effectiveness": {"all": {"queries": 3, "values": {"ndcg_cut_10": 0.75, "AP": null}},
       "by_query_language": {"th": {"values": {"ndcg_cut_10": 0.5}}, "ar": {"values": {"ndcg_cut_10": 1.0}}}},
     "cost": {"total": {"wall_s": 1.5}},
     "per_query": {"t1": {"hits": [["e1", 9.0, 1]]}, "t2": {"hits": [["e1", 9.0, null], ["e2", 8.0, 1]]},
                   "t3": {"hits": [["e3", 7.0, 1]]}}},
    {"id": "tatoeba/bm25/none/none", "collection": "tatoeba", "retrieve": "bm25", "translate": "none", "rerank": "none",
     "effectiveness": {"all": {"values": {"ndcg_cut_10": 0.25}}}}]})";

constexpr const char* kMteb = R"({"dataset_revision": "abc", "task_name": "MIRACLRetrieval", "mteb_version": "1.12.75",
  "evaluation_time": 12.5, "kg_co2_emissions": null, "scores": {
    "dev": [{"hf_subset": "sw", "languages": ["swa-Latn"], "main_score": 0.1, "ndcg_at_10": 0.1}],
    "test": [
      {"hf_subset": "sw", "languages": ["swa-Latn"], "main_score": 0.5, "ndcg_at_10": 0.5, "map_at_100": 0.25,
       "nauc_map_at_100_max": 0.9, "recall_at_100": 0.5},
      {"hf_subset": "th", "languages": ["tha-Thai"], "main_score": 1.0, "ndcg_at_10": 1.0, "map_at_100": 0.75,
       "recall_at_100": 1.0}]}})";

std::vector<SystemResult> read(const fs::path& path) {
  const std::vector<fs::path> paths = {path};
  return read_system_results(paths);
}

TEST(ReadSystemResults, TakesTheCellsOfAGrid) {
  const test::TemporaryFolder folder;
  const auto results = read(folder.write("results.json", kGrid));
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].system, "hybrid + pointwise");
  EXPECT_EQ(results[0].collection, "tatoeba");
  EXPECT_EQ(results[0].main_measure, "nDCG@10");
  EXPECT_THAT(results[0].values, ElementsAre(Pair("nDCG@10", 0.75)));  // AP is a mean over nothing
  EXPECT_THAT(results[0].by_query_language.at(Language::parse("th")), ElementsAre(Pair("nDCG@10", 0.5)));
  EXPECT_THAT(results[0].document_languages, ElementsAre(Language::parse("en")));
  EXPECT_EQ(results[0].seconds, 1.5);
  EXPECT_EQ(results[1].system, "bm25");
  EXPECT_FALSE(results[1].bitext.has_value());
  EXPECT_FALSE(results[1].seconds.has_value());
}

TEST(ReadSystemResults, CountsBitextScoresFromTheFirstHits) {
  const test::TemporaryFolder folder;
  const auto bitext = read(folder.write("results.json", kGrid))[0].bitext;
  ASSERT_TRUE(bitext.has_value());
  EXPECT_DOUBLE_EQ(bitext->accuracy, 2.0 / 3);
  EXPECT_DOUBLE_EQ(bitext->recall, 2.0 / 3);
  EXPECT_DOUBLE_EQ(bitext->precision, 1.5 / 3);
  EXPECT_DOUBLE_EQ(bitext->f1, (2.0 / 3 + 1) / 3);
}

TEST(ReadSystemResults, TakesATaskOfMteb) {
  const test::TemporaryFolder folder;
  const auto model = folder.path() / "intfloat__multilingual-e5-small" / std::string(40, 'a');
  fs::create_directories(model);
  const auto results = read(folder.write("intfloat__multilingual-e5-small/" + std::string(40, 'a') + "/M.json", kMteb));
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].system, "intfloat/multilingual-e5-small");
  EXPECT_EQ(results[0].collection, "MIRACLRetrieval");
  EXPECT_EQ(results[0].main_measure, "nDCG@10");
  EXPECT_THAT(results[0].values, ElementsAre(Pair("AP@100", 0.5), Pair("R@100", 0.75), Pair("nDCG@10", 0.75)));
}

TEST(ReadSystemResults, BelievesTheModelsOwnName) {
  const test::TemporaryFolder folder;
  folder.write("model_meta.json", R"({"name": "नमूना/मॉडल", "revision": "1"})");
  EXPECT_EQ(read(folder.write("Task.json", kMteb))[0].system, "नमूना/मॉडल");
}

TEST(ReadSystemResults, FindsTheMeasureThatIsTheMainScore) {
  const test::TemporaryFolder folder;
  const auto main_measure = [&](std::string_view scores) {
    return read(folder.write("Task.json", R"({"task_name": "T", "scores": {"dev": [)" + std::string(scores) + "]}}"))[0]
        .main_measure;
  };
  EXPECT_EQ(main_measure(R"({"main_score": 0.5, "accuracy": 0.75, "f1": 0.5, "recall": 0.75})"), "f1");
  EXPECT_EQ(main_measure(R"({"main_score": 0.5, "mrr_at_5": 0.5, "nauc_a": 0.5})"), "RR@5");
  EXPECT_EQ(main_measure(R"({"main_score": 0.5, "cosine_spearman": 0.25})"), "main_score");
}

TEST(ReadSystemResults, SearchesFoldersForResultsOfEitherKind) {
  const test::TemporaryFolder folder;
  fs::create_directories(folder.path() / "deep" / "er");
  folder.write("deep/er/results.json", kGrid);
  folder.write("deep/Task.json", kMteb);
  folder.write("deep/other.json", R"({"scores": 3})");
  folder.write("deep/notes.txt", "no JSON");
  EXPECT_EQ(read(folder.path()).size(), 3u);
}

TEST(ReadSystemResults, NamesTheFileThatIsWrong) {
  const test::TemporaryFolder folder;
  const auto read_text = [&](std::string_view text) { read(folder.write("x.json", text)); };
  EXPECT_THAT([&] { read_text("{}"); },
              ThrowsMessage<InvalidData>(EndsWith(
                  "x.json: neither the results of a grid (\"format\": \"dragoman-results-1\") nor of an MTEB task "
                  "(\"task_name\", \"scores\")")));
  EXPECT_THAT([&] { read_text(R"({"format": "dragoman-results-1"})"); },
              ThrowsMessage<InvalidData>(EndsWith("x.json: \"measures\" must be an array of names")));
  EXPECT_THAT([&] { read_text(R"({"format": "dragoman-results-1", "measures": ["AP"], "cells": [7]})"); },
              ThrowsMessage<InvalidData>(EndsWith("x.json: a cell must be an object, not number")));
  EXPECT_THAT([&] { read_text(R"({"task_name": "T", "scores": {"test": []}})"); },
              ThrowsMessage<InvalidData>(EndsWith("x.json: the split \"test\" has no scores")));
  EXPECT_THAT([&] { read(folder.path() / "nowhere"); }, ThrowsMessage<NotFound>(EndsWith("nowhere: no such file")));
  const test::TemporaryFolder empty;
  EXPECT_THAT([&] { read(empty.path()); },
              ThrowsMessage<NotFound>(EndsWith(": no results in this folder, expected results.json or MTEB's")));
}

TEST(WriteMtebResults, WritesWhatItReadsAgain) {
  const test::TemporaryFolder folder;
  const auto results = read(folder.write("results.json", kGrid));
  const auto paths = write_mteb_results(results, MtebTask::retrieval, folder.path() / "mteb");
  ASSERT_EQ(paths.size(), 2u);
  EXPECT_EQ(paths[0], folder.path() / "mteb/hybrid_+_pointwise/no_revision_available/tatoeba.json");
  const auto again = read(paths[0]);
  EXPECT_EQ(again[0].system, "hybrid + pointwise");
  EXPECT_EQ(again[0].collection, "tatoeba");
  EXPECT_THAT(again[0].values, ElementsAre(Pair("nDCG@10", 0.75)));  // the mean of 0.5 and 1
  EXPECT_EQ(again[0].seconds, 1.5);
}

TEST(WriteMtebResults, HasTheMembersOfMteb) {
  const test::TemporaryFolder folder;
  const auto results = read(folder.write("results.json", kGrid));
  const auto paths = write_mteb_results(results, MtebTask::retrieval, folder.path() / "mteb");
  const Json hybrid = parse_json_object(read_file(paths[0]), "hybrid"),
             bm25 = parse_json_object(read_file(paths[1]), "bm25");
  EXPECT_EQ(hybrid["scores"]["test"], Json::parse(R"([
      {"hf_subset": "ar", "languages": ["ara-Arab", "eng-Latn"], "main_score": 1.0, "ndcg_at_10": 1.0},
      {"hf_subset": "th", "languages": ["tha-Thai", "eng-Latn"], "main_score": 0.5, "ndcg_at_10": 0.5}])"));
  EXPECT_EQ(bm25, Json::parse(R"({"dataset_revision": "no_revision_available", "task_name": "tatoeba",
      "mteb_version": "1.12.48", "evaluation_time": null, "kg_co2_emissions": null, "scores": {"test": [
        {"hf_subset": "default", "languages": ["eng-Latn"], "main_score": 0.25, "ndcg_at_10": 0.25}]}})"));
}

TEST(WriteMtebResults, WritesBitextTasksWhereTheHitsAreThere) {
  const test::TemporaryFolder folder;
  auto results = read(folder.write("results.json", kGrid));
  EXPECT_THAT(
      [&] { write_mteb_results(results, MtebTask::bitext, folder.path() / "mteb"); },
      ThrowsMessage<InvalidArgument>("the results of bm25 on tatoeba have not the first hit of every query, which "
                                     "scores of a bitext task are counted from"));
  results.pop_back();
  const auto again = read(write_mteb_results(results, MtebTask::bitext, folder.path() / "mteb")[0]);
  EXPECT_EQ(again[0].main_measure, "f1");
  EXPECT_THAT(again[0].values.at("f1"), DoubleNear(5.0 / 9, 1e-15));
  EXPECT_THAT(again[0].values.at("accuracy"), DoubleNear(2.0 / 3, 1e-15));
}

TEST(WriteMtebResults, RefusesTwoResultsOfOneName) {
  const test::TemporaryFolder folder;
  auto results = read(folder.write("results.json", kGrid));
  results[1] = results[0];
  EXPECT_THAT(
      [&] { write_mteb_results(results, MtebTask::retrieval, folder.path() / "mteb"); },
      ThrowsMessage<InvalidArgument>("hybrid + pointwise has two results on tatoeba; leave one of the files out"));
}

}  // namespace
}  // namespace dragoman
