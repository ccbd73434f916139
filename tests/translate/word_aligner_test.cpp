#include "translate/word_aligner.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <sstream>
#include <string>

#include "translate/jump_model.h"

namespace dragoman {
namespace {

void add(const std::string& source, const std::string& target, Bitext& bitext) {
  const auto numbers = [](const std::string& text, Vocabulary& vocabulary) {
    std::istringstream words(text);
    std::vector<std::uint32_t> of_text;
    for (std::string word; words >> word;) of_text.push_back(vocabulary.add(word, word));
    return of_text;
  };
  bitext.source.add(numbers(source, bitext.source_words));
  bitext.target.add(numbers(target, bitext.target_words));
}

/// The translation that an aligner believes in most.
std::string best(const WordAligner& aligner, const Bitext& bitext, const std::string& word) {
  const auto rows = aligner.rows();
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    if (bitext.source_words.word(i) != word) continue;
    const auto most = std::ranges::max_element(rows[i], {}, &TableContent::Cell::weight);
    return most == rows[i].end() ? "" : bitext.target_words.word(most->target);
  }
  return "?";
}

TEST(WordAligner, LearnsWordsFromSentencesThatShareThem) {
  // The example of Knight's workbook, grown: no pair alone says which word is which.
  Bitext bitext;
  add("the house", "das haus", bitext);
  add("the book", "das buch", bitext);
  add("a book", "ein buch", bitext);
  add("a green house", "ein grünes haus", bitext);
  WordAligner aligner(bitext, {.threads = 1});
  aligner.train();
  EXPECT_EQ(best(aligner, bitext, "the"), "das");
  EXPECT_EQ(best(aligner, bitext, "house"), "haus");
  EXPECT_EQ(best(aligner, bitext, "book"), "buch");
  EXPECT_EQ(best(aligner, bitext, "green"), "grünes");
}

/// Sentences of random words, each with its translation, where neighbours may change places and words come from none.
struct Artificial {
  Bitext bitext;
  std::vector<std::vector<std::pair<std::uint32_t, std::uint32_t>>> links;
};

Artificial make_artificial(std::size_t pairs, std::uint32_t seed) {
  Artificial made;
  std::mt19937 random(seed);
  for (std::size_t p = 0; p < pairs; ++p) {
    std::vector<std::size_t> words;
    for (std::size_t i = 0; i < 4 + random() % 8; ++i) words.push_back(random() % 60 * (random() % 60) / 20);
    std::vector<std::pair<std::size_t, std::uint32_t>> order;  // Word and its place in the source.
    for (std::uint32_t i = 0; i < words.size(); ++i) order.emplace_back(words[i], i);
    for (std::size_t i = 1; i < order.size(); ++i) {
      if (random() % 4 == 0) std::swap(order[i - 1], order[i]);
    }
    std::string source, target;
    for (const std::size_t word : words) source += "s" + std::to_string(word) + " ";
    auto& links = made.links.emplace_back();
    std::uint32_t place = 0;
    for (const auto& [word, from] : order) {
      if (random() % 10 == 0) {
        target += "filler" + std::to_string(random() % 3) + " ";
        ++place;
      }
      target += "t" + std::to_string(word) + " ";
      links.emplace_back(from, place++);
    }
    add(source, target, made.bitext);
  }
  return made;
}

/// Och and Ney's alignment error rate, where all links are sure.
double alignment_error_rate(const WordAligner& aligner, const Artificial& made) {
  std::size_t right = 0, found = 0, wanted = 0;
  for (std::size_t p = 0; p < made.links.size(); ++p) {
    const auto links = aligner.links(p);
    found += links.size();
    wanted += made.links[p].size();
    for (const AlignmentLink& link : links) {
      right += std::ranges::count(made.links[p], std::pair(link.source, link.target));
    }
  }
  return 1 - 2 * static_cast<double>(right) / static_cast<double>(found + wanted);
}

TEST(WordAligner, FindsTheLinksThatSentencesWereMadeBy) {
  const Artificial made = make_artificial(400, 7);
  WordAligner by_words(made.bitext, {.hmm_iterations = 0, .threads = 2});
  by_words.train();
  WordAligner by_places(made.bitext, {.threads = 2});
  by_places.train();
  const double without = alignment_error_rate(by_words, made), with = alignment_error_rate(by_places, made);
  EXPECT_LT(with, 0.05);
  EXPECT_LT(with, without) << "words that come twice in a sentence are told apart by their places";
}

TEST(WordAligner, BecomesSurer) {
  const Artificial made = make_artificial(100, 3);
  WordAligner aligner(made.bitext, {.threads = 1});
  aligner.train();
  const auto& perplexities = aligner.perplexities();
  ASSERT_EQ(perplexities.size(), 10u);
  EXPECT_LT(perplexities[4], perplexities[0] / 2);
  EXPECT_LE(perplexities[9], perplexities[5]);
}

TEST(WordAligner, CountsTheSameAtAnyNumberOfThreads) {
  const Artificial made = make_artificial(300, 11);
  WordAligner one(made.bitext, {.threads = 1}), several(made.bitext, {.threads = 4});
  one.train();
  several.train();
  const auto a = one.rows(), b = several.rows();
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(a[i].size(), b[i].size());
    for (std::size_t j = 0; j < a[i].size(); ++j) {
      EXPECT_EQ(a[i][j].target, b[i][j].target);
      EXPECT_EQ(a[i][j].weight, b[i][j].weight);
    }
  }
}

