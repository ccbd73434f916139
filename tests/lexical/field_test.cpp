#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/lexical/bm25.h"
#include "lexical/lexical_support.h"
#include "support/test_support.h"

namespace dragoman {

namespace {

using test::numbers;
using test::tokens;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

/// A document of two fields as tests write it.
struct TitledWords {
  std::string language, title, text;
};

const std::vector<std::string> kFields = {"title", "text"};

const std::string& field_of(const TitledWords& document, std::size_t field) {
  return field == 0 ? document.title : document.text;
}

class FieldTest : public testing::Test {
 protected:
  /// Segments end at these documents, and at the last. Only those that are `added` are put in, only those that are
  /// `live` are there; null: all.
  Bm25Index index(const std::vector<TitledWords>& documents, std::vector<std::size_t> ends = {},
                  DocumentOrder order = DocumentOrder::as_added, std::shared_ptr<const DocumentSet> added = nullptr,
                  std::shared_ptr<const DocumentSet> live = nullptr) {
    ends.push_back(documents.size());
    std::vector<LexicalField> fields = {{"title", {}}, {"text", {}}};
    for (std::size_t e = 0; e < ends.size(); ++e) {
      std::vector<std::uint32_t> given;
      for (const std::size_t field : {1, 0}) {  // The text's order is the title's.
        LexicalSegmentBuilder builder({.order = order, .given_order = given});
        for (std::size_t d = e == 0 ? 0 : ends[e - 1]; d < ends[e]; ++d) {
          if (added && !added->contains(static_cast<DocumentNumber>(d))) continue;
          builder.add(static_cast<DocumentNumber>(d), Language::parse(documents[d].language),
                      tokens(field_of(documents[d], field)));
        }
        const auto path = folder_.path() / std::to_string(files_++);
        builder.write(path, test::kStamp);
        fields[field].segments.push_back(std::make_shared<LexicalSegment>(path, test::kStamp));
        const auto kept = fields[field].segments.back()->order();
        given.assign(kept.begin(), kept.end());
      }
    }
    return Bm25Index::of_fields(std::move(fields), std::move(live));
  }

  static Bm25Options weights(float title, float text) {
    Bm25Options options;
    options.fields = {{"title", title, std::nullopt}, {"text", text, std::nullopt}};
    return options;
  }

