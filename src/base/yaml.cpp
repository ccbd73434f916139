#include "base/yaml.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"

namespace dragoman {

YamlFile::YamlFile(const std::filesystem::path& path) : path_(path) {
  const std::string content = read_file(path_);
  try {
    root_ = YAML::Load(content);
  } catch (const YAML::Exception& error) {
    throw InvalidData(fmt::format("{}:{}: not YAML: {}", path_.string(), error.mark.line + 1, error.msg));
  }
}

std::string YamlFile::place(const YAML::Node& node) const {
  // An empty file has no place of its own.
  return fmt::format("{}:{}", path_.string(), std::max(node.Mark().line, 0) + 1);
}

void YamlFile::fail(const YAML::Node& node, std::string_view what) const {
  throw InvalidData(fmt::format("{}: {}", place(node), what));
}

void YamlFile::check_map(const YAML::Node& node, std::string_view of, const std::vector<std::string_view>& required,
                         const std::vector<std::string_view>& optional) const {
  std::vector<std::string_view> fields = required;
  if (!node.IsMap()) {
    if (required.empty()) fields = optional;
    fail(node, fmt::format("expected fields{}: {}", of, fmt::join(fields, ", ")));
  }
  fields.insert(fields.end(), optional.begin(), optional.end());
  std::set<std::string, std::less<>> seen;
  for (const auto& entry : node) {
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
    if (std::find(fields.begin(), fields.end(), name) == fields.end()) {
      fail(entry.first,
           fmt::format("unknown field '{}'{}; the fields are {}", printable(name), of, fmt::join(fields, ", ")));
    }
    if (!seen.insert(name).second) fail(entry.first, fmt::format("field '{}' stands twice", name));
  }
  for (const std::string_view name : required) {
    if (seen.count(name) == 0) fail(node, fmt::format("field '{}'{} is missing", name, of));
  }
}

std::string YamlFile::text(const YAML::Node& node, std::string_view name) const {
  if (!node.IsScalar() || node.Scalar().empty()) fail(node, fmt::format("field '{}' must be a text", name));
  if (find_invalid_utf8(node.Scalar()) != std::string_view::npos) {
    fail(node, fmt::format("field '{}' is not UTF-8", name));
  }
  return node.Scalar();
}

}  // namespace dragoman
