// Files of Hugging Face's folders that are damaged, hostile or of another kind: each gets its own message, nothing is
// run and nothing is read beyond its end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "encode/huggingface/pickle.h"
#include "encode/huggingface/safetensors_file.h"
#include "encode/huggingface/torch_file.h"
#include "encode/huggingface_support.h"
#include "encode/model_support.h"

namespace dragoman {
namespace {

using namespace std::string_literals;
using test::FolderCopy;
using test::golden_folder;
using test::ImportedModel;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

// Safetensors.

std::string safetensors(const std::string& header, std::size_t data_bytes) {
  const std::uint64_t size = header.size();
  return std::string(reinterpret_cast<const char*>(&size), sizeof(size)) + header + std::string(data_bytes, '\0');
}

void expect_safetensors_refused(const std::string& file, const std::string& message) {
  EXPECT_THAT([&] { read_safetensors(bytes_of(file), "model.safetensors"); },
              ThrowsMessage<InvalidData>(HasSubstr(message)));
}

TEST(Safetensors, ReadsTensorsInAnyOrderOfNames) {
  const std::string file = safetensors(
      R"({"__metadata__": {"format": "pt"},
          "물": {"dtype": "F16", "shape": [2, 3], "data_offsets": [4, 16]},
          "b": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]},
          "empty": {"dtype": "I64", "shape": [0, 7], "data_offsets": [4, 4]}} )",
      16);
  const auto tensors = read_safetensors(bytes_of(file), "model.safetensors");
  ASSERT_EQ(tensors.size(), 3u);
  EXPECT_EQ(tensors.at("물").type, WeightType::f16);
  EXPECT_EQ(tensors.at("물").offset, file.size() - 12);
  EXPECT_EQ(tensors.at("b").bytes, 4u);
  EXPECT_EQ(tensors.at("empty").type, WeightType::other);
}

TEST(Safetensors, RefusesEveryPrefix) {
  const std::string file = safetensors(R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}})", 8);
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_THROW(read_safetensors(bytes_of(file.substr(0, size)), "cut"), InvalidData) << size << " bytes";
  }
}

TEST(Safetensors, RefusesAHeaderTooLargeForItsFileOrTheFormat) {
  std::string file = safetensors("{}", 0);
  file[0] = 100;
  expect_safetensors_refused(file,
                             "model.safetensors: offset 8: the header needs 100 bytes, but the file ends after 2");
  file[5] = 1;
  expect_safetensors_refused(file, "its header would have 1099511627876 bytes");
}

TEST(Safetensors, RefusesHolesOverlapsAndWhatLiesOutside) {
  const auto two = [](const char* first, const char* second) {
    return safetensors(R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": )"s + first +
                           R"(}, "b": {"dtype": "F32", "shape": [1], "data_offsets": )" + second + "}}",
                       12);
  };
  expect_safetensors_refused(two("[0, 4]", "[8, 12]"),
                             "tensor \"b\" begins at 8 of the data, but the one before it ends at 4");
  expect_safetensors_refused(two("[0, 4]", "[2, 6]"),
                             "tensor \"b\" begins at 2 of the data, but the one before it ends at 4");
  expect_safetensors_refused(two("[0, 4]", "[4, 8]"), "the tensors end at 8 of 12 bytes of data");
  expect_safetensors_refused(two("[0, 4]", "[12, 16]"), "tensor \"b\" lies at [12, 16] of 12 bytes of data");
  expect_safetensors_refused(two("[4, 0]", "[4, 8]"), "tensor \"a\" lies at [4, 0]");
}