  test::TemporaryFolder folder_;
  int files_ = 0;
};

TEST_F(FieldTest, ScoresByTheFormulaOfBm25F) {
  const auto searched = index({{"sw", "chai", "chai ya asubuhi"}, {"sw", "habari za asubuhi", "habari"}});
  Bm25Options options;
  options.fields = {{"title", 2, 0.3f}, {"text", 1, std::nullopt}};
  const auto hits = searched.search(tokens("chai"), 10, options);
  ASSERT_EQ(hits.size(), 1u);
  // Titles have 2 words on average, texts 2; one of 2 documents has the word, once in either field.
  const double x = 2 / (1 - 0.3 + 0.3 * 1 / 2) + 1 / (1 - 0.4 + 0.4 * 3 / 2);
  EXPECT_FLOAT_EQ(hits[0].score, static_cast<float>(std::log(1 + (2 - 1 + 0.5) / (1 + 0.5)) * x / (x + 0.9)));
}

TEST_F(FieldTest, PrefersTheTitleThatItsWeightSays) {
  // In each language one document has the word in its title and another in its text.
  const std::vector<TitledWords> pairs = {{"ar", "القهوة", "مشروب ساخن"},
                                          {"ar", "مشروب", "القهوة ساخن"},
                                          {"zh", "咖啡", "熱 飲料"},
                                          {"zh", "飲料", "咖啡 熱"},
                                          {"hi", "चाय", "गरम पेय"},
                                          {"hi", "पेय", "चाय गरम"},
                                          {"ja", "お茶", "温かい 飲み物"},
                                          {"ja", "飲み物", "お茶 温かい"},
                                          {"th", "ชา", "เครื่องดื่ม ร้อน"},
                                          {"th", "เครื่องดื่ม", "ชา ร้อน"},
                                          {"ru", "кофе", "горячий напиток"},
                                          {"ru", "напиток", "кофе горячий"},
                                          {"sw", "kahawa", "kinywaji cha moto"},
                                          {"sw", "kinywaji", "kahawa ya moto"}};
  for (const auto& searched : {index(pairs), index(pairs, {1, 7})}) {
    for (std::size_t i = 0; i < pairs.size(); i += 2) {
      const auto word = tokens(pairs[i].title);
      const auto in_title = static_cast<DocumentNumber>(i), in_text = static_cast<DocumentNumber>(i + 1);
      EXPECT_THAT(numbers(searched.search(word, 10, weights(3, 1))), ElementsAre(in_title, in_text));
      EXPECT_THAT(numbers(searched.search(word, 10, weights(0.1f, 1))), ElementsAre(in_text, in_title));
      EXPECT_THAT(numbers(searched.search(word, 10, weights(1, 0))), ElementsAre(in_title)) << "in titles alone";
      EXPECT_THAT(numbers(searched.search(word, 10, weights(0, 1))), ElementsAre(in_text)) << "in texts alone";
    }
  }
}

TEST_F(FieldTest, SaturatesAWordOnceOverAllFields) {
  const auto searched = index({{"ru", "чай", "чай"}, {"ru", "чай", "кофе"}, {"ru", "кофе", "кофе"}});
  auto options = weights(1, 1);
  options.b = 0;
  const auto hits = searched.search(tokens("чай"), 10, options);
  ASSERT_THAT(numbers(hits), ElementsAre(0, 1));
  // Two occurrences, wherever they are: 2 / (2 + k1) beside 1 / (1 + k1).
  EXPECT_NEAR(hits[0].score / hits[1].score, (2 / 2.9) / (1 / 1.9), 1e-6);
}

TEST_F(FieldTest, IsPlainBm25WithOneFieldOfWeightOne) {
  const std::vector<TitledWords> documents = {
      {"ja", "", "猫 犬 猫"}, {"ja", "", "犬"}, {"en", "", "猫 cat"}, {"ja", "", "鳥 猫"}};
  const auto fields = index(documents, {2});
  const auto plain = Bm25Index({test::make_segment(
      folder_.path() / "plain", 0, {{"ja", "猫 犬 猫"}, {"ja", "犬"}, {"en", "猫 cat"}, {"ja", "鳥 猫"}})});
  const auto a = fields.search(tokens("猫 犬"), 10, weights(1, 1)), b = plain.search(tokens("猫 犬"), 10);
  ASSERT_EQ(numbers(a), numbers(b));
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i].score, b[i].score, 1e-6);
}

TEST_F(FieldTest, FindsAllWordsInWhateverFieldsTheyAre) {
  const auto searched = index({{"th", "แมว", "หมา"}, {"th", "แมว", "นก"}, {"th", "", "หมา แมว"}}, {1});
  auto all = weights(1, 1);
  all.match = LexicalMatch::all;
  EXPECT_THAT(numbers(searched.search(tokens("แมว หมา"), 10, all)), testing::UnorderedElementsAre(0, 2));
  all.fields[0].weight = 0;
  EXPECT_THAT(numbers(searched.search(tokens("แมว หมา"), 10, all)), ElementsAre(2));
}

TEST_F(FieldTest, CountsADocumentOnceThatHasAWordInTwoFields) {
  const auto searched = index({{"hi", "चाय", "चाय"}, {"hi", "", "चाय"}, {"sw", "चाय", ""}, {"hi", "", ""}}, {1});
  const std::vector<Language> languages = {Language::parse("hi"), Language::parse("sw")};
  EXPECT_THAT(searched.document_frequencies("चाय", languages), ElementsAre(2, 1));
  EXPECT_THAT(searched.fields(), ElementsAre("title", "text"));
}

