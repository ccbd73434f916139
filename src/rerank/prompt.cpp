#include "rerank/prompt.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cassert>

#include "base/yaml.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "rerank/rankllm_prompt.h"

namespace dragoman::reranking {
namespace {

/// One prompt file on its way from YAML to Prompt; every complaint names the line.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : file_(path) {}

  Prompt read(const PromptSchema& schema) const {
    const YAML::Node& root = file_.root();
    if (is_rankllm_prompt(root)) return read_rankllm_prompt(file_, schema);
    std::vector<std::string_view> fields = {"method", "user"};
    if (!schema.answers.empty()) fields.push_back("answers");
    if (schema.layout == PassageLayout::lines) fields.push_back("line");
    file_.check_map(root, "", fields, {"system", "reply"});

    Prompt prompt;
    prompt.schema = schema;
    const std::string method = file_.text(root["method"], "method");
    if (method != schema.method) {
      file_.fail(root["method"],
                 fmt::format("this prompt is for the method '{}', not for '{}'", printable(method), schema.method));
    }
    if (root["system"]) prompt.system = read_fixed(root["system"], "system");
    if (root["reply"]) prompt.reply = read_fixed(root["reply"], "reply");
    std::vector<std::string_view> gaps = schema.passages;
    prompt.user = read_template(root["user"], "user", gaps, schema.asks_query ? "query" : "");
    if (schema.layout == PassageLayout::lines) {
      prompt.line = read_template(root["line"], "line", {schema.mark, "passage"});
    }
    if (!schema.answers.empty()) read_answers(root["answers"], prompt);
    return prompt;
  }

 private:
  std::string read_fixed(const YAML::Node& node, std::string_view name) const {
    std::string text = file_.text(node, name);
    for (const std::string_view gap : Template(text).names()) {
      file_.fail(node, fmt::format("unknown placeholder {{{}}} in '{}', which takes none", gap, name));
    }
    return text;
  }

  /// `once` must stand once each, `repeatable` (if any) at least once, and nothing else may stand.
  Template read_template(const YAML::Node& node, std::string_view name, std::vector<std::string_view> once,
                         std::string_view repeatable = {}) const {
    Template result(file_.text(node, name));
    const auto found = result.names();
    std::vector<std::string_view> known = std::move(once);
    if (!repeatable.empty()) known.insert(known.begin(), repeatable);
    for (const std::string_view gap : found) {
      if (std::find(known.begin(), known.end(), gap) == known.end()) {
        file_.fail(node, fmt::format("unknown placeholder {{{}}} in '{}', which takes {{{}}}", gap, name,
                                     fmt::join(known, "}, {")));
      }
    }
    for (const std::string_view gap : known) {
      const auto times = std::count(found.begin(), found.end(), gap);
      if (times == 0) file_.fail(node, fmt::format("placeholder {{{}}} is missing in '{}'", gap, name));
      if (times > 1 && gap != repeatable)
        file_.fail(node, fmt::format("placeholder {{{}}} stands twice in '{}'", gap, name));
    }
    return result;
  }

  void read_answers(const YAML::Node& node, Prompt& prompt) const {
    prompt.answers_place = file_.place(node);
    file_.check_map(node, " below 'answers'", prompt.schema.answers);
    for (const std::string_view name : prompt.schema.answers) {
      const YAML::Node answer = node[std::string(name)];
      const std::string value = file_.text(answer, name);
      for (const auto& [other, other_value] : prompt.answers) {
        if (value == other_value) file_.fail(answer, fmt::format("answers '{}' and '{}' are the same", other, name));
      }
      if (name == "identifier") check_identifier(answer);
      if (name == "label") read_template(answer, "label", {"letter"});
      prompt.answers.emplace(name, value);
    }
  }

  /// "1" begins "10", so a number alone does not say where it ends.
  void check_identifier(const YAML::Node& node) const {
    const Template identifier = read_template(node, "identifier", {"rank"});
    const std::string_view tail = identifier.tail();
    if (tail.empty() || (tail.front() >= '0' && tail.front() <= '9')) {
      file_.fail(node, "'identifier' needs a mark behind {rank} that is no digit, as in \"[{rank}]\"");
    }
  }

  YamlFile file_;
};

}  // namespace

std::string letter(std::size_t index) {
  assert(index < 26);
  return std::string(1, static_cast<char>('A' + index));
}

std::vector<Message> Prompt::messages(std::string_view query, std::span<const std::string_view> passages) const {
  std::vector<Message> messages;
  if (system) messages.push_back({"system", *system});
  const std::string num = std::to_string(passages.size());
  for (const Turn& one : opening) messages.push_back({one.role, one.content.fill({{"query", query}, {"num", num}})});
  if (!turn.empty()) {
    for (std::size_t i = 0; i < passages.size(); ++i) {
      const std::string rank = std::to_string(i + 1);
      for (const Turn& one : turn) {
        messages.push_back(
            {one.role, one.content.fill({{"query", query}, {"num", num}, {"rank", rank}, {"passage", passages[i]}})});
      }
    }
  }
  messages.push_back({"user", user_text(query, passages)});
  if (reply) messages.push_back({"assistant", *reply});
  return messages;
}

std::string Prompt::user_text(std::string_view query, std::span<const std::string_view> passages) const {
  const std::string num = std::to_string(passages.size());
  std::vector<Template::Value> values = {{"query", query}, {"num", num}};
  std::string lines;
  std::string ids;
  const auto names = user.names();
  if (std::ranges::find(names, "psg_ids") != names.end()) {
    for (std::size_t i = 0; i < passages.size(); ++i) {
      ids += (i > 0 ? ", " : "") + listed.fill({{"rank", std::to_string(i + 1)}});
    }
    ids = "[" + ids + "]";
    values.emplace_back("psg_ids", ids);
  }
  if (schema.layout == PassageLayout::lines) {
    for (std::size_t i = 0; i < passages.size(); ++i) {
      if (i > 0) lines += line_end;
      const std::string mark = schema.mark == "letter" ? letter(i) : std::to_string(i + 1);
      lines += line.fill({{schema.mark, mark}, {"passage", passages[i]}});
    }
    values.emplace_back(schema.passages.front(), lines);
  } else {
    assert(passages.size() == schema.passages.size());
    for (std::size_t i = 0; i < passages.size(); ++i) values.emplace_back(schema.passages[i], passages[i]);
  }
  return user.fill(values);
}

Prompt read_prompt(const std::filesystem::path& path, const PromptSchema& schema) { return Reader(path).read(schema); }

namespace {

std::string shipped_name(std::string_view method, std::string_view language) {
  return language.empty() || language == "en" ? fmt::format("{}.yaml", method)
                                              : fmt::format("{}.{}.yaml", method, language);
}

}  // namespace

std::optional<std::filesystem::path> find_shipped_prompt(std::string_view method, std::string_view language) {
  for (const auto& folder : prompt_folders()) {
    std::error_code ignored;
    const auto path = folder / shipped_name(method, language);
    if (std::filesystem::is_regular_file(path, ignored)) return path;
  }
  return std::nullopt;
}

std::filesystem::path shipped_prompt(std::string_view method, std::string_view language) {
  if (const auto found = find_shipped_prompt(method, language)) return *found;
  std::vector<std::string> places;
  for (const auto& folder : prompt_folders()) places.push_back(folder.string());
  throw NotFound(fmt::format("no prompt {} in {}; set DRAGOMAN_PROMPTS to the folder that holds the prompts",
                             shipped_name(method, language), fmt::join(places, " or ")));
}

}  // namespace dragoman::reranking
