#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "dragoman/base/error.h"
#include "encode/huggingface/model_config.h"
#include "encode/huggingface/sentence_modules.h"
#include "encode/huggingface/tokenizer_json.h"

// A folder's files one after another, parted by lines of "----". Whatever they say: one of our errors, or a model.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr std::array kNames = {"config.json",
                                        "modules.json",
                                        "1_Pooling/config.json",
                                        "2_Dense/config.json",
                                        "sentence_bert_config.json",
                                        "config_sentence_transformers.json",
                                        "tokenizer_config.json",
                                        "tokenizer.json",
                                        "vocab.txt"};
  constexpr std::string_view kBetween = "\n----\n";
  std::map<std::string, std::string> files;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  for (const char* name : kNames) {
    const auto end = rest.find(kBetween);
    if (const auto text = rest.substr(0, end); !text.empty()) files.emplace(name, text);
    if (end == rest.npos) break;
    rest.remove_prefix(end + kBetween.size());
  }
  const dragoman::ReadText read = [&](const std::string& path) -> std::optional<std::string> {
    const auto found = files.find(path);
    return found == files.end() ? std::nullopt : std::optional(found->second);
  };
  try {
    dragoman::read_sentence_modules(read);
  } catch (const dragoman::Error&) {
  }
  try {
    dragoman::read_model_config(read("config.json").value_or(""), "config.json");
  } catch (const dragoman::Error&) {
  }
  try {
    // What is put into a GGUF file must not end early there.
    if (dragoman::read_tokenizer_json(read, "", 1000).find('\0') != std::string::npos) __builtin_trap();
  } catch (const dragoman::Error&) {
  }
  return 0;
}
