#include "dragoman/retrieve/language_bias.h"

#include <gmock/gmock.h>

#include <cmath>
#include <vector>

#include "base/random.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/dense/flat_index.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::FloatNear;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::size_t kDimension = 48;
using Vector = std::vector<float>;

Vector normalized(Vector vector) {
  const float length = std::sqrt(inner_product(vector, vector));
  for (float& x : vector) x /= length;
  return vector;
}

Vector random_vector(Random& random) {
  Vector vector(kDimension);
  for (float& x : vector) x = static_cast<float>(random.below(2001)) / 1000 - 1;
  return normalized(vector);
}

/// Passages of some contents in some languages: a content, a language's accent, and a little of each passage's own.
struct Passages {
  std::vector<Vector> vectors;
  Collection::DocumentLanguages languages;
  std::vector<std::size_t> contents;

  VectorSource source() const {
    return [this](const auto& visit) {
      for (std::size_t i = 0; i < vectors.size(); ++i) visit(static_cast<DocumentNumber>(i), vectors[i]);
    };
  }
  LanguageBias fit(std::size_t threads = 1) const {
    return LanguageBias::fit(source(), languages, kDimension, threads);
  }
};

const std::vector<std::string> kTags = {"ar", "hi", "ru", "sw"};

struct World {
  explicit World(std::uint64_t seed, float accent_strength = 2) : strength(accent_strength), random(seed) {
    for (std::size_t i = 0; i < 40; ++i) contents.push_back(random_vector(random));
    for (std::size_t i = 0; i < kTags.size(); ++i) accents.push_back(random_vector(random));
  }
  Vector text(std::size_t content, std::size_t language) {
    Vector vector = random_vector(random);
    for (std::size_t x = 0; x < kDimension; ++x) {
      vector[x] = contents[content][x] + strength * accents[language][x] + 0.5f * vector[x];
    }
    return normalized(vector);
  }
  /// Every content in every language, or each in one.
  Passages passages(bool parallel) {
    Passages all;
    for (const std::string& tag : kTags) all.languages.languages.push_back(Language::parse(tag));
    for (std::size_t content = 0; content < contents.size(); ++content) {
      for (std::size_t language = 0; language < kTags.size(); ++language) {
        if (!parallel && content % kTags.size() != language) continue;
        all.vectors.push_back(text(content, language));
        all.languages.of.push_back(static_cast<std::uint16_t>(language));
        all.contents.push_back(content);
      }
    }
    return all;
  }

  float strength;
  Random random;
  std::vector<Vector> contents, accents;
};

float score(const LanguageBias& bias, std::span<const float> scales, const LanguageBias::Query& query,
            const Passages& passages, std::size_t i) {
  return scales[i] * (inner_product(query.vector, passages.vectors[i]) - query.offsets[bias.passage_languages()[i]]);
}

TEST(LanguageBias, ScoresAsIfVectorsHadNoMeans) {
  World world(1);
  const Passages passages = world.passages(true);
  const LanguageBias bias = passages.fit();
  const auto query = bias.transform(world.text(3, 1), Language::parse("hi"), Debias::center);
  const auto scales = bias.scales(Debias::center);
  EXPECT_NEAR(inner_product(query.vector, query.vector), 1, 1e-5);
  // The slow way: with many passages a language, r is nearly 1, and d' is d less its language's mean.
  for (std::size_t i = 0; i < passages.vectors.size(); i += 7) {
    Vector mean(kDimension);
    std::size_t count = 0;
    for (std::size_t j = 0; j < passages.vectors.size(); ++j) {
      if (passages.languages.of[j] != passages.languages.of[i]) continue;
      ++count;
      for (std::size_t x = 0; x < kDimension; ++x) mean[x] += passages.vectors[j][x];
    }
    Vector centred = passages.vectors[i];
    for (std::size_t x = 0; x < kDimension; ++x) centred[x] -= mean[x] / static_cast<float>(count);
    EXPECT_NEAR(score(bias, scales, query, passages, i), inner_product(query.vector, normalized(centred)), 0.03) << i;
  }
}

TEST(LanguageBias, FindsTheContentInAnyLanguage) {
  World world(2);
  const Passages passages = world.passages(true);
  const LanguageBias bias = passages.fit();
  const auto scales = bias.scales(Debias::automatic);
  std::size_t plain_right = 0, right = 0;
  for (std::size_t content = 0; content < world.contents.size(); ++content) {
    const Vector question = world.text(content, 0);
    const auto query = bias.transform(question, Language::parse("ar"), Debias::automatic);
    std::vector<std::pair<float, std::size_t>> plain, debiased;
    for (std::size_t i = 0; i < passages.vectors.size(); ++i) {
      plain.emplace_back(inner_product(question, passages.vectors[i]), passages.contents[i]);
      debiased.emplace_back(score(bias, scales, query, passages, i), passages.contents[i]);
    }
    std::ranges::sort(plain, std::greater{});
    std::ranges::sort(debiased, std::greater{});
    for (std::size_t rank = 0; rank < kTags.size(); ++rank) {
      plain_right += plain[rank].second == content;
      right += debiased[rank].second == content;
    }
  }
  EXPECT_LT(plain_right, 80);  // Of 160, the asker's own language first.
  EXPECT_GT(right, 150);
}

