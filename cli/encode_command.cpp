#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <memory>

#include "base/json.h"
#include "command.h"
#include "dragoman/base/error.h"
#include "dragoman/base/parallel.h"
#include "dragoman/base/utf8.h"
#include "dragoman/encode/model_store.h"
#include "dragoman/engine/encode_file.h"
#include "experiment/cost_meter.h"
#include "search_flags.h"
#include "terminal_progress.h"

namespace dragoman::cli {
namespace {

struct EncodeArgs {
  EncodeFileOptions options;
  std::string model, as = "passage", heads = "dense", precision, format;
  bool json = false;
};

std::atomic<bool> interrupted = false;

EncodeAs parse_as(const std::string& text) {
  if (text == "query") return EncodeAs::query;
  if (text == "passage") return EncodeAs::passage;
  throw InvalidArgument(fmt::format("--as is '{}'; choose of query, passage", printable(text)));
}

Heads parse_heads(const std::string& list) {
  Heads heads{.dense = false, .sparse = false, .multi_vector = false};
  for (const std::string& name : split_list(list)) {
    if (name == "dense") {
      heads.dense = true;
    } else if (name == "sparse") {
      heads.sparse = true;
    } else if (name == "multivector" || name == "multi_vector") {
      heads.multi_vector = true;
    } else {
      throw InvalidArgument(fmt::format("no head '{}'; choose of dense, sparse, multivector", printable(name)));
    }
  }
  return heads;
}

std::uint64_t peak_rss_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

/// To standard error, for people and programs alike: standard output stays free.
void print_summary(const EncodeArgs& args, const Encoder& encoder, const EncodeFileReport& report, const Cost& cost,
                   std::size_t threads) {
  const double seconds = cost.wall_s;
  const double rate = static_cast<double>(report.tokens) / std::max(seconds, 1e-9);
  if (args.json) {
    OrderedJson files = OrderedJson::array();
    for (const auto& file : report.files) files.push_back(file.string());
    fmt::print(stderr, "{}\n",
               to_line(OrderedJson{{"texts", report.texts},
                                   {"tokens", report.tokens},
                                   {"truncated", report.truncated},
                                   {"cached", report.cached},
                                   {"seconds", seconds},
                                   {"cpu_seconds", cost.cpu_s},
                                   {"tokens_per_second", rate},
                                   {"peak_rss_bytes", peak_rss_bytes()},
                                   {"model", args.model},
                                   {"precision", to_string(encoder.precision())},
                                   {"threads", threads},
                                   {"dimension", report.dimension},
                                   {"files", files}}));
    return;
  }
  fmt::print(stderr, "{}: {} texts, {} tokens in {:.1f} s ({:.0f} tokens a second, {} threads, {})\n",
             args.options.output.string(), report.texts, report.tokens, seconds, rate, threads,
             to_string(encoder.precision()));
  if (report.cached != 0) {
    fmt::print(stderr, "{} texts were in the cache and did not go through the model\n", report.cached);
  }
  if (report.truncated != 0) {
    fmt::print(stderr, "{} texts are longer than the model reads; their ends were left out\n", report.truncated);
  }
}

void run_encode(EncodeArgs args, const Context& context) {
  args.options.as = parse_as(args.as);
  args.options.encode.heads = parse_heads(args.heads);
  if (!args.format.empty()) args.options.format = parse_text_format(args.format);
  EncoderOptions encoder_options{
      .threads = context.threads, .cache = context.cache(), .cache_bytes = context.cache_bytes};
  if (!args.precision.empty()) encoder_options.precision = parse_precision(args.precision);
  const auto encoder = open_encoder(ModelStore(context.models).find(args.model), encoder_options);

  // The first signal ends the work between two batches, and leaves no half-written files; the second one ends it now.
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = true; };
  action.sa_flags = SA_RESETHAND;
  for (const int signal : {SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);
  args.options.stop = &interrupted;

  CostMeter meter(CostMeter::Scope::process);  // Opening the model is not part of it.
  EncodeFileReport report;
  {
    TerminalProgress progress;
    report = encode_file(*encoder, args.options, progress.callback());
  }
  for (const std::string& notice : encoder->notices()) fmt::print(stderr, "{}\n", notice);
  print_summary(args, *encoder, report, meter.lap(), threads_or_all(context.threads));
}

}  // namespace

void add_encode_command(CLI::App& program, const Context& context) {
  auto args = std::make_shared<EncodeArgs>();
  CLI::App* command = program.add_subcommand("encode", "Turn texts into vectors, in files that NumPy reads");
  command->add_option("input", args->options.input, "Text lines or JSON lines (.gz, .zst), a BEIR folder, or -")
      ->required();
  command->add_option("--model", args->model, "An encoder: its name, a GGUF file, or ENDPOINT#MODEL")->required();
  command->add_option("--output", args->options.output, "Where the dense vectors go; other files beside it")
      ->required();
  command->add_option("--as", args->as, "What the texts are: query, passage")->capture_default_str();
  command->add_option("--heads", args->heads, "Representations, of: dense, sparse, multivector")->capture_default_str();
  command->add_option("--format", args->format, "lines or json_lines [by the name: .jsonl is json_lines]");
  command->add_option("--precision", args->precision,
                      "In which the encoder multiplies: f32, bf16, int8 [the best for the model here]");
  command->add_option("--dimension", args->options.encode.dense_dimension,
                      "Keep the first so many numbers of dense vectors (Matryoshka); 0: all");
  command->add_option("--sparse-weights", args->options.encode.sparse_weights,
                      "Keep the heaviest so many weights of sparse vectors; 0: all");
  command
      ->add_option("--token-pooling", args->options.encode.token_pooling,
                   "Leave one of so many token vectors of a passage")
      ->capture_default_str();
  command->add_option("--batch", args->options.batch, "Texts that are encoded and kept together")
      ->capture_default_str();
  command->add_flag("--json", args->json, "Summary (on standard error) as JSON");
  command->footer(
      "Writes float32 arrays; docs/formats/encodings.md says how to read them.\n"
      "A run that was interrupted is finished by the same command: what was encoded is in the cache.\n"
      "Example:\n"
      "  dragoman encode corpus.jsonl.gz --model multilingual-e5-small --as passage --output vectors.npy");
  command->callback([args, &context] { run_encode(*args, context); });
}

}  // namespace dragoman::cli
