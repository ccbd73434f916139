#include <fmt/format.h>

#include <memory>

#include "base/json.h"
#include "command.h"
#include "dragoman/base/error.h"
#include "dragoman/encode/encoding_cache.h"

namespace dragoman::cli {
namespace {

struct CacheArgs {
  std::string model;
  bool clear = false, json = false;
};

OrderedJson to_json(const EncodingCacheSummary& summary, bool cleared) {
  OrderedJson json = {{"file", summary.file.string()},
                      {"encodings", summary.encodings},
                      {"bytes", summary.bytes},
                      {"cleared", cleared},
                      {"models", OrderedJson::array()}};
  for (const CachedModel& model : summary.models) {
    json["models"].push_back({{"name", model.name},
                              {"encodings", model.encodings},
                              {"answers", model.answers},
                              {"bytes", model.bytes},
                              {"stamp", model.stamp}});
  }
  return json;
}

void print(const EncodingCacheSummary& summary, bool cleared) {
  fmt::print("{}: {}{} encodings, {:.1f} MB\n", summary.file.string(), cleared ? "removed " : "", summary.encodings,
             static_cast<double>(summary.bytes) / 1e6);
  for (const CachedModel& model : summary.models) {
    // What is kept of a model is the one or the other.
    fmt::print("  {:<40} {:>9} {:<9} {:>9.1f} MB\n", model.name, model.encodings,
               model.answers > 0 ? "answers" : "encodings", static_cast<double>(model.bytes) / 1e6);
  }
}

void run_cache(const CacheArgs& args, const Context& context) {
  const auto cache = context.cache();
  if (cache.empty()) throw InvalidArgument("there is no cache: it is turned off, or there is no home to keep it in");
  const EncodingCacheSummary summary =
      args.clear ? clear_encoding_cache(cache, args.model) : encoding_cache_summary(cache, args.model);
  if (args.json) {
    fmt::print("{}\n", to_line(to_json(summary, args.clear)));
  } else {
    print(summary, args.clear);
  }
}

}  // namespace

void add_model_cache_command(CLI::App& model, const Context& context) {
  auto args = std::make_shared<CacheArgs>();
  CLI::App* command =
      model.add_subcommand("cache", "Tell which encodings and answers of models are kept, or remove them");
  command->add_option("--model", args->model, "Only those of a model, by its name");
  command->add_flag("--clear", args->clear, "Remove them");
  command->add_flag("--json", args->json, "Answer as JSON");
  command->footer(
      "A text that went through a model once need not do so again; every command that encodes or reranks looks there.\n"
      "Examples:\n"
      "  dragoman model cache --clear\n"
      "  dragoman model cache --model smollm2-135m-instruct --clear");
  command->callback([args, &context] { run_cache(*args, context); });
}

}  // namespace dragoman::cli
