#pragma once

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "dragoman/rerank/reranker.h"

namespace dragoman::bench {

/// A query and what is to be reranked for it.
struct Task {
  std::string id, query;
  std::vector<Candidate> candidates;
};

/// Those of a folder that bench/rerank/make-workload wrote, in the order of its run.
inline std::vector<Task> read_tasks(const std::string& folder) {
  const auto rows = [&](const char* name) {
    std::map<std::string, std::string> texts;
    std::ifstream file(folder + "/" + name);
    for (std::string line; std::getline(file, line);) {
      const auto row = nlohmann::json::parse(line);
      texts[row.at("_id")] = row.at("text");
    }
    return texts;
  };
  const auto queries = rows("queries.jsonl"), passages = rows("corpus.jsonl");
  std::vector<Task> tasks;
  std::ifstream run(folder + "/first-stage.run");
  for (std::string line; std::getline(run, line);) {
    std::istringstream fields(line);
    std::string query, unused, passage;
    fields >> query >> unused >> passage;
    if (tasks.empty() || tasks.back().id != query) tasks.push_back({query, queries.at(query), {}});
    tasks.back().candidates.push_back({passage, passages.at(passage)});
  }
  return tasks;
}

}  // namespace dragoman::bench
