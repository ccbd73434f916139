#include "dragoman/lexical/lexical_segment.h"

#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "lexical/lexical_support.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::kStamp;
using test::tokens;
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

/// The example of docs/formats/lexical.md; a test breaks one section and writes it with checksums that are right.
struct Sections {
  std::vector<std::uint32_t> first_document = {7};
  std::vector<std::uint32_t> document_lengths = {4, 2};
  std::vector<std::uint16_t> document_languages = {0, 1};
  std::string languages = "sw\nde\n";
  std::vector<std::uint64_t> term_offsets = {0, 7, 12, 18, 21, 23};
  std::string term_bytes = "asubuhigutenhabaritagya";
  std::vector<std::uint64_t> posting_offsets = {0, 1, 2, 3, 4, 5};
  std::vector<std::uint32_t> posting_documents = {7, 8, 7, 8, 7};
  std::vector<std::uint32_t> posting_frequencies = {1, 1, 2, 1, 1};

  void write(const std::filesystem::path& path) const {
    SegmentWriter writer(path, "lexical", std::string(kStamp));
    writer.add_array<std::uint32_t>("first_document", first_document);
    writer.add_array<std::uint32_t>("document_lengths", document_lengths);
    writer.add_array<std::uint16_t>("document_languages", document_languages);
    writer.add("languages", std::as_bytes(std::span(languages)));
    writer.add_array<std::uint64_t>("term_offsets", term_offsets);
    writer.add("term_bytes", std::as_bytes(std::span(term_bytes)));
    writer.add_array<std::uint64_t>("posting_offsets", posting_offsets);
    writer.add_array<std::uint32_t>("posting_documents", posting_documents);
    writer.add_array<std::uint32_t>("posting_frequencies", posting_frequencies);
    writer.commit();
  }
};

TEST_F(LexicalSegmentTest, HasTheBytesThatItsFormatSays) {
  test::write_segment(path(), 7, {{"sw", "habari ya asubuhi habari"}, {"de", "guten tag"}});
  const std::string built = read_file(path());
  Sections().write(path());
  EXPECT_EQ(read_file(path()), built);
}

struct Damage {
  const char* name;
  std::function<void(Sections&)> apply;
  const char* message;
};

class DamagedLexicalSegment : public testing::TestWithParam<Damage> {};

TEST_P(DamagedLexicalSegment, IsRefusedWithTheReasonAndTheRemedy) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "damaged";
  Sections sections;
  GetParam().apply(sections);
  sections.write(path);
  EXPECT_THAT([&] { LexicalSegment(path, kStamp); },
              ThrowsMessage<InvalidData>(AllOf(HasSubstr(path.string() + ": "), HasSubstr(GetParam().message),
                                               HasSubstr("dragoman index --rebuild"))));
}

constexpr std::uint64_t kHuge = ~std::uint64_t{0};
const Damage kDamages[] = {
    {"NoFirst", [](Sections& s) { s.first_document.clear(); }, "section first_document is not one number"},
    {"FirstTooHigh", [](Sections& s) { s.first_document = {0xFFFFFFFF}; }, "document numbers go beyond 32 bits"},
    {"FewLanguages", [](Sections& s) { s.document_languages.pop_back(); }, "differ in size"},
    {"UnknownLanguage", [](Sections& s) { s.document_languages[1] = 2; }, "a document has language 2 of 2"},
    {"NoLanguages", [](Sections& s) { s.languages.clear(); }, "a document has language 0 of 0"},
    {"BadLanguage", [](Sections& s) { s.languages = "sw\n?\n"; }, "'?' is not a language tag"},
    {"OpenLanguage", [](Sections& s) { s.languages = "sw\nde"; }, "does not end in a line break"},
    {"NoTermOffsets", [](Sections& s) { s.term_offsets.clear(); }, "section term_offsets does not ascend"},
    {"HugeTermOffset", [](Sections& s) { s.term_offsets[2] = kHuge; }, "section term_offsets does not ascend"},
    {"TermsBeyondEnd", [](Sections& s) { s.term_offsets[5] = 24; }, "section term_offsets does not ascend"},
    {"TermsFromMiddle", [](Sections& s) { s.term_offsets[0] = 1; }, "section term_offsets does not ascend"},
    {"EmptyTerm", [](Sections& s) { s.term_offsets[1] = 0; }, "section term_offsets does not ascend"},
    {"TermsOutOfOrder", [](Sections& s) { s.term_bytes[0] = 'z'; }, "term 1 is out of order"},
    {"FewPostingOffsets", [](Sections& s) { s.posting_offsets.pop_back(); }, "differ in size"},
    {"HugePostingOffset", [](Sections& s) { s.posting_offsets[3] = kHuge; }, "section posting_offsets does not ascend"},
    {"PostingsBeyondEnd", [](Sections& s) { s.posting_offsets[5] = 6; }, "section posting_offsets does not ascend"},
    {"FewFrequencies", [](Sections& s) { s.posting_frequencies.pop_back(); }, "differ in size"},
    {"DocumentTooHigh", [](Sections& s) { s.posting_documents[1] = 9; }, "term 1 points to document 9"},
    {"DocumentTooLow", [](Sections& s) { s.posting_documents[0] = 6; }, "term 0 points to document 6"},
    {"DocumentsOutOfOrder",
     [](Sections& s) {
       s.term_offsets = {0, 23};
       s.posting_offsets = {0, 5};
     },
     "the documents of term 0 are out of order"},
    {"ZeroFrequency", [](Sections& s) { s.posting_frequencies[2] = 0; }, "term 2 occurs 0 times in document 7"},
    {"WrongLength", [](Sections& s) { s.document_lengths[1] = 0; }, "document_lengths are not the sums"},
};

INSTANTIATE_TEST_SUITE_P(All, DamagedLexicalSegment, testing::ValuesIn(kDamages),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace dragoman
