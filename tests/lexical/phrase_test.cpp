#include "dragoman/lexical/phrase.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/lexical/bm25.h"
#include "dragoman/text/analyzer.h"
#include "lexical/lexical_support.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::Words;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

TEST(ParseQuotes, FindsQuotesOfManyLanguages) {
  for (const char* query : {"a \"red bicycle\" b", "a “red bicycle” b", "a „red bicycle“ b", "a „red bicycle” b",
                            "a ”red bicycle” b", "a «red bicycle» b", "a »red bicycle« b", "a »red bicycle» b",
                            "a ‹red bicycle› b", "a 「red bicycle」 b", "a 『red bicycle』 b", "a ＂red bicycle＂ b"}) {
    const QuotedQuery parsed = parse_quotes(query);
    EXPECT_THAT(parsed.phrases, ElementsAre(QuotedText{"red bicycle", 0})) << query;
    EXPECT_EQ(parsed.text, "a  red bicycle  b") << query;
  }
}

TEST(ParseQuotes, ReadsTheSlopBehindTheQuote) {
  const QuotedQuery parsed = parse_quotes("\"अंतरिक्ष यान\"~2 «борт»~99999999999 \"x\"~ y~3");
  EXPECT_THAT(parsed.phrases, ElementsAre(QuotedText{"अंतरिक्ष यान", 2}, QuotedText{"борт", 1000}, QuotedText{"x", 0}));
  EXPECT_EQ(parsed.text, " अंतरिक्ष यान   борт   x ~ y~3");
}

TEST(ParseQuotes, LeavesAQuoteWithoutPartnerAsText) {
  for (const char* query : {"5\" pipe", "„offen", "zu“ auf", "「東京", "l'homme d'affaires", "'a b'", ""}) {
    EXPECT_THAT(parse_quotes(query).phrases, IsEmpty()) << query;
    EXPECT_EQ(parse_quotes(query).text, query);
  }
  EXPECT_THAT(parse_quotes("a \" \" b").phrases, IsEmpty()) << "nothing in it";
  EXPECT_THAT(parse_quotes("\"a b\" \"c").phrases, ElementsAre(QuotedText{"a b", 0}));
}

std::vector<std::uint32_t> positions_of(std::string_view text, const char* language,
                                        std::string_view analyzer = Analyzer::kDefaultName) {
  return token_positions(Analyzer(analyzer).analyze(text, Language::parse(language)));
}

TEST(TokenPositions, CountWordsAndIgnorePunctuation) {
  EXPECT_THAT(positions_of("Чай, пожалуйста! Чай?", "ru"), ElementsAre(0, 1, 2));
}

TEST(TokenPositions, HaveEveryChineseCharacterAndItsPairAtOnePlace) {
  // 東 東京 京 京都 都
  EXPECT_THAT(positions_of("東京都", "zh"), ElementsAre(0, 0, 1, 1, 2));
}

TEST(TokenPositions, HaveAllPairsOfAKoreanWordAtOnePlace) {
  // 학교 교에 에서, then 공부
  EXPECT_THAT(positions_of("학교에서 공부", "ko"), ElementsAre(0, 0, 0, 1));
}

TEST(TokenPositions, HavePartsOfWordsWhereTheyBegin) {
  // camelcase camel case, then word
  EXPECT_THAT(positions_of("camelCase word", "en", "multilingual+camel_case"), ElementsAre(0, 0, 1, 2));
}

/// Tokens with the ranges that an analyser would have given them.
std::vector<Token> placed(std::string_view text) {
  static const Analyzer analyzer("whitespace");
  return analyzer.analyze(text);
}

Phrase phrase(std::string_view text, std::uint32_t slop = 0) { return {{phrase_form(placed(text))}, slop}; }

class PhraseTest : public testing::Test {
 protected:
  using Build = LexicalBuildOptions;

