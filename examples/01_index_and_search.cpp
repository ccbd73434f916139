// From documents to answers in another language, in one file. Needs the default encoder:
//
//   dragoman model pull multilingual-e5-small
//   01_index_and_search examples/sample/corpus.jsonl /tmp/my-index "Wie flicke ich einen Reifen?"

#include <exception>
#include <iostream>

#include "dragoman/engine/engine.h"
#include "dragoman/engine/indexer.h"

int main(int argc, char** argv) try {
  if (argc != 4) {
    std::cerr << "usage: 01_index_and_search CORPUS.jsonl FOLDER QUESTION\n";
    return 2;
  }

  // 1. Documents into a collection, and its indexes up to date. Doing it again costs nothing; after a crash it goes on.
  const dragoman::IndexReport report = dragoman::index_corpus({.corpus = argv[1], .into = argv[2]});
  std::cout << report.documents << " documents in " << report.languages.size() << " languages\n";

  // 2. One question through all stages. Its language may be left out: then its script has to do.
  const dragoman::Engine engine(argv[2]);
  const dragoman::Query query{.id = "q1", .text = argv[3], .language = {}};
  const dragoman::SearchResult result = engine.search(query, {.hits = 5});

  // 3. Each hit says in which language it is, which part of it matched, and by which route it came.
  for (const dragoman::SearchHit& hit : result.hits) {
    std::cout << "[" << hit.language.tag() << "] " << hit.document.title << "\n";
    for (const dragoman::HitTrace& step : hit.trace) {
      std::cout << "    " << step.stage << ": rank " << step.rank << ", score " << step.score << "\n";
    }
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
