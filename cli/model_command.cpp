#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/json.h"
#include "command.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/encode/model_store.h"
#include "encode/model_json.h"
#include "terminal_progress.h"

namespace dragoman::cli {
namespace {

struct ModelArgs {
  std::string name;
  Model model;  // add: what the user says of the file or folder.
  std::string pooling, precision;
  PullOptions pull;
  bool json = false, verify = false;
};

OrderedJson to_json(const Model& model) {
  OrderedJson json = {{"name", model.name}, {"kind", to_string(model.kind)}, {"file", model.file.string()}};
  json.update(model_members(model));
  return json;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : " ") + part;
  return all;
}

void print(const Model& model) {
  fmt::print(
      "{}\n  kind       {}\n  file       {}\n  bytes      {}\n  sha256     {}\n  licence    {}\n  languages  {}\n"
      "  source     {}\n",
      model.name, to_string(model.kind), model.file.string(), model.bytes, model.sha256, model.licence,
      joined(model.languages), model.source);
  if (!model.endpoint.empty()) {
    const std::string shape =
        model.kind == ModelKind::encoder ? fmt::format(", {} dimensions", model.dimension) : std::string();
    fmt::print("  endpoint   {}, model \"{}\"{}\n", model.endpoint, printable(model.endpoint_model), shape);
  }
  if (model.kind == ModelKind::encoder) {
    fmt::print("  prompts    query \"{}\", passage \"{}\"\n  reads      {} tokens\n", model.query_prompt,
               model.passage_prompt, model.max_tokens);
    if (model.pooling) fmt::print("  pooling    {}\n", to_string(*model.pooling));
    if (model.precision) fmt::print("  precision  {}\n", to_string(*model.precision));
  }
}

void list(const ModelArgs& args, const Context& context) {
  const ModelStore store(context.models);
  const auto installed = store.list();
  const auto catalogue = read_catalogue();
  const auto is_installed = [&](const std::string& name) {
    return std::ranges::any_of(installed, [&](const Model& model) { return model.name == name; });
  };
  if (args.json) {
    OrderedJson json = {
        {"folder", store.folder().string()}, {"installed", OrderedJson::array()}, {"catalogue", OrderedJson::array()}};
    for (const Model& model : installed) json["installed"].push_back(to_json(model));
    for (const CatalogueEntry& entry : catalogue) {
      json["catalogue"].push_back({{"name", entry.name},
                                   {"kind", to_string(entry.kind)},
                                   {"description", entry.description},
                                   {"licence", entry.licence},
                                   {"languages", entry.languages},
                                   {"source", entry.source},
                                   {"bytes", entry.bytes},
                                   {"installed", is_installed(entry.name)}});
    }
    fmt::print("{}\n", to_line(json));
    return;
  }
  fmt::print("installed in {}:\n", store.folder().string());
  for (const Model& model : installed) {
    fmt::print("  {:<28} {:<15} {:>7.1f} MB  {}\n", model.name, to_string(model.kind),
               static_cast<double>(model.bytes) / 1e6, model.licence);
  }
  if (installed.empty()) fmt::print("  none\n");
  fmt::print("to be had with dragoman model pull NAME (or hf:owner/name/file):\n");
  for (const CatalogueEntry& entry : catalogue) {
    if (is_installed(entry.name)) continue;
    fmt::print("  {:<28} {:<15} {:>10}  {}  {}\n", entry.name, to_string(entry.kind),
               entry.bytes == 0 ? "" : fmt::format("{:.1f} MB", static_cast<double>(entry.bytes) / 1e6), entry.licence,
               entry.description);
  }
}

void show_result(const Model& model, bool json) {
  if (json) {
    fmt::print("{}\n", to_line(to_json(model)));
  } else {
    print(model);
  }
}

void pull(const ModelArgs& args, const Context& context) {
  PullOptions options = args.pull;
  if (!args.pooling.empty()) options.pooling = parse_pooling(args.pooling);
  Model model;
  {
    TerminalProgress progress;
    model = pull_model(ModelStore(context.models), args.name, options, progress.callback());
  }
  show_result(model, args.json);
}

void add(const ModelArgs& args, const Context& context) {
  if (args.model.file.empty() == args.model.endpoint.empty()) {
    throw InvalidArgument("model add takes a GGUF file or an --endpoint, one of them");
  }
  if (args.model.endpoint.empty() && (!args.model.endpoint_model.empty() || args.model.dimension != 0)) {
    throw InvalidArgument("--endpoint-model and --dimension go with --endpoint; a file says these things itself");
  }
  Model model = args.model;
  if (!args.pooling.empty()) model.pooling = parse_pooling(args.pooling);
  if (!args.precision.empty()) model.precision = parse_precision(args.precision);
  {
    TerminalProgress progress;
    model = ModelStore(context.models).add(model, progress.callback());
  }
  show_result(model, args.json);
}

void show(const ModelArgs& args, const Context& context) {
  const ModelStore store(context.models);
  const Model model = store.find(args.name);
  if (args.verify) store.verify(model);
  show_result(model, args.json);
}

}  // namespace