TEST(LanguageBias, KnowsACollectionThatSaysTheSameInSeveralLanguages) {
  World world(3);
  const LanguageBias parallel = world.passages(true).fit(), apart = world.passages(false).fit();
  EXPECT_GT(parallel.parallelness(), 0.9);
  EXPECT_LT(apart.parallelness(), 0.1);
  EXPECT_FLOAT_EQ(parallel.strength(Debias::automatic), 1);
  EXPECT_FLOAT_EQ(parallel.level(Debias::automatic), 0.9f);
  EXPECT_NEAR(apart.strength(Debias::automatic), 0.5, 0.15);
  EXPECT_FLOAT_EQ(apart.level(Debias::automatic), 0);
  EXPECT_FLOAT_EQ(apart.strength(Debias::center), 1);
  EXPECT_FLOAT_EQ(parallel.level(Debias::center), 0);
  EXPECT_FLOAT_EQ(parallel.strength(Debias::none), 0);
}

TEST(LanguageBias, IsTheSameAtAnyNumberOfThreads) {
  World world(4);
  const Passages passages = world.passages(true);
  const LanguageBias one = passages.fit(1), three = passages.fit(3);
  EXPECT_EQ(one.parallelness(), three.parallelness());
  EXPECT_THAT(one.scales(Debias::automatic), ElementsAreArray(three.scales(Debias::automatic)));
}

TEST(LanguageBias, TrustsTheMeanOfFewPassagesLess) {
  World world(5, 0.5f);
  Passages passages = world.passages(true);
  const Vector accent = random_vector(world.random);
  const auto moved = [&](std::size_t count) {
    Passages more = passages;
    more.languages.languages.push_back(Language::parse("th"));
    for (std::size_t i = 0; i < count; ++i) {
      Vector vector = world.contents[i];
      for (std::size_t x = 0; x < kDimension; ++x) vector[x] += world.strength * accent[x];
      more.vectors.push_back(normalized(vector));
      more.languages.of.push_back(4);
    }
    // What is taken off the likeness of a passage in Thai to nothing but the accent.
    return more.fit().transform(accent, Language(), Debias::center).offsets.back();
  };
  EXPECT_GT(moved(2), 0);
  EXPECT_LT(moved(2), 0.8f * moved(40));
}

TEST(LanguageBias, TakesRegionsOfALanguageTogether) {
  World world(6);
  Passages passages = world.passages(true);
  passages.languages.languages[0] = Language::parse("ar-EG");
  const LanguageBias bias = passages.fit();
  EXPECT_THAT(bias.languages(),
              ElementsAre(Language::parse("ar"), Language::parse("hi"), Language::parse("ru"), Language::parse("sw")));
  const Vector question = world.text(0, 0);
  EXPECT_EQ(bias.transform(question, Language::parse("ar-EG"), Debias::center).vector,
            bias.transform(question, Language::parse("ar"), Debias::center).vector);
}

TEST(LanguageBias, DoesNotSeeWhatWasRemoved) {
  World world(12);
  const Passages passages = world.passages(true);
  Passages left = passages, removed = passages;
  removed.languages.live.assign(passages.vectors.size(), 1);
  for (std::size_t i = passages.vectors.size(); i-- > 0;) {
    if (i % 3 != 1) continue;
    removed.languages.live[i] = 0;
    left.vectors.erase(left.vectors.begin() + static_cast<std::ptrdiff_t>(i));
    left.languages.of.erase(left.languages.of.begin() + static_cast<std::ptrdiff_t>(i));
  }
  const LanguageBias fresh = left.fit(), bias = removed.fit();
  EXPECT_EQ(bias.parallelness(), fresh.parallelness());
  std::vector<float> scales;
  for (std::size_t i = 0; i < passages.vectors.size(); ++i) {
    if (i % 3 != 1) scales.push_back(bias.scales(Debias::automatic)[i]);
  }
  EXPECT_THAT(scales, ElementsAreArray(fresh.scales(Debias::automatic)));
  const Vector question = world.text(0, 1);
  EXPECT_EQ(bias.transform(question, Language::parse("hi"), Debias::automatic).offsets,
            fresh.transform(question, Language::parse("hi"), Debias::automatic).offsets);
}

TEST(LanguageBias, MovesAQuestionInAnUnknownLanguageByWhatAllShare) {
  World world(7);
  const LanguageBias bias = world.passages(true).fit();
  const Vector question = world.text(0, 0);
  const auto none = bias.transform(question, Language(), Debias::center);
  EXPECT_EQ(none.vector, bias.transform(question, Language::parse("ja"), Debias::center).vector);
  EXPECT_NE(none.vector, bias.transform(question, Language::parse("ar"), Debias::center).vector);
}

