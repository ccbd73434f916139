#pragma once

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

#include "dragoman/dataset/convert.h"
#include "support/test_support.h"

namespace dragoman::test {

/// Writes the files of a source into a folder "in" and converts them into "out".
class ConversionTest : public testing::Test {
 protected:
  /// `name` may have folders in it.
  std::string file(const std::string& name, std::string_view content) const {
    return folder_.write("in/" + name, content).string();
  }
  std::string in() const { return (folder_.path() / "in").string(); }
  std::filesystem::path out() const { return folder_.path() / "out"; }

  /// Of the folder "in", unless `options` name inputs.
  ConvertReport convert(const std::string& from, ConvertOptions options = {}) const {
    options.from = from;
    options.into = out();
    if (options.inputs.empty()) options.inputs = {in()};
    return convert_dataset(options);
  }

  /// The lines of a file that was made; none if it was not made.
  std::vector<std::string> made(const std::string& name) const;

  /// Expects the conversion of the folder "in" to be refused with InvalidData, which begins with the path of `name`,
  /// and that nothing is left behind.
  void expect_refused(const std::string& from, const std::string& name, const std::string& message,
                      ConvertOptions options = {}) const;

  TemporaryFolder folder_;
};

}  // namespace dragoman::test