void add_model_command(CLI::App& program, const Context& context) {
  auto args = std::make_shared<ModelArgs>();
  CLI::App* command = program.add_subcommand("model", "Get, add and inspect models");
  command->require_subcommand(1);
  command->fallthrough();
  command->footer("Example:\n  dragoman model pull multilingual-e5-small");

  CLI::App* list_command = command->add_subcommand("list", "Models that are installed, and models to be had");
  list_command->add_flag("--json", args->json, "Answer as JSON");
  list_command->footer("Example:\n  dragoman model list --json");
  list_command->callback([args, &context] { list(*args, context); });

  CLI::App* pull_command = command->add_subcommand("pull", "Fetch, verify and install a model");
  pull_command
      ->add_option("name", args->name,
                   "A name of the catalogue, hf:owner/name/file.gguf, or hf:owner/name for the folder of an encoder or "
                   "translator (OPUS-MT, NLLB)")
      ->required();
  pull_command->add_option("--as", args->pull.name, "Name to install it under");
  pull_command->add_option("--sha256", args->pull.sha256, "Hash that an hf: file must have");
  pull_command->add_option("--licence", args->pull.licence, "Licence of an hf: model, to be kept with it");
  pull_command->add_option("--pooling", args->pooling,
                           "Encoders from hf: mean, cls or last_token, where the model does not say");
  pull_command->add_option("--query-prompt", args->pull.query_prompt,
                           "Encoders from hf: what is put before a question");
  pull_command->add_option("--passage-prompt", args->pull.passage_prompt,
                           "Encoders from hf: what is put before a passage");
  pull_command->add_option("--max-tokens", args->pull.max_tokens,
                           "Encoders from hf: longest input; 0: what the model says");
  pull_command->add_option("--languages", args->pull.languages,
                           "Translators from hf: source and target, where the model does not say (en de)");
  pull_command->add_flag("--json", args->json, "Answer as JSON");
  pull_command->footer(
      "Honours HF_ENDPOINT, HF_TOKEN, HF_HOME and HF_HUB_OFFLINE.\n"
      "Examples:\n"
      "  dragoman model pull multilingual-e5-small\n"
      "  dragoman model pull hf:BAAI/bge-m3 --licence MIT\n"
      "  dragoman model pull hf:Helsinki-NLP/opus-mt-en-de --languages en de --licence CC-BY-4.0\n"
      "  dragoman model pull hf:ggml-org/Qwen3-Reranker-0.6B-Q8_0-GGUF/qwen3-reranker-0.6b-q8_0.gguf");
  pull_command->callback([args, &context] { pull(*args, context); });

  CLI::App* add_command =
      command->add_subcommand("add", "Install a GGUF file, a model's folder, or an encoder behind an endpoint");
  add_command->add_option("file", args->model.file, "The GGUF file, or a folder of Hugging Face or Marian");
  add_command->add_option("--endpoint", args->model.endpoint,
                          "Instead of a file: address of an OpenAI-compatible server (https://host/v1)");
  add_command->add_option("--endpoint-model", args->model.endpoint_model, "What that server calls the model");
  add_command->add_flag_callback(
      "--language-model", [args] { args->model.kind = ModelKind::language_model; },
      "There is a language model or a reranker behind the endpoint, no encoder");
  add_command->add_option("--dimension", args->model.dimension, "Of its vectors (it is asked, if not given)");
  add_command->add_option("--as,--name", args->model.name, "Name to install it under (the file's, if not given)");
  add_command->add_option("--licence", args->model.licence, "Its licence, to be kept with it");
  add_command->add_option("--languages", args->model.languages,
                          "Languages it knows (en de ...); of a translator: source and target");
  add_command->add_option("--precision", args->precision,
                          "Coarsest arithmetic it was measured to stand: f32, bf16 or int8 [bf16]");
  add_command->add_option("--pooling", args->pooling,
                          "Encoders: mean, cls or last_token, where the file or folder does not say");
  add_command->add_option("--query-prompt", args->model.query_prompt, "Encoders: what is put before a question");
  add_command->add_option("--passage-prompt", args->model.passage_prompt, "Encoders: what is put before a passage");
  add_command->add_option("--max-tokens", args->model.max_tokens,
                          "Longest input; 0: what the file or folder says (512 for an endpoint)");
  add_command->add_flag("--json", args->json, "Answer as JSON");
  add_command->footer(
      "The key of an endpoint is DRAGOMAN_API_KEY, else OPENAI_API_KEY; it is stored nowhere.\n"
      "Examples:\n"
      "  dragoman model add qwen2.5-0.5b-instruct-q4_k_m.gguf --licence Apache-2.0\n"
      "  dragoman model add ~/models/LaBSE --licence Apache-2.0\n"
      "  dragoman model add multilingual-e5-base/ --query-prompt \"query: \" --passage-prompt \"passage: \"\n"
      "  dragoman model add bergamot-et-en/ --languages et en --licence MPL-2.0\n"
      "  dragoman model add --endpoint http://127.0.0.1:8080/v1 --endpoint-model bge-m3 --name far-bge-m3\n"
      "  dragoman model add --endpoint http://127.0.0.1:8080/v1 --endpoint-model qwen3-8b --language-model");
  add_command->callback([args, &context] { add(*args, context); });

  add_model_cache_command(*command, context);

  CLI::App* show_command = command->add_subcommand("show", "Tell what is known of an installed model");
  show_command->add_option("name", args->name, "Its name")->required();
  show_command->add_flag("--verify", args->verify, "Hash the file again and compare");
  show_command->add_flag("--json", args->json, "Answer as JSON");
  show_command->footer("Example:\n  dragoman model show multilingual-e5-small --verify");
  show_command->callback([args, &context] { show(*args, context); });

  add_tokens_command(*command, context);
  add_calibrate_command(*command, context);
}

}  // namespace dragoman::cli