TEST(LanguageBias, MovesAQuestionInSeveralLanguagesByEachOnesPart) {
  World world(13);
  const LanguageBias bias = world.passages(true).fit();
  const auto of = [&](const std::vector<LanguageProbability>& parts) {
    return bias.common_of_questions(parts, Debias::center);
  };
  const Language hindi = Language::parse("hi"), swahili = Language::parse("sw");
  const auto only_hindi = of({{hindi, 1}}), only_swahili = of({{swahili, 1}}),
             mixed = of({{hindi, 0.25}, {swahili, 0.75}});
  for (std::size_t x = 0; x < kDimension; ++x) {
    EXPECT_NEAR(mixed[x], 0.25f * only_hindi[x] + 0.75f * only_swahili[x], 1e-6);
  }
  // A part in a language without passages is moved by what all share alone, as a whole question is.
  const auto foreign = of({{hindi, 0.5}, {Language::parse("ja"), 0.5}}), none = of({});
  for (std::size_t x = 0; x < kDimension; ++x) EXPECT_NEAR(foreign[x], 0.5f * (only_hindi[x] + none[x]), 1e-6);
  const Vector question = world.text(3, 1);
  EXPECT_EQ(bias.transform_less(question, only_hindi, Debias::center).vector,
            bias.transform(question, hindi, Debias::center).vector);
  EXPECT_THROW(bias.transform_less(question, Vector(3), Debias::center), InvalidArgument);
}

TEST(LanguageBias, OfOneLanguageOrOfNothingHarmsNothing) {
  World world(8);
  Passages one;
  one.languages.languages = {Language::parse("sw")};
  for (std::size_t content = 0; content < 10; ++content) {
    one.vectors.push_back(world.text(content, 3));
    one.languages.of.push_back(0);
  }
  EXPECT_EQ(one.fit().parallelness(), 0);
  // Where every language has one passage, nobody can tell a language from what its passage is about.
  Passages each;
  for (const std::string& tag : kTags) each.languages.languages.push_back(Language::parse(tag));
  for (std::size_t language = 0; language < kTags.size(); ++language) {
    each.vectors.push_back(world.text(language, language));
    each.languages.of.push_back(static_cast<std::uint16_t>(language));
  }
  const LanguageBias bias = each.fit();
  const auto scales = bias.scales(Debias::center);
  for (std::size_t content = 0; content < kTags.size(); ++content) {
    const auto query = bias.transform(world.contents[content], Language(), Debias::center);
    std::size_t best = 0;
    for (std::size_t i = 1; i < kTags.size(); ++i) {
      if (score(bias, scales, query, each, i) > score(bias, scales, query, each, best)) best = i;
    }
    EXPECT_EQ(best, content);
  }
  EXPECT_EQ(Passages().fit().passages(), 0U);
}

TEST(LanguageBias, IsTheSameAfterItWasKept) {
  World world(9);
  const test::TemporaryFolder folder;
  const LanguageBias bias = world.passages(true).fit();
  const std::uint64_t bytes = bias.write(folder.path() / "bias.seg", "stamp");
  EXPECT_EQ(bytes, std::filesystem::file_size(folder.path() / "bias.seg"));
  const LanguageBias read = LanguageBias::read(folder.path() / "bias.seg", "stamp");
  EXPECT_THAT(read.scales(Debias::automatic), ElementsAreArray(bias.scales(Debias::automatic)));
  const Vector question = world.text(5, 2);
  const auto a = bias.transform(question, Language::parse("ru"), Debias::automatic);
  const auto b = read.transform(question, Language::parse("ru"), Debias::automatic);
  EXPECT_EQ(a.vector, b.vector);
  EXPECT_EQ(a.offsets, b.offsets);
  EXPECT_THROW(LanguageBias::read(folder.path() / "bias.seg", "another"), InvalidData);
}

TEST(LanguageBias, RefusesADamagedFileByName) {
  World world(10);
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "bias.seg";
  world.passages(false).fit().write(path, "stamp");
  std::string bytes = read_file(path);
  bytes[bytes.size() / 2] ^= 4;
  folder.write("bias.seg", bytes);
  EXPECT_THAT([&] { LanguageBias::read(path, "stamp"); }, ThrowsMessage<InvalidData>(HasSubstr("bias.seg")));
  folder.write("bias.seg", bytes.substr(0, 100));
  EXPECT_THAT([&] { LanguageBias::read(path, "stamp"); }, ThrowsMessage<InvalidData>(HasSubstr("bias.seg")));
}

TEST(LanguageBias, RefusesAQueryOfAnotherDimension) {
  World world(11);
  const LanguageBias bias = world.passages(true).fit();
  EXPECT_THROW(bias.transform(Vector(3), Language(), Debias::center), InvalidArgument);
}

}  // namespace
}  // namespace dragoman
