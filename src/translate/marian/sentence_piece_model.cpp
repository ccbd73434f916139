// The few fields of protocol buffers that a SentencePiece model needs, read by hand: the format is a list of
// (number, kind, value), and what is not known is skipped.
#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "base/byte_reader.h"
#include "dragoman/base/utf8.h"
#include "translate/marian/vocabulary.h"

namespace dragoman {
namespace {

enum class WireType : unsigned { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

std::uint64_t read_varint(ByteReader& in) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = in.read<std::uint8_t>("a number");
    value |= std::uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) return value;
  }
  in.fail("a number of more than 64 bits");
}

/// A field of a message; of a number `value` holds it, of bytes `bytes`.
struct Field {
  std::uint64_t number = 0;
  WireType type = WireType::varint;
  std::uint64_t value = 0;
  std::span<const std::byte> bytes;

  std::string_view text() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
  float real() const { return std::bit_cast<float>(static_cast<std::uint32_t>(value)); }
};

bool next_field(ByteReader& in, Field& field) {
  if (in.remaining() == 0) return false;
  const std::uint64_t key = read_varint(in);
  field = {.number = key >> 3, .type = static_cast<WireType>(key & 7), .value = 0, .bytes = {}};
  switch (field.type) {
    case WireType::varint:
      field.value = read_varint(in);
      return true;
    case WireType::fixed64:
      field.value = in.read<std::uint64_t>("a number");
      return true;
    case WireType::fixed32:
      field.value = in.read<std::uint32_t>("a number");
      return true;
    case WireType::bytes:
      field.bytes = in.take(read_varint(in), "a field");
      return true;
  }
  in.fail("is no SentencePiece model");
}

// Field numbers of sentencepiece_model.proto.
namespace model_field {
constexpr std::uint64_t pieces = 1, trainer = 2, normalizer = 3;
}
namespace piece_field {
constexpr std::uint64_t text = 1, score = 2, kind = 3;
}
namespace trainer_field {
constexpr std::uint64_t model_type = 3, whitespace_as_suffix = 24;
}
namespace normalizer_field {
constexpr std::uint64_t character_map = 2, dummy_prefix = 3, extra_whitespaces = 4, escape_whitespaces = 5;
}

SentencePieceModel::Piece read_piece(std::span<const std::byte> bytes, std::string_view place, std::size_t number) {
  ByteReader in(bytes, place);
  SentencePieceModel::Piece piece;
  for (Field field; next_field(in, field);) {
    if (field.number == piece_field::text && field.type == WireType::bytes) piece.text = field.text();
    if (field.number == piece_field::score && field.type == WireType::fixed32) piece.score = field.real();
    if (field.number == piece_field::kind && field.type == WireType::varint) {
      if (field.value < 1 || field.value > 6) in.fail(fmt::format("piece {} is of kind {}", number, field.value));
      piece.kind = static_cast<PieceKind>(field.value);
    }
  }
  if (piece.text.empty() || find_invalid_utf8(piece.text) != std::string_view::npos) {
    throw InvalidData(fmt::format("{}: piece {} is empty or not UTF-8", place, number));
  }
  return piece;
}

void read_trainer(std::span<const std::byte> bytes, std::string_view place, SentencePieceModel& model) {
  ByteReader in(bytes, place);
  for (Field field; next_field(in, field);) {
    if (field.type != WireType::varint) continue;
    if (field.number == trainer_field::model_type) model.model_type = static_cast<int>(field.value & 0xFF);
    if (field.number == trainer_field::whitespace_as_suffix) model.treat_whitespace_as_suffix = field.value != 0;
  }
}

void read_normalizer(std::span<const std::byte> bytes, std::string_view place, SentencePieceModel& model) {
  ByteReader in(bytes, place);
  for (Field field; next_field(in, field);) {
    if (field.number == normalizer_field::character_map && field.type == WireType::bytes) {
      model.character_map = field.text();
    }
    if (field.type != WireType::varint) continue;
    if (field.number == normalizer_field::dummy_prefix) model.add_dummy_prefix = field.value != 0;
    if (field.number == normalizer_field::extra_whitespaces) model.remove_extra_whitespaces = field.value != 0;
    if (field.number == normalizer_field::escape_whitespaces) model.escape_whitespaces = field.value != 0;
  }
}

}  // namespace

SentencePieceModel read_sentence_piece_model(std::span<const std::byte> bytes, std::string_view place) {
  ByteReader in(bytes, place);
  SentencePieceModel model;
  for (Field field; next_field(in, field);) {
    if (field.type != WireType::bytes) continue;
    if (field.number == model_field::pieces) {
      model.pieces.push_back(read_piece(field.bytes, place, model.pieces.size()));
    } else if (field.number == model_field::trainer) {
      read_trainer(field.bytes, place, model);
    } else if (field.number == model_field::normalizer) {
      read_normalizer(field.bytes, place, model);
    }
  }
  if (model.pieces.empty()) in.fail("is no SentencePiece model: it has no pieces");
  return model;
}

}  // namespace dragoman