TEST(Safetensors, RefusesAShapeThatIsNotItsBytes) {
  const auto shaped = [](const char* type, const char* shape) {
    return safetensors(R"({"a": {"dtype": ")"s + type + R"(", "shape": )" + shape + R"(, "data_offsets": [0, 8]}})", 8);
  };
  expect_safetensors_refused(shaped("F32", "[3]"), "tensor \"a\" has 8 bytes, which are not [3] of F32");
  expect_safetensors_refused(shaped("F32", "[4611686018427387904, 4]"), "tensor \"a\" has an impossible shape");
  expect_safetensors_refused(shaped("F32", "[-2]"), "has no \"shape\" that is a list of whole numbers");
  expect_safetensors_refused(shaped("Q9", "[2]"), "tensor \"a\" has unknown dtype \"Q9\"");
}

TEST(Safetensors, RefusesANameThatAppearsTwice) {
  expect_safetensors_refused(safetensors(R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
                                             "a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}})",
                                         4),
                             "tensor \"a\" appears twice in the header");
}

TEST(Safetensors, RefusesWhatIsNoJson) {
  expect_safetensors_refused(safetensors("{\"a\": ", 0), "the header is not valid JSON");
  expect_safetensors_refused(safetensors("[1, 2]", 0), "its header does not begin with '{'");
  expect_safetensors_refused(safetensors("{\"a\": [[[[[[[[[1]]]]]]]]]}", 0), "nested too deep");
}

// Pickles. What Python writes for {} of tensors is in the golden folders; these are written by hand.

void expect_pickle_refused(const std::string& pickle, const std::string& message) {
  EXPECT_THAT([&] { read_pickled_tensors(bytes_of(pickle), "data.pkl"); },
              ThrowsMessage<InvalidData>(AllOf(HasSubstr("data.pkl: offset"), HasSubstr(message))));
}

TEST(Pickle, ReadsAnEmptyDict) { EXPECT_TRUE(read_pickled_tensors(bytes_of("\x80\x02}."s), "data.pkl").empty()); }

TEST(Pickle, RunsNothing) {
  expect_pickle_refused(
      "\x80\x02"
      "cos\nsystem\nX\x02\0\0\0ls\x85R."s,
      "names \"os system\", which no dict of tensors needs; nothing was run");
  expect_pickle_refused(
      "\x80\x04\x8c\x08"
      "builtins\x8c\x04"
      "eval\x93."s,
      "names \"builtins eval\"");
  // Protocol 0's way of calling.
  expect_pickle_refused("(S'ls'\nios\nsystem\n."s, "instruction 0x53");
}

TEST(Pickle, RefusesWhatIsNoDictOfTensors) {
  expect_pickle_refused("\x80\x02]."s, "holds no dict of tensors");
  expect_pickle_refused("\x80\x02}X\x05\0\0\0epochK\x03s."s,
                        "\"epoch\" is no tensor; save the model's state_dict() alone");
  expect_pickle_refused("\x80\x02}K\x01K\x02s."s, "whose keys are no names");
}

TEST(Pickle, RefusesAStackThatIsNotThere) {
  expect_pickle_refused("R."s, "takes more from the stack than lies there");
  expect_pickle_refused("u."s, "looks for a mark that is not there");
  expect_pickle_refused("h\x07."s, "recalls 7, which it never remembered");
  expect_pickle_refused("q\x01."s, "remembers what is not there");
  expect_pickle_refused("K\x01s."s, "takes more from the stack");
  expect_pickle_refused("K\x01K\x02K\x03s."s, "expects a dict on the stack");
  expect_pickle_refused("K\x01)R."s, "calls what is no function");
}

TEST(Pickle, RefusesATextLargerThanItsFile) {
  expect_pickle_refused(
      "X\xff\xff\xff\x7f"
      "abc"s,
      "a text needs 2147483647 bytes, but the file ends after 3");
}

TEST(Pickle, RefusesAShapeWithoutEnd) {
  // One tuple of many numbers, made use of again and again, would fill memory with copies.
  const std::string big = "(" + std::string(1000, 'N') + "t";
  const std::string storage = "X\x07\0\0\0storage"s + "ctorch\nFloatStorage\n" + "X\x01\0\0\0000X\x03\0\0\0cpuK\x01"s;
  expect_pickle_refused("ctorch._utils\n_rebuild_tensor_v2\n((" + storage + "tQK\0"s + big + big + "tR.",
                        "a tensor's shape has 1000 members");
}

