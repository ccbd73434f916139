#include <gmock/gmock.h>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/encode/model_store.h"
#include "dragoman/translate/marian.h"
#include "dragoman/translate/translator_registry.h"
#include "support/test_support.h"
#include "translate/marian/seq2seq_model.h"
#include "translate/tiny_seq2seq.h"

namespace dragoman {
namespace {

using test::TemporaryFolder;
using test::TinyFamily;
using test::TinySeq2Seq;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;
using Tokens = std::vector<std::int32_t>;

const Language kSwahili = Language::parse("sw"), kArabic = Language::parse("ar"), kEnglish = Language::parse("en");

struct Seq2Seq : testing::Test {
  TemporaryFolder folder;

  ModelStore store() const { return ModelStore(folder.path() / "store"); }
  std::filesystem::path model_folder() const { return folder.path() / "tiny"; }

  Model install(const TinySeq2Seq& tiny, std::vector<std::string> languages = {}) const {
    std::filesystem::create_directories(model_folder());
    tiny.write(model_folder());
    return add(std::move(languages));
  }
  Model add(std::vector<std::string> languages = {}) const {
    Model model;
    model.file = model_folder();
    model.languages = std::move(languages);
    return store().add(model);
  }
  void patch(const char* file, const Json& changes) const {
    Json json = Json::parse(read_file(model_folder() / file));
    json.merge_patch(changes);
    folder.write("tiny/" + std::string(file), json.dump());
  }
};

Tokens translate(const NeuralModel& model, const Tokens& source, const Tokens& prompt) {
  marian::Search search = model.search;
  search.prompt = prompt;
  marian::Workspace workspace;
  const std::vector<Tokens> sources = {source};
  marian::encode(model.model, sources, workspace);
  return marian::decode(model.model, sources, nullptr, search, workspace)[0];
}

TEST_F(Seq2Seq, MarianModelsTranslateAsTheSlowTwinDoes) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const TinySeq2Seq tiny(TinyFamily::marian, seed);
    const NeuralModel model = open_seq2seq_model(install(tiny, {"sw", "en"}).file, "", Precision::f32);
    const std::int32_t pad = tiny.id("<pad>");
    EXPECT_THAT(model.search.prompt, ElementsAre(pad));
    for (const Tokens& source : {Tokens{2, 3, 4, 0}, Tokens{16, 5, 12, 0}, Tokens{0}}) {
      EXPECT_EQ(translate(model, source, {pad}), tiny.greedy(source, {pad}, {pad, 1})) << seed;
    }
  }
}

TEST_F(Seq2Seq, ModelsOfManyLanguagesTranslateAsTheSlowTwinDoes) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const TinySeq2Seq tiny(TinyFamily::m2m, seed);
    const NeuralModel model = open_seq2seq_model(install(tiny).file, "", Precision::f32);
    EXPECT_THAT(model.languages.source_prefix(kSwahili), ElementsAre(4));
    EXPECT_EQ(model.languages.target_prompt(kArabic), 5);
    EXPECT_THAT(model.search.prompt, ElementsAre(2));
    for (const Tokens& source : {Tokens{4, 6, 7, 8, 2}, Tokens{4, 13, 12, 11, 2}, Tokens{4, 2}}) {
      EXPECT_EQ(translate(model, source, {2, 5}), tiny.greedy(source, {2, 5}, {1, 3})) << seed;
    }
  }
}

TEST_F(Seq2Seq, ATextIsTheSameInAnyCompanyAndAtAnyNumberOfThreads) {
  install(TinySeq2Seq(TinyFamily::m2m, 3));
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 40; ++i) {
    std::string text = "maji";
    for (std::size_t j = 0; j < i % 9; ++j) text += j % 2 == 0 ? " ni uhai" : " ai";
    texts.push_back(text);
  }
  for (const Precision precision : {Precision::f32, Precision::int8}) {
    for (const std::size_t beam : {1, 3}) {
      MarianOptions options{.precision = precision, .beam_size = beam, .threads = 1};
      const auto translator = open_marian_translator(store(), kSwahili, kArabic, options);
      const auto together = translator->translate(texts, kSwahili, kArabic);
      for (std::size_t i = 0; i < texts.size(); i += 7) {
        EXPECT_EQ(translator->translate(std::span(texts).subspan(i, 1), kSwahili, kArabic)[0], together[i]);
      }
      options.threads = 3;
      EXPECT_EQ(open_marian_translator(store(), kSwahili, kArabic, options)->translate(texts, kSwahili, kArabic),
                together);
    }
  }
}

