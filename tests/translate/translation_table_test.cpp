#include "dragoman/translate/translation_table.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/translate/evaluate_table.h"
#include "dragoman/translate/learn_table.h"
#include "dragoman/translate/lexicon_translator.h"
#include "dragoman/translate/table_set.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::ThrowsMessage;

const Language kEnglish = Language::parse("en"), kSwahili = Language::parse("sw"), kGerman = Language::parse("de");

/// "maji 0.750, chai 0.250".
std::string said(const std::vector<TableTranslation>& translations) {
  std::string text;
  for (const TableTranslation& translation : translations) {
    text += (text.empty() ? "" : ", ") + std::string(translation.word) + " " +
            std::to_string(translation.probability).substr(0, 5);
  }
  return text;
}

class TranslationTableTest : public testing::Test {
 protected:
  LearnReport learn(LearnOptions options, const Language& to) {
    options.from = kEnglish;
    options.to = to;
    options.into = folder_.path() / "tables";
    return learn_translation_tables(options);
  }
  TranslationTable table(const char* name) { return TranslationTable(folder_.path() / "tables" / name); }
  std::string write(const char* name, const char* content) { return folder_.write(name, content).string(); }

  test::TemporaryFolder folder_;
};

TEST_F(TranslationTableTest, KeepsWhatIsMostProbable) {
  TableContent content{{{"bank", "bank"}}, {{"benki", "benki"}, {"ukingo", "ukingo"}, {"kingo", "kingo"}}, {{}}};
  content.rows[0] = {{0, 6}, {1, 3}, {2, 1}};
  TableContent all = content, most = content, share = content, least = content;
  prune(all, {.cumulative = 1});
  prune(most, {.cumulative = 1, .most = 1});
  prune(share, {.cumulative = 0.9f});
  prune(least, {.cumulative = 1, .least = 0.2f});
  ASSERT_EQ(all.rows[0].size(), 3u);
  EXPECT_DOUBLE_EQ(all.rows[0][0].weight, 0.6);
  ASSERT_EQ(most.rows[0].size(), 1u);
  EXPECT_DOUBLE_EQ(most.rows[0][0].weight, 1);
  ASSERT_EQ(share.rows[0].size(), 2u);
  EXPECT_DOUBLE_EQ(share.rows[0][0].weight, 6.0 / 9);
  EXPECT_EQ(least.rows[0].size(), 2u);
  EXPECT_THAT([&] { prune(content, {.cumulative = 0}); }, ThrowsMessage<InvalidArgument>(HasSubstr("cumulative is 0")));
}

TEST_F(TranslationTableTest, InterpolatesWhatBothKnow) {
  const TableContent first{{{"a", "a"}, {"b", "b"}}, {{"x", "x"}, {"y", "y"}}, {{{0, 1}}, {{1, 1}}}};
  const TableContent second{{{"c", "c"}, {"a", "a"}}, {{"y", "y"}, {"z", "z"}}, {{{1, 1}}, {{0, 1}}}};
  const TableContent both = interpolate(first, second, 0.25);
  ASSERT_EQ(both.sources.size(), 3u);
  EXPECT_EQ(both.sources[0].word, "a");
  ASSERT_EQ(both.rows[0].size(), 2u);
  EXPECT_EQ(both.targets[both.rows[0][1].target].word, "y");
  EXPECT_DOUBLE_EQ(both.rows[0][0].weight, 0.25);
  EXPECT_DOUBLE_EQ(both.rows[0][1].weight, 0.75);
  EXPECT_EQ(both.rows[1].size(), 1u);
  EXPECT_EQ(both.targets[both.rows[2][0].target].word, "z");
}

TEST_F(TranslationTableTest, MakesALexiconATableOfIndexWords) {
  const LearnReport report = learn({.lexicons = {write("eng-deu.tsv",
                                                       "houses\tHäuser\t1\nto give up\taufgeben\t1\n"
                                                       "house\tHaus\t3\ngive\tgeben\t1\nup\thinauf\t1\n")}},
                                   kGerman);
  EXPECT_EQ(report.lexicon_pairs, 5u);
  const TranslationTable there = table("en-de.table"), back = table("de-en.table");
  EXPECT_EQ(there.info().kind, TableKind::lexicon);
  // "houses" and "house" are one word, and so are "Häuser" and "Haus" where the rules of German say so.
  EXPECT_EQ(said(there.find("hous")), said(there.translations_of(1)));
  EXPECT_EQ(said(there.find("give")), "geb 1.000") << "an entry of one word counts before one of three";
  EXPECT_EQ(said(there.find("to")), "aufgeb 1.000") << "which is all there is for this one";
  EXPECT_EQ(back.find("geb")[0].written, "give");
  EXPECT_THAT(there.find("unknown"), IsEmpty());
}

