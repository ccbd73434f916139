#include "encode/huggingface/tokenizer_json.h"

#include <fmt/format.h>

#include <map>
#include <string_view>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

/// A token whose number the model has no row for would be read from beyond the table's end.
void check_numbers(const Json& json, std::uint64_t rows, std::string_view place) {
  const auto check = [&](std::string_view token, std::uint64_t number) {
    if (number < rows) return;
    throw InvalidData(fmt::format("{}: token \"{}\" has the number {}, but the model has {} tokens", place,
                                  printable(token), number, rows));
  };
  const auto model = json.find("model");
  if (model == json.end() || !model->is_object() || !model->contains("vocab")) {
    throw InvalidData(fmt::format("{}: is no tokenizer (it has no \"model\" with a \"vocab\")", place));
  }
  const Json& vocabulary = (*model)["vocab"];
  if (vocabulary.is_array()) {
    if (!vocabulary.empty()) check("of the last line", vocabulary.size() - 1);
  } else if (vocabulary.is_object()) {
    for (const auto& [token, number] : vocabulary.items()) {
      if (!number.is_number_unsigned()) {
        throw InvalidData(fmt::format("{}: token \"{}\" has no number", place, printable(token)));
      }
      check(token, number.get<std::uint64_t>());
    }
  } else {
    throw InvalidData(fmt::format("{}: its \"vocab\" is neither a list nor an object", place));
  }
  const auto added = json.find("added_tokens");
  if (added == json.end() || !added->is_array()) return;
  for (const Json& token : *added) {
    if (!token.is_object() || !token.contains("id") || !token["id"].is_number_unsigned()) {
      throw InvalidData(fmt::format("{}: an added token has no \"id\"", place));
    }
    check(string_member(token, "content", place).value_or(""), token["id"].get<std::uint64_t>());
  }
}

/// One token a line, its number the line's.
std::map<std::string, std::uint64_t> read_vocabulary(std::string_view text, std::string_view place) {
  std::map<std::string, std::uint64_t> vocabulary;
  for (std::uint64_t number = 0; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (find_invalid_utf8(line) != line.npos) {
      throw InvalidData(fmt::format("{}:{}: not UTF-8", place, number + 1));
    }
    vocabulary.insert_or_assign(std::string(line), number);
  }
  return vocabulary;
}

/// transformers' BertTokenizer, whose settings are lower case and accents alone.
std::string from_vocabulary(std::string_view text, const std::optional<std::string>& config, std::string_view place) {
  constexpr std::string_view kConfig = "tokenizer_config.json";
  const Json settings = config ? parse_json_object(*config, kConfig) : Json::object();
  const auto flag = [&](const char* name, Json otherwise) {
    const auto member = settings.find(name);
    if (member == settings.end()) return otherwise;
    if (!member->is_boolean() && !member->is_null()) {
      throw InvalidData(fmt::format("{}: \"{}\" must be true or false", kConfig, name));
    }
    return *member;
  };
  const auto vocabulary = read_vocabulary(text, place);
  OrderedJson json = {{"version", "1.0"}, {"truncation", nullptr}, {"padding", nullptr}};
  json["added_tokens"] = OrderedJson::array();
  std::map<std::uint64_t, std::string> special;
  for (const char* token : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}) {
    const auto found = vocabulary.find(token);
    if (found == vocabulary.end()) throw InvalidData(fmt::format("{}: has no token {}", place, token));
    special.emplace(found->second, token);
  }
  for (const auto& [number, token] : special) {
    json["added_tokens"].push_back({{"id", number},
                                    {"content", token},
                                    {"single_word", false},
                                    {"lstrip", false},
                                    {"rstrip", false},
                                    {"normalized", false},
                                    {"special", true}});
  }
  json["normalizer"] = {{"type", "BertNormalizer"},
                        {"clean_text", true},
                        {"handle_chinese_chars", flag("tokenize_chinese_chars", true)},
                        {"strip_accents", flag("strip_accents", nullptr)},
                        {"lowercase", flag("do_lower_case", true)}};
  json["pre_tokenizer"] = {{"type", "BertPreTokenizer"}};
  const auto piece = [](const char* kind, const char* id) { return OrderedJson{{kind, {{"id", id}, {"type_id", 0}}}}; };
  const auto token = [&](const char* id) {
    return OrderedJson{{"id", id}, {"ids", {vocabulary.at(id)}}, {"tokens", {id}}};
  };
  json["post_processor"] = {
      {"type", "TemplateProcessing"},
      {"single", {piece("SpecialToken", "[CLS]"), piece("Sequence", "A"), piece("SpecialToken", "[SEP]")}},
      {"pair", OrderedJson::array()},
      {"special_tokens", {{"[CLS]", token("[CLS]")}, {"[SEP]", token("[SEP]")}}}};
  json["decoder"] = {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}};
  json["model"] = {{"type", "WordPiece"},
                   {"unk_token", "[UNK]"},
                   {"continuing_subword_prefix", "##"},
                   {"max_input_chars_per_word", 100}};
  OrderedJson& numbers = json["model"]["vocab"] = OrderedJson::object();
  for (const auto& [name, number] : vocabulary) numbers[name] = number;
  return to_line(json);
}

}  // namespace

std::string read_tokenizer_json(const ReadText& read, const std::string& folder, std::uint64_t rows) {
  const auto in_folder = [&](std::string_view name) {
    return folder.empty() ? std::string(name) : fmt::format("{}/{}", folder, name);
  };
  std::string place = in_folder("tokenizer.json");
  auto text = read(place);
  if (!text) {
    place = in_folder("vocab.txt");
    if (const auto vocabulary = read(place)) {
      text = from_vocabulary(*vocabulary, read(in_folder("tokenizer_config.json")), place);
    }
  }
  if (!text) {
    throw NotFound(
        fmt::format("{}: is missing; make it with: python3 -c \"from transformers import AutoTokenizer as T; "
                    "T.from_pretrained('FOLDER').save_pretrained('FOLDER')\"",
                    in_folder("tokenizer.json")));
  }
  // GGUF writers take C strings, and the parser below stops at a zero byte.
  if (text->find('\0') != text->npos) throw InvalidData(fmt::format("{}: holds a zero byte", place));
  check_numbers(parse_json_object(*text, place), rows, place);
  return *std::move(text);
}

}  // namespace dragoman
