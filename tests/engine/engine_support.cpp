#include "engine/engine_support.h"

#include <algorithm>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/encode/model_store.h"

namespace dragoman::test {

const std::string_view kTeaCorpus =
    R"({"_id":"ar-coffee","lang":"ar","title":"القهوة","text":"خرجت القهوة من اليمن إلى العالم"}
{"_id":"de-coffee","lang":"de","text":"Kaffee aus dem Jemen"}
{"_id":"en-tea","lang":"en","title":"Green tea","text":"Sencha needs cooler water","year":1738}
{"_id":"hi-tea","lang":"hi","title":"मसाला चाय","text":"अदरक और इलायची के साथ उबली चाय"}
{"_id":"hi-latn-tea","lang":"hi-Latn","text":"adrak wali chai subah ke liye, please"}
{"_id":"ja-tea","lang":"ja","title":"玉露","text":"玉露は低い温度のお湯で淹れる"}
{"_id":"pt-coffee","lang":"pt-BR","text":"café coado de manhã"}
{"_id":"ru-tea","lang":"ru","title":"Чай","text":"Самовар кипит, чай готов"}
{"_id":"sw-tea","lang":"sw","text":"chai ya tangawizi asubuhi"}
{"_id":"th-tea","lang":"th","title":"ชาเย็น","text":"ชาเย็นใส่นมข้นหวาน"}
{"_id":"zh-tea","lang":"zh","title":"绿茶","text":"绿茶不发酵，用八十度的水冲泡"}
{"_id":"nothing","text":" "}
)";

std::string line(std::string_view id, std::string_view language, std::string_view text) {
  return R"({"_id":")" + std::string(id) + R"(","lang":")" + std::string(language) + R"(","text":")" +
         std::string(text) + "\"}\n";
}

IndexOptions words_only(const std::filesystem::path& corpus, const std::filesystem::path& into) {
  IndexOptions options;
  options.corpus = corpus.string();
  options.into = into;
  options.stages = {FirstStage::bm25};
  options.identifier = "script";  // Whatever is installed.
  return options;
}

Query query(std::string text, std::string_view language) {
  return {.id = "q", .text = std::move(text), .language = Language::parse(language)};
}

SearchOptions search(std::vector<FirstStage> stages) {
  SearchOptions options;
  options.retrieve = std::move(stages);
  return options;
}

SearchOptions search_words() { return search({FirstStage::bm25}); }

IndexOptions WordsTest::words_of(std::string_view corpus) const {
  return words_only(folder_.write("corpus.jsonl", corpus), path_);
}

SearchResult WordsTest::search(std::string text, std::string_view language, const SearchOptions& options) const {
  return Engine(path_).search(query(std::move(text), language), options);
}

std::string skip_reason() {
  try {
    ModelStore().find(kDefaultEncoder);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

std::vector<std::string> ids(const SearchResult& result) {
  std::vector<std::string> ids;
  for (const SearchHit& hit : result.hits) ids.push_back(hit.id);
  return ids;
}

std::vector<std::pair<std::string, std::string>> segment_files(const std::filesystem::path& collection) {
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& entry : std::filesystem::directory_iterator(collection / "segments")) {
    files.emplace_back(entry.path().filename().string(), read_file(entry.path()));
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace dragoman::test