/// Posteriors by going through every path of states, one by one.
void go_through_all(std::span<const float> emissions, std::span<const float> from_none,
                    std::span<const float> transitions, std::size_t observed, std::size_t states,
                    std::vector<double>& posteriors, std::vector<double>& none, double& probability) {
  posteriors.assign(observed * states, 0);
  none.assign(observed, 0);
  probability = 0;
  std::size_t paths = 1;
  for (std::size_t j = 0; j < observed; ++j) paths *= states + 1;
  for (std::size_t path = 0; path < paths; ++path) {
    std::size_t rest = path, at = 0;  // at: 0 is the beginning, else place + 1.
    double p = 1;
    std::vector<std::size_t> choices;
    for (std::size_t j = 0; j < observed; ++j, rest /= states + 1) {
      const std::size_t choice = rest % (states + 1);
      choices.push_back(choice);
      if (choice == states) {
        p *= static_cast<double>(JumpModel::kFromNone) * static_cast<double>(from_none[j]);
      } else {
        p *= static_cast<double>(transitions[at * states + choice]) *
             static_cast<double>(emissions[j * states + choice]);
        at = choice + 1;
      }
    }
    probability += p;
    for (std::size_t j = 0; j < observed; ++j) {
      (choices[j] == states ? none[j] : posteriors[j * states + choices[j]]) += p;
    }
  }
  for (double& of : posteriors) of /= probability;
  for (double& of : none) of /= probability;
}

TEST(ForwardBackward, AgreesWithGoingThroughAllPaths) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> number(0.01f, 1.0f);
  for (std::size_t observed = 1; observed <= 4; ++observed) {
    for (std::size_t states = 1; states <= 4; ++states) {
      std::vector<float> emissions(observed * states), from_none(observed);
      for (float& value : emissions) value = number(random);
      for (float& value : from_none) value = number(random);
      JumpModel jumps;
      jumps.prepare(std::vector{states});
      std::vector<float> posteriors(observed * states), none(observed);
      JumpModel::Counts counted = {};
      ForwardBackward forward_backward;
      const double log_probability = forward_backward.run(emissions, from_none, jumps.transitions(states), observed,
                                                          states, posteriors, none, &counted);
      std::vector<double> slow, slow_none;
      double probability = 0;
      go_through_all(emissions, from_none, jumps.transitions(states), observed, states, slow, slow_none, probability);
      EXPECT_NEAR(log_probability, std::log(probability), 1e-4);
      double links = 0;
      for (std::size_t i = 0; i < slow.size(); ++i) {
        EXPECT_NEAR(posteriors[i], slow[i], 1e-4);
        links += slow[i];
      }
      for (std::size_t i = 0; i < slow_none.size(); ++i) EXPECT_NEAR(none[i], slow_none[i], 1e-4);
      double jumped = 0;
      for (const std::uint64_t count : counted) jumped += static_cast<double>(count) / 4294967296.0;
      EXPECT_NEAR(jumped, links, 1e-3) << "each link is one jump";
    }
  }
}

TEST(Bitext, LeavesOutCharactersWithinPairs) {
  const Analyzer analyzer("icu");
  std::vector<std::string> words;
  for (const Token& token : without_parts(analyzer.analyze("東京都 tea 水"))) words.push_back(token.text);
  EXPECT_THAT(words, testing::ElementsAre("東京", "京都", "tea", "水"));
}

}  // namespace
}  // namespace dragoman