  std::shared_ptr<const LexicalSegment> segment(const std::vector<Words>& documents, std::size_t begin, std::size_t end,
                                                Build build) {
    build.spill_folder = folder_.path();
    LexicalSegmentBuilder builder(build);
    for (std::size_t i = begin; i < end; ++i) {
      builder.add(static_cast<DocumentNumber>(i), Language::parse(documents[i].language), placed(documents[i].text));
    }
    const auto path = folder_.path() / std::to_string(files_++);
    builder.write(path, test::kStamp);
    return std::make_shared<LexicalSegment>(path, test::kStamp);
  }

  Bm25Index index(const std::vector<Words>& documents, const std::vector<std::size_t>& ends, Build build) {
    std::vector<std::shared_ptr<const LexicalSegment>> segments;
    std::size_t begin = 0;
    for (const std::size_t end : ends) segments.push_back(segment(documents, std::exchange(begin, end), end, build));
    return Bm25Index(std::move(segments));
  }

  /// Numbers of the documents that have a phrase, best first; its words are the query's.
  std::vector<DocumentNumber> find(const Bm25Index& index, const Phrase& phrase) {
    std::set<std::string_view> words;
    for (const PhraseForm& form : phrase.forms) {
      for (const PhraseTerm& term : form) words.insert(term.text);
    }
    const std::vector<std::string_view> query(words.begin(), words.end());
    std::vector<DocumentNumber> numbers;
    for (const auto& hit : index.search(query, std::span(&phrase, 1), 100, {}, nullptr))
      numbers.push_back(hit.document);
    std::ranges::sort(numbers);
    return numbers;
  }

  test::TemporaryFolder folder_;
  int files_ = 0;
};

const LexicalBuildOptions kWithPositions = {.positions = true};

TEST_F(PhraseTest, KeepsPositionsOfEveryWord) {
  const auto kept = segment({{"sw", "habari ya asubuhi habari"}, {"sw", "ya ya"}}, 0, 2, kWithPositions);
  EXPECT_TRUE(kept->has_positions());
  EXPECT_THAT(kept->postings("habari").positions, ElementsAre(ElementsAre(0, 3)));
  EXPECT_THAT(kept->postings("ya").positions, ElementsAre(ElementsAre(1), ElementsAre(0, 1)));
}

TEST_F(PhraseTest, FindsWordsSideBySideInTheirOrder) {
  const Bm25Index searched = index({{"en", "red bicycle"},
                                    {"en", "bicycle red"},
                                    {"en", "a red bicycle and a red bicycle"},
                                    {"en", "red old bicycle"},
                                    {"en", "red"}},
                                   {2, 5}, kWithPositions);
  EXPECT_THAT(find(searched, phrase("red bicycle")), ElementsAre(0, 2));
  EXPECT_THAT(find(searched, phrase("red bicycle", 1)), ElementsAre(0, 2, 3)) << "one word may stand in between";
  EXPECT_THAT(find(searched, phrase("bicycle red")), ElementsAre(1));
  EXPECT_THAT(find(searched, phrase("red")), ElementsAre(0, 1, 2, 3, 4)) << "a phrase of one word is that word";
  EXPECT_THAT(find(searched, phrase("red car")), IsEmpty());
  EXPECT_THAT(find(searched, {{phrase_form(placed("red car")), phrase_form(placed("red old"))}, 0}), ElementsAre(3))
      << "one of its forms is enough";
}

TEST_F(PhraseTest, AddsItsShareToThoseOfItsWords) {
  const std::vector<Words> documents = {{"ru", "красный чай"}, {"ru", "чай"}, {"ru", "чай горячий"}};
  const Bm25Index searched = index(documents, {3}, kWithPositions);
  const std::vector<std::string_view> words = {"красный", "чай"};
  const Phrase red_tea = phrase("красный чай");
  const Bm25Options options{.k1 = 1, .b = 0};
  const auto with = searched.search(words, std::span(&red_tea, 1), 10, options, nullptr);
  const auto without = searched.search(words, 10, options, nullptr);
  // The rarest word is in one of three documents; the phrase is there once: ln(1 + 2.5 / 1.5) * 1 / (1 + 1).
  ASSERT_EQ(with.size(), 1u);
  EXPECT_NEAR(with[0].score - without[0].score, std::log(1 + 2.5 / 1.5) / 2, 1e-6);
}

