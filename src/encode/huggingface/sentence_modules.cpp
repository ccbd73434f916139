#include "encode/huggingface/sentence_modules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "encode/model_json.h"

namespace dragoman {
namespace {

// More is no model, but somebody's joke.
constexpr std::size_t kMaxModules = 16;
constexpr std::uint64_t kMaxTokens = 1 << 20;

[[noreturn]] void refuse(std::string_view place, std::string_view reason) {
  throw InvalidData(fmt::format("{}: {}", place, reason));
}

bool flag(const Json& object, const char* name, bool otherwise, std::string_view place) {
  const auto member = object.find(name);
  if (member == object.end() || member->is_null()) return otherwise;
  if (!member->is_boolean()) refuse(place, fmt::format("\"{}\" must be true or false", name));
  return member->get<bool>();
}

/// Modules lie in folders of the folder; nothing may reach out of it.
bool inside(std::string_view path) {
  const auto legal = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
  };
  return std::ranges::all_of(path, legal);
}

std::string file_in(std::string_view folder, std::string_view name) {
  return folder.empty() ? std::string(name) : fmt::format("{}/{}", folder, name);
}

Json required_json(const ReadText& read, const std::string& path) {
  const auto text = read(path);
  if (!text) throw InvalidData(fmt::format("{}: is missing, but modules.json names it", path));
  return parse_json_object(*text, path);
}

/// sentence_transformers.models.Pooling: up to version 5 a flag for each way, since then one name.
Pooling read_pooling(const Json& json, std::string_view place) {
  static constexpr std::array<std::pair<const char*, std::string_view>, 6> kFlags = {
      {{"pooling_mode_cls_token", "cls"},
       {"pooling_mode_mean_tokens", "mean"},
       {"pooling_mode_lasttoken", "lasttoken"},
       {"pooling_mode_max_tokens", "max"},
       {"pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens"},
       {"pooling_mode_weightedmean_tokens", "weightedmean"}}};
  if (!flag(json, "include_prompt", true, place)) {
    refuse(place, "\"include_prompt\" is false; leaving the prompt out of pooling cannot be run");
  }
  std::vector<std::string> modes;
  if (const auto mode = json.find("pooling_mode"); mode != json.end()) {
    modes = mode->is_array() ? list_member(json, "pooling_mode", place)
                             : std::vector{required_string(json, "pooling_mode", place)};
  } else {
    for (const auto& [name, mode_name] : kFlags) {
      if (flag(json, name, false, place)) modes.emplace_back(mode_name);
    }
  }
  if (modes.size() != 1) refuse(place, fmt::format("pools in {} ways at once; one can be run", modes.size()));
  if (modes[0] == "mean") return Pooling::mean;
  if (modes[0] == "cls") return Pooling::cls;
  if (modes[0] == "lasttoken") return Pooling::last_token;
  refuse(place, fmt::format("pooling \"{}\" cannot be run; mean, cls and lasttoken can", printable(modes[0])));
}

DenseModule read_dense(const Json& json, const std::string& path, std::string_view place) {
  DenseModule dense;
  dense.path = path;
  dense.in = number_member(json, "in_features", place);
  dense.out = number_member(json, "out_features", place);
  if (dense.in == 0 || dense.out == 0) refuse(place, "\"in_features\" and \"out_features\" must be there, 1 or more");
  dense.bias = flag(json, "bias", true, place);
  const auto activation =
      string_member(json, "activation_function", place).value_or("torch.nn.modules.activation.Tanh");
  if (activation.ends_with(".Tanh")) {
    dense.activation = "tanh";
  } else if (activation.ends_with(".Identity")) {
    dense.activation = "identity";
  } else {
    refuse(place, fmt::format("activation \"{}\" cannot be run; Tanh and Identity can", printable(activation)));
  }
  for (const char* name : {"module_input_name", "module_output_name"}) {
    if (const auto value = string_member(json, name, place); value && *value != "sentence_embedding") {
      refuse(place,
             fmt::format("\"{}\" is \"{}\"; a dense layer over pooled vectors can be run", name, printable(*value)));
    }
  }
  if (flag(json, "use_residual", false, place)) refuse(place, "\"use_residual\" cannot be run");
  return dense;
}

void read_splade(const Json& json, std::string_view place) {
  if (const auto way = string_member(json, "pooling_strategy", place).value_or("max"); way != "max") {
    refuse(place, fmt::format("pooling strategy \"{}\" cannot be run; max can", printable(way)));
  }
  if (const auto name = string_member(json, "activation_function", place).value_or("relu"); name != "relu") {
    refuse(place, fmt::format("activation \"{}\" cannot be run; relu can", printable(name)));
  }
}

/// The modules in their order: a transformer, then either a pooling with dense layers and a norm, or SPLADE's pooling.
void read_modules(const ReadText& read, const Json& list, SentenceModules& modules) {
  constexpr std::string_view kPlace = "modules.json";
  if (!list.is_array() || list.empty() || list.size() > kMaxModules) {
    refuse(kPlace, fmt::format("must be a list of 1 to {} modules", kMaxModules));
  }
  modules.normalize = false;
  std::string before;
  for (const Json& each : list) {
    if (!each.is_object()) refuse(kPlace, "a module must be an object");
    const std::string type = required_string(each, "type", kPlace);
    const std::string path = string_member(each, "path", kPlace).value_or("");
    if (!inside(path))
      refuse(kPlace, fmt::format("a module lies in \"{}\", which is no folder of it", printable(path)));
    const std::string place = file_in(path, "config.json");
    const std::string name = type.substr(type.rfind('.') == type.npos ? 0 : type.rfind('.') + 1);
    const auto follows = [&](std::initializer_list<std::string_view> legal) {
      if (std::ranges::find(legal, before) == legal.end()) {
        refuse(kPlace, fmt::format("a module {} cannot follow {}", name, before.empty() ? "nothing" : before));
      }
    };
    if (!type.starts_with("sentence_transformers.")) {
      refuse(kPlace, fmt::format("unknown module \"{}\"", printable(type)));
    }
    if (name == "Transformer" || name == "MLMTransformer") {
      follows({""});
      modules.transformer = path;
    } else if (name == "Pooling") {
      follows({"Transformer"});
      const Json json = required_json(read, place);
      modules.pooling = read_pooling(json, place);
      for (const char* width : {"word_embedding_dimension", "embedding_dimension"}) {
        if (json.contains(width)) modules.pooled_width = number_member(json, width, place);
      }
    } else if (name == "Dense") {
      follows({"Pooling", "Dense"});
      modules.dense.push_back(read_dense(required_json(read, place), path, place));
    } else if (name == "Normalize") {
      follows({"Pooling", "Dense", "Normalize"});
      modules.normalize = true;
    } else if (name == "SpladePooling") {
      follows({"Transformer", "MLMTransformer"});
      if (const auto text = read(place)) read_splade(parse_json_object(*text, place), place);
      modules.splade = true;
    } else {
      refuse(kPlace,
             fmt::format("a module \"{}\" cannot be run; Transformer, MLMTransformer, Pooling, Dense, Normalize "
                         "and SpladePooling can",
                         printable(type)));
    }
    before = name;
  }
  if (!modules.pooling && !modules.splade) refuse(kPlace, "names no pooling, so the model gives no vectors");
}

/// config_sentence_transformers.json. A question takes the prompt "query"; a text the first that is there of
/// "document", "passage" and "corpus", as encode_query and encode_document choose; else the default prompt.
void read_prompts(const ReadText& read, SentenceModules& modules) {
  constexpr std::string_view kPlace = "config_sentence_transformers.json";
  const auto text = read(std::string(kPlace));
  const Json json = text ? parse_json_object(*text, kPlace) : Json::object();
  const auto similarity = string_member(json, "similarity_fn_name", kPlace).value_or("cosine");
  if (similarity != "cosine" && similarity != "dot" && similarity != "dot_product") {
    refuse(kPlace, fmt::format("vectors compared by \"{}\"; cosine and dot can be", printable(similarity)));
  }
  // What is compared by cosine may as well have length one, and then a dot product compares it.
  if (similarity == "cosine") modules.normalize = true;

  const auto prompts = json.find("prompts");
  if (prompts == json.end() || prompts->is_null()) return;
  if (!prompts->is_object()) refuse(kPlace, "\"prompts\" must be an object");
  const std::string fallback = string_member(json, "default_prompt_name", kPlace).value_or("");
  const auto choose = [&](std::initializer_list<std::string> names) -> std::string {
    for (const std::string& name : names) {
      if (name.empty() || !prompts->contains(name)) continue;
      if (const auto prompt = string_member(*prompts, name.c_str(), kPlace)) return *prompt;
    }
    return "";
  };
  modules.query_prompt = choose({"query", fallback});
  modules.passage_prompt = choose({"document", "passage", "corpus", fallback});
}

/// sentence_bert_config.json; without it sentence-transformers takes what the tokenizer reads.
void read_length(const ReadText& read, SentenceModules& modules) {
  const std::string place = file_in(modules.transformer, "sentence_bert_config.json");
  if (const auto text = read(place)) {
    const Json json = parse_json_object(*text, place);
    if (flag(json, "do_lower_case", false, place)) {
      refuse(place, "\"do_lower_case\" is true; a tokenizer that does it itself can be run");
    }
    if (const auto member = json.find("max_seq_length"); member != json.end() && !member->is_null()) {
      const auto tokens = number_member(json, "max_seq_length", place);
      if (tokens == 0 || tokens > kMaxTokens) refuse(place, fmt::format("\"max_seq_length\" is {}", tokens));
      modules.max_tokens = tokens;
      return;
    }
  }
  const std::string other = file_in(modules.transformer, "tokenizer_config.json");
  if (const auto text = read(other)) {
    const Json json = parse_json_object(*text, other);
    // Where nobody set it, it is 1e30.
    const auto member = json.find("model_max_length");
    if (member == json.end() || !member->is_number_unsigned()) return;
    if (const auto tokens = member->get<std::uint64_t>(); tokens > 0 && tokens <= kMaxTokens) {
      modules.max_tokens = tokens;
    }
  }
}

}  // namespace

SentenceModules read_sentence_modules(const ReadText& read) {
  SentenceModules modules;
  if (const auto text = read("modules.json")) {
    modules.present = true;
    // A list, where parse_json_object wants an object; its checks are wanted all the same.
    read_modules(read, parse_json_object(fmt::format("{{\"modules\":{}}}", *text), "modules.json")["modules"], modules);
  }
  read_prompts(read, modules);
  read_length(read, modules);
  return modules;
}

}  // namespace dragoman
