#include "dragoman/translate/marian.h"

#include <gmock/gmock.h>

#include <cmath>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "support/test_support.h"
#include "translate/marian/decoder.h"
#include "translate/marian/model_files.h"
#include "translate/marian/vocabulary.h"
#include "translate/tiny_marian.h"

namespace dragoman {
namespace {

using test::TemporaryFolder;
using test::TinyMarian;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;
using testing::ThrowsMessage;
using Tokens = std::vector<std::int32_t>;

const Language kSwahili = Language::parse("sw"), kEnglish = Language::parse("en");

/// Sources of the tiny model, each with its end.
const std::vector<Tokens> kSources = {
    {2, 3, 4, 0}, {5, 12, 6, 0}, {0}, {16, 16, 11, 2, 3, 4, 2, 0}, {7, 8, 9, 13, 14, 0}};

struct Tiny {
  TinyMarian tiny;
  std::string bytes, list;
  marian::Model model;
  Shortlist shortlist;
  marian::Search search;

  explicit Tiny(std::uint64_t seed, Precision precision = Precision::f32)
      : tiny(seed),
        bytes(tiny.model_bytes()),
        list(tiny.shortlist_bytes()),
        model(marian::read_marian_model(std::as_bytes(std::span(bytes)), precision, "model.bin")),
        shortlist(std::as_bytes(std::span(list)), TinyMarian::pieces().size(), "lex.bin") {
    search.max_length_factor = 2;
  }

  std::vector<Tokens> translate(std::span<const Tokens> sources) const {
    marian::Workspace workspace;
    marian::encode(model, sources, workspace);
    return marian::decode(model, sources, &shortlist, search, workspace);
  }
};

TEST(Marian, TranslatesAsTheSlowTwinDoes) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Tiny tiny(seed);
    const auto translations = tiny.translate(kSources);
    for (std::size_t i = 0; i < kSources.size(); ++i) {
      EXPECT_EQ(translations[i], tiny.tiny.greedy(kSources[i])) << seed << ' ' << i;
    }
  }
}

/// Best of all token sequences that end within `most` tokens or are cut off there, by the score that a beam search
/// maximises.
struct Best {
  Tokens tokens;
  double score = -INFINITY;
};

void search_all(const TinyMarian& tiny, const Tokens& source, const marian::Search& search, std::size_t most,
                Tokens& prefix, double sum, Best& best) {
  const auto ids = tiny.candidates(source);
  const auto scores = tiny.next(source, prefix);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (std::ranges::find(search.never, ids[i]) != search.never.end()) continue;
    const double score = sum + scores[i] - double{search.word_penalty};
    const std::size_t length = prefix.size() + 1;
    const bool ends = ids[i] == search.end;
    if (!ends) prefix.push_back(ids[i]);
    if (ends || length == most) {
      const double normalised = score / std::pow(static_cast<double>(length), double{search.normalize});
      if (normalised > best.score) best = {prefix, normalised};
    } else {
      search_all(tiny, source, search, most, prefix, score, best);
    }
    if (!ends) prefix.pop_back();
  }
}

TEST(Marian, AWideBeamFindsTheBestOfAllTranslations) {
  const std::vector<Tokens> source = {{2, 0}};
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Tiny tiny(seed);
    tiny.search.beam_size = 64;
    tiny.search.max_length_factor = 1;  // Two tokens: 64 hypotheses are all there are.
    tiny.search.normalize = 0.6f;
    tiny.search.word_penalty = 0.1f;
    Best best;
    Tokens prefix;
    search_all(tiny.tiny, source[0], tiny.search, 2, prefix, 0, best);
    EXPECT_EQ(tiny.translate(source)[0], best.tokens) << seed;
  }
}

TEST(Marian, ASentenceIsTheSameInAnyCompany) {
  for (const Precision precision : {Precision::f32, Precision::int8}) {
    for (const std::size_t beam : {1, 3}) {
      Tiny tiny(7, precision);
      tiny.search.beam_size = beam;
      const auto together = tiny.translate(kSources);
      for (std::size_t i = 0; i < kSources.size(); ++i) {
        EXPECT_EQ(tiny.translate(std::span(kSources).subspan(i, 1))[0], together[i]);
      }
    }
  }
}

