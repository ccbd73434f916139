#include "dragoman/lexical/lexical_segment.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collection/segment_sections.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/lexical/bm25.h"
#include "lexical/lexical_support.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using Sections = test::SegmentSections;
using test::kStamp;
using test::tokens;
using test::Words;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

class LexicalSegmentTest : public testing::Test {
 protected:
  std::filesystem::path path() const { return folder_.path() / "words.lexical"; }

  test::TemporaryFolder folder_;
};

TEST_F(LexicalSegmentTest, ReadsBackWhatWasAdded) {
  const auto segment =
      test::make_segment(path(), 7, {{"sw", "habari ya asubuhi habari"}, {"de", "guten tag"}, {"ja", "東京 東京"}});
  EXPECT_EQ(segment->first_document(), 7u);
  EXPECT_EQ(segment->document_count(), 3u);
  EXPECT_THAT(segment->lengths(), ElementsAre(4, 2, 2));
  EXPECT_THAT(segment->document_languages(), ElementsAre(0, 1, 2));
  EXPECT_THAT(segment->languages(), ElementsAre(Language::parse("sw"), Language::parse("de"), Language::parse("ja")));
  EXPECT_THAT(segment->postings("habari").documents, ElementsAre(7));
  EXPECT_THAT(segment->postings("habari").frequencies, ElementsAre(2));
}

TEST_F(LexicalSegmentTest, KeepsWordsInOrderOfBytes) {
  const auto segment = test::make_segment(path(), 0, {{"mul", "слово b हिन्दी a 東京 คำ"}});
  std::vector<std::string> terms;
  for (std::size_t i = 0; i < segment->term_count(); ++i) terms.emplace_back(segment->term(i));
  EXPECT_THAT(terms, ElementsAre("a", "b", "слово", "हिन्दी", "คำ", "東京"));
}

TEST_F(LexicalSegmentTest, KeepsDocumentsOfAWordInOrder) {
  const auto segment = test::make_segment(path(), 3, {{"en", "a"}, {"en", "b"}, {"en", "b a a"}});
  EXPECT_THAT(segment->postings("a").documents, ElementsAre(3, 5));
  EXPECT_THAT(segment->postings("a").frequencies, ElementsAre(1, 2));
}

TEST_F(LexicalSegmentTest, FindsNoPostingsOfAnUnknownWord) {
  const auto segment = test::make_segment(path(), 0, {{"en", "bb dd"}});
  for (const char* word : {"", "a", "b", "bbb", "cc", "dd0", "東"}) {
    EXPECT_THAT(segment->postings(word).documents, IsEmpty()) << word;
  }
}

TEST_F(LexicalSegmentTest, MayHaveDocumentsWithoutWords) {
  const auto segment = test::make_segment(path(), 0, {{"en", ""}, {"und", ""}});
  EXPECT_EQ(segment->document_count(), 2u);
  EXPECT_EQ(segment->term_count(), 0u);
  EXPECT_THAT(segment->postings("a").documents, IsEmpty());
}

TEST_F(LexicalSegmentTest, MayBeEmpty) { EXPECT_EQ(test::make_segment(path(), 0, {})->document_count(), 0u); }

TEST_F(LexicalSegmentTest, TakesNumbersLeftOutForDocumentsWithoutWords) {
  LexicalSegmentBuilder builder;
  builder.add(2, Language::parse("hi"), tokens("एक"));
  builder.add(5, Language::parse("hi"), tokens("दो तीन"));
  builder.write(path(), kStamp);
  const LexicalSegment segment(path(), kStamp);
  EXPECT_THAT(segment.lengths(), ElementsAre(1, 0, 0, 2));
  EXPECT_THAT(segment.postings("दो").documents, ElementsAre(5));
}

TEST_F(LexicalSegmentTest, HoldsTheLastDocumentNumberThereIs) {
  EXPECT_THAT(test::make_segment(path(), 0xFFFFFFFFu, {{"ar", "كلمة"}})->postings("كلمة").documents,
              ElementsAre(0xFFFFFFFFu));
}

