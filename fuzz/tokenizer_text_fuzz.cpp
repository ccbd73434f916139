#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "encode/tokenize/byte_alphabet.h"
#include "encode/tokenize/tokenizer.h"
#include "encode/tokenize/utf8_code.h"

namespace {

using dragoman::Tokenizer;

/// The 256 bytes in GPT-2's alphabet and a few merges of them, as JSON.
std::string byte_vocabulary() {
  std::string json = R"("vocab":{)";
  for (int byte = 0; byte < 256; ++byte) {
    std::string character;
    dragoman::append_code_point(character, dragoman::character_of_byte(static_cast<std::uint8_t>(byte)));
    if (character == "\"" || character == "\\") character.insert(0, 1, '\\');
    json += '"' + character + "\":" + std::to_string(byte) + ',';
  }
  return json + R"("ab":256,"abab":257,"Ġa":258},"merges":["a b","ab ab","Ġ a"])";
}

/// A tiny vocabulary of every kind.
std::vector<std::unique_ptr<Tokenizer>> all_kinds() {
  const std::string bytes = R"({"model":{"type":"BPE",)" + byte_vocabulary() + R"(},"pre_tokenizer":)";
  const std::string split =
      R"({"type":"Sequence","pretokenizers":[{"type":"Split","behavior":"Isolated","pattern":{"Regex":")";
  const std::string end = R"("}},{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]}})";
  const std::string word_piece =
      R"({"model":{"type":"WordPiece","unk_token":"?","vocab":{"?":0,"a":1,"##b":2,"水":3,".":4}},)";
  const std::string unigram =
      R"({"model":{"type":"Unigram","unk_id":0,"vocab":[["?",0],["▁",-1],["a",-2],["▁ab",-2.5],["水",-3],["ba",-3]]},)";
  std::vector<std::unique_ptr<Tokenizer>> kinds;
  for (
      const std::string& json :
      {bytes + R"({"type":"ByteLevel"}})",
       bytes + split +
           R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+)" +
           end,
       bytes + split + R"(\\s+|\\w+|[^\\w\\s])" + end,
       word_piece + R"("normalizer":{"type":"BertNormalizer"},"pre_tokenizer":{"type":"BertPreTokenizer"}})",
       unigram +
           R"("pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace"}]}})",
       unigram + R"("added_tokens":[{"id":6,"content":"ab","single_word":true,"lstrip":true,"rstrip":true}],
                       "normalizer":{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"StripAccents"},{"type":"Strip"}]},
                       "pre_tokenizer":{"type":"Metaspace","prepend_scheme":"first"}})"}) {
    kinds.push_back(dragoman::read_tokenizer_json(json, "built in"));
  }
  return kinds;
}

}  // namespace

// Any bytes are tokens below the size of the vocabulary, and the same ones each time.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto kinds = all_kinds();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& tokenizer : kinds) {
    const auto ids = tokenizer->tokenize(text);
    for (const dragoman::TokenId id : ids) {
      if (id < 0 || static_cast<std::size_t>(id) >= tokenizer->vocabulary_size()) std::abort();
    }
    if (ids != tokenizer->tokenize(text)) std::abort();
  }
  return 0;
}
