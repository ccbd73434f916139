#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "command.h"
#include "dragoman/engine/engine.h"

namespace dragoman::cli {

/// The options of a search as they are typed; search, run and rerank share them, under the same names.
class SearchFlags {
 public:
  void add_retrieval(CLI::App& command);
  /// @param method_flag "--rerank" where reranking is one of several stages, "--method" where it is all.
  void add_reranking(CLI::App& command, const std::string& method_flag);

  /// @throws InvalidArgument for a value that is not legal.
  SearchOptions options() const;

  /// With what the program was told for all commands.
  EngineOptions engine_options(const Context& context) const;

  /// Short name of the pipeline for run files: "bm25+dense-rrf-listwise".
  std::string tag() const;

 private:
  void add_vectors(CLI::App& command);

  SearchOptions options_;                             // The defaults of the library are the defaults of the command.
  std::map<std::string, std::string> rerank_values_;  // By the library's names.
  std::vector<std::string> adapters_;
  bool calibrate_ = false;
  std::string retrieve_ = "bm25,dense", fuse_ = "calibrated", fuse_weights_, debias_ = "auto", exposure_ = "relevance",
              match_ = "any", statistics_ = "per_language", by_language_, field_weights_, documents_in_,
              query_languages_, identifier_, rerank_method_, rerank_endpoint_;
  std::string translate_, translators_;
  std::optional<float> romanized_weight_;
  std::vector<std::string> where_;
  std::string id_file_;
  std::string weighting_ = "bm25", sparse_weighting_ = "idf", sparse_method_ = "exact", multi_vector_method_ = "pruned";
  std::string phrases_ = "auto";
};

/// "a,b,c" -> parts; empty parts are left out.
std::vector<std::string> split_list(const std::string& list);

}  // namespace dragoman::cli