TEST(Marian, NeverWritesTheUnknownToken) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    for (const auto& translation : Tiny(seed, Precision::int8).translate(kSources)) {
      EXPECT_THAT(translation, testing::Not(testing::Contains(1)));
    }
  }
}

TEST(PieceVocabulary, ReadsAndWritesPieces) {
  const std::string bytes = TinyMarian::vocabulary_bytes();
  const PieceVocabulary vocabulary(std::as_bytes(std::span(bytes)), "vocab.spm");
  EXPECT_EQ(vocabulary.end(), 0);
  EXPECT_EQ(vocabulary.unknown(), 1);
  const auto ids = vocabulary.tokenize("maji ni вода.");
  EXPECT_THAT(ids, ElementsAre(2, 3, 5, 11));
  EXPECT_EQ(vocabulary.text(ids), "maji ni вода.");
  EXPECT_EQ(vocabulary.text(Tokens{0, 2, 1}), "maji\u2047");
  // Spelled out it is text, not the end.
  EXPECT_THAT(vocabulary.tokenize("</s>"), testing::Not(testing::Contains(0)));
}

struct MarianFolder : testing::Test {
  TemporaryFolder folder;
  MarianOptions options;

  void SetUp() override {
    TinyMarian(5).write(folder.path());
    options.from = kSwahili;
    options.to = kEnglish;
    options.threads = 1;
    options.precision = Precision::f32;
  }
  std::unique_ptr<Translator> open() const { return open_marian_translator(folder.path(), options); }
  std::vector<std::optional<std::string>> say(const std::vector<std::string>& texts) const {
    return open()->translate(texts, kSwahili, kEnglish);
  }
  std::string error() const {
    try {
      open();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }
};

TEST_F(MarianFolder, SaysWhatItServes) {
  const auto translator = open();
  EXPECT_EQ(translator->name(), "marian");
  EXPECT_TRUE(translator->serves(Language::parse("sw-KE"), kEnglish));
  EXPECT_FALSE(translator->serves(kEnglish, kSwahili));
  EXPECT_FALSE(translator->serves(Language::parse("sw-Arab"), kEnglish));
  EXPECT_THAT([&] { translator->translate(std::vector<std::string>{"maji"}, kEnglish, kSwahili); },
              ThrowsMessage<InvalidArgument>(HasSubstr("marian cannot translate from 'en' to 'sw'")));
}

TEST_F(MarianFolder, KeepsLinesAndEmptyTexts) {
  const auto said = say({"", "  \n\t", "maji ni uhai\nmaji\n\n123", "maji"});
  EXPECT_THAT(said[0], Optional(std::string("")));
  EXPECT_THAT(said[1], Optional(std::string("  \n\t")));
  ASSERT_TRUE(said[2].has_value());
  EXPECT_EQ(std::count(said[2]->begin(), said[2]->end(), '\n'), 3);
  EXPECT_TRUE(said[2]->ends_with(*said[3] + "\n\n123"));
}

TEST_F(MarianFolder, HasNothingToSayOfAnUnknownScript) {
  const auto said = say({"ประเทศไทย", "maji"});
  EXPECT_FALSE(said[0].has_value());
  EXPECT_TRUE(said[1].has_value());
}

TEST_F(MarianFolder, SaysTheSameAtAnyNumberOfThreads) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 100; ++i) {
    std::string text;
    for (std::size_t j = 0; j <= i % 7; ++j) text += i % 3 == j % 3 ? "maji ni " : "uhai, вода ";
    texts.push_back(text);
  }
  for (const Precision precision : {Precision::f32, Precision::int8}) {
    options.precision = precision;
    options.threads = 1;
    const auto alone = say(texts);
    options.threads = 4;
    EXPECT_EQ(say(texts), alone);
  }
}

TEST_F(MarianFolder, CutsTenThousandWordsWithoutAStop) {
  std::string text;
  for (int i = 0; i < 10000; ++i) text += "maji uhai ";
  EXPECT_TRUE(say({text})[0].has_value());
}

