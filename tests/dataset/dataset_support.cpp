#include "dataset/dataset_support.h"

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"

namespace dragoman::test {

std::vector<std::string> ConversionTest::made(const std::string& name) const {
  std::vector<std::string> lines;
  if (!std::filesystem::exists(out() / name)) return lines;
  LineReader reader((out() / name).string());
  for (std::string_view line; reader.next(line);) lines.emplace_back(line);
  return lines;
}

void ConversionTest::expect_refused(const std::string& from, const std::string& name, const std::string& message,
                                    ConvertOptions options) const {
  const std::string path = name.empty() ? in() : in() + "/" + name;
  EXPECT_THAT([&] { convert(from, options); }, testing::ThrowsMessage<InvalidData>(path + message)) << from;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    EXPECT_EQ(entry.path().filename(), "in") << "left behind";
  }
}

}  // namespace dragoman::test