TEST_F(FieldTest, TakesSettingsByLanguageForAllFields) {
  const auto searched = index({{"de", "tee", "tee tee"}, {"ja", "茶", "茶 茶"}, {"de", "x", "y"}, {"ja", "x", "y"}});
  auto options = weights(1, 1);
  options.by_language = {{Language::parse("de"), 0, 0}};
  // Without saturation to come, frequency counts for nothing.
  EXPECT_FLOAT_EQ(searched.search(tokens("tee"), 1, options)[0].score,
                  static_cast<float>(std::log(1 + (2 - 1 + 0.5) / (1 + 0.5))));
  EXPECT_EQ(searched.search(tokens("茶"), 1, options)[0].score, searched.search(tokens("茶"), 1)[0].score);
}

TEST_F(FieldTest, RefusesFieldsThatAreNotThereNamingThoseThatAre) {
  const auto searched = index({{"en", "a", "b"}});
  Bm25Options options;
  options.fields = {{"titel", 2, std::nullopt}};
  EXPECT_THAT([&] { searched.search(tokens("a"), 1, options); },
              ThrowsMessage<InvalidArgument>("there is no field 'titel'; the fields of this index are: title, text"));
  EXPECT_THAT([&] { searched.search(tokens("a"), 1, weights(0, 0)); },
              ThrowsMessage<InvalidArgument>("all fields have a weight of 0; give one of them more: title, text"));
  EXPECT_THAT([&] { searched.search(tokens("a"), 1, weights(-1, 1)); },
              ThrowsMessage<InvalidArgument>("the weight of 'title' is -1, must be between 1e-6 and 1e6"));
  options.fields = {{"title", 1, 1.5f}};
  EXPECT_THAT([&] { searched.search(tokens("a"), 1, options); },
              ThrowsMessage<InvalidArgument>("b of field 'title' is 1.5, must be between 0 and 1"));
  options.fields = {{"title", 1, std::nullopt}, {"title", 2, std::nullopt}};
  EXPECT_THAT([&] { searched.search(tokens("a"), 1, options); },
              ThrowsMessage<InvalidArgument>("field 'title' is given twice"));
  options.fields.pop_back();
  const Bm25Index plain({});
  EXPECT_THAT([&] { plain.search(tokens("a"), 1, options); },
              ThrowsMessage<InvalidArgument>(HasSubstr("this index has title and text together")));
  Bm25Options dirichlet;
  dirichlet.weighting = LexicalWeighting::dirichlet;
  EXPECT_THAT([&] { searched.search(tokens("a"), 1, dirichlet); },
              ThrowsMessage<InvalidArgument>(HasSubstr("index without fields")));
}

TEST_F(FieldTest, RefusesFieldsOfDifferentDocuments) {
  const auto a = test::make_segment(folder_.path() / "a", 0, {{"en", "a"}, {"en", "b"}});
  const auto b = test::make_segment(folder_.path() / "b", 0, {{"en", "c"}});
  EXPECT_THAT(
      [&] {
        Bm25Index::of_fields({{"title", {a}}, {"text", {b}}});
      },
      ThrowsMessage<InvalidData>(HasSubstr("do not hold the same documents in the same order")));
  const auto swahili = test::make_segment(folder_.path() / "c", 0, {{"en", "a"}, {"sw", "b"}});
  EXPECT_THAT(
      [&] {
        Bm25Index::of_fields({{"title", {a}}, {"text", {swahili}}});
      },
      ThrowsMessage<InvalidData>(HasSubstr("have document 1 in two languages")));
  EXPECT_THAT(
      [&] {
        Bm25Index::of_fields({{"title", {a}}, {"text", {}}});
      },
      ThrowsMessage<InvalidData>(HasSubstr("field 'title' has 1 segments, field 'text' has 0")));
  EXPECT_THAT(
      [&] {
        Bm25Index::of_fields({{"title", {a}}, {"title", {a}}});
      },
      ThrowsMessage<InvalidArgument>("field 'title' is given twice"));
  EXPECT_THAT([] { Bm25Index::of_fields({}); },
              ThrowsMessage<InvalidArgument>("no field given; an index of fields has at least one"));
}