TEST(Pickle, RefusesEveryPrefixOfARealOne) {
  const MappedFile mapped(golden_folder("bge-m3") / "sparse_linear.pt");
  const std::string file(reinterpret_cast<const char*>(mapped.bytes().data()), mapped.bytes().size());
  // torch.save stores its members as they are, so the pickle can be cut out of the archive.
  const auto begin = file.find("\x80\x02"s), end = file.find("b.", begin) + 2;
  const std::string pickle = file.substr(begin, end - begin);
  EXPECT_EQ(read_pickled_tensors(bytes_of(pickle), "data.pkl").size(), 2u);
  ASSERT_LT(pickle.size(), 1000u);
  for (std::size_t size = 0; size < pickle.size(); ++size) {
    EXPECT_THROW(read_pickled_tensors(bytes_of(pickle.substr(0, size)), "cut"), InvalidData) << size << " bytes";
  }
}

// Archives of PyTorch.

TEST(TorchFile, ReadsWhatPyTorchSaved) {
  const MappedFile mapped(golden_folder("bge-m3") / "sparse_linear.pt");
  const TorchFile file(mapped.bytes(), "sparse_linear.pt");
  ASSERT_EQ(file.all().size(), 2u);
  EXPECT_EQ(file.all().at("weight").shape, (std::vector<std::uint64_t>{1, 32}));
  EXPECT_EQ(file.all().at("weight").type, WeightType::f16);
  EXPECT_EQ(file.read("weight").size(), 64u);
}

TEST(TorchFile, RefusesEveryPrefix) {
  const std::string file = read_file(golden_folder("bge-m3") / "sparse_linear.pt");
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_THROW(TorchFile(bytes_of(file.substr(0, size)), "cut.pt"), InvalidData) << size << " bytes";
  }
}

TEST(TorchFile, SurvivesAnyByteChanged) {
  const std::string whole = read_file(golden_folder("bge-m3") / "sparse_linear.pt");
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string file = whole;
    file[at] = static_cast<char>(~file[at]);
    try {
      const TorchFile read(bytes_of(file), "changed.pt");
      for (const auto& [name, weight] : read.all()) read.read(name);
    } catch (const InvalidData&) {
    }
  }
}

TEST(TorchFile, SaysWhatAnOldFileNeeds) {
  EXPECT_THAT([] { TorchFile(bytes_of("\x80\x02\x8a\x0al\xfc"s), "pytorch_model.bin"); },
              ThrowsMessage<InvalidData>(HasSubstr("load it there and save it again")));
}

TEST(TorchFile, RefusesStoragesThatAreMissingOrOfAnotherSize) {
  const test::TemporaryFolder folder;
  const std::string tensor =
      "\x80\x02}X\x01\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0000"
      "X\x03\0\0\0cpuK\x02tQK\0K\x02\x85K\x01\x85\x89}tRs."s;
  const auto read = [&](const std::vector<std::pair<std::string, std::string>>& members) {
    const auto path = folder.path() / "w.pt";
    test::write_zip(path, members);
    const std::string file = read_file(path);
    return TorchFile(bytes_of(file), "w.pt").read("w");
  };
  EXPECT_EQ(read({{"w/data.pkl", tensor}, {"w/data/0", "12345678"}}).size(), 8u);
  EXPECT_THAT(
      [&] {
        read({{"w/data.pkl", tensor}});
      },
      ThrowsMessage<InvalidData>("w.pt: tensor \"w\" lies in \"0\", which is missing"));
  EXPECT_THAT(
      [&] {
        read({{"w/data.pkl", tensor}, {"w/data/0", "1234"}});
      },
      ThrowsMessage<InvalidData>(HasSubstr("a storage of 4 bytes, which are not 2 numbers of FloatStorage")));
  EXPECT_THAT([&] { read({{"w/other", tensor}}); }, ThrowsMessage<InvalidData>(HasSubstr("holds no data.pkl")));
  EXPECT_THAT(
      [&] {
        read({{"w/data.pkl", tensor}, {"w/data/0", "12345678"}, {"w/byteorder", "big"}});
      },
      ThrowsMessage<InvalidData>("w.pt: its numbers are not in little-endian order"));
  std::string view = tensor;
  view.replace(view.find("K\x01\x85\x89"), 2, "K\x02");
  EXPECT_THAT(
      [&] {
        read({{"w/data.pkl", view}, {"w/data/0", "12345678"}});
      },
      ThrowsMessage<InvalidData>(HasSubstr("a view whose numbers do not lie in order")));
  std::string beyond = tensor;
  beyond.replace(beyond.find("K\0K\x02\x85"s), 2, "K\x01");
  EXPECT_THAT(
      [&] {
        read({{"w/data.pkl", beyond}, {"w/data/0", "12345678"}});
      },
      ThrowsMessage<InvalidData>(HasSubstr("reaches beyond its storage of 2 numbers")));
}

