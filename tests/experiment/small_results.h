#pragma once

#include <string>

namespace dragoman::test {

/// Two cells of one collection, asked in Swahili and Arabic, with one comparison each way and a cost. The numbers are
/// round, so that what is made of them can be checked by eye.
inline std::string small_results() {
  return R"({
  "format": "dragoman-results-1", "name": "Small & plain", "description": "Two cells_of | one collection.",
  "measures": ["nDCG@10", "R@100"], "baseline": "c/bm25/none/none",
  "collections": [{"name": "c", "documents": 3, "queries": 2, "document_languages": {"en": 3},
                   "query_languages": {"ar": 1, "sw": 1}}],
  "cells": [
    {"id": "c/bm25/none/none", "collection": "c", "retrieve": "bm25", "translate": "none", "rerank": "none",
     "effectiveness": {
       "all": {"queries": 2, "values": {"nDCG@10": 0.25, "R@100": 1}, "intervals": {"nDCG@10": [0.125, 0.5]}},
       "by_query_language": {"sw": {"queries": 1, "values": {"nDCG@10": 0.5, "R@100": 1}},
                             "ar": {"queries": 1, "values": {"nDCG@10": 0, "R@100": 1}}},
       "by_pair": {"sw>en": {"queries": 0, "values": {"nDCG@10": null, "R@100": null}}}},
     "cost": {"stages": [], "total": {"stage": "total", "queries": 2, "cpu_s": 0.5, "calls": 0}},
     "per_query": {"q1": {"values": {"nDCG@10": 0.5}, "hits": [["d1", 1.5, 1], ["d2", 0.5, null]]}}},
    {"id": "c/a,b/none/point", "collection": "c", "retrieve": "a,b", "translate": "none", "rerank": "point",
     "effectiveness": {
       "all": {"queries": 2, "values": {"nDCG@10": 0.75, "R@100": 0.5}},
       "by_query_language": {"sw": {"queries": 1, "values": {"nDCG@10": 0.5, "R@100": 0.5}},
                             "ar": {"queries": 1, "values": {"nDCG@10": 1, "R@100": 0.5}}}}}
  ],
  "comparisons": [
    {"cell": "c/a,b/none/point", "baseline": "c/bm25/none/none", "measure": "nDCG@10", "group": "all", "queries": 2,
     "difference": 0.5, "interval": [0.25, 0.75], "p_t": 0.01, "p_randomisation": 0.01, "p_adjusted": 0.02,
     "effect_size": 1, "wins": 1, "losses": 0, "ties": 1, "verdict": "better", "sentence": "Better."},
    {"cell": "c/a,b/none/point", "baseline": "c/bm25/none/none", "measure": "R@100", "group": "all", "queries": 2,
     "difference": -0.5, "interval": null, "p_t": 0.01, "p_randomisation": 0.01, "p_adjusted": 0.02,
     "effect_size": null, "wins": 0, "losses": 2, "ties": 0, "verdict": "worse", "sentence": "Worse."}
  ],
  "queries": {"c": [{"id": "q1", "language": "sw", "text": "maji", "question": "1"},
                    {"id": "q2", "language": "ar", "text": "ماء", "question": "1"}]},
  "documents": {"c": {"d1": {"language": "en", "title": "Water", "text": "Water is wet."}}}
})";
}

/// `text` with the first `from` replaced by `to`; the text itself if there is none, so that a test notices.
inline std::string with(std::string text, const std::string& from, const std::string& to) {
  if (const auto found = text.find(from); found != std::string::npos) text.replace(found, from.size(), to);
  return text;
}

}  // namespace dragoman::test