/// Documents at random, and queries out of their words.
class FieldsAtRandom : public FieldTest {
 protected:
  std::string word() {
    // By Zipf's law: the vocabulary to the power of a uniform number.
    return "w" +
           std::to_string(static_cast<int>(std::pow(vocabulary_, static_cast<double>(random_() % 100'000) / 1e5)));
  }

  std::string words(std::size_t longest) {
    std::string text;
    for (std::size_t i = random_() % (longest + 1); i > 0; --i) text += word() + " ";
    return text;
  }

  std::vector<TitledWords> corpus(std::size_t count, std::size_t longest) {
    static const std::vector<std::string> kLanguages = {"en", "ru", "zh-Hant", "hi", "hi-Latn",
                                                        "sw", "ar", "ja",      "th", "pt-BR"};
    std::vector<TitledWords> documents;
    for (std::size_t i = 0; i < count; ++i) {
      documents.push_back({kLanguages[(i / 50 + random_() % 2) % kLanguages.size()], random_() % 4 == 0 ? "" : words(6),
                           random_() % 15 == 0 ? "" : words(longest)});
    }
    return documents;
  }

  Bm25Options options() {
    Bm25Options options;
    options.k1 = static_cast<float>(random_() % 30) / 10;
    options.b = static_cast<float>(random_() % 11) / 10;
    options.statistics = random_() % 2 == 0 ? LexicalStatistics::per_language : LexicalStatistics::pooled;
    if (random_() % 2 == 0) options.by_language = {{Language::parse("ru"), 2, 0.1f}, {Language::parse("sw"), 0, 1}};
    if (random_() % 4 == 0) return options;
    options.fields = {{"title", random_() % 5 == 0 ? 0 : static_cast<float>(1 + random_() % 60) / 10, std::nullopt},
                      {"text", static_cast<float>(1 + random_() % 30) / 10, std::nullopt}};
    if (random_() % 2 == 0) options.fields[0].b = static_cast<float>(random_() % 11) / 10;
    return options;
  }

  double vocabulary_ = 3000;
  std::mt19937 random_{1129};
};

/// The formula of BM25F for weighted unions: every document, every word, in double.
std::map<DocumentNumber, double> score_all(const std::vector<TitledWords>& documents,
                                           const std::vector<WordUnion>& query, const Bm25Options& options) {
  std::vector<FieldBm25> fields = {{"title", 1, std::nullopt}, {"text", 1, std::nullopt}};
  if (!options.fields.empty()) fields = options.fields;
  std::vector<std::vector<std::vector<std::string>>> words(fields.size());
  for (std::size_t f = 0; f < fields.size(); ++f) {
    for (const TitledWords& document : documents) {
      words[f].emplace_back();
      for (const Token& token : tokens(field_of(document, f))) words[f].back().push_back(token.text);
    }
  }
  const auto tf_of = [&](std::size_t f, std::size_t d, std::string_view word) {
    return static_cast<double>(std::count(words[f][d].begin(), words[f][d].end(), word));
  };
  const auto is_in = [&](std::size_t d, std::string_view word) {
    for (std::size_t f = 0; f < fields.size(); ++f) {
      if (fields[f].weight != 0 && tf_of(f, d, word) > 0) return true;
    }
    return false;
  };
  std::map<DocumentNumber, double> scores;
  for (std::size_t d = 0; d < documents.size(); ++d) {
    std::vector<std::size_t> alike;
    for (std::size_t other = 0; other < documents.size(); ++other) {
      if (options.statistics == LexicalStatistics::pooled || documents[other].language == documents[d].language) {
        alike.push_back(other);
      }
    }
    double n = 0;
    std::vector<double> average;
    for (const std::size_t other : alike) n += !words[0][other].empty() || !words[1][other].empty();
    for (const auto& field : words) {
      double sum = 0, having = 0;
      for (const std::size_t other : alike) {
        sum += static_cast<double>(field[other].size());
        having += !field[other].empty();
      }
      average.push_back(sum / having);
    }
    double k1 = options.k1, b = options.b;
    for (const LanguageBm25& own : options.by_language) {
      if (own.language.tag() == documents[d].language) k1 = own.k1, b = own.b;
    }
    double score = 0;
    bool found = false;
    for (const WordUnion& of : query) {
      double x = 0, any = 0, expected = 0;
      for (const WeightedWord& word : of.words) {
        for (std::size_t f = 0; f < fields.size(); ++f) {
          const double tf = tf_of(f, d, word.word);
          if (tf == 0) continue;
          const double own_b = fields[f].b ? static_cast<double>(*fields[f].b) : b;
          x += static_cast<double>(word.weight) * static_cast<double>(fields[f].weight) * tf /
               (1 - own_b + own_b * static_cast<double>(words[f][d].size()) / average[f]);
        }
      }
      if (x == 0) continue;
      for (const std::size_t other : alike) {
        bool has = false;
        for (const WeightedWord& word : of.words) {
          const bool here = is_in(other, word.word);
          has = has || here;
          expected += here ? static_cast<double>(word.weight) : 0;
        }
        any += has;
      }
      const double df = std::min(n, of.frequency == UnionFrequency::any ? any : expected);
      score += static_cast<double>(of.times) * std::log(1 + (n - df + 0.5) / (df + 0.5)) * x / (x + k1);
      found = true;
    }
    if (found) scores[static_cast<DocumentNumber>(d)] = score;
  }
  return scores;
}

void expect_by_formula(const std::vector<ScoredDocument>& hits, const std::map<DocumentNumber, double>& scores) {
  ASSERT_EQ(hits.size(), scores.size());
  for (std::size_t i = 0; i < hits.size(); ++i) {
    ASSERT_NEAR(hits[i].score, scores.at(hits[i].document), 2e-6 * static_cast<double>(hits[0].score));
    ASSERT_LE(hits[i].score, hits[i == 0 ? 0 : i - 1].score);
  }
}

/// The words of a query, and a union or two of several words with weights.
std::vector<WordUnion> with_unions(const std::vector<Token>& words, std::mt19937& random) {
  std::vector<WordUnion> query;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (query.empty() || random() % 2 == 0) {
      query.emplace_back();
      query.back().frequency = random() % 2 == 0 ? UnionFrequency::any : UnionFrequency::expected;
      query.back().times = random() % 3 == 0 ? 2 : 1;
    }
    query.back().words.push_back({words[i].text, static_cast<float>(1 + random() % 20) / 20});
  }
  return query;
}

TEST_F(FieldsAtRandom, ScoreByTheFormulaHoweverDocumentsAreCutIntoSegments) {
  vocabulary_ = 30;
  for (int round = 0; round < 10; ++round) {
    const auto documents = corpus(60, 12);
    const Bm25Index whole = index(documents), pieces = index(documents, {1, 20, 20, 55}),
                    bisected = index(documents, {}, DocumentOrder::bisection);
    for (int i = 0; i < 10; ++i) {
      const auto words = tokens(this->words(8));
      const auto query = with_unions(words, random_);
      const auto by = options();
      const auto expected = whole.search(query, 100, by, nullptr);
      expect_by_formula(expected, score_all(documents, query, by));
      ASSERT_EQ(pieces.search(query, 100, by, nullptr), expected);
      ASSERT_EQ(bisected.search(query, 100, by, nullptr), expected);
      std::vector<WordUnion> reversed(query.rbegin(), query.rend());
      for (WordUnion& of : reversed) std::ranges::reverse(of.words);
      ASSERT_EQ(whole.search(reversed, 100, by, nullptr), expected);
    }
  }
}

TEST_F(FieldsAtRandom, AreFoundByMaxScoreAsByScoringAll) {
  const auto documents = corpus(20'000, 60);
  std::vector<Bm25Index> indexes;
  indexes.push_back(index(documents));
  indexes.push_back(index(documents, {}, DocumentOrder::bisection));
  indexes.push_back(index(documents, {3000, 3001, 12'000}));
  indexes.push_back(index(documents, {9000}, DocumentOrder::bisection));
  for (int round = 0; round < 300; ++round) {
    const auto words = tokens(this->words(random_() % 4 == 0 ? 24 : 7));
    const auto query = with_unions(words, random_);
    auto by = options();
    by.match = random_() % 4 == 0 ? LexicalMatch::all : LexicalMatch::any;
    const DocumentSet allowed = DocumentSet::of_bytes(test::random_filter(random_, documents.size() - 100));
    const DocumentSet* set = allowed.size() == 0 ? nullptr : &allowed;
    const std::size_t depth = test::random_depth(random_);
    by.method = TopKMethod::exhaustive;
    const auto expected = indexes[0].search(query, depth, by, set);
    by.method = TopKMethod::max_score;
    for (const Bm25Index& searched : indexes) ASSERT_EQ(searched.search(query, depth, by, set), expected);
  }
}

TEST_F(FieldsAtRandom, ScoreAsIfDeletedDocumentsHadNeverBeenThere) {
  vocabulary_ = 200;
  const auto documents = corpus(4000, 20);
  auto live = std::make_shared<DocumentSet>(documents.size());
  for (DocumentNumber d = 0; d < documents.size(); ++d) {
    // In the second segment nothing is deleted; of Swahili nothing is left.
    if ((d >= 1000 && d < 2000) || random_() % 3 != 0) live->insert(d);
    if (documents[d].language == "sw") live->erase(d);
  }
  const std::vector<std::size_t> ends = {1000, 2000};
  const Bm25Index with_deleted = index(documents, ends, DocumentOrder::bisection, nullptr, live),
                  without = index(documents, ends, DocumentOrder::as_added, live);
  for (int round = 0; round < 100; ++round) {
    const auto words = tokens(this->words(9));
    const auto query = with_unions(words, random_);
    auto by = options();
    const auto expected = without.search(query, 200, by, nullptr);
    ASSERT_EQ(with_deleted.search(query, 200, by, nullptr), expected);
    by.method = TopKMethod::exhaustive;
    ASSERT_EQ(with_deleted.search(query, 200, by, nullptr), expected);
  }
  const std::vector<Language> languages = {Language::parse("ru"), Language::parse("sw")};
  for (const char* word : {"w1", "w2", "w30"}) {
    EXPECT_EQ(with_deleted.document_frequencies(word, languages), without.document_frequencies(word, languages));
  }
}

TEST_F(FieldsAtRandom, HaveTheSameDocumentFrequenciesAsACount) {
  vocabulary_ = 40;  // Lists of hundreds of documents: blocks and headers.
  const auto documents = corpus(3000, 20);
  const auto searched = index(documents, {1000});
  const std::vector<Language> languages = {Language::parse("ru"), Language::parse("th"), Language::parse("pt-BR")};
  for (int w = 1; w < 40; ++w) {
    const std::string wanted = "w" + std::to_string(w);
    std::vector<double> counts(3);
    for (const TitledWords& document : documents) {
      const auto has = [&](const std::string& text) {
        return std::ranges::any_of(tokens(text), [&](const Token& token) { return token.text == wanted; });
      };
      if (!has(document.title) && !has(document.text)) continue;
      for (std::size_t i = 0; i < languages.size(); ++i) counts[i] += languages[i].tag() == document.language;
    }
    ASSERT_EQ(searched.document_frequencies(wanted, languages), counts) << wanted;
  }
}

}  // namespace
}  // namespace dragoman
