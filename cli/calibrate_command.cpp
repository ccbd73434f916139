#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "command.h"
#include "dragoman/base/file.h"
#include "dragoman/encode/calibrate_model.h"
#include "dragoman/engine/encode_file.h"
#include "engine/text_file.h"
#include "terminal_progress.h"

namespace dragoman::cli {
namespace {

struct CalibrateArgs {
  std::string model, texts, format;
  std::filesystem::path output;
  std::size_t most = 200;
  bool json = false;
};

std::vector<std::string> read_texts(const CalibrateArgs& args) {
  TextFile file(args.texts, args.format.empty() ? TextFormat::by_name : parse_text_format(args.format));
  std::vector<std::string> texts;
  for (TextFile::Text text; texts.size() < args.most && file.next(text);) texts.push_back(std::move(text.text));
  return texts;
}

void calibrate(const CalibrateArgs& args, const Context& context) {
  const ModelStore store(context.models);
  Model model = store.find(args.model);
  const auto texts = read_texts(args);
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  Calibration result;
  {
    TerminalProgress progress;
    result = calibrate_model(model, views, progress.callback());
  }
  if (args.output.empty()) {
    model.input_statistics = result.input_statistics;
    store.update(model);
  } else {
    AtomicFile file(args.output);
    file.write(result.input_statistics + "\n");
    file.commit();
  }
  if (args.json) {
    const auto cosine = [](const CosineToF32& value) {
      return OrderedJson{{"mean", value.mean}, {"least", value.least}};
    };
    fmt::print("{}\n", to_line(OrderedJson{{"model", model.name},
                                           {"texts", result.texts},
                                           {"tokens", result.tokens},
                                           {"held_out", result.held_out},
                                           {"before", cosine(result.before)},
                                           {"after", cosine(result.after)}}));
    return;
  }
  fmt::print("{}: {} texts, {} tokens measured; cosine of int8 to f32 over {} others\n", model.name, result.texts,
             result.tokens, result.held_out);
  for (const auto& [name, value] : {std::pair("before", result.before), std::pair("after", result.after)}) {
    fmt::print("  {:<8} mean {:.6f}, least {:.6f}\n", name, value.mean, value.least);
  }
}

}  // namespace

void add_calibrate_command(CLI::App& model_command, const Context& context) {
  auto args = std::make_shared<CalibrateArgs>();
  CLI::App* command = model_command.add_subcommand("calibrate", "Bring an encoder's int8 nearer to its f32");
  command->add_option("model", args->model, "An installed encoder of the BERT family")->required();
  command->add_option("texts", args->texts, "Passages: text lines or JSON lines (.gz, .zst), a BEIR folder, or -")
      ->required();
  command->add_option("--most", args->most, "Read the first so many texts")->capture_default_str();
  command->add_option("--format", args->format, "lines or json_lines [by the name: .jsonl is json_lines]");
  command->add_option("--output", args->output, "Write the statistics there, and leave the model as it is");
  command->add_flag("--json", args->json, "Answer as JSON");
  command->footer(
      "Measures which columns of the layers' inputs stand out, and keeps it with the model. Every fifth text is held\n"
      "out for the comparison. An index that was made in int8 before must be made again.\n"
      "Example:\n  dragoman model calibrate LaBSE corpus.jsonl");
  command->callback([args, &context] { calibrate(*args, context); });
}

}  // namespace dragoman::cli