TEST_F(PhraseTest, IsFoundInEveryScriptByTheAnalyserOfTexts) {
  struct Case {
    const char *language, *with, *without, *phrase;
  };
  // Inflected, vowelled, traditional and full-width forms are those of the documents' analysis.
  const Case cases[] = {
      {"ar", "زار الوزير مدينة القاهرة القديمة أمس", "القاهرة مدينة كبيرة والقديمة جميلة", "القاهرة القديمة"},
      {"zh", "他住在東京都的中心", "他從京都去東方", "东京都"},
      {"hi", "भारत की राजधानी नई दिल्ली है", "दिल्ली में एक नई सड़क", "नई दिल्ली"},
      {"ja", "彼女は東京駅で待っていた", "駅は東にあり、京の都は西", "東京駅"},
      {"th", "เขาชอบกินข้าวผัดกุ้งมาก", "เขาผัดผักกับข้าวและกุ้ง", "ข้าวผัด"},
      {"ru", "Она пила горячий зелёный чай", "Чай был зелёный, а суп горячий", "ЗЕЛЕНЫЙ ЧАЙ"},
      {"sw", "Habari ya asubuhi, rafiki yangu", "Asubuhi ya leo rafiki alileta habari", "habari ya asubuhi"},
      {"hi-Latn", "mujhe garam chai pasand hai", "chai garam nahi", "garam chai"},
      {"ko", "나는 서울대학교에서 공부했다", "학교는 서울에 있고 대학은 없다", "서울대학교"},
      {"en", "He wrote New York Times stories", "Times were new in York", "\"New York\""},
  };
  const Analyzer analyzer;
  for (const Case& tried : cases) {
    const Language language = Language::parse(tried.language);
    LexicalSegmentBuilder builder(kWithPositions);
    builder.add(0, language, analyzer.analyze(tried.without, language));
    builder.add(1, language, analyzer.analyze(tried.with, language));
    const auto path = folder_.path() / std::to_string(files_++);
    builder.write(path, test::kStamp);
    const Bm25Index searched({std::make_shared<LexicalSegment>(path, test::kStamp)});
    const Phrase wanted = {{phrase_form(analyzer.analyze(tried.phrase, language))}, 0};
    EXPECT_GT(wanted.forms[0].size(), 1u) << tried.phrase;
    EXPECT_THAT(find(searched, wanted), ElementsAre(1)) << tried.phrase;
  }
}

TEST_F(PhraseTest, NeedsAnIndexWithPositions) {
  const Bm25Index searched = index({{"en", "red bicycle"}}, {1}, {});
  EXPECT_FALSE(searched.has_positions());
  EXPECT_THAT([&] { find(searched, phrase("red bicycle")); },
              ThrowsMessage<NotFound>(HasSubstr("dragoman index --positions --rebuild")));
  EXPECT_THAT(find(searched, phrase("red")), ElementsAre(0)) << "one word needs none";
  Bm25Options near;
  near.proximity = 1;
  const std::vector<std::string_view> words = {"red"};
  EXPECT_THAT([&] { searched.search(words, 10, near, nullptr); },
              ThrowsMessage<NotFound>(HasSubstr("dragoman index --positions --rebuild")));
  near.proximity = -1;
  EXPECT_THAT([&] { searched.search(words, 10, near, nullptr); },
              ThrowsMessage<InvalidArgument>("proximity is -1, must be finite and at least 0"));
}

