// Folders of Hugging Face become GGUF files: every number as it was, under the names and keys of docs/formats/model.md.
#include <ggml.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/hash.h"
#include "encode/huggingface/weights.h"
#include "encode/huggingface_support.h"

namespace dragoman {
namespace {

using test::FolderCopy;
using test::golden_folder;
using test::ImportedModel;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::uint64_t kMean = 1, kCls = 2, kLastToken = 3;

/// Bytes of a tensor of a checkpoint.
std::string original(Weights& weights, const std::string& name) {
  const auto bytes = weights.data(name);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

using Names = std::vector<std::pair<std::string, std::string>>;

/// GGUF's names, and what the checkpoint calls the same.
void expect_same_numbers(const ImportedModel& model, Weights& weights, const Names& names) {
  for (const auto& [to, from] : names) {
    ASSERT_NE(model.find(to), nullptr) << to;
    EXPECT_EQ(model.tensor(to), original(weights, from)) << to;
  }
}

TEST(ImportedBert, KeepsEveryTensorBitForBit) {
  const ImportedModel model(golden_folder("bert"));
  const auto weights = open_checkpoint(golden_folder("bert"), "bert");
  Names names = {{"token_embd.weight", "embeddings.word_embeddings.weight"},
                 {"position_embd.weight", "embeddings.position_embeddings.weight"},
                 {"token_types.weight", "embeddings.token_type_embeddings.weight"},
                 {"token_embd_norm.weight", "embeddings.LayerNorm.weight"},
                 {"token_embd_norm.bias", "embeddings.LayerNorm.bias"}};
  const Names parts = {{"attn_q", "attention.self.query"},
                       {"attn_k", "attention.self.key"},
                       {"attn_v", "attention.self.value"},
                       {"attn_output", "attention.output.dense"},
                       {"attn_output_norm", "attention.output.LayerNorm"},
                       {"ffn_up", "intermediate.dense"},
                       {"ffn_down", "output.dense"},
                       {"layer_output_norm", "output.LayerNorm"}};
  for (const char* layer : {"0", "1"}) {
    for (const auto& [to, from] : parts) {
      for (const char* kind : {".weight", ".bias"}) {
        names.emplace_back(std::string("blk.") + layer + "." + to + kind,
                           std::string("encoder.layer.") + layer + "." + from + kind);
      }
    }
  }
  EXPECT_EQ(model.file.tensors.size(), names.size());
  expect_same_numbers(model, *weights, names);
  EXPECT_EQ(model.find("blk.1.ffn_up.weight")->type, GGML_TYPE_F32);
  EXPECT_EQ(model.find("blk.1.ffn_up.weight")->shape, (std::array<std::uint64_t, 4>{32, 48, 1, 1}));
}

TEST(ImportedBert, SaysWhatItIs) {
  const ImportedModel model(golden_folder("bert"));
  EXPECT_EQ(kind_of(model.file, "bert"), ModelKind::encoder);
  EXPECT_EQ(model.file.text("general.architecture"), "bert");
  EXPECT_EQ(model.file.number("bert.context_length"), 64u);
  EXPECT_EQ(model.file.number("bert.embedding_length"), 32u);
  EXPECT_EQ(model.file.number("bert.block_count"), 2u);
  EXPECT_EQ(model.file.number("bert.feed_forward_length"), 48u);
  EXPECT_EQ(model.file.number("bert.attention.head_count"), 4u);
  EXPECT_EQ(model.file.number("bert.pooling_type"), kMean);
  EXPECT_EQ(model.file.text("bert.activation"), "gelu");
  EXPECT_FLOAT_EQ(static_cast<float>(std::get<double>(model.file.values.at("bert.attention.layer_norm_epsilon"))),
                  1e-12f);
  EXPECT_FALSE(std::get<bool>(model.file.values.at("bert.attention.causal")));
  EXPECT_TRUE(std::get<bool>(model.file.values.at("dragoman.normalize")));
}

TEST(ImportedBert, TakesPromptsAndLengthFromTheFolder) {
  const ImportedModel model(golden_folder("bert"));
  EXPECT_EQ(model.encoder.query_prompt, "query: ");
  EXPECT_EQ(model.encoder.passage_prompt, "passage: ");
  EXPECT_EQ(model.encoder.max_tokens, 48u);
}

TEST(ImportedBert, TakesPromptsAndLengthFromTheUserFirst) {
  const ImportedModel model(golden_folder("bert"), {.query_prompt = "q: ", .max_tokens = 20});
  EXPECT_EQ(model.encoder.query_prompt, "q: ");
  EXPECT_EQ(model.encoder.passage_prompt, "passage: ");
  EXPECT_EQ(model.encoder.max_tokens, 20u);
}

TEST(ImportedBert, CarriesItsTokenizerWhole) {
  const ImportedModel model(golden_folder("bert"));
  EXPECT_EQ(model.file.text("tokenizer.huggingface.json"), read_file(golden_folder("bert") / "tokenizer.json"));
}

TEST(ImportedBert, GivesTheSameBytesEachTimeAndTheirHash) {
  const ImportedModel first(golden_folder("bert")), second(golden_folder("bert"));
  EXPECT_EQ(first.bytes, second.bytes);
  EXPECT_EQ(first.encoder.file.sha256, sha256(first.bytes));
  EXPECT_EQ(first.encoder.file.bytes, first.bytes.size());
}

TEST(ImportedXlmRoberta, CutsThePositionsThatPaddingTakes) {
  const ImportedModel model(golden_folder("xlm-roberta"));
  const auto weights = open_checkpoint(golden_folder("xlm-roberta"), "xlm-roberta");
  const std::string rows = original(*weights, "embeddings.position_embeddings.weight");
  constexpr std::size_t kRowBytes = 32 * 2;
  ASSERT_EQ(rows.size(), 66 * kRowBytes);
  EXPECT_EQ(model.tensor("position_embd.weight"), rows.substr(2 * kRowBytes));
  EXPECT_EQ(model.file.number("bert.context_length"), 64u);
}

TEST(ImportedXlmRoberta, ReadsPiecesAndKeepsSixteenBits) {
  const ImportedModel model(golden_folder("xlm-roberta"));
  const auto weights = open_checkpoint(golden_folder("xlm-roberta"), "xlm-roberta");
  // From the first piece, and from the second.
  expect_same_numbers(model, *weights,
                      {{"token_embd.weight", "embeddings.word_embeddings.weight"},
                       {"blk.1.attn_k.bias", "encoder.layer.1.attention.self.key.bias"}});
  EXPECT_EQ(model.find("token_embd.weight")->type, GGML_TYPE_F16);
  EXPECT_EQ(model.find("blk.1.attn_k.bias")->type, GGML_TYPE_F16);
}

TEST(ImportedLabse, HasADenseLayerBehindTheFirstToken) {
  const ImportedModel model(golden_folder("labse"));
  EXPECT_EQ(model.file.number("bert.pooling_type"), kCls);
  EXPECT_EQ(model.file.number("dragoman.dense.count"), 1u);
  EXPECT_EQ(model.file.text("dragoman.dense.0.activation"), "tanh");
  const auto dense = open_checkpoint(golden_folder("labse") / "2_Dense", "2_Dense");
  expect_same_numbers(model, *dense, {{"head.dense.0.weight", "linear.weight"}, {"head.dense.0.bias", "linear.bias"}});
  EXPECT_EQ(model.find("head.dense.0.weight")->shape, (std::array<std::uint64_t, 4>{32, 24, 1, 1}));
}

TEST(ImportedLabse, ReadsPyTorchsOwnFiles) {
  const ImportedModel model(golden_folder("labse"));
  const auto weights = open_torch_file(golden_folder("labse") / "pytorch_model.bin", "pytorch_model.bin");
  EXPECT_EQ(weights->all().at("embeddings.position_ids").type_name, "LongStorage");
  EXPECT_EQ(weights->all().at("embeddings.word_embeddings.weight").type, WeightType::f16);
  expect_same_numbers(model, *weights, {{"blk.0.attn_q.weight", "encoder.layer.0.attention.self.query.weight"}});
}

TEST(ImportedGte, PartsUpFromGate) {
  const ImportedModel model(golden_folder("gte"));
  const auto weights = open_checkpoint(golden_folder("gte"), "gte");
  for (const std::string layer : {"0", "1"}) {
    EXPECT_EQ(model.tensor("blk." + layer + ".ffn_up.weight") + model.tensor("blk." + layer + ".ffn_gate.weight"),
              original(*weights, "new.encoder.layer." + layer + ".mlp.up_gate_proj.weight"));
  }
  EXPECT_EQ(model.find("blk.0.ffn_gate.weight")->shape, (std::array<std::uint64_t, 4>{32, 48, 1, 1}));
  EXPECT_EQ(model.find("blk.0.ffn_gate.bias"), nullptr);
  EXPECT_EQ(model.find("position_embd.weight"), nullptr);
}

TEST(ImportedGte, SaysHowItsPositionsTurn) {
  const ImportedModel model(golden_folder("gte"));
  EXPECT_EQ(kind_of(model.file, "gte"), ModelKind::encoder);
  EXPECT_EQ(model.file.text("general.architecture"), "gte");
  EXPECT_EQ(model.file.number("gte.context_length"), 64u);
  EXPECT_EQ(std::get<double>(model.file.values.at("gte.rope.freq_base")), 20000);
  EXPECT_EQ(model.file.text("gte.rope.scaling.type"), "ntk");
  EXPECT_EQ(std::get<double>(model.file.values.at("gte.rope.scaling.factor")), 8);
}

TEST(ImportedGte, KeepsPackedAttentionAndTheWeightsOfTokens) {
  const ImportedModel model(golden_folder("gte"));
  const auto weights = open_checkpoint(golden_folder("gte"), "gte");
  expect_same_numbers(model, *weights,
                      {{"blk.1.attn_qkv.weight", "new.encoder.layer.1.attention.qkv_proj.weight"},
                       {"blk.1.attn_qkv.bias", "new.encoder.layer.1.attention.qkv_proj.bias"},
                       {"head.token_weight.weight", "classifier.weight"},
                       {"head.token_weight.bias", "classifier.bias"}});
  EXPECT_EQ(model.find("blk.1.attn_qkv.weight")->type, GGML_TYPE_BF16);
}

TEST(ImportedBgeM3, HasTwoHeadsMore) {
  const ImportedModel model(golden_folder("bge-m3"));
  for (const auto& [head, file] : Names{{"token_weight", "sparse_linear.pt"}, {"token_vector", "colbert_linear.pt"}}) {
    const auto weights = open_torch_file(golden_folder("bge-m3") / file, file);
    expect_same_numbers(model, *weights, {{"head." + head + ".weight", "weight"}, {"head." + head + ".bias", "bias"}});
  }
  EXPECT_TRUE(std::get<bool>(model.file.values.at("dragoman.token_vector.skip_first")));
  EXPECT_EQ(model.file.number("bert.pooling_type"), kCls);
}

TEST(ImportedSplade, HasTheHeadOfAMaskedLanguageModel) {
  const ImportedModel model(golden_folder("splade"));
  const auto weights = open_checkpoint(golden_folder("splade"), "splade");
  expect_same_numbers(model, *weights,
                      {{"token_embd.weight", "bert.embeddings.word_embeddings.weight"},
                       {"head.mlm.transform.weight", "cls.predictions.transform.dense.weight"},
                       {"head.mlm.transform.bias", "cls.predictions.transform.dense.bias"},
                       {"head.mlm.norm.weight", "cls.predictions.transform.LayerNorm.weight"},
                       {"head.mlm.norm.bias", "cls.predictions.transform.LayerNorm.bias"},
                       {"head.mlm.output.bias", "cls.predictions.bias"}});
  // Tied to token_embd.
  EXPECT_EQ(model.find("head.mlm.output.weight"), nullptr);
  EXPECT_EQ(model.file.number("bert.pooling_type"), std::nullopt);
}

TEST(ImportedSplade, BecomesADenseModelWherePoolingIsAskedFor) {
  const ImportedModel model(golden_folder("splade"), {.pooling = Pooling::cls});
  EXPECT_EQ(model.file.number("bert.pooling_type"), kCls);
  EXPECT_EQ(model.find("head.mlm.transform.weight"), nullptr);
}

TEST(ImportedDistilbert, IsBertUnderOtherNames) {
  const ImportedModel model(golden_folder("distilbert"));
  const auto weights = open_checkpoint(golden_folder("distilbert"), "distilbert");
  expect_same_numbers(model, *weights,
                      {{"position_embd.weight", "distilbert.embeddings.position_embeddings.weight"},
                       {"blk.1.attn_output.weight", "distilbert.transformer.layer.1.attention.out_lin.weight"},
                       {"blk.1.attn_output_norm.bias", "distilbert.transformer.layer.1.sa_layer_norm.bias"},
                       {"blk.1.ffn_down.weight", "distilbert.transformer.layer.1.ffn.lin2.weight"},
                       {"blk.1.layer_output_norm.weight", "distilbert.transformer.layer.1.output_layer_norm.weight"},
                       {"head.mlm.transform.weight", "vocab_transform.weight"},
                       {"head.mlm.output.bias", "vocab_projector.bias"}});
  EXPECT_EQ(model.find("token_types.weight"), nullptr);
}

TEST(ImportedDistilbert, GetsATokenizerMadeOfItsVocabulary) {
  const ImportedModel model(golden_folder("distilbert"));
  const Json json = Json::parse(model.file.text("tokenizer.huggingface.json").value());
  EXPECT_EQ(json["model"]["type"], "WordPiece");
  EXPECT_EQ(json["model"]["vocab"].size(), 240u);
  EXPECT_EQ(json["model"]["vocab"]["[SEP]"], 3);
  EXPECT_EQ(json["normalizer"]["lowercase"], true);
  EXPECT_EQ(json["post_processor"]["single"][2]["SpecialToken"]["id"], "[SEP]");
  // The same sentences gave splade's tokenizer, which tokenizers wrote itself.
  const Json twin = Json::parse(read_file(golden_folder("splade") / "tokenizer.json"));
  for (const char* part : {"added_tokens", "normalizer", "pre_tokenizer", "model"}) EXPECT_EQ(json[part], twin[part]);
  EXPECT_EQ(json["post_processor"]["single"], twin["post_processor"]["single"]);
  EXPECT_EQ(json["post_processor"]["special_tokens"], twin["post_processor"]["special_tokens"]);
}

TEST(ImportedRoberta, PoolsTheLastTokenAndDoesNotNormalise) {
  const ImportedModel model(golden_folder("roberta"));
  EXPECT_EQ(model.file.number("bert.pooling_type"), kLastToken);
  EXPECT_EQ(model.file.text("bert.activation"), "gelu_tanh");
  EXPECT_FALSE(std::get<bool>(model.file.values.at("dragoman.normalize")));
}

TEST(ModelStoreAdd, TakesAFolderUnderItsName) {
  const test::TemporaryFolder folder;
  const ModelStore store(folder.path());
  Model model;
  model.file = golden_folder("labse");
  model.licence = "Apache-2.0";
  const Model added = store.add(model);
  EXPECT_EQ(added.name, "labse");
  EXPECT_EQ(added.source, "folder");
  EXPECT_EQ(added.kind, ModelKind::encoder);
  EXPECT_EQ(added.max_tokens, 64u);
  const Model found = store.find("labse");
  EXPECT_EQ(found.sha256, added.sha256);
  store.verify(found);
}

TEST(ModelStoreAdd, TakesAFolderWithASlashBehindItsName) {
  const test::TemporaryFolder folder;
  Model model;
  model.file = golden_folder("bert").string() + "/";
  EXPECT_EQ(ModelStore(folder.path()).add(model).name, "bert");
}

TEST(ModelStoreAdd, RefusesAFolderOfSomethingElse) {
  const test::TemporaryFolder folder;
  Model model;
  model.file = folder.path();
  model.name = "empty";
  EXPECT_THAT([&] { ModelStore(folder.path() / "models").add(model); },
              ThrowsMessage<NotFound>(HasSubstr("a folder without config.json")));
}

TEST(ModelStoreAdd, LeavesNothingBehindOfAFolderThatIsRefused) {
  const test::TemporaryFolder folder;
  const FolderCopy copy("bert");
  copy.patch("config.json", {{"hidden_act", "mish"}});
  const ModelStore store(folder.path());
  Model model;
  model.file = copy.path();
  EXPECT_THROW(store.add(model), InvalidData);
  EXPECT_TRUE(store.list().empty());
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "model.gguf"));
}

}  // namespace
}  // namespace dragoman
