#pragma once

#include <gmock/gmock.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "support/test_support.h"

namespace dragoman {

/// A bias that was written is read as it was, and refused under another stamp, by name, or damaged.
template <class Bias>
void expect_same_after_it_was_kept(const Bias& bias, const test::TemporaryFolder& folder) {
  const auto path = folder.path() / "bias.seg";
  const std::uint64_t bytes_written = bias.write(path, "stamp");
  EXPECT_EQ(bytes_written, std::filesystem::file_size(path));
  EXPECT_EQ(Bias::read(path, "stamp"), bias);
  EXPECT_THAT([&] { Bias::read(path, "other"); }, testing::ThrowsMessage<InvalidData>(testing::HasSubstr("bias.seg")));
  std::string bytes = read_file(path);
  bytes[bytes.size() / 2] ^= 1;
  folder.write("bias.seg", bytes);
  EXPECT_THROW(Bias::read(path, "stamp"), InvalidData);
}

}  // namespace dragoman
