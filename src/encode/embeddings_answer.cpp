#include "encode/embeddings_answer.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/json.h"
#include "dragoman/base/error.h"

namespace dragoman {
namespace {

[[noreturn]] void fail(std::string_view place, std::string_view what) {
  throw InvalidData(fmt::format("{}: {}; is it an OpenAI-compatible endpoint for embeddings?", place, what));
}

std::vector<float> from_base64(const std::string& text, std::string_view place) {
  std::vector<unsigned char> bytes(text.size() / 4 * 3);
  const int decoded = text.size() % 4 != 0 || text.empty()
                          ? -1
                          : EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                                            static_cast<int>(text.size()));
  const auto padding = static_cast<std::size_t>(std::ranges::count(text, '='));
  if (decoded < 0 || static_cast<std::size_t>(decoded) != bytes.size() || padding > 2) {
    fail(place, "an embedding is a string, but not base64");
  }
  const std::size_t size = bytes.size() - padding;
  if (size % sizeof(float) != 0) fail(place, "an embedding in base64 is no row of 32-bit floats");
  std::vector<float> numbers(size / sizeof(float));
  if (size > 0) std::memcpy(numbers.data(), bytes.data(), size);
  return numbers;
}

std::vector<float> read_vector(const Json& item, std::string_view place) {
  const auto embedding = item.find("embedding");
  if (embedding == item.end()) fail(place, "an embedding is missing");
  std::vector<float> numbers;
  if (embedding->is_string()) {
    numbers = from_base64(embedding->get_ref<const std::string&>(), place);
  } else if (embedding->is_array()) {
    numbers.reserve(embedding->size());
    for (const Json& number : *embedding) {
      if (!number.is_number()) fail(place, "an embedding holds something that is no number");
      // A larger double has no float that it could become.
      const auto value = number.get<double>();
      if (!(std::abs(value) <= std::numeric_limits<float>::max())) fail(place, "an embedding holds a number too large");
      numbers.push_back(static_cast<float>(value));
    }
  } else {
    fail(place, "an embedding is neither an array nor base64");
  }
  if (numbers.empty()) fail(place, "an embedding is empty");
  if (!std::ranges::all_of(numbers, [](float x) { return std::isfinite(x); })) {
    fail(place, "an embedding holds a number that is not finite");
  }
  return numbers;
}

}  // namespace

EmbeddingsAnswer read_embeddings_answer(std::string_view body, std::size_t texts, std::string_view place) {
  const Json json = parse_json_object(body, place);
  const auto data = json.find("data");
  if (data == json.end() || !data->is_array()) fail(place, "the answer has no list \"data\"");
  if (data->size() != texts) {
    fail(place, fmt::format("{} embeddings came for {} texts", data->size(), texts));
  }
  EmbeddingsAnswer answer;
  answer.vectors.resize(texts);
  for (const Json& item : *data) {
    const auto index = item.is_object() ? item.find("index") : item.end();
    if (!item.is_object() || index == item.end() || !index->is_number_unsigned()) {
      fail(place, "an embedding has no index");
    }
    const auto i = index->get<std::uint64_t>();
    if (i >= texts) fail(place, fmt::format("an embedding has the index {} of {} texts", i, texts));
    if (!answer.vectors[i].empty()) fail(place, fmt::format("two embeddings have the index {}", i));
    answer.vectors[i] = read_vector(item, place);
  }
  const auto other = [&](const auto& vector) { return vector.size() != answer.vectors.front().size(); };
  if (std::ranges::any_of(answer.vectors, other)) fail(place, "the embeddings have several dimensions");
  if (const auto usage = json.find("usage"); usage != json.end() && usage->is_object()) {
    const auto tokens = usage->find("prompt_tokens");
    if (tokens != usage->end() && tokens->is_number_unsigned()) answer.prompt_tokens = tokens->get<std::uint64_t>();
  }
  return answer;
}

std::string refusal_message(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  if (json.is_object()) {
    // {"error": {"message": ...}}, {"error": "..."}, {"message": ...}, {"detail": "..."}: servers differ.
    for (const char* name : {"error", "message", "detail"}) {
      const auto member = json.find(name);
      if (member == json.end()) continue;
      if (member->is_string()) return *member;
      const auto inside = member->is_object() ? member->find("message") : member->end();
      if (member->is_object() && inside != member->end() && inside->is_string()) {
        return *inside;
      }
    }
  }
  return std::string(body);
}

}  // namespace dragoman