TEST_F(TranslationTableTest, LearnsFromSentencesAndLexicons) {
  const std::string pairs = write("train.tsv",
                                  "the water is cold\tmaji ni baridi\nthe water is hot\tmaji ni moto\n"
                                  "the tea is hot\tchai ni moto\nthe tea is cold\tchai ni baridi\n");
  const LearnReport learned = learn({.pairs = {pairs}}, kSwahili);
  EXPECT_EQ(learned.sentence_pairs, 4u);
  ASSERT_EQ(learned.tables.size(), 2u);
  EXPECT_EQ(table("en-sw.table").find("water")[0].word, "maji");
  EXPECT_EQ(table("sw-en.table").find("moto")[0].word, "hot");
  EXPECT_EQ(table("en-sw.table").info().kind, TableKind::learned);
  EXPECT_THAT(table("en-sw.table").find("river"), IsEmpty());

  const std::string lexicon = write("eng-swa.tsv", "river\tmto\nwater\tmvua\n");
  learn({.pairs = {pairs}, .lexicons = {lexicon}, .lexicon_share = 0.25}, kSwahili);
  const TranslationTable both = table("en-sw.table");
  EXPECT_EQ(both.info().kind, TableKind::combined);
  EXPECT_EQ(both.find("river")[0].word, "mto");
  // Sentences say one thing, the lexicon another.
  std::vector<std::string> waters;
  for (const TableTranslation& translation : both.find("water")) waters.emplace_back(translation.word);
  EXPECT_THAT(waters, testing::UnorderedElementsAre("maji", "mvua"));

  const std::string checked = write("check.tsv", "river\tmto\ntea\tkahawa\n");
  const TableScore score = evaluate_table(both, std::vector{checked}, Analyzer());
  EXPECT_EQ(score.lexicon_words, 2u);
  EXPECT_EQ(score.known, 2u);
  EXPECT_DOUBLE_EQ(score.precision_at_1, 0.5);
  EXPECT_DOUBLE_EQ(score.mean_reciprocal_rank, 0.5);
}

TEST_F(TranslationTableTest, IsTheSameFileAtAnyNumberOfThreads) {
  std::string lines;
  for (int i = 0; i < 300; ++i) {
    const std::string a = std::to_string(i % 17), b = std::to_string(i % 23), c = std::to_string(i % 5);
    lines += "e" + a + " f" + b + " g" + c + "\tx" + a + " y" + b + " z" + c + "\n";
  }
  const std::string pairs = write("train.tsv", lines.c_str());
  learn({.pairs = {pairs}, .threads = 1}, kSwahili);
  const std::string one = read_file(folder_.path() / "tables" / "en-sw.table");
  learn({.pairs = {pairs}, .threads = 3}, kSwahili);
  EXPECT_EQ(one, read_file(folder_.path() / "tables" / "en-sw.table"));
}

TEST_F(TranslationTableTest, RefusesWhatItCannotUse) {
  EXPECT_THAT([&] { learn({}, kSwahili); }, ThrowsMessage<InvalidArgument>(HasSubstr("neither sentence pairs nor")));
  const std::string pairs = write("train.tsv", "the water\tmaji\n");
  EXPECT_THAT([&] { learn({.pairs = {pairs}}, kEnglish); },
              ThrowsMessage<InvalidArgument>(HasSubstr("not 'en' and 'en'")));
  EXPECT_THAT([&] { learn({.pairs = {write("empty.tsv", "!\t?\n")}}, kSwahili); },
              ThrowsMessage<InvalidData>(HasSubstr("there is no pair of texts in 'en' and 'sw'")));
  learn({.pairs = {pairs}}, kSwahili);
  EXPECT_THAT([&] { table("en-sw.table").require_analyzer("icu-9"); },
              ThrowsMessage<InvalidData>(HasSubstr("but those of the index by [icu-9]")));

  const auto file = folder_.path() / "tables" / "en-sw.table";
  std::string bytes = read_file(file);
  bytes[100] = static_cast<char>(bytes[100] ^ 1);
  std::ofstream(file, std::ios::binary) << bytes;
  EXPECT_THAT([&] { TranslationTable damaged(file); },
              ThrowsMessage<InvalidData>(HasSubstr("make it again with: dragoman translate learn")));
  EXPECT_THAT([&] { TableSet(std::vector{folder_.path() / "nowhere"}); },
              ThrowsMessage<NotFound>(HasSubstr("no such file")));
  EXPECT_THAT([&] { TableSet(std::vector{folder_.path()}); },
              ThrowsMessage<NotFound>(HasSubstr("holds no translation table")));
}

TEST_F(TranslationTableTest, TranslatesWordByWord) {
  learn({.lexicons = {write("eng-swa.tsv", "water\tmaji\nhot\tmoto\n")}}, kSwahili);
  const auto tables = std::make_shared<TableSet>(std::vector{folder_.path() / "tables"});
  LexiconTranslator translator(tables, std::make_shared<Analyzer>());
  EXPECT_TRUE(translator.serves(kEnglish, Language::parse("sw-KE")));
  EXPECT_FALSE(translator.serves(kEnglish, kGerman));
  const std::vector<std::string> texts = {"Is the WATER\nhot?", "nothing", "", " 12345 ",
                                          "<b class=\"hot\">water</b> at https://water.example/hot"};
  const auto translated = translator.translate(texts, kEnglish, kSwahili);
  EXPECT_THAT(translated[0], Optional(std::string("Is the maji\nmoto?")));
  EXPECT_EQ(translated[1], std::nullopt);
  EXPECT_THAT(translated[2], Optional(std::string()));
  EXPECT_THAT(translated[3], Optional(std::string(" 12345 ")));
  EXPECT_THAT(translated[4], Optional(std::string("<b class=\"hot\">maji</b> at https://water.example/hot")));
}

}  // namespace
}  // namespace dragoman
