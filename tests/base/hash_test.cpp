#include "dragoman/base/hash.h"

#include <gmock/gmock.h>

#include <string>

#include "dragoman/base/error.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

// FIPS 180-2, appendix B, and the digest of nothing.
constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr const char* kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(sha256(""), kEmpty);
  EXPECT_EQ(sha256("abc"), kAbc);
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, TakesTheBytesInPieces) {
  Sha256 hash;
  hash.update("a");
  hash.update("");
  hash.update("bc");
  EXPECT_EQ(hash.finish(), kAbc);
}

TEST(Sha256, ReadsAFile) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(sha256_of_file(folder.write("abc", "abc")), kAbc);
  EXPECT_EQ(sha256_of_file(folder.write("empty", "")), kEmpty);
  EXPECT_THROW(sha256_of_file(folder.path() / "missing"), NotFound);
}

TEST(Checksum, IsTheSameInPieces) {
  const std::string text(1000, 'k');
  Checksum pieces;
  for (const std::size_t size : {0, 1, 300, 699}) pieces.update(std::as_bytes(std::span(text).first(size)));
  EXPECT_EQ(pieces.value(), checksum(text));
  EXPECT_EQ(Checksum().value(), checksum(""));
}

TEST(Checksum, IsXxh3) {
  EXPECT_EQ(checksum(""), 0x2d06800538d394c2u);
  EXPECT_NE(checksum("ラーメン"), checksum("ラーメソ"));
}

}  // namespace
}  // namespace dragoman
