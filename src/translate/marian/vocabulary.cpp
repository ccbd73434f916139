#include "translate/marian/vocabulary.h"

#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <charconv>
#include <optional>

#include "dragoman/base/error.h"
#include "encode/tokenize/character_class.h"

namespace dragoman {
namespace {

constexpr std::string_view kSpace = "\u2581", kEnd = "</s>", kUnknownText = "\u2047";
constexpr int kUnigram = 1;

/// "<0x0A>"
char byte_of(std::string_view piece) {
  unsigned value = 0;
  if (piece.size() == 6) std::from_chars(piece.data() + 3, piece.data() + 5, value, 16);
  return static_cast<char>(value);
}

void append_with_spaces(std::string& text, std::string_view piece) {
  while (!piece.empty()) {
    const auto at = piece.find(kSpace);
    text += piece.substr(0, at);
    if (at == piece.npos) return;
    text += ' ';
    piece.remove_prefix(at + kSpace.size());
  }
}

}  // namespace

std::unique_ptr<Tokenizer> make_sentence_piece_tokenizer(const SentencePieceModel& model, std::string_view place) {
  if (model.model_type != kUnigram) {
    throw InvalidArgument(fmt::format("{}: a SentencePiece model of type {}; unigram ({}) can be run", place,
                                      model.model_type, kUnigram));
  }
  if (!model.escape_whitespaces || model.treat_whitespace_as_suffix) {
    throw InvalidArgument(
        fmt::format("{}: a SentencePiece model that marks spaces otherwise than by U+2581 before a "
                    "word cannot be run",
                    place));
  }
  ScoredPieces scored;
  for (const auto& piece : model.pieces) {
    scored.texts.push_back(piece.text);
    scored.scores.push_back(piece.score);
    scored.kinds.push_back(piece.kind);
  }
  std::optional<CharacterMap> map;
  if (!model.character_map.empty()) map.emplace(model.character_map, place);
  return std::make_unique<UnigramTokenizer>(
      scored, std::move(map), SentencePieceNormalizerOptions{model.add_dummy_prefix, model.remove_extra_whitespaces},
      SpecialTokens{}, place);
}

PieceVocabulary::PieceVocabulary(Parts parts)
    : pieces_(std::move(parts.pieces)),
      tokenizer_(std::move(parts.tokenizer)),
      end_(parts.end),
      unknown_(parts.unknown) {}

PieceVocabulary::PieceVocabulary(std::span<const std::byte> bytes, std::string_view place) {
  SentencePieceModel model = read_sentence_piece_model(bytes, place);
  tokenizer_ = make_sentence_piece_tokenizer(model, place);
  unknown_ = tokenizer_->special().unknown.value();
  dummy_prefix_ = model.add_dummy_prefix;
  pieces_ = std::move(model.pieces);
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    if (pieces_[i].kind == PieceKind::control && pieces_[i].text == kEnd) end_ = static_cast<TokenId>(i);
  }
  if (end_ < 0) throw InvalidData(fmt::format("{}: has no control piece \"{}\"", place, kEnd));
}

std::string PieceVocabulary::text(std::span<const TokenId> ids) const {
  std::string text;
  for (const TokenId id : ids) {
    const auto& piece = pieces_[static_cast<std::size_t>(id)];
    switch (piece.kind) {
      case PieceKind::control:
      case PieceKind::unused:
        break;
      case PieceKind::unknown:
        text += kUnknownText;
        break;
      case PieceKind::byte:
        text += byte_of(piece.text);
        break;
      case PieceKind::normal:
      case PieceKind::user_defined:
        append_with_spaces(text, piece.text);
        break;
    }
  }
  if (dummy_prefix_ && text.starts_with(' ')) text.erase(0, 1);
  return well_formed(text);  // Bytes need not come out as characters.
}

std::size_t PieceVocabulary::count_letters(std::string_view text) {
  std::size_t letters = 0;
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t at = 0; at < size;) {
    UChar32 c = 0;
    U8_NEXT(text.data(), at, size, c);
    letters += c >= 0 && u_isalpha(c);
  }
  return letters;
}

std::size_t PieceVocabulary::count_known_letters(std::span<const TokenId> ids) const {
  std::size_t letters = 0;
  for (const TokenId id : ids) {
    const auto& piece = pieces_[static_cast<std::size_t>(id)];
    // Of characters that are spelled in bytes nothing is known.
    if (piece.kind == PieceKind::normal || piece.kind == PieceKind::user_defined) letters += count_letters(piece.text);
  }
  return letters;
}

bool PieceVocabulary::begins_word(TokenId id) const {
  return pieces_[static_cast<std::size_t>(id)].text.starts_with(kSpace);
}

bool PieceVocabulary::ends_clause(TokenId id) const {
  const std::string& text = pieces_[static_cast<std::size_t>(id)].text;
  auto at = static_cast<std::int32_t>(text.size());
  UChar32 last = 0;
  U8_PREV(text.data(), 0, at, last);
  return last > 0 && u_ispunct(last) && u_charType(last) == U_OTHER_PUNCTUATION;
}

}  // namespace dragoman