// Folders.

/// Imports a changed copy of a golden folder and expects to be refused with that message.
template <typename Error = InvalidData>
void expect_folder_refused(std::string_view name, const std::function<void(const FolderCopy&)>& change,
                           const std::string& message, const ImportOptions& options = {}) {
  const FolderCopy copy(name);
  change(copy);
  EXPECT_THAT([&] { ImportedModel(copy.path(), options); }, ThrowsMessage<Error>(HasSubstr(message)));
}

/// The same with members of config.json changed.
void expect_config_refused(std::string_view name, const Json& changes, const std::string& message) {
  expect_folder_refused(
      name, [&](const FolderCopy& copy) { copy.patch("config.json", changes); }, message);
}

TEST(ImportRefusal, NamesTheKindOfModel) {
  expect_config_refused("bert", {{"model_type", "mpnet"}}, "config.json: a model of type \"mpnet\" cannot be imported");
  expect_config_refused("bert", {{"model_type", nullptr}}, "config.json: \"model_type\" is missing");
}

TEST(ImportRefusal, NamesCrossEncodersAndDecoders) {
  expect_config_refused("bert", {{"architectures", {"BertForSequenceClassification"}}},
                        "\"BertForSequenceClassification\" is a cross-encoder or a classifier");
  expect_config_refused("bert", {{"architectures", {"HF_ColBERT"}}}, "architecture \"HF_ColBERT\" is no encoder");
  expect_config_refused("bert", {{"is_decoder", true}}, "\"is_decoder\": a decoder is no encoder");
}

TEST(ImportRefusal, NamesPositionsThatCannotBeRun) {
  expect_config_refused("bert", {{"position_embedding_type", "relative_key"}},
                        "\"position_embedding_type\" is \"relative_key\"; only \"absolute\" can be run");
  expect_config_refused("gte", {{"position_embedding_type", "absolute"}}, "only \"rope\" can be run");
  expect_config_refused("gte", {{"rope_scaling", {{"type", "yarn"}}}}, "scaled by \"yarn\" cannot be run");
  expect_config_refused("gte", {{"rope_scaling", {{"mixed_b", 0.75}}}}, "\"ntk\" with \"mixed_b\" cannot be run");
  expect_config_refused("gte", {{"logn_attention_scale", true}}, "\"logn_attention_scale\" cannot be run");
  expect_config_refused("gte", {{"layer_norm_type", "rms_norm"}}, "\"layer_norm_type\" is \"rms_norm\"");
}