TEST_F(PhraseTest, IsTheSameFileHoweverLittleMemoryItIsBuiltIn) {
  std::mt19937 random(3);
  std::vector<Words> documents;
  for (int i = 0; i < 400; ++i) {
    std::string text;
    for (std::size_t w = 0; w < random() % 40; ++w) text += "w" + std::to_string(random() % 50) + " ";
    documents.push_back({i % 3 == 0 ? "sw" : "ja", text});
  }
  for (const DocumentOrder order : {DocumentOrder::as_added, DocumentOrder::bisection}) {
    const auto bytes = [&](std::size_t memory) {
      const auto made =
          segment(documents, 0, documents.size(), {.memory_bytes = memory, .order = order, .positions = true});
      std::vector<std::vector<std::vector<std::uint32_t>>> positions;
      for (std::size_t t = 0; t < made->term_count(); ++t) positions.push_back(made->postings(made->term(t)).positions);
      return std::pair(read_file(made->path()), positions);
    };
    const auto in_memory = bytes(std::size_t{1} << 30);
    EXPECT_EQ(bytes(1), in_memory);
    EXPECT_EQ(bytes(100'000), in_memory);
    // And they are those of the texts.
    std::map<std::string, std::vector<std::vector<std::uint32_t>>> expected;
    for (const Words& document : documents) {
      std::map<std::string, std::vector<std::uint32_t>> own;
      std::uint32_t at = 0;
      for (const Token& token : test::tokens(document.text)) own[token.text].push_back(at++);
      for (auto& [word, positions] : own) expected[word].push_back(positions);
    }
    std::size_t term = 0;
    for (const auto& [word, positions] : expected) EXPECT_EQ(in_memory.second[term++], positions) << word;
  }
}

TEST_F(PhraseTest, LeavesAFileWithoutThemAsItWas) {
  const std::vector<Words> documents = {{"sw", "a b a"}, {"de", "b c"}};
  test::write_segment(folder_.path() / "plain", 0, documents);
  EXPECT_EQ(read_file(segment(documents, 0, 2, {})->path()), read_file(folder_.path() / "plain"));
}

/// A document as positions see it: the words at each.
using Places = std::vector<std::set<std::string>>;

/// How often a form stands in a document, by trying everything: the definition of Phrase, word for word.
std::uint32_t count_by_hand(const PhraseForm& form, std::uint32_t slop, const Places& places) {
  std::vector<std::vector<std::string>> slots;
  for (const PhraseTerm& term : form) {
    if (slots.size() <= term.position) slots.resize(term.position + 1);
    slots[term.position].push_back(term.text);
  }
  std::vector<std::set<std::size_t>> used(slots.size());
  const auto stands = [&](std::size_t slot, std::size_t at) {
    return !used[slot].contains(at) && at < places.size() &&
           std::ranges::all_of(slots[slot], [&](const std::string& word) { return places[at].contains(word); });
  };
  std::uint32_t count = 0;
  for (std::size_t first = 0; first < places.size(); ++first) {
    if (!stands(0, first)) continue;
    std::vector<std::size_t> taken = {first};
    for (std::size_t slot = 1; slot < slots.size(); ++slot) {
      std::size_t at = taken.back() + 1;
      while (at < places.size() && !stands(slot, at)) ++at;
      if (at == places.size()) break;
      taken.push_back(at);
    }
    if (taken.size() < slots.size() || taken.back() - first > slots.size() - 1 + slop) continue;
    ++count;
    for (std::size_t slot = 0; slot < slots.size(); ++slot) used[slot].insert(taken[slot]);
  }
  return count;
}

/// Fast search against the exhaustive one, and both against a scan of the documents' words.
TEST_F(PhraseTest, FindsWhatAScanOfAllDocumentsFinds) {
  std::mt19937 random(2026);
  static const std::vector<std::string> kLanguages = {"en", "ru", "zh", "hi", "sw", "ar", "ja", "th", "und"};
  const auto word = [&] {
    const double uniform = static_cast<double>(random() % 1'000'000) / 1e6;
    return "w" + std::to_string(static_cast<int>(std::pow(60.0, uniform)));
  };
  std::vector<Words> documents;
  std::vector<Places> places;
  for (int i = 0; i < 6000; ++i) {
    std::string text;
    Places of_document;
    const std::size_t length = random() % 15 == 0 ? 0 : 1 + random() % (random() % 20 == 0 ? 400 : 14);
    for (std::size_t w = 0; w < length; ++w) {
      const std::string next = word();
      text += next + " ";
      of_document.push_back({next});
    }
    documents.push_back({kLanguages[static_cast<std::size_t>(i / 40) % kLanguages.size()], text});
    places.push_back(std::move(of_document));
  }
  std::vector<Bm25Index> indexes;
  indexes.push_back(index(documents, {6000}, {.positions = true}));
  indexes.push_back(index(documents, {6000}, {.order = DocumentOrder::bisection, .positions = true}));
  indexes.push_back(index(documents, {700, 701, 6000}, {.memory_bytes = 300'000, .positions = true}));
  indexes.push_back(index(documents, {2500, 6000},
                          {.memory_bytes = 1'000'000, .order = DocumentOrder::bisection, .positions = true}));

  std::size_t found = 0;
  for (int round = 0; round < 400; ++round) {
    std::vector<Phrase> phrases(1 + random() % 5 / 4);
    std::set<std::string> query;
    for (Phrase& of : phrases) {
      of.slop = random() % 3 == 0 ? random() % 4 : 0;
      of.forms.resize(1 + random() % 4 / 3);
      for (PhraseForm& form : of.forms) {
        const auto from = test::tokens(documents[random() % documents.size()].text);
        const std::size_t length = 1 + random() % 3, at = from.empty() ? 0 : random() % from.size();
        for (std::uint32_t i = 0; i < length; ++i) {
          form.push_back({at + i < from.size() && random() % 12 != 0 ? from[at + i].text : word(), i});
          if (random() % 10 != 0) query.insert(form.back().text);
        }
      }
    }
    for (std::size_t i = 0; i < random() % 3; ++i) query.insert(word());
    const std::vector<std::string_view> words(query.begin(), query.end());

    Bm25Options options;
    options.k1 = static_cast<float>(random() % 30) / 10;
    options.b = static_cast<float>(random() % 11) / 10;
    options.statistics = random() % 2 == 0 ? LexicalStatistics::per_language : LexicalStatistics::pooled;
    if (random() % 3 == 0) options.weighting = LexicalWeighting::dirichlet;
    options.match = random() % 5 == 0 ? LexicalMatch::all : LexicalMatch::any;
    if (options.weighting == LexicalWeighting::bm25 && random() % 3 == 0) options.proximity = 0.5f;
    options.proximity_depth = 20;
    DocumentSet set(documents.size());
    for (std::uint32_t d = 0; d < documents.size(); ++d) {
      if (round % 3 == 1 ? random() % 2 == 0 : d >= 1000 && d < 1500) set.insert(d);
    }
    const DocumentSet* allowed = round % 3 == 0 ? nullptr : &set;
    static const std::vector<std::size_t> kDepths = {1, 3, 10, 100, 200, 10'000};
    const std::size_t depth = kDepths[random() % kDepths.size()];

    options.method = TopKMethod::exhaustive;
    const auto expected = indexes[0].search(words, phrases, depth, options, allowed);
    options.method = TopKMethod::max_score;
    for (std::size_t i = 0; i < indexes.size(); ++i) {
      ASSERT_EQ(indexes[i].search(words, phrases, depth, options, allowed), expected) << "round " << round << " " << i;
    }
    found += expected.size();

    // Which documents, by their words alone; and of one phrase, what it is worth.
    if (depth < documents.size() || options.proximity > 0) continue;
    std::vector<DocumentNumber> by_hand, by_search;
    for (std::uint32_t d = 0; d < documents.size(); ++d) {
      const auto in_document = [&](std::string_view text) {
        return std::ranges::any_of(places[d], [&](const auto& place) { return place.contains(std::string(text)); });
      };
      if (allowed != nullptr && !allowed->contains(d)) continue;
      const bool has_phrases = std::ranges::all_of(phrases, [&](const Phrase& of) {
        return std::ranges::any_of(of.forms,
                                   [&](const PhraseForm& form) { return count_by_hand(form, of.slop, places[d]) > 0; });
      });
      const bool scored =
          std::ranges::any_of(words, in_document) || std::ranges::any_of(phrases, [](const Phrase& of) {
            return std::ranges::any_of(of.forms, [](const PhraseForm& form) { return form.size() > 1; });
          });
      const bool all = options.match == LexicalMatch::any || std::ranges::all_of(words, in_document);
      if (has_phrases && scored && all) by_hand.push_back(d);
    }
    for (const auto& hit : expected) by_search.push_back(hit.document);
    std::ranges::sort(by_search);
    ASSERT_EQ(by_search, by_hand) << "round " << round;
  }
  EXPECT_GT(found, 5000u);
}

TEST_F(PhraseTest, CountsAsOftenAsAScanDoes) {
  // With b 0 and k1 1 a phrase's share is idf * tf / (tf + 1), so tf can be read off the score.
  std::mt19937 random(5);
  std::vector<Words> documents;
  std::vector<Places> places;
  for (int i = 0; i < 300; ++i) {
    std::string text;
    Places of_document;
    for (std::size_t w = 0; w < random() % 60; ++w) {
      const std::string next(1, static_cast<char>('a' + random() % 3));
      text += next + " ";
      of_document.push_back({next});
    }
    documents.push_back({"und", text});
    places.push_back(of_document);
  }
  const Bm25Index searched = index(documents, {300}, kWithPositions);
  const Bm25Options options{.k1 = 1, .b = 0};
  for (const auto& [text, slop] : std::vector<std::pair<const char*, std::uint32_t>>{
           {"a b", 0}, {"a a", 0}, {"a a b", 0}, {"a b", 2}, {"a a", 3}, {"a b c", 1}, {"c a b a", 2}}) {
    const Phrase wanted = phrase(text, slop);
    // One word alone as well, which takes no part in the score: the phrase is all of it.
    const auto hits = searched.search({}, std::span(&wanted, 1), 300, options, nullptr);
    double idf = 0;
    for (const char* word : {"a", "b", "c"}) {
      if (std::string_view(text).find(word) == std::string_view::npos) continue;
      double df = 0, all = 0;
      for (const Places& own : places) {
        all += !own.empty();
        df += std::ranges::any_of(own, [&](const auto& place) { return place.contains(word); });
      }
      idf = std::max(idf, std::log(1 + (all - df + 0.5) / (df + 0.5)));
    }
    std::size_t expected = 0;
    for (const Places& own : places) expected += count_by_hand(wanted.forms[0], slop, own) > 0;
    EXPECT_EQ(hits.size(), expected) << text;
    for (const ScoredDocument& hit : hits) {
      const double tf = count_by_hand(wanted.forms[0], slop, places[hit.document]);
      EXPECT_NEAR(hit.score, idf * tf / (tf + 1), 1e-5 * idf) << text << "~" << slop << " in " << hit.document;
    }
  }
}

TEST_F(PhraseTest, ProximityAddsWhatThePaperSays) {
  const std::vector<Words> documents = {
      {"th", "ข้าว ร้อน ผัด"}, {"th", "ข้าว ผัด ร้อน"}, {"th", "ข้าว x x x x x ผัด"}, {"th", "ข้าว"}, {"th", "x"}};
  const std::vector<std::string_view> words = {"ข้าว", "ผัด"};
  Bm25Options options{.k1 = 1, .b = 0};
  const Bm25Index searched = index(documents, {2, 5}, kWithPositions);
  std::map<DocumentNumber, float> without;
  for (const auto& hit : searched.search(words, 10, options, nullptr)) without[hit.document] = hit.score;
  options.proximity = 2;
  const double rice = std::log(1 + 1.5 / 4.5), fried = std::log(1 + 2.5 / 3.5);
  for (const auto& hit : searched.search(words, 10, options, nullptr)) {
    const double distance = std::map<DocumentNumber, double>{{0, 2}, {1, 1}, {2, 6}, {3, 1e9}}.at(hit.document);
    const double to_rice = fried / (distance * distance), to_fried = rice / (distance * distance);
    const double added = rice * to_rice / (to_rice + 1) + fried * to_fried / (to_fried + 1);
    EXPECT_NEAR(hit.score - without[hit.document], 2 * added, 1e-5) << hit.document;
  }
  EXPECT_EQ(searched.search(words, 1, options, nullptr)[0].document, 1u) << "the words are side by side";
}

}  // namespace
}  // namespace dragoman
