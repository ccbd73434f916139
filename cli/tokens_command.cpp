#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "base/json.h"
#include "command.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/encode/model_store.h"
#include "encode/gguf_file.h"
#include "encode/tokenize/tokenizer.h"

namespace dragoman::cli {
namespace {

struct TokensArgs {
  std::string source, texts = "-";
  bool json = false;
};

std::unique_ptr<Tokenizer> open(const std::string& source, const Context& context) {
  const std::filesystem::path path(source);
  const bool is_file = std::filesystem::is_regular_file(path);
  const MappedFile file(is_file ? path : ModelStore(context.models).find(source).file);
  const std::string place = file.path().filename().string();
  if (is_file && path.extension() == ".json") {
    const auto bytes = file.bytes();
    return read_tokenizer_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, place);
  }
  return open_tokenizer(read_gguf(file.bytes(), place), file.bytes(), place);
}

/// The text of a line that is a JSON string, in which any character can be spelled.
std::string json_text(std::string_view line, const std::string& place) {
  const Json value = Json::parse(line, nullptr, false);
  if (!value.is_string()) throw InvalidData(fmt::format("{}: expected a JSON string, like \"a\\u0000b\"", place));
  return value.get<std::string>();
}

void print_tokens(const TokensArgs& args, const Context& context) {
  const auto tokenizer = open(args.source, context);
  LineReader lines(args.texts);
  for (std::string_view line; lines.next(line);) {
    const auto ids = tokenizer->tokenize(args.json ? json_text(line, lines.place()) : std::string(line));
    if (args.json) {
      fmt::print("[{}]\n", fmt::join(ids, ","));
    } else {
      fmt::print("{}\n", fmt::join(ids, " "));
    }
  }
}

}  // namespace

void add_tokens_command(CLI::App& model_command, const Context& context) {
  auto args = std::make_shared<TokensArgs>();
  CLI::App* command = model_command.add_subcommand("tokens", "Print the token ids of texts, a line each");
  command->add_option("model", args->source, "An installed model, a GGUF file or a tokenizer.json")->required();
  command->add_option("texts", args->texts, "File of a text a line; - for standard input");
  command->add_flag("--json", args->json, "Every line is a JSON string, and is answered by a JSON list");
  command->footer(
      "Special tokens are neither added nor recognised.\n"
      "Example:\n  echo \"Wapi kuna maji?\" | dragoman model tokens multilingual-e5-small");
  command->callback([args, &context] { print_tokens(*args, context); });
}

}  // namespace dragoman::cli