TEST_F(Seq2Seq, SaysWhatItServes) {
  EXPECT_THAT(install(TinySeq2Seq(TinyFamily::m2m, 3)).languages, ElementsAre("mul", "sw", "ar"));
  const auto many = open_marian_translator(store(), kArabic, kSwahili);
  EXPECT_TRUE(many->serves(kArabic, kSwahili));
  EXPECT_TRUE(many->serves(Language::parse("swh_Latn"), kArabic));
  EXPECT_FALSE(many->serves(kArabic, kArabic));
  EXPECT_FALSE(many->serves(kArabic, kEnglish));
  EXPECT_THAT([&] { open_marian_translator(store(), kArabic, Language::parse("xh")); },
              ThrowsMessage<NotFound>(HasSubstr("from 'ar' to 'xh'")));
}

TEST_F(Seq2Seq, AModelOfManyLanguagesIsARouteBetweenAnyTwoOfThem) {
  install(TinySeq2Seq(TinyFamily::m2m, 3));
  const TranslatorRegistry registry({.models = store().folder(), .providers = {"marian"}});
  ASSERT_EQ(registry.routes(kArabic, kSwahili).size(), 1u);
  EXPECT_EQ(registry.routes(kArabic, kSwahili)[0].name(), "marian:tiny");
  EXPECT_TRUE(registry.open(kSwahili, kArabic)->serves(kSwahili, kArabic));
  EXPECT_TRUE(registry.routes(kArabic, kEnglish).empty());
}

TEST_F(Seq2Seq, AModelForSeveralTargetsIsToldWhich) {
  install(TinySeq2Seq(TinyFamily::marian, 3), {"sw", "en"});
  Json ids = Json::parse(read_file(model_folder() / "vocab.json"));
  const Json id = ids["\u2581life"];
  ids.erase("\u2581life");
  ids[">>eng<<"] = id;
  folder.write("tiny/vocab.json", ids.dump());
  const NeuralModel model = open_seq2seq_model(add({"sw", "en"}).file, "", Precision::f32);
  EXPECT_THAT(model.languages.source_prefix(kSwahili), ElementsAre(id.get<std::int32_t>()));
  EXPECT_THAT(
      [&] {
        add({"sw", "ru"});
      },
      ThrowsMessage<InvalidArgument>(HasSubstr("does not translate into 'ru', but into: en")));
}

TEST_F(Seq2Seq, NamesWhatCannotBeImported) {
  install(TinySeq2Seq(TinyFamily::marian, 3), {"sw", "en"});
  EXPECT_THAT([&] { add(); }, ThrowsMessage<InvalidArgument>(HasSubstr("--languages en fr")));
  const auto refused = [&](const Json& changes) {
    const std::string before = read_file(model_folder() / "config.json");
    patch("config.json", changes);
    std::string reason = "imported";
    try {
      add({"sw", "en"});
    } catch (const Error& error) {
      reason = error.what();
    }
    folder.write("tiny/config.json", before);
    return reason;
  };
  EXPECT_THAT(refused({{"model_type", "t5"}}), HasSubstr("type \"t5\" cannot be run"));
  EXPECT_THAT(refused({{"normalize_before", true}}), HasSubstr("\"normalize_before\": true cannot be run"));
  EXPECT_THAT(refused({{"decoder_attention_heads", 4}}), HasSubstr("differ in their number of heads"));
  EXPECT_THAT(refused({{"encoder_layers", 3}}), HasSubstr("model.encoder.layers.2.self_attn.q_proj.weight"));
  EXPECT_THAT(refused({{"encoder_layers", 1}}), HasSubstr("model.encoder.layers.1"));
  EXPECT_THAT(refused({{"eos_token_id", 99}}), HasSubstr("\"eos_token_id\" is 99"));
  EXPECT_THAT(refused({{"vocab_size", 5}}), HasSubstr("\"pad_token_id\" is 17"));
  folder.write("tiny/source.spm", "\x0a\x03");
  EXPECT_THAT(
      [&] {
        open_marian_translator(add({"sw", "en"}));
      },
      ThrowsMessage<InvalidData>(HasSubstr("vocabulary.source")));
  std::filesystem::remove(model_folder() / "source.spm");
  EXPECT_THAT([&] { add({"sw", "en"}); }, ThrowsMessage<NotFound>(HasSubstr("source.spm")));
  std::filesystem::remove(model_folder() / "vocab.json");
  EXPECT_THAT([&] { add({"sw", "en"}); }, ThrowsMessage<NotFound>(HasSubstr("vocab.json")));
}

}  // namespace
}  // namespace dragoman
