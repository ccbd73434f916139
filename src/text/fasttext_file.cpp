#include "text/fasttext_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/byte_reader.h"
#include "dragoman/base/utf8.h"

// The format has no description; what is read here is what version 0.9.2 of the original writes (Apache-2.0 tools of
// Bojanowski et al., "Enriching Word Vectors with Subword Information", and Joulin et al., "Bag of Tricks for Efficient
// Text Classification").

namespace dragoman {
namespace {

constexpr std::int32_t kMagic = 793712314;
constexpr std::int32_t kVersion = 12, kVersionWithoutParts = 11;
constexpr std::int32_t kSupervised = 3;
constexpr std::size_t kAlternatives = 256;  // A code is a byte.

// Far beyond any model; they keep sums and products of what the file claims inside 64 bits, and work a word small.
constexpr std::int32_t kMaxDimension = 65536, kMaxNgram = 64;
constexpr std::int64_t kMaxRows = std::int64_t{1} << 40;
/// The original takes that for infinity where it builds the tree of labels.
constexpr std::int64_t kMaxCounts = 1'000'000'000'000'000;

std::size_t number_between(ByteReader& reader, std::int32_t least, std::int32_t most, std::string_view what) {
  const auto number = reader.read<std::int32_t>(what);
  if (number < least || number > most) {
    reader.fail(fmt::format("{} is {}, must be {} to {}", what, number, least, most));
  }
  return static_cast<std::size_t>(number);
}

bool read_flag(ByteReader& reader, std::string_view what) {
  const auto flag = reader.read<std::uint8_t>(what);
  if (flag > 1) reader.fail(fmt::format("{} is {}, must be 0 or 1", what, flag));
  return flag == 1;
}

std::vector<float> read_floats(ByteReader& reader, std::size_t count, std::string_view what) {
  const auto bytes = reader.take_array(count, sizeof(float), what);
  std::vector<float> floats(count);
  if (count != 0) std::memcpy(floats.data(), bytes.data(), bytes.size());
  if (!std::ranges::all_of(floats, [](float x) { return std::isfinite(x); })) {
    reader.fail(fmt::format("{} holds what is no finite number", what));
  }
  return floats;
}

void read_settings(ByteReader& reader, FasttextFile& file) {
  if (reader.read<std::int32_t>("magic number") != kMagic) reader.fail("this is no fastText model");
  const auto version = reader.read<std::int32_t>("version");
  if (version != kVersion && version != kVersionWithoutParts) {
    reader.fail(fmt::format("fastText's format {}; {} and {} can be read", version, kVersionWithoutParts, kVersion));
  }
  file.dimension = number_between(reader, 1, kMaxDimension, "dimension");
  for (const char* unused : {"ws", "epoch", "minCount", "neg"}) reader.read<std::int32_t>(unused);
  file.word_ngrams = number_between(reader, 0, kMaxNgram, "wordNgrams");
  file.loss = static_cast<FasttextLoss>(number_between(reader, 1, 4, "loss"));
  if (reader.read<std::int32_t>("model") != kSupervised) {
    reader.fail("the model holds word vectors; a classifier (fasttext supervised) is needed");
  }
  file.buckets = static_cast<std::size_t>(number_between(reader, 0, INT32_MAX, "bucket"));
  file.min_characters = number_between(reader, 0, kMaxNgram, "minn");
  file.max_characters = number_between(reader, 0, kMaxNgram, "maxn");
  reader.read<std::int32_t>("lrUpdateRate");
  reader.read<double>("t");
  if (version == kVersionWithoutParts) file.max_characters = 0;
  if (file.buckets == 0 && (file.max_characters > 0 || file.word_ngrams > 1)) {
    reader.fail("bucket is 0, but there are n-grams to put into buckets");
  }
}

std::string_view read_word(ByteReader& reader) {
  ByteReader ahead = reader;
  const auto rest = ahead.text(ahead.remaining(), "word");
  const auto end = rest.find('\0');
  if (end == std::string_view::npos) reader.fail("a word does not end");
  const auto word = reader.text(end, "word");
  reader.read<char>("end of a word");
  return word;
}

void read_dictionary(ByteReader& reader, FasttextFile& file) {
  const auto size = reader.read<std::int32_t>("size of the dictionary");
  const auto words = reader.read<std::int32_t>("number of words");
  const auto labels = reader.read<std::int32_t>("number of labels");
  reader.read<std::int64_t>("number of tokens");
  const auto kept = reader.read<std::int64_t>("number of kept buckets");
  if (words < 0 || labels < 1 || std::int64_t{words} + labels != size) {
    reader.fail(
        fmt::format("a dictionary of {} entries, {} words and {} labels; there must be a label", size, words, labels));
  }
  std::int64_t sum = 0;
  for (std::int32_t i = 0; i < size; ++i) {  // Nothing is reserved: a number is a claim, an entry is 10 bytes at least.
    const auto word = read_word(reader);
    const auto count = reader.read<std::int64_t>("count of a word");
    const auto type = reader.read<std::int8_t>("type of a word");
    const bool is_label = i >= words;
    if (type != (is_label ? 1 : 0)) reader.fail("words and labels are not where they must be");
    if (!is_label) {
      file.words.push_back(word);
      continue;
    }
    if (!word.starts_with(kFasttextLabel)) {
      reader.fail(fmt::format("label \"{}\" does not begin with {}", printable(word), kFasttextLabel));
    }
    if (count < 0 || count >= kMaxCounts - sum) reader.fail("counts of labels are out of range");
    sum += count;
    file.labels.push_back(word);
    file.label_counts.push_back(count);
  }
  file.pruned = kept >= 0;
  for (std::int64_t i = 0; i < kept; ++i) {
    const auto bucket = reader.read<std::int32_t>("kept bucket"), row = reader.read<std::int32_t>("its row");
    if (bucket < 0 || static_cast<std::size_t>(bucket) >= file.buckets || row < 0) {
      reader.fail(fmt::format("bucket {} with row {} is out of range", bucket, row));
    }
    file.kept_buckets.emplace_back(static_cast<std::uint32_t>(bucket), static_cast<std::uint32_t>(row));
  }
}

void read_shape(ByteReader& reader, FasttextMatrix& matrix, std::size_t columns, std::string_view what) {
  const auto rows = reader.read<std::int64_t>("rows"), found = reader.read<std::int64_t>("columns");
  if (rows < 0 || rows > kMaxRows || found < 0 || static_cast<std::uint64_t>(found) != columns) {
    reader.fail(fmt::format("the {} matrix is {} x {}, must have {} columns", what, rows, found, columns));
  }
  matrix.rows = static_cast<std::size_t>(rows);
  matrix.columns = columns;
}

/// Columns, pieces, and lengths of a piece and of the last one, which must be a partition of the columns.
FasttextCodes read_codebook(ByteReader& reader, std::size_t columns) {
  const auto dimension = reader.read<std::int32_t>("columns of a codebook");
  const auto pieces = reader.read<std::int32_t>("pieces of a codebook");
  const auto piece = reader.read<std::int32_t>("length of a piece");
  const auto last = reader.read<std::int32_t>("length of the last piece");
  if (dimension < 1 || static_cast<std::size_t>(dimension) != columns || pieces < 1 || piece < 1 || last < 1 ||
      last > piece || (std::int64_t{pieces} - 1) * piece + last != dimension) {
    reader.fail(fmt::format("a codebook of {} columns in {} pieces of {}, the last of {}, for {} columns", dimension,
                            pieces, piece, last, columns));
  }
  FasttextCodes codes;
  codes.pieces = static_cast<std::size_t>(pieces);
  codes.piece = static_cast<std::size_t>(piece);
  codes.codebook = read_floats(reader, columns * kAlternatives, "a codebook");
  return codes;
}

FasttextMatrix read_matrix(ByteReader& reader, bool quantised, std::size_t columns, std::string_view what) {
  FasttextMatrix matrix;
  if (!quantised) {
    read_shape(reader, matrix, columns, what);
    matrix.numbers = reader.take_array(matrix.rows, columns * sizeof(float), what);
    return matrix;
  }
  const bool norms = read_flag(reader, "whether there are norms");
  read_shape(reader, matrix, columns, what);
  const auto size = reader.read<std::int32_t>("number of codes");
  if (size < 0) reader.fail("the number of codes is negative");
  const auto bytes = reader.take(static_cast<std::uint64_t>(size), "codes");
  matrix.codes = read_codebook(reader, columns);
  if (bytes.size() != matrix.rows * matrix.codes->pieces) {
    reader.fail(fmt::format("{} codes for {} rows of {} pieces", bytes.size(), matrix.rows, matrix.codes->pieces));
  }
  matrix.codes->codes = bytes;
  if (norms) {
    matrix.codes->norm_codes = reader.take(matrix.rows, "codes of norms");
    matrix.codes->norms = read_codebook(reader, 1).codebook;
  }
  return matrix;
}

}  // namespace

bool is_fasttext(std::span<const std::byte> bytes) {
  std::int32_t magic = 0;
  if (bytes.size() < sizeof(magic)) return false;
  std::memcpy(&magic, bytes.data(), sizeof(magic));
  return magic == kMagic;
}

FasttextFile read_fasttext(std::span<const std::byte> bytes, std::string_view place) {
  ByteReader reader(bytes, place);
  FasttextFile file;
  read_settings(reader, file);
  read_dictionary(reader, file);

  const bool quantised = read_flag(reader, "whether the input matrix is quantised");
  file.input = read_matrix(reader, quantised, file.dimension, "input");
  std::size_t least_rows = file.words.size();
  if (file.pruned) {
    for (const auto& [bucket, row] : file.kept_buckets) least_rows = std::max(least_rows, file.words.size() + row + 1);
  } else if (file.max_characters > 0 || file.word_ngrams > 1) {
    least_rows += file.buckets;
  }
  if (file.input.rows < least_rows) {
    reader.fail(fmt::format("the input matrix has {} rows, needs {}", file.input.rows, least_rows));
  }

  // The flag is written in any case, but it counts only where the input is quantised too.
  const bool output_quantised = read_flag(reader, "whether the output matrix is quantised") && quantised;
  file.output = read_matrix(reader, output_quantised, file.dimension, "output");
  if (file.output.rows != file.labels.size()) {
    reader.fail(fmt::format("the output matrix has {} rows for {} labels", file.output.rows, file.labels.size()));
  }
  if (reader.remaining() != 0) reader.fail(fmt::format("{} bytes too many at the end", reader.remaining()));
  return file;
}

}  // namespace dragoman
