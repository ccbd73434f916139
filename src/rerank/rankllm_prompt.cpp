#include "rerank/rankllm_prompt.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace dragoman::reranking {
namespace {

/// RankLLM's names of gaps, and ours.
constexpr std::pair<std::string_view, std::string_view> kGaps[] = {
    {"{candidate}", "{passage}"}, {"{doc_content}", "{passage}"}, {"{doc1}", "{passage_a}"}, {"{doc2}", "{passage_b}"}};

std::string with_our_gaps(std::string text) {
  for (const auto& [theirs, ours] : kGaps) {
    for (std::size_t at = text.find(theirs); at != std::string::npos; at = text.find(theirs, at + ours.size())) {
      text.replace(at, theirs.size(), ours);
    }
  }
  return text;
}

std::string trimmed_end(std::string text) {
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text;
}

class RankLlmReader {
 public:
  RankLlmReader(const YamlFile& file, const PromptSchema& schema) : file_(file), root_(file.root()) {
    prompt_.schema = schema;
    prompt_.answers_place = file.place(node("body"));
    if (!field("system_message").empty()) prompt_.system = field("system_message");
  }

  Prompt read() {
    if (prompt_.schema.method == "listwise") {
      read_listwise();
    } else if (prompt_.schema.method == "pointwise") {
      read_named({"query", "passage"});
      const bool says_yes =
          field("body").find("yes") != std::string::npos || field("system_message").find("yes") != std::string::npos;
      prompt_.answers = {{"relevant", says_yes ? "yes" : "true"}, {"irrelevant", says_yes ? "no" : "false"}};
    } else if (prompt_.schema.method == "pairwise") {
      read_named({"query", "passage_a", "passage_b"});
      prompt_.answers = {{"a", "true"}, {"b", "false"}};
    } else {
      file_.fail(node("body"), fmt::format("RankLLM's prompts are for pointwise by yes and no, pairwise and listwise, "
                                           "not for '{}'",
                                           prompt_.schema.method));
    }
    return std::move(prompt_);
  }

 private:
  /// Prompts of several turns say "body_user" where those of one say "body".
  YAML::Node node(const std::string& name) const {
    const YAML::Node of_user = root_[name + "_user"];
    return of_user ? of_user : root_[name];
  }

  /// With our names of gaps; empty if it is not there.
  std::string field(const char* name) const {
    const YAML::Node found = node(name);
    return found ? with_our_gaps(file_.text(found, name)) : std::string();
  }

  void check_gaps(const char* name, const Template& text, const std::vector<std::string_view>& known,
                  const std::vector<std::string_view>& needed) const {
    const auto found = text.names();
    for (const std::string_view gap : found) {
      if (std::ranges::find(known, gap) == known.end()) {
        file_.fail(node(name),
                   fmt::format("unknown placeholder {{{}}}, known are {{{}}}", gap, fmt::join(known, "}, {")));
      }
    }
    for (const std::string_view gap : needed) {
      if (std::ranges::find(found, gap) == found.end()) {
        file_.fail(node(name), fmt::format("placeholder {{{}}} is missing; is this prompt for another method?", gap));
      }
    }
  }

  void read_named(const std::vector<std::string_view>& gaps) {
    const Template body(trimmed_end(field("body")));
    check_gaps("body", body, gaps, gaps);
    prompt_.user = body;
  }

  void read_listwise() {
    const std::string body = field("body"), prefix = field("prefix"), suffix = trimmed_end(field("suffix"));
    if (suffix.empty()) file_.fail(node("body"), "a listwise prompt needs a 'suffix'");
    check_gaps("body", Template(body), {"rank", "passage"}, {"rank", "passage"});
    const std::vector<std::string_view> frame = {"query", "num", "psg_ids"};
    if (!prefix.empty()) check_gaps("prefix", Template(prefix), frame, {});
    check_gaps("suffix", Template(suffix), frame, {});
    if ((prefix + suffix).find("{query}") == std::string::npos) {
      file_.fail(node("suffix"), "placeholder {query} is missing in 'prefix' and 'suffix'");
    }
    read_identifier(body);
    if (root_["body_assistant"]) {
      if (!prefix.empty()) prompt_.opening.push_back({"user", Template(trimmed_end(prefix))});
      if (root_["prefix_assistant"]) prompt_.opening.push_back({"assistant", Template(field("prefix_assistant"))});
      const Template reply(field("body_assistant"));
      check_gaps("body_assistant", reply, {"rank", "num", "query"}, {});
      prompt_.turn = {{"user", Template(trimmed_end(body))}, {"assistant", reply}};
      prompt_.user = Template(suffix);
      return;
    }
    // A body that brings its own line breaks is joined as it is.
    const bool own_breaks = body.front() == '\n' || body.back() == '\n';
    prompt_.line_end = own_breaks ? "" : "\n";
    prompt_.line = Template(body);
    prompt_.user = Template(prefix + "{passages}" + (own_breaks || suffix.front() == '\n' ? "" : "\n") + suffix);
  }

  /// What tells passages apart, and ends in a mark: in "[{rank}] {candidate}" the word around {rank}.
  void read_identifier(const std::string& body) {
    constexpr std::string_view kRank = "{rank}", kSpace = " \t\r\n";
    const std::size_t rank = body.find(kRank), end = rank + kRank.size();
    const std::size_t begin = rank == 0 ? 0 : body.find_last_of(kSpace, rank - 1) + 1;
    const std::size_t word_end = std::min(body.find_first_of(kSpace, end), body.size());
    std::string identifier = body.substr(begin, word_end - begin);
    const bool closed = word_end > end && (body[end] < '0' || body[end] > '9');
    // "PASSAGE1" begins "PASSAGE10": as a list, each with its comma.
    prompt_.answers = {{"identifier", closed ? identifier : identifier + ","}, {"separator", closed ? " > " : " "}};
    prompt_.listed = Template(identifier);
  }

  const YamlFile& file_;
  const YAML::Node& root_;
  Prompt prompt_;
};

}  // namespace

bool is_rankllm_prompt(const YAML::Node& root) {
  return root.IsMap() && (root["body"] || root["body_user"] || root["output_validation_regex"]);
}

Prompt read_rankllm_prompt(const YamlFile& file, const PromptSchema& schema) {
  const YAML::Node& root = file.root();
  if (!root["body"] && !root["body_user"]) {
    file.fail(root, "RankLLM's prompts without a 'body' are for the encoder-decoders of RankFiD, which cannot be run");
  }
  file.check_map(
      root, "", {root["body"] ? "body" : "body_user"},
      {"method", "system_message", "prefix", "prefix_user", "prefix_assistant", "body_user", "body_assistant", "suffix",
       "suffix_user", "output_patterns", "output_validation_regex", "output_extraction_regex"});
  return RankLlmReader(file, schema).read();
}

}  // namespace dragoman::reranking
