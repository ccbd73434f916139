#pragma once

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// A YAML file of ours, read by hand: every complaint names the line.
class YamlFile {
 public:
  /// @throws NotFound if there is no such file, InvalidData if it is not YAML.
  explicit YamlFile(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  const YAML::Node& root() const { return root_; }

  /// "prompt.yaml:7"
  std::string place(const YAML::Node& node) const;

  /// @throws InvalidData: place and what is wrong.
  [[noreturn]] void fail(const YAML::Node& node, std::string_view what) const;

  /// A map with all of the required fields, perhaps some of the optional ones, no others, and none twice.
  /// @param of " below 'answers'", or nothing at the top.
  void check_map(const YAML::Node& node, std::string_view of, const std::vector<std::string_view>& required,
                 const std::vector<std::string_view>& optional = {}) const;

  /// A scalar that is not empty. `name` is the field's, for the message.
  std::string text(const YAML::Node& node, std::string_view name) const;

 private:
  std::filesystem::path path_;
  YAML::Node root_;
};

}  // namespace dragoman
