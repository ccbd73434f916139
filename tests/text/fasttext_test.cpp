#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>
#include <random>
#include <string>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "support/test_support.h"
#include "text/fasttext_classifier.h"

namespace dragoman {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

std::filesystem::path golden(const std::string& name) { return test::source_dir() / "tests/golden/fasttext" / name; }

FasttextFile read(const std::string& bytes) { return read_fasttext(std::as_bytes(std::span(bytes)), "tiny.ftz"); }

// Each loss, full and quantised, with norms, pruned buckets, runs of words and a quantised output.
TEST(Fasttext, GivesTheProbabilitiesOfTheOriginal) {
  const Json answers = Json::parse(read_file(golden("probabilities.json")));
  std::size_t compared = 0;
  for (const auto& [name, texts] : answers["models"].items()) {
    const MappedFile file(golden(name));
    const FasttextClassifier classifier(read_fasttext(file.bytes(), name), name);
    for (const Json& item : texts) {
      const auto text = item["text"].get<std::string>();
      std::map<std::string, float> ours;
      const auto probabilities = classifier.probabilities(text);
      for (std::size_t i = 0; i < probabilities.size(); ++i) {
        ours[std::string(classifier.labels()[i])] = probabilities[i];
      }
      for (const auto& [label, theirs] : item["probabilities"].items()) {
        EXPECT_NEAR(ours.at(label), theirs.get<double>(), 1e-6) << name << " " << text << " " << label;
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 600u);
}

// The same products and sums in the same order, unpacked beforehand or as they are met.
TEST(Fasttext, GivesTheSameBitsUnpackedAndPacked) {
  for (const char* name : {"pruned.ftz", "quantised_output.ftz"}) {
    const MappedFile file(golden(name));
    const FasttextClassifier unpacked(read_fasttext(file.bytes(), name), name);
    const FasttextClassifier packed(read_fasttext(file.bytes(), name), name, 0);
    std::mt19937 random(3);
    for (int round = 0; round < 300; ++round) {
      std::string text;
      for (std::size_t i = random() % 40; i > 0; --i) text += static_cast<char>(random() % 256);
      EXPECT_EQ(unpacked.probabilities(text), packed.probabilities(text)) << name;
    }
  }
}

// The slow twin asks the whole tree, and adds 1e-5 before every logarithm as the original does.
TEST(Fasttext, FindsTheLikelyLabelsWithoutTheOthers) {
  constexpr float kLeast = 0.05f;
  for (const char* name : {"hs.bin", "softmax.bin", "pruned.ftz", "quantised_output.ftz"}) {
    const MappedFile file(golden(name));
    const FasttextClassifier classifier(read_fasttext(file.bytes(), name), name);
    std::mt19937 random(5);
    for (int round = 0; round < 300; ++round) {
      std::string text;
      for (std::size_t i = random() % 40; i > 0; --i) text += static_cast<char>(' ' + random() % 95);
      FasttextSum sum = classifier.empty_sum();
      classifier.add_text(text, sum);
      const std::vector<float> all = classifier.probabilities(sum);
      std::vector<float> found(all.size(), 0.0f);
      for (const auto& [label, probability] : classifier.likely(sum, kLeast)) {
        EXPECT_NEAR(probability, all[label], 1e-4) << name << " " << text;
        found[label] = probability;
      }
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i] > kLeast + 1e-3f) {
          EXPECT_GT(found[i], 0.0f) << name << " " << text;
        }
      }
    }
  }
}

TEST(Fasttext, GivesNothingToATextWithoutFeatures) {
  const MappedFile file(golden("softmax.bin"));
  FasttextFile parsed = read_fasttext(file.bytes(), "softmax.bin");
  ASSERT_EQ(parsed.words[0], "</s>");
  parsed.words.erase(parsed.words.begin());  // Else the end of the line is a feature of every text.
  const FasttextClassifier classifier(std::move(parsed), "softmax.bin");
  EXPECT_EQ(classifier.probabilities(" \n "), std::vector<float>(8, 0.0f));
}

TEST(Fasttext, ReadsWhatTheFileSays) {
  const MappedFile file(golden("pruned.ftz"));
  const FasttextFile parsed = read_fasttext(file.bytes(), "pruned.ftz");
  EXPECT_EQ(parsed.dimension, 4u);
  EXPECT_EQ(parsed.min_characters, 2u);
  EXPECT_EQ(parsed.max_characters, 4u);
  EXPECT_EQ(parsed.labels.size(), 8u);
  EXPECT_EQ(parsed.labels[0].substr(0, 9), "__label__");
  EXPECT_TRUE(parsed.pruned);
  EXPECT_EQ(parsed.words.size() + parsed.kept_buckets.size(), 300u);
  EXPECT_EQ(parsed.input.rows, 300u);
}

TEST(Fasttext, KnowsAModelByItsBeginning) {
  const MappedFile file(golden("hs.bin"));
  EXPECT_TRUE(is_fasttext(file.bytes()));
  EXPECT_FALSE(is_fasttext(file.bytes().subspan(1)));
  EXPECT_FALSE(is_fasttext({}));
}

TEST(Fasttext, RefusesWhatIsNoModelSayingWhy) {
  const std::string whole = read_file(golden("pruned.ftz"));
  const auto with = [&](std::size_t offset, std::int32_t value) {
    std::string bytes = whole;
    std::memcpy(bytes.data() + offset, &value, sizeof(value));
    return bytes;
  };
  const auto message = [](const std::string& bytes) -> std::string {
    try {
      read(bytes);
    } catch (const InvalidData& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message("GGUF"), "tiny.ftz: offset 4: this is no fastText model");
  EXPECT_EQ(message(with(4, 99)), "tiny.ftz: offset 8: fastText's format 99; 11 and 12 can be read");
  EXPECT_EQ(message(with(8, 0)), "tiny.ftz: offset 12: dimension is 0, must be 1 to 65536");
  EXPECT_EQ(message(with(32, 9)), "tiny.ftz: offset 36: loss is 9, must be 1 to 4");
  EXPECT_THAT(message(with(36, 2)), HasSubstr("the model holds word vectors"));
  EXPECT_THAT(message(with(40, 0)), HasSubstr("bucket is 0, but there are n-grams"));
  EXPECT_THAT(message(with(72, -1)), HasSubstr("there must be a label"));
  EXPECT_THAT(message(whole + "x"), HasSubstr("1 bytes too many at the end"));
}

// Cut anywhere, and with any single byte changed: refused, or a model that gives finite numbers or says why not.
TEST(Fasttext, SurvivesDamage) {
  for (const char* name : {"pruned.ftz", "quantised_output.ftz", "runs.bin"}) {
    const std::string whole = read_file(golden(name));
    for (std::size_t size = 0; size < whole.size(); size += 7) EXPECT_THROW(read(whole.substr(0, size)), InvalidData);
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
      std::string bytes = whole;
      // The header and the dictionary are where the meaning is.
      const std::size_t reach = round % 2 == 0 ? 200 : bytes.size();
      bytes[random() % reach] = static_cast<char>(random() % 256);
      try {
        const FasttextClassifier classifier(read(bytes), "tiny.ftz");
        for (const float p : classifier.probabilities("wo ist the mbwa где 水")) EXPECT_TRUE(std::isfinite(p));
      } catch (const InvalidData&) {
      }
    }
  }
}

}  // namespace
}  // namespace dragoman