TEST(ImportRefusal, NamesSizesThatMakeNoSense) {
  expect_config_refused("bert", {{"num_attention_heads", 5}}, "5 heads do not divide a width of 32");
  expect_config_refused("bert", {{"hidden_size", 0}}, "\"hidden_size\" is 0");
  expect_config_refused("bert", {{"hidden_size", 4294967296}}, "\"hidden_size\" is 4294967296");
  expect_config_refused("bert", {{"vocab_size", -1}}, "\"vocab_size\" must be a number, 0 or more");
  expect_config_refused("bert", {{"layer_norm_eps", "tiny"}}, "\"layer_norm_eps\" must be a number");
  expect_config_refused("xlm-roberta", {{"max_position_embeddings", 2}}, "is 2, of which 2 are kept for padding");
  expect_config_refused("bert", {{"hidden_act", "mish"}}, "unknown activation \"mish\"");
}

TEST(ImportRefusal, NamesTensorsThatAreNotTheConfigurations) {
  expect_config_refused("splade", {{"hidden_size", 64}}, "has the shape [240, 32], not [240, 64]");
  expect_config_refused("bert", {{"num_hidden_layers", 3}},
                        "model.safetensors: tensor \"encoder.layer.2.attention.self.query.weight\" is missing");
  expect_config_refused(
      "bert", {{"num_hidden_layers", 1}},
      "tensor \"encoder.layer.1.attention.output.LayerNorm.bias\" has no place in this kind of model");
}

TEST(ImportRefusal, NamesUnknownModules) {
  const auto module = [](const std::string& type) {
    return [type](const FolderCopy& copy) {
      Json modules = Json::parse(read_file(copy.path() / "modules.json"));
      modules[2]["type"] = type;
      copy.write("modules.json", modules.dump());
    };
  };
  expect_folder_refused("labse", module("sentence_transformers.models.LSTM"),
                        "modules.json: a module \"sentence_transformers.models.LSTM\" cannot be run");
  expect_folder_refused("labse", module("my_code.Dense"), "modules.json: unknown module \"my_code.Dense\"");
  expect_folder_refused("labse", module("sentence_transformers.models.Transformer"),
                        "a module Transformer cannot follow Pooling");
}

TEST(ImportRefusal, LetsNoModuleLieOutsideTheFolder) {
  for (const char* path : {"../1_Pooling", "/etc", "1_Pooling/..", ".", "a\\b"}) {
    expect_folder_refused(
        "bert",
        [&](const FolderCopy& copy) {
          Json modules = Json::parse(read_file(copy.path() / "modules.json"));
          modules[1]["path"] = path;
          copy.write("modules.json", modules.dump());
        },
        "which is no folder of it");
  }
}

TEST(ImportRefusal, LetsNoPieceLieOutsideTheFolder) {
  for (const char* piece : {"../model.safetensors", "/model.safetensors", ".model", ""}) {
    expect_folder_refused(
        "xlm-roberta",
        [&](const FolderCopy& copy) {
          copy.patch("model.safetensors.index.json", {{"weight_map", {{"embeddings.LayerNorm.bias", piece}}}});
        },
        "tensor \"embeddings.LayerNorm.bias\" lies in no file beside it");
  }
}

TEST(ImportRefusal, NamesAPieceThatHasNotItsTensor) {
  expect_folder_refused(
      "xlm-roberta",
      [](const FolderCopy& copy) {
        copy.patch("model.safetensors.index.json",
                   {{"weight_map", {{"embeddings.LayerNorm.bias", "model-00002-of-00002.safetensors"}}}});
      },
      "tensor \"embeddings.LayerNorm.bias\" is not in model-00002-of-00002.safetensors");
}

