#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/translate/sentences.h"
#include "memory_file.h"
#include "translate/by_sentence.h"
#include "translate/marian/config.h"
#include "translate/marian/model.h"
#include "translate/marian/model_items.h"
#include "translate/marian/seq2seq_model.h"
#include "translate/marian/shortlist.h"
#include "translate/marian/vocabulary.h"

namespace {

using namespace dragoman;

constexpr std::size_t kVocabulary = 64;

/// What is protected comes through a translator that forgets all but its first letter, whatever stands beside it and
/// wherever sentences are cut, and nothing at all is lost by one that repeats what it is told.
void lose_nothing(std::string_view text) {
  using Said = std::vector<std::optional<std::string>>;
  const Language english = Language::parse("en"), swahili = Language::parse("sw");
  const std::vector<std::string> texts = {std::string(text)};
  const BySentenceOptions options{.split = false, .most_bytes = 48};
  const auto copied = translate_by_sentence(texts, english, swahili, options,
                                            [](auto sentences) { return Said(sentences.begin(), sentences.end()); });
  // Spaces may come and go between parts.
  std::string said = copied.at(0).value_or("-"), asked(text);
  std::erase(said, ' ');
  std::erase(asked, ' ');
  if (said != asked) std::abort();
  const auto forgotten = translate_by_sentence(texts, english, swahili, options,
                                               [](auto sentences) { return Said(sentences.size(), "x"); });
  // Line breaks end sentences, in a tag or in code as well.
  for (std::size_t begin = 0; begin < text.size();) {
    const std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
    for (const TextRange& range : protected_ranges(line)) {
      if (forgotten.at(0).value_or("").find(range.of(line)) == std::string::npos) std::abort();
    }
    begin += line.size() + 1;
  }
}

void run(char kind, std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  switch (kind) {
    case 'm':  // Every item lies inside the file.
      for (const MarianItem& item : read_marian_items(bytes, "input")) {
        if (item.bytes.data() < bytes.data() || item.bytes.data() + item.bytes.size() > bytes.data() + bytes.size()) {
          std::abort();
        }
      }
      marian::Model(marian::read_marian_model(bytes, Precision::f32, "input"));
      return;
    case 's': {  // Candidates are targets of the vocabulary, each once.
      const Shortlist shortlist(bytes, kVocabulary, "input");
      std::vector<char> seen(kVocabulary, 0);
      const std::vector<std::int32_t> source = {0, 1, 5, 63, 1 << 20, -1};
      const auto found = shortlist.candidates(source, seen);
      for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i] >= kVocabulary || (i > 0 && found[i] <= found[i - 1])) std::abort();
      }
      return;
    }
    case 'v': {  // Ids of the vocabulary, and text that is UTF-8.
      const PieceVocabulary vocabulary(bytes, "input");
      const auto ids = vocabulary.tokenize("Wapi 水\xFF ab");
      for (const TokenId id : ids) {
        if (id < 0 || static_cast<std::size_t>(id) >= vocabulary.size()) std::abort();
      }
      if (find_invalid_utf8(vocabulary.text(ids)) != std::string_view::npos) std::abort();
      return;
    }
    case 'g': {  // Whatever can be opened can be run.
      const fuzz::MemoryFile file({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
      const NeuralModel model = open_seq2seq_model(file.path(), "none", Precision::f32);
      std::vector<std::vector<std::int32_t>> sources = {model.source->tokenize("maji 水")};
      sources[0].push_back(model.search.end);
      marian::Workspace workspace;
      marian::encode(model.model, sources, workspace);
      for (const TokenId id : marian::decode(model.model, sources, nullptr, model.search, workspace)[0]) {
        if (id < 0 || static_cast<std::size_t>(id) >= model.model.config().target_vocabulary) std::abort();
      }
      return;
    }
    case 'c':
      read_marian_config(text, "input");
      return;
    case 'f':
      read_marian_settings(text, "input");
      return;
    default: {  // Pieces cover a text; what is protected is kept by the text itself.
      if (find_invalid_utf8(text) != std::string_view::npos) return;
      std::size_t end = 0;
      for (const TextPiece& piece : split_sentences(text, Language::parse("en"))) {
        if (piece.range.begin != end || piece.range.end <= end) std::abort();
        end = piece.range.end;
      }
      if (end != text.size()) std::abort();
      if (!keeps_protected(text, protected_ranges(text), text)) std::abort();
      lose_nothing(text);
      return;
    }
  }
}

}  // namespace

// The first byte says what the rest is: m a Marian model, g a GGUF file of one of Hugging Face's, s a shortlist, v a
// vocabulary, c and f settings, else text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  try {
    run(static_cast<char>(data[0]), std::as_bytes(std::span(data + 1, size - 1)));
  } catch (const InvalidData&) {
  } catch (const InvalidArgument&) {
  }
  return 0;
}