TEST_F(LexicalSegmentTest, RefusesDocumentsOutOfOrder) {
  LexicalSegmentBuilder builder;
  builder.add(4, Language(), tokens("a"));
  EXPECT_THAT([&] { builder.add(4, Language(), tokens("a")); },
              ThrowsMessage<InvalidArgument>("document 4 was added behind document 4; numbers must ascend"));
}

TEST_F(LexicalSegmentTest, RefusesAnEmptyToken) {
  LexicalSegmentBuilder builder;
  const std::vector<Token> nothing(1);
  EXPECT_THAT([&] { builder.add(4, Language(), nothing); },
              ThrowsMessage<InvalidArgument>("document 4 has an empty token; tokens must have a text"));
}

TEST_F(LexicalSegmentTest, RefusesMoreLanguagesThanItCanNumber) {
  LexicalSegmentBuilder builder;
  DocumentNumber document = 0;
  const auto add_all = [&] {
    // 520 private codes, qaa to qtz, in 900 regions: far too many.
    for (char second = 'a'; second <= 't'; ++second) {
      for (char third = 'a'; third <= 'z'; ++third) {
        for (int region = 100; region < 1000; ++region) {
          const std::string code = {'q', second, third, '-'};
          builder.add(document, Language::parse(code + std::to_string(region)), {});
          ++document;
        }
      }
    }
  };
  EXPECT_THAT(add_all, ThrowsMessage<InvalidArgument>(HasSubstr("at most 65535 fit")));
}

TEST_F(LexicalSegmentTest, WritesTheSameBytesAgain) {
  test::write_segment(path(), 0, {{"en", "b a"}, {"ru", "слово a"}});
  const std::string once = read_file(path());
  test::write_segment(path(), 0, {{"en", "b a"}, {"ru", "слово a"}});
  EXPECT_EQ(read_file(path()), once);
}

TEST_F(LexicalSegmentTest, RefusesAnotherStamp) {
  test::write_segment(path(), 0, {{"en", "a"}});
  EXPECT_THROW(LexicalSegment(path(), "icu-0/1.0"), InvalidData);
}

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

template <class T>
std::vector<std::byte> bytes_of(std::initializer_list<T> values) {
  const auto bytes = std::as_bytes(std::span(values.begin(), values.size()));
  return {bytes.begin(), bytes.end()};
}

Sections sections_of(const std::filesystem::path& path) {
  return Sections::of(
      path, "lexical", kStamp,
      {"documents", "languages", "lengths", "document_lengths", "document_languages", "document_order", "postings",
       "blocks", "term_languages", "dictionary", "dictionary_groups", "terms", "positions"});
}

TEST_F(LexicalSegmentTest, HasTheBytesThatItsFormatSays) {
  test::write_segment(path(), 7, {{"sw", "habari ya asubuhi habari"}, {"de", "guten tag"}});
  const std::string built = read_file(path());
  const std::string_view padding("\0\0\0\0\0\0\0\0", 8);
  // Shared and own length of each word; then twice the number of documents, plus 1 where any has it twice; bits.
  const std::string_view words(
      "\x70"
      "asubuhi"
      "\2\0"
      "\x50"
      "guten"
      "\2\1\1"
      "\x60"
      "habari"
      "\3\0\1\1"
      "\x30"
      "tag"
      "\2\1\1"
      "\x20"
      "ya"
      "\2\0",
      42);
  Sections sections{"lexical", std::string(kStamp)};
  sections.all = {{"documents", bytes_of<std::uint64_t>({7, 2})},
                  {"languages", bytes_of("sw\nde\n")},
                  {"lengths", bytes_of<std::uint32_t>({2, 4})},
                  {"document_lengths", bytes_of<std::uint8_t>({1, 0})},
                  {"document_languages", bytes_of<std::uint8_t>({0, 1})},
                  {"document_order", {}},
                  {"postings", bytes_of(padding)},
                  {"blocks", {}},
                  {"term_languages", {}},
                  {"dictionary", bytes_of(std::string(words) + std::string(padding))},
                  {"dictionary_groups", bytes_of<std::uint32_t>({0})},
                  {"terms", bytes_of<std::uint64_t>({5})}};
  sections.write(path());
  EXPECT_EQ(read_file(path()), built);
}

