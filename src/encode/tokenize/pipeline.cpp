#include "encode/tokenize/pipeline.h"

#include <utility>

#include "dragoman/base/error.h"
#include "encode/tokenize/character_class.h"

namespace dragoman {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{256} << 20;

class PipelineTokenizer final : public Tokenizer {
 public:
  explicit PipelineTokenizer(Pipeline pipeline) : pipeline_(std::move(pipeline)) {}

  std::vector<TokenId> tokenize(std::string_view text) const override {
    // ICU counts in 32 bits, and a step may make a text several times as long.
    if (text.size() >= kMaxBytes) throw InvalidArgument("a text of 256 MiB or more cannot be tokenized at once");
    std::vector<TokenId> ids;
    const std::string input = well_formed(text);
    pipeline_.raw.cut(input, [&](std::string_view part, std::optional<TokenId> added) {
      if (added) {
        ids.push_back(*added);
      } else {
        tokenize_part(part, part.data() == input.data(), ids);
      }
    });
    return ids;
  }
  std::size_t vocabulary_size() const override { return pipeline_.vocabulary_size; }
  const SpecialTokens& special() const override { return pipeline_.special; }

 private:
  void tokenize_part(std::string_view part, bool at_start, std::vector<TokenId>& ids) const {
    std::string text(part);
    for (const NormalizeStep& step : pipeline_.normalize) step(text);
    pipeline_.normalized.cut(text, [&](std::string_view rest, std::optional<TokenId> added) {
      if (added) {
        ids.push_back(*added);
        return;
      }
      PieceList list{std::string(rest), {{0, rest.size()}}, at_start && rest.data() == text.data()};
      for (const SplitStep& step : pipeline_.split) step(list);
      for (const auto& piece : list.pieces) pipeline_.model->tokenize(list.view(piece), ids);
    });
  }

  Pipeline pipeline_;
};

}  // namespace

std::unique_ptr<Tokenizer> make_tokenizer(Pipeline pipeline) {
  return std::make_unique<PipelineTokenizer>(std::move(pipeline));
}

}  // namespace dragoman