TEST_F(MarianFolder, PutsBackWhatATranslationLost) {
  const auto said = say({"maji ni uhai maji ni uhai maji 1998, www.a.im"});
  ASSERT_TRUE(said[0].has_value());
  EXPECT_THAT(*said[0], testing::AllOf(HasSubstr("1998"), HasSubstr("www.a.im")));
}

TEST_F(MarianFolder, StampNamesAllThatChangesTranslations) {
  const std::string first = open()->stamp();
  options.threads = 2;
  EXPECT_EQ(open()->stamp(), first);
  options.precision = Precision::int8;
  EXPECT_NE(open()->stamp(), first);
  options.precision = Precision::f32;
  options.beam_size = 2;
  EXPECT_NE(open()->stamp(), first);
}

TEST_F(MarianFolder, IsInstalledAsOneFile) {
  const ModelStore store(folder.path() / "store");
  Model model;
  model.file = folder.path();
  model.name = "tiny";
  EXPECT_THAT([&] { store.add(model); }, ThrowsMessage<InvalidArgument>(HasSubstr("--languages pt en")));
  model.languages = {"swa", "eng_Latn"};
  const Model installed = store.add(model);
  EXPECT_EQ(installed.kind, ModelKind::translator);
  EXPECT_THAT(installed.languages, ElementsAre("sw", "en"));
  store.verify(installed);
  const std::vector<std::string> texts = {"maji ni uhai"};
  EXPECT_EQ(open_marian_translator(store, kSwahili, kEnglish, options)->translate(texts, kSwahili, kEnglish),
            say(texts));
  EXPECT_THAT([&] { open_marian_translator(store, kEnglish, Language::parse("pt"), options); },
              ThrowsMessage<NotFound>(HasSubstr("dragoman model pull marian-en-pt")));
  EXPECT_THAT([&] { open_marian_translator(store, kEnglish, kSwahili, options); },
              ThrowsMessage<NotFound>(HasSubstr("no neural translation model from 'en' to 'sw'")));
}

TEST_F(MarianFolder, NamesWhatIsWrong) {
  options.from.reset();
  EXPECT_THAT(error(), HasSubstr("does not say what it translates"));
  options.from = kSwahili;
  options.max_tokens = 4;
  EXPECT_THAT(error(), HasSubstr("max_tokens is 4; 8 to 1024 is legal"));
  options.max_tokens = 128;
  options.beam_size = 65;
  EXPECT_THAT(error(), HasSubstr("beam_size is 65; 1 to 64 is legal"));
  options.beam_size.reset();
  options.precision = Precision::bf16;
  EXPECT_THAT(error(), HasSubstr("not in bf16"));
  options.precision = Precision::int8;

  const std::string bytes = TinyMarian(5).model_bytes();
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = bytes;
    changed.replace(changed.find(from), from.size(), to);
    folder.write("model.bin", changed);
    return error();
  };
  EXPECT_THAT(with("dec-cell: ssru", "dec-cell: gru "), HasSubstr("cannot run a model with dec-cell: gru"));
  EXPECT_THAT(with("decoder_l1_rnn_Wf", "decoder_l1_rnn_Wx"), HasSubstr("has no item \"decoder_l1_rnn_Wf\""));
  EXPECT_THAT(with("none_QuantMultA", "nine_QuantMultA"), HasSubstr("run it in f32"));
  folder.write("model.bin", bytes.substr(0, bytes.size() / 2));
  EXPECT_THAT(error(), HasSubstr("but the file ends after"));
  folder.write("model.bin", "no model");
  EXPECT_THAT(error(), HasSubstr("this is no Marian model"));
  std::filesystem::remove(folder.path() / "model.bin");
  EXPECT_THAT(error(), HasSubstr("model.bin"));
  folder.write("model.bin", bytes);
  folder.write("lex.bin", "nothing");
  EXPECT_THAT(error(), HasSubstr("shortlist"));
  folder.write("lex.bin", TinyMarian(5).shortlist_bytes());
  folder.write("vocab.spm", "\x0a\x03");
  EXPECT_THAT(error(), HasSubstr("vocabulary"));
  folder.write("config.yml", "models: [a, b]");
  EXPECT_THAT(error(), HasSubstr("names 2 files"));
}

}  // namespace
}  // namespace dragoman