/// 300 documents in two languages: "ya" is in all, twice in every seventh; each has a word of its own.
std::vector<Words> many_documents() {
  std::vector<Words> documents;
  for (int i = 0; i < 300; ++i) {
    documents.push_back({i < 200 ? "sw" : "de", (i % 7 == 0 ? "ya ya w" : "ya w") + std::to_string(i)});
  }
  return documents;
}

TEST_F(LexicalSegmentTest, KeepsLongListsInBlocks) {
  const auto segment = test::make_segment(path(), 1000, many_documents());
  const Postings postings = segment->postings("ya");
  ASSERT_EQ(postings.documents.size(), 300u);
  for (std::uint32_t i = 0; i < 300; ++i) {
    EXPECT_EQ(postings.documents[i], 1000 + i);
    EXPECT_EQ(postings.frequencies[i], i % 7 == 0 ? 2u : 1u);
  }
  EXPECT_THAT(segment->postings("w299").documents, ElementsAre(1299));
}

TEST_F(LexicalSegmentTest, IsTheSameHoweverLittleMemoryItIsBuiltIn) {
  const auto build = [&](std::size_t memory) {
    LexicalSegmentBuilder builder({.memory_bytes = memory, .spill_folder = folder_.path()});
    DocumentNumber document = 0;
    for (const Words& words : many_documents()) {
      builder.add(document++, Language::parse(words.language), tokens(words.text));
    }
    builder.write(path(), kStamp);
    return read_file(path());
  };
  const std::string in_memory = build(std::size_t{1} << 30);
  EXPECT_EQ(build(1), in_memory);  // A file a document.
  EXPECT_EQ(build(100'000), in_memory);
}

TEST_F(LexicalSegmentTest, AddsUpWeightsOfAWord) {
  LexicalSegmentBuilder builder;
  const std::vector<TermFrequency> weights = {{"नमस्ते", 70}, {"hello", 12}, {"नमस्ते", 5}};
  builder.add_weighted(0, Language::parse("hi"), weights);
  builder.write(path(), kStamp);
  const LexicalSegment segment(path(), kStamp);
  EXPECT_THAT(segment.postings("नमस्ते").frequencies, ElementsAre(75));
  EXPECT_THAT(segment.lengths(), ElementsAre(87));
  const std::vector<TermFrequency> nothing = {{"a", 0}};
  EXPECT_THAT([&] { builder.add_weighted(1, Language(), nothing); },
              ThrowsMessage<InvalidArgument>("document 1 has 'a' 0 times; leave it out"));
}

TEST_F(LexicalSegmentTest, FindsEveryWordOfALargeDictionary) {
  // Words that share beginnings, of all lengths, in scripts of one to four bytes a character.
  std::vector<Words> documents;
  std::vector<std::string> words;
  for (int i = 0; i < 3000; ++i) {
    static const std::vector<std::string> kStems = {"a", "internationalization", "слово", "हिन्दी", "東京", "𐍈", "คำ"};
    words.push_back(kStems[static_cast<std::size_t>(i) % kStems.size()] +
                    std::string(static_cast<std::size_t>(i) % 40, 'x') + std::to_string(i / 280));
    documents.push_back({"und", words.back()});
  }
  const auto segment = test::make_segment(path(), 0, documents);
  for (std::size_t i = 0; i < words.size(); ++i) {
    EXPECT_THAT(segment->postings(words[i]).documents, testing::Contains(i)) << words[i];
    for (const std::string& other : {words[i] + "!", words[i].substr(0, words[i].size() - 1)}) {
      if (std::ranges::find(words, other) != words.end()) continue;
      EXPECT_THAT(segment->postings(other).documents, IsEmpty()) << other;
    }
  }
}

struct Damage {
  const char* name;
  std::function<void(Sections&)> apply;
  const char* message;
};

class DamagedSegment : public testing::TestWithParam<Damage> {
 protected:
  /// Of the sound segment at path_.
  void expect_refused_when_damaged() const {
    Sections sections = sections_of(path_);
    GetParam().apply(sections);
    sections.write(path_);
    EXPECT_THAT([&] { LexicalSegment(path_, kStamp); },
                ThrowsMessage<InvalidData>(AllOf(HasSubstr(path_.string() + ": "), HasSubstr(GetParam().message),
                                                 HasSubstr("dragoman index --rebuild"))));
  }

  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "damaged";
};

class DamagedLexicalSegment : public DamagedSegment {};

TEST_P(DamagedLexicalSegment, IsRefusedWithTheReasonAndTheRemedy) {
  test::write_segment(path_, 7, many_documents());
  expect_refused_when_damaged();
}

constexpr std::uint64_t kHuge = ~std::uint64_t{0};
/// Members of a block's header, by their place in its 16 bytes.
constexpr std::size_t kLastDocument = 0, kOffset = 4, kDocumentBits = 8, kFrequencyBits = 9, kMostFrequency = 10,
                      kLanguages = 11, kLeastLength = 12;
const Damage kDamages[] = {
    {"NoDocuments", [](Sections& s) { s["documents"].clear(); }, "section documents is not two numbers"},
    {"FirstTooHigh", [](Sections& s) { s.set<std::uint64_t>("documents", 0, 0xFFFFFFFF); }, "go beyond 32 bits"},
    {"HugeCount", [](Sections& s) { s.set("documents", 1, kHuge); }, "document numbers go beyond 32 bits"},
    {"FewerDocuments", [](Sections& s) { s.set<std::uint64_t>("documents", 1, 299); },
     "bytes for each of 299 documents"},
    {"FewLanguages", [](Sections& s) { s["document_languages"].pop_back(); }, "document_languages is not 1 bytes"},
    {"UnknownLanguage", [](Sections& s) { s["document_languages"][1] = std::byte{2}; }, "number 2 of 2"},
    {"NoLanguages", [](Sections& s) { s["languages"].clear(); }, "document_languages is not 0 bytes"},
    {"BadLanguage", [](Sections& s) { s["languages"] = bytes_of("sw\n?\n"); }, "'?' is not a language tag"},
    {"OpenLanguage", [](Sections& s) { s["languages"].pop_back(); }, "does not end in a line break"},
    {"LengthsOutOfOrder", [](Sections& s) { s.set<std::uint32_t>("lengths", 0, 9); },
     "section lengths does not ascend"},
    {"UnknownLength", [](Sections& s) { s["document_lengths"][3] = std::byte{2}; }, "in document_lengths"},
    {"WrongLength", [](Sections& s) { s["document_lengths"][1] = std::byte{1}; }, "lengths are not the sums"},
    {"ShortOrder", [](Sections& s) { s["document_order"].resize(8); }, "document_order is not one number for each"},
    {"OrderTwice", [](Sections& s) { s["document_order"].resize(1200); }, "document_order has 0 twice"},
    {"NoPostings", [](Sections& s) { s["postings"].clear(); }, "section postings is cut short"},
    {"ShortPostings", [](Sections& s) { s["postings"].pop_back(); }, "postings cut short"},
    {"LongPostings", [](Sections& s) { s["postings"].resize(1000); }, "section postings is longer than its words"},
    {"FewBlocks", [](Sections& s) { s["blocks"].resize(32); }, "blocks cut short"},
    {"ManyBlocks", [](Sections& s) { s["blocks"].resize(64); }, "section blocks is longer than its words"},
    {"WrongLast", [](Sections& s) { s["blocks"][kLastDocument] = std::byte{9}; }, "a header that its block denies"},
    {"WrongOffset", [](Sections& s) { s["blocks"][kOffset] = std::byte{1}; }, "a block out of place"},
    {"ManyBits", [](Sections& s) { s["blocks"][kDocumentBits] = std::byte{33}; }, "numbers of more than 32 bits"},
    {"OtherBits", [](Sections& s) { s["blocks"][kFrequencyBits] = std::byte{2}; }, "a block out of place"},
    {"LowBound", [](Sections& s) { s["blocks"][kMostFrequency] = std::byte{1}; }, "a header that its block denies"},
    {"HighLength", [](Sections& s) { s["blocks"][kLeastLength] = std::byte{9}; }, "a header that its block denies"},
    {"FewBlockLanguages", [](Sections& s) { s["blocks"][kLanguages] = std::byte{0}; },
     "a header that its block denies"},
    {"WrongCount", [](Sections& s) { s.set<std::uint32_t>("term_languages", 1, 199); }, "counts by language are wrong"},
    {"UnknownTermLanguage", [](Sections& s) { s.set<std::uint32_t>("term_languages", 0, 2); }, "unknown or repeated"},
    {"FewTermLanguages", [](Sections& s) { s["term_languages"].resize(8); }, "languages cut short"},
    {"ManyTermLanguages", [](Sections& s) { s["term_languages"].resize(24); }, "term_languages is longer"},
    {"NoDictionary", [](Sections& s) { s["dictionary"].clear(); }, "there are more words than"},
    {"ShortDictionary", [](Sections& s) { s["dictionary"].pop_back(); }, "is cut short"},
    {"LongDictionary", [](Sections& s) { s["dictionary"].resize(s["dictionary"].size() + 1); }, "dictionary is longer"},
    {"FewTerms", [](Sections& s) { s.set<std::uint64_t>("terms", 0, 300); }, "dictionary is longer than its words"},
    {"ManyTerms", [](Sections& s) { s.set<std::uint64_t>("terms", 0, 302); }, "is cut short"},
    {"HugeTerms", [](Sections& s) { s.set("terms", 0, kHuge); }, "more words than the dictionary has bytes"},
    {"GroupOutOfPlace", [](Sections& s) { s.set<std::uint32_t>("dictionary_groups", 1, 7); }, "group 1 of words"},
    {"FewGroups", [](Sections& s) { s["dictionary_groups"].resize(4); }, "1 groups of words are not those"},
    {"TermsOutOfOrder", [](Sections& s) { s["dictionary"][1] = std::byte{'z'}; }, "out of order"},
    {"SharesTooMuch", [](Sections& s) { s["dictionary"][0] = std::byte{0x21}; }, "term 0 shares more"},
};

INSTANTIATE_TEST_SUITE_P(All, DamagedLexicalSegment, testing::ValuesIn(kDamages),
                         [](const auto& tested) { return tested.param.name; });

/// The same documents with positions.
void write_placed(const std::filesystem::path& path) {
  LexicalSegmentBuilder builder({.positions = true});
  DocumentNumber document = 7;
  for (const Words& words : many_documents()) {
    std::vector<std::string_view> texts;
    const std::vector<Token> own = tokens(words.text);
    for (const Token& token : own) texts.push_back(token.text);
    builder.add_words(document++, Language::parse(words.language), texts);
  }
  builder.write(path, kStamp);
}

class DamagedPositions : public DamagedSegment {};

TEST_P(DamagedPositions, AreRefusedWithTheReasonAndTheRemedy) {
  write_placed(path_);
  expect_refused_when_damaged();
}

/// Where the first block of "ya" has its positions: behind 128 gaps of 0 bits, and frequencies of one.
constexpr std::size_t kFirstPositions = 16;

const Damage kPositionDamages[] = {
    {"NoNumber", [](Sections& s) { s["positions"].clear(); }, "section positions is not one number"},
    {"WrongNumber", [](Sections& s) { s.set<std::uint64_t>("positions", 0, 642); }, "is not the number of its words'"},
    {"NoPositions", [](Sections& s) { std::erase_if(s.all, [](auto& own) { return own.first == "positions"; }); },
     "term 1 is out of order"},
    {"ManyBits", [](Sections& s) { s["postings"][kFirstPositions] = std::byte{33}; }, "positions cut short"},
    {"OtherBits", [](Sections& s) { s["postings"][kFirstPositions] = std::byte{3}; }, "a block out of place"},
    {"CutShort", [](Sections& s) { s["postings"].resize(kFirstPositions + 12); }, "positions cut short"},
    // "w0" has one position, 2, in 2 bits: then there are none of 130 bits.
    {"ShortListBits", [](Sections& s) { s["dictionary"][5] = std::byte{130}; }, "term 0 is cut short"},
};

INSTANTIATE_TEST_SUITE_P(All, DamagedPositions, testing::ValuesIn(kPositionDamages),
                         [](const auto& tested) { return tested.param.name; });

TEST_F(LexicalSegmentTest, RefusesPositionsBeyond32Bits) {
  // A word twice: the first position and the gap in 32 bits each, which add up to more than that.
  LexicalSegmentBuilder builder({.positions = true});
  const std::vector<std::string_view> words = {"x", "x"};
  builder.add_words(0, Language::parse("sw"), words);
  builder.write(path(), kStamp);
  Sections sections = sections_of(path());
  // x, 1 document, not once; gap of 0 bits, frequency of 1 bit, 2 positions; 2 - 1; 1 bit: 0 and 1.
  const std::string_view padding("\0\0\0\0\0\0\0\0", 8);
  ASSERT_EQ(sections["dictionary"], bytes_of(std::string("\x10x\3\0\1\2\1\1\2", 9) + std::string(padding)));
  sections["dictionary"] =
      bytes_of(std::string("\x10x\3\0\1\2\1\x20\xFF\xFF\xFF\xFF\1\0\0\0", 16) + std::string(padding));
  sections.write(path());
  EXPECT_THAT([&] { LexicalSegment(path(), kStamp); },
              ThrowsMessage<InvalidData>(HasSubstr("term 0: a position beyond 32 bits")));
  sections["dictionary"] = bytes_of(std::string("\x10x\3\0\1\3\1\1\2", 9) + std::string(padding));
  sections.write(path());
  EXPECT_THAT([&] { LexicalSegment(path(), kStamp); },
              ThrowsMessage<InvalidData>(HasSubstr("positions are not as many as its frequencies say")));
}

TEST_F(LexicalSegmentTest, IsRefusedOrHarmlessWhateverIsDamaged) {
  // Bytes changed, dropped or added anywhere, with checksums that are right: no search reads outside (the address
  // sanitizer watches), and none returns a document that is not there.
  std::mt19937 random(6);
  test::write_segment(path(), 7, many_documents());
  const Sections plain = sections_of(path());
  write_placed(path());
  const Sections placed = sections_of(path());
  int refused = 0;
  for (int round = 0; round < 500; ++round) {
    Sections sections = round % 2 == 0 ? plain : placed;
    for (std::size_t i = 0; i <= random() % 2; ++i) {
      auto& bytes = sections.all[random() % sections.all.size()].second;
      if (bytes.empty() || random() % 8 == 0) {
        bytes.resize(random() % 2 == 0 ? random() % (bytes.size() + 1) : bytes.size() + random() % 20);
      } else {
        bytes[random() % bytes.size()] = static_cast<std::byte>(random() % 256);
      }
    }
    sections.write(path());
    try {
      const auto segment = std::make_shared<const LexicalSegment>(path(), kStamp);
      const Bm25Index index({segment});
      const std::vector<std::string_view> words = {"ya", "w1", "w150", "w299"};
      std::vector<Phrase> phrases;
      if (segment->has_positions() && round % 4 == 1)
        phrases = {{{{{"ya", 0}, {"w150", 1}}, {{"ya", 0}, {"ya", 1}}}, 2}};
      for (const auto& hit : index.search(words, phrases, 20, {}, nullptr)) {
        ASSERT_GE(hit.document, segment->first_document());
        ASSERT_LT(hit.document - segment->first_document(), segment->document_count());
      }
    } catch (const InvalidData&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 300);
}

}  // namespace
}  // namespace dragoman
