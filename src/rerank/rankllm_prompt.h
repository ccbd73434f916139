#pragma once

#include "base/yaml.h"
#include "rerank/prompt.h"

namespace dragoman::reranking {

/// Prompt files of RankLLM (Sharifymoghaddam et al., "RankLLM: A Python Package for Reranking with LLMs", SIGIR 2025),
/// read as they are: `body`, perhaps with `system_message`, `prefix`, `suffix`, and for conversations of a turn a
/// passage `prefix_assistant` and `body_assistant`. Fields that say how an answer is parsed are passed over: ours are
/// well-formed by construction.
///
/// What such a file leaves to the program is read from it. Identifiers are what stands around {rank} in `body`,
/// "[{rank}]" as a rule. Pointwise answers are yes and no if the file speaks of "yes", else true and false; pairwise
/// ones are true, for the first of the two, and false.
bool is_rankllm_prompt(const YAML::Node& root);

/// @throws InvalidData, naming the line, for a file that is for another kind of method, or malformed.
Prompt read_rankllm_prompt(const YamlFile& file, const PromptSchema& schema);

}  // namespace dragoman::reranking
