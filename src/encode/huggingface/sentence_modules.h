#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/encode/model_store.h"
#include "encode/huggingface/text_files.h"

namespace dragoman {

/// A dense layer after pooling.
struct DenseModule {
  std::string path;        ///< Its folder, "2_Dense".
  std::string activation;  ///< "tanh" or "identity".
  std::uint64_t in = 0, out = 0;
  bool bias = true;
};

/// What the files of sentence-transformers say around a model.
struct SentenceModules {
  bool present = false;     ///< There is a modules.json.
  std::string transformer;  ///< Folder of config.json and the weights; empty for the folder itself.
  std::optional<Pooling> pooling;
  std::uint64_t pooled_width = 0;  ///< As the pooling's configuration has it; 0 if it does not say.
  std::vector<DenseModule> dense;
  bool normalize = true;
  bool splade = false;         ///< The largest log(1 + relu(logit)) over the tokens.
  std::size_t max_tokens = 0;  ///< Longest input; 0 if they do not say.
  std::string query_prompt, passage_prompt;
};

/// Reads modules.json, the configurations of the modules it names, sentence_bert_config.json,
/// config_sentence_transformers.json and, for the longest input, tokenizer_config.json. A folder without modules.json
/// says nothing of pooling.
/// @throws InvalidData naming the file and the module or setting that cannot be run.
SentenceModules read_sentence_modules(const ReadText& read);

}  // namespace dragoman
