#include "text/analysis/hunspell_dictionary.h"

#include <fmt/format.h>
#include <unicode/locid.h>
#include <unicode/ucnv.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cstdlib>
#include <hunspell/hunspell.hxx>
#include <system_error>
#include <utility>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/hash.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;

/// Longer words are no words of a dictionary, and Hunspell takes long over them.
constexpr std::size_t kMaxWordBytes = 100;

std::vector<fs::path> dictionary_folders() {
  std::vector<fs::path> folders;
  if (const char* listed = std::getenv("DICPATH"); listed != nullptr) {
    for (std::string_view rest = listed; !rest.empty();) {
      const std::size_t end = std::min(rest.find(':'), rest.size());
      if (end != 0) folders.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  for (const char* folder : {"/usr/share/hunspell", "/usr/share/myspell/dicts", "/usr/local/share/hunspell"}) {
    folders.emplace_back(folder);
  }
  return folders;
}

bool is_dictionary(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(fs::path(path) += ".aff", error) && fs::is_regular_file(fs::path(path) += ".dic", error);
}

}  // namespace

/// Hunspell for one thread at a time, and a converter to the encoding of its files.
struct HunspellDictionary::Copy {
  explicit Copy(const fs::path& path) : hunspell((path.string() + ".aff").c_str(), (path.string() + ".dic").c_str()) {
    UErrorCode status = U_ZERO_ERROR;
    converter.reset(ucnv_open(hunspell.get_dict_encoding().c_str(), &status));
    if (U_FAILURE(status)) {
      throw InvalidData(fmt::format("{}.aff: unknown encoding '{}'", path.string(), hunspell.get_dict_encoding()));
    }
  }

  /// Empty if the encoding lacks a character: then no word of the dictionary has it.
  std::string encode(const icu::UnicodeString& word) const {
    std::string bytes(static_cast<std::size_t>(word.length()) * 4, '\0');
    UErrorCode status = U_ZERO_ERROR;
    ucnv_setFromUCallBack(converter.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
    const auto size = ucnv_fromUChars(converter.get(), bytes.data(), static_cast<std::int32_t>(bytes.size()),
                                      word.getBuffer(), word.length(), &status);
    if (U_FAILURE(status)) return {};
    bytes.resize(static_cast<std::size_t>(size));
    return bytes;
  }

  icu::UnicodeString decode(const std::string& bytes) const {
    UErrorCode status = U_ZERO_ERROR;
    icu::UnicodeString text(bytes.data(), static_cast<std::int32_t>(bytes.size()), converter.get(), status);
    return U_SUCCESS(status) ? text : icu::UnicodeString();
  }

  struct CloseConverter {
    void operator()(UConverter* open) const { ucnv_close(open); }
  };
  Hunspell hunspell;
  std::unique_ptr<UConverter, CloseConverter> converter;
};

/// A copy that nobody else uses meanwhile.
class HunspellDictionary::Lease {
 public:
  explicit Lease(const HunspellDictionary& dictionary) : dictionary_(dictionary) {
    {
      const std::lock_guard lock(dictionary_.mutex_);
      if (!dictionary_.idle_.empty()) {
        copy_ = std::move(dictionary_.idle_.back());
        dictionary_.idle_.pop_back();
      }
    }
    if (copy_ == nullptr) copy_ = std::make_unique<Copy>(dictionary_.path_);
  }
  ~Lease() {
    const std::lock_guard lock(dictionary_.mutex_);
    dictionary_.idle_.push_back(std::move(copy_));
  }
  Copy* operator->() { return copy_.get(); }

 private:
  const HunspellDictionary& dictionary_;
  std::unique_ptr<Copy> copy_;
};

std::optional<fs::path> HunspellDictionary::find(std::string_view primary) {
  const std::string code(primary);
  UErrorCode status = U_ZERO_ERROR;
  icu::Locale locale(code.c_str());
  locale.addLikelySubtags(status);
  const std::string usual = U_SUCCESS(status) ? fmt::format("{}_{}", code, locale.getCountry()) : code;
  for (const fs::path& folder : dictionary_folders()) {
    for (const std::string& name : {usual, code}) {
      if (is_dictionary(folder / name)) return folder / name;
    }
    std::vector<fs::path> others;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
      fs::path name = entry.path();
      if (name.extension() != ".dic" || !name.filename().string().starts_with(code + "_")) continue;
      if (is_dictionary(name.replace_extension())) others.push_back(name);
    }
    if (!others.empty()) return *std::ranges::min_element(others);
  }
  return std::nullopt;
}

HunspellDictionary::HunspellDictionary(fs::path path) : path_(std::move(path)) {
  std::uint64_t sum = 0;
  for (const char* extension : {".aff", ".dic"}) {
    const fs::path file = fs::path(path_) += extension;
    std::error_code error;
    if (!fs::is_regular_file(file, error)) {
      throw NotFound(fmt::format("{}: there is no such file; install a dictionary (hunspell-{})", file.string(),
                                 path_.filename().string().substr(0, 2)));
    }
    sum = sum * 31 + checksum(MappedFile(file).bytes());
  }
  stamp_ = fmt::format("{}:{:016x}", path_.filename().string(), sum);
}

HunspellDictionary::~HunspellDictionary() = default;

bool HunspellDictionary::knows(std::string_view word) const {
  if (word.size() > kMaxWordBytes) return false;
  Lease copy(*this);
  icu::UnicodeString text =
      icu::UnicodeString::fromUTF8(icu::StringPiece(word.data(), static_cast<std::int32_t>(word.size())));
  const std::string small = copy->encode(text);
  if (!small.empty() && copy->hunspell.spell(small)) return true;
  const std::string capital = copy->encode(text.toTitle(nullptr, icu::Locale::getRoot()));
  return !capital.empty() && copy->hunspell.spell(capital);
}

std::string HunspellDictionary::lemma(std::string_view word) const {
  if (word.size() > kMaxWordBytes) return {};
  Lease copy(*this);
  icu::UnicodeString text =
      icu::UnicodeString::fromUTF8(icu::StringPiece(word.data(), static_cast<std::int32_t>(word.size())));
  std::vector<std::string> lemmas;
  for (const bool capital : {false, true}) {
    const std::string bytes = copy->encode(capital ? text.toTitle(nullptr, icu::Locale::getRoot()) : text);
    if (bytes.empty()) continue;
    for (const std::string& found : copy->hunspell.stem(bytes)) {
      std::string lemma;
      copy->decode(found).foldCase().toUTF8String(lemma);
      if (!lemma.empty()) lemmas.push_back(std::move(lemma));
    }
    if (!lemmas.empty()) break;
  }
  if (lemmas.empty()) return {};
  return *std::ranges::min_element(lemmas, [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
}

namespace {

class Lemmatiser : public Stemmer {
 public:
  Lemmatiser(std::shared_ptr<const HunspellDictionary> dictionary, std::shared_ptr<const Stemmer> otherwise)
      : dictionary_(std::move(dictionary)), otherwise_(std::move(otherwise)) {}

  void stem(std::string& word) const override {
    std::string lemma = dictionary_->lemma(word);
    if (!lemma.empty()) {
      word = std::move(lemma);
    } else if (otherwise_ != nullptr) {
      otherwise_->stem(word);
    }
  }

 private:
  std::shared_ptr<const HunspellDictionary> dictionary_;
  std::shared_ptr<const Stemmer> otherwise_;
};

}  // namespace

std::unique_ptr<Stemmer> make_lemmatiser(std::shared_ptr<const HunspellDictionary> dictionary,
                                         std::shared_ptr<const Stemmer> otherwise) {
  return std::make_unique<Lemmatiser>(std::move(dictionary), std::move(otherwise));
}

}  // namespace dragoman