TEST(ImportRefusal, NamesSettingsOfModulesThatCannotBeRun) {
  const auto patch = [](const char* file, const Json& changes) {
    return [file, changes](const FolderCopy& copy) { copy.patch(file, changes); };
  };
  expect_folder_refused("bert", patch("1_Pooling/config.json", {{"pooling_mode_max_tokens", true}}),
                        "1_Pooling/config.json: pools in 2 ways at once");
  expect_folder_refused("bert", patch("1_Pooling/config.json", {{"pooling_mode", "weightedmean"}}),
                        "pooling \"weightedmean\" cannot be run");
  expect_folder_refused("bert", patch("1_Pooling/config.json", {{"include_prompt", false}}),
                        "\"include_prompt\" is false");
  expect_folder_refused("bert", patch("1_Pooling/config.json", {{"word_embedding_dimension", 64}}),
                        "pools vectors of 64 dimensions, but the model gives 32");
  expect_folder_refused("bert", patch("sentence_bert_config.json", {{"do_lower_case", true}}),
                        "\"do_lower_case\" is true");
  expect_folder_refused("bert", patch("config_sentence_transformers.json", {{"similarity_fn_name", "euclidean"}}),
                        "vectors compared by \"euclidean\"");
  expect_folder_refused("labse",
                        patch("2_Dense/config.json", {{"activation_function", "torch.nn.modules.activation.GELU"}}),
                        "2_Dense/config.json: activation \"torch.nn.modules.activation.GELU\" cannot be run");
  expect_folder_refused("labse", patch("2_Dense/config.json", {{"in_features", 33}}),
                        "takes vectors of 33 dimensions, but gets 32");
  expect_folder_refused("splade", patch("1_SpladePooling/config.json", {{"pooling_strategy", "sum"}}),
                        "pooling strategy \"sum\" cannot be run");
  expect_folder_refused("splade", patch("1_SpladePooling/config.json", {{"activation_function", "log1p_relu"}}),
                        "activation \"log1p_relu\" cannot be run");
}

TEST(ImportRefusal, AsksForPoolingThatNobodySaid) {
  const auto without_modules = [](const FolderCopy& copy) { copy.remove("modules.json"); };
  expect_folder_refused<InvalidArgument>("labse", without_modules,
                                         "model: says nothing of pooling (it has no modules.json); say --pooling");
  const FolderCopy copy("labse");
  without_modules(copy);
  EXPECT_EQ(ImportedModel(copy.path(), {.pooling = Pooling::last_token}).file.number("bert.pooling_type"), 3u);
}

TEST(ImportRefusal, NamesWhatIsMissing) {
  const auto without = [](const char* file) { return [file](const FolderCopy& copy) { copy.remove(file); }; };
  expect_folder_refused<NotFound>("bert", without("config.json"), "model: has no config.json");
  expect_folder_refused<NotFound>("bert", without("model.safetensors"),
                                  "model: holds no weights: model.safetensors or");
  expect_folder_refused<NotFound>("bert", without("tokenizer.json"),
                                  "tokenizer.json: is missing; make it with: python3 -c \"from transformers import");
  expect_folder_refused("bert", without("1_Pooling/config.json"), "1_Pooling/config.json: is missing");
}

TEST(ImportRefusal, NamesATokenThatTheModelHasNoRowFor) {
  expect_folder_refused(
      "bert",
      [](const FolderCopy& copy) {
        copy.patch("tokenizer.json", {{"model", {{"vocab", {{"水", 240}}}}}});
      },
      "tokenizer.json: token \"水\" has the number 240, but the model has 240 tokens");
  expect_folder_refused(
      "bert", [](const FolderCopy& copy) { copy.write("tokenizer.json", R"({"version": "1.0"})"); },
      "tokenizer.json: is no tokenizer");
  expect_folder_refused(
      "bert",
      [](const FolderCopy& copy) {
        copy.write("tokenizer.json", read_file(copy.path() / "tokenizer.json") + "\0hidden"s);
      },
      "tokenizer.json: holds a zero byte");
}

TEST(ImportRefusal, NamesNumbersThatCannotBeKept) {
  // The same bytes as twice as many halves of their size: the header alone says what they are.
  expect_folder_refused(
      "splade",
      [](const FolderCopy& copy) {
        std::string file = read_file(copy.path() / "model.safetensors");
        const auto at = file.find("\"dtype\":\"F16\"");
        file.replace(at, 13, "\"dtype\":\"I16\"");
        copy.write("model.safetensors", file);
      },
      "holds I16; F32, F16 and BF16 can be kept");
}

}  // namespace
}  // namespace dragoman
