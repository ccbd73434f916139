#include "dragoman/engine/encode_file.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"
#include "engine/npy_writer.h"
#include "engine/text_file.h"

namespace dragoman {
namespace {

constexpr std::string_view kEnding = ".npy";

/// "vectors.npy" and "sparse.indices.npy" make "vectors.sparse.indices.npy".
std::filesystem::path beside(const std::filesystem::path& output, std::string_view ending) {
  const std::string name = output.string();
  return name.substr(0, name.size() - kEnding.size()) + "." + std::string(ending);
}

/// Where the representations go, each head to files of its own.
class EncodingFiles {
 public:
  EncodingFiles(const Encoder& encoder, const EncodeFileOptions& options) : output_(options.output) {
    const Heads heads = options.encode.heads;
    if (heads.sparse) {
      sparse_indptr_.emplace(beside(output_, "sparse.indptr.npy"), "<i8", 0);
      sparse_indices_.emplace(beside(output_, "sparse.indices.npy"), "<i4", 0);
      sparse_weights_.emplace(beside(output_, "sparse.weights.npy"), "<f4", 0);
      append_count(*sparse_indptr_, 0);
    }
    if (heads.multi_vector) {
      multi_vector_offsets_.emplace(beside(output_, "multivector.offsets.npy"), "<i8", 0);
      multi_vector_.emplace(beside(output_, "multivector.npy"), "<f4", encoder.multi_vector_dimension());
      append_count(*multi_vector_offsets_, 0);
    }
    if (heads.dense) {
      const std::size_t cut = options.encode.dense_dimension;
      dense_.emplace(output_, "<f4", cut != 0 ? cut : encoder.dimension());
    }
  }

  void add(std::span<const Encoding> encodings) {
    for (const Encoding& encoding : encodings) {
      if (dense_) dense_rows_.insert(dense_rows_.end(), encoding.dense.begin(), encoding.dense.end());
      if (sparse_indptr_) {
        for (const SparseWeight& weight : encoding.sparse) {
          indices_.push_back(static_cast<std::int32_t>(weight.dimension));
          weights_.push_back(weight.weight);
        }
        append_count(*sparse_indptr_, sparse_indices_->rows() + indices_.size());
      }
      if (multi_vector_) {
        multi_vector_->append(std::span<const float>(encoding.multi_vector));
        append_count(*multi_vector_offsets_, multi_vector_->rows());
      }
    }
    if (dense_) dense_->append(std::span<const float>(dense_rows_));
    if (sparse_indptr_) {
      sparse_indices_->append(std::span<const std::int32_t>(indices_));
      sparse_weights_->append(std::span<const float>(weights_));
    }
    dense_rows_.clear();
    indices_.clear();
    weights_.clear();
  }

  void add_ids(std::span<const TextFile::Text> texts) {
    for (const TextFile::Text& text : texts) {
      if (!text.id) return;
      if (!ids_) ids_.emplace(beside(output_, "ids.txt"));
      ids_->write(*text.id + "\n");
    }
  }

  std::vector<std::filesystem::path> commit() {
    std::vector<std::filesystem::path> files;
    if (ids_) {
      ids_->commit();
      files.push_back(beside(output_, "ids.txt"));
    }
    // The dense file last: where it is, all are.
    for (auto* file :
         {&sparse_indptr_, &sparse_indices_, &sparse_weights_, &multi_vector_offsets_, &multi_vector_, &dense_}) {
      if (!*file) continue;
      (*file)->commit();
      files.push_back((*file)->path());
    }
    return files;
  }

 private:
  static void append_count(NpyWriter& file, std::uint64_t count) {
    const auto number = static_cast<std::int64_t>(count);
    file.append(std::span<const std::int64_t>(&number, 1));
  }

  std::filesystem::path output_;
  std::optional<NpyWriter> dense_, sparse_indptr_, sparse_indices_, sparse_weights_, multi_vector_,
      multi_vector_offsets_;
  std::optional<AtomicFile> ids_;
  std::vector<float> dense_rows_, weights_;  // Of one batch.
  std::vector<std::int32_t> indices_;
};

void check(const EncodeFileOptions& options) {
  if (options.batch == 0) throw InvalidArgument("batch is 0, must be at least 1");
  if (!options.output.string().ends_with(kEnding) || options.output.stem().empty()) {
    throw InvalidArgument(
        fmt::format("{}: the output is a NumPy file, so its name must end with .npy", options.output.string()));
  }
  const Heads heads = options.encode.heads;
  if (!heads.dense && !heads.sparse && !heads.multi_vector) {
    throw InvalidArgument("no head is asked for; choose of dense, sparse, multivector");
  }
}

}  // namespace

TextFormat parse_text_format(std::string_view name) {
  if (name == "lines") return TextFormat::lines;
  if (name == "json_lines") return TextFormat::json_lines;
  throw InvalidArgument(fmt::format("no format '{}'; choose of lines, json_lines", printable(name)));
}

EncodeFileReport encode_file(const Encoder& encoder, const EncodeFileOptions& options,
                             const ProgressCallback& progress) {
  check(options);
  encoder.encode({}, options.as, options.encode);  // What the model cannot is refused before anything is made.
  TextFile input(options.input, options.format);
  const std::uint64_t total = progress ? input.count() : 0;
  const std::uint64_t cached_before = encoder.usage().cached;
  EncodingFiles files(encoder, options);
  EncodeFileReport report;
  std::vector<TextFile::Text> batch;
  for (bool more = true; more;) {
    dragoman::report(progress, {"encode", "texts", report.texts, total, "tokens", report.tokens});
    if (options.stop != nullptr && *options.stop) {
      throw Unavailable(
          fmt::format("interrupted after {} texts; with a cache the same command goes on from there", report.texts));
    }
    batch.clear();
    for (TextFile::Text text; batch.size() < options.batch && (more = input.next(text));) {
      batch.push_back(std::move(text));
    }
    const std::vector<std::string_view> texts = [&] {
      std::vector<std::string_view> views;
      for (const TextFile::Text& text : batch) views.emplace_back(text.text);
      return views;
    }();
    const auto encodings = encoder.encode(texts, options.as, options.encode);
    files.add(encodings);
    files.add_ids(batch);
    report.texts += encodings.size();
    for (const Encoding& encoding : encodings) {
      report.tokens += encoding.tokens_read;
      report.truncated += encoding.tokens_read < encoding.tokens_total;
    }
  }
  if (report.texts == 0) throw InvalidData(fmt::format("{}: holds no texts", options.input));
  report.cached = encoder.usage().cached - cached_before;
  if (options.encode.heads.dense) {
    const std::size_t cut = options.encode.dense_dimension;
    report.dimension = cut != 0 ? cut : encoder.dimension();
  }
  report.files = files.commit();
  return report;
}

}  // namespace dragoman
