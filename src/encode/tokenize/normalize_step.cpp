#include "encode/tokenize/normalize_step.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uniset.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "dragoman/base/error.h"
#include "encode/tokenize/character_class.h"
#include "encode/tokenize/utf8_code.h"

namespace dragoman {
namespace {

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char byte) { return static_cast<std::uint8_t>(byte) < 0x80; });
}

/// Calls `put(result, code point, its bytes)` for each character and takes the result.
template <typename Put>
void rewrite(std::string& text, Put put) {
  std::string result;
  result.reserve(text.size() + text.size() / 4);
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = read_code_point(std::string_view(text).substr(at, 4));
    put(result, point.value, std::string_view(text).substr(at, point.bytes));
    at += point.bytes;
  }
  text = std::move(result);
}

void put_lowercase(std::string& result, char32_t value, std::string_view bytes) {
  if (value == 0x130) {  // The one character whose small letter is two: i and a dot above.
    result += "i\xCC\x87";
    return;
  }
  const auto lower = static_cast<char32_t>(u_tolower(static_cast<UChar32>(value)));
  if (lower == value) {
    result += bytes;
  } else {
    append_code_point(result, lower);
  }
}

/// Hugging Face's normaliser knows Unicode 9; to it, younger characters have no decomposition and no class.
class IcuNormalizer {
 public:
  explicit IcuNormalizer(UnicodeForm form) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* all = form == UnicodeForm::nfc    ? icu::Normalizer2::getNFCInstance(status)
                                  : form == UnicodeForm::nfd  ? icu::Normalizer2::getNFDInstance(status)
                                  : form == UnicodeForm::nfkc ? icu::Normalizer2::getNFKCInstance(status)
                                                              : icu::Normalizer2::getNFKDInstance(status);
    known_ = std::make_unique<icu::UnicodeSet>(UNICODE_STRING_SIMPLE("[:age=9.0:]"), status);
    if (U_SUCCESS(status) != 0) known_->freeze();
    if (U_FAILURE(status) != 0) throw Unavailable(std::string("ICU cannot normalise: ") + u_errorName(status));
    filtered_ = std::make_unique<icu::FilteredNormalizer2>(*all, *known_);
  }

  void apply(std::string& text) const {
    if (is_ascii(text)) return;
    UErrorCode status = U_ZERO_ERROR;
    std::string result;
    result.reserve(text.size() + text.size() / 4);
    icu::StringByteSink<std::string> sink(&result);
    filtered_->normalizeUTF8(0, {text.data(), static_cast<std::int32_t>(text.size())}, sink, nullptr, status);
    if (U_FAILURE(status) != 0) throw Unavailable(std::string("ICU cannot normalise: ") + u_errorName(status));
    text = std::move(result);
  }

 private:
  std::unique_ptr<icu::UnicodeSet> known_;
  std::unique_ptr<icu::FilteredNormalizer2> filtered_;
};

}  // namespace

NormalizeStep unicode_normalizer(UnicodeForm form) {
  return [normalizer = std::make_shared<const IcuNormalizer>(form)](std::string& text) { normalizer->apply(text); };
}

NormalizeStep bert_normalizer(const BertNormalizerOptions& options) {
  const auto decompose = unicode_normalizer(UnicodeForm::nfd);
  return [options, decompose](std::string& text) {
    if (options.clean_text || options.handle_chinese_chars) {
      rewrite(text, [&](std::string& result, char32_t value, std::string_view bytes) {
        const std::uint16_t classes = character_classes(value);
        if (options.clean_text && is(classes, CharacterClass::bert_control)) return;
        if (options.clean_text && is(classes, CharacterClass::bert_white_space)) {
          result += ' ';
        } else if (options.handle_chinese_chars && is(classes, CharacterClass::bert_ideograph)) {
          result += ' ';
          result += bytes;
          result += ' ';
        } else {
          result += bytes;
        }
      });
    }
    if (options.strip_accents && !is_ascii(text)) {
      decompose(text);
      rewrite(text, [](std::string& result, char32_t value, std::string_view bytes) {
        if (!is(value, CharacterClass::bert_nonspacing_mark)) result += bytes;
      });
    }
    if (options.lowercase) rewrite(text, put_lowercase);
  };
}

NormalizeStep lowercase_normalizer() {
  return [](std::string& text) { rewrite(text, put_lowercase); };
}

NormalizeStep mark_stripper() {
  return [](std::string& text) {
    rewrite(text, [](std::string& result, char32_t value, std::string_view bytes) {
      if (!is(value, CharacterClass::mark)) result += bytes;
    });
  };
}

NormalizeStep space_stripper(bool left, bool right) {
  return [left, right](std::string& text) {
    std::size_t begin = std::string::npos, end = 0;
    for (std::size_t at = 0; at < text.size();) {
      const CodePoint point = read_code_point(std::string_view(text).substr(at, 4));
      if (!is(point.value, CharacterClass::white_space)) {
        begin = std::min(begin, at);
        end = at + point.bytes;
      }
      at += point.bytes;
    }
    if (begin == std::string::npos) {
      if (left || right) text.clear();
      return;
    }
    if (right) text.resize(end);
    if (left) text.erase(0, begin);
  };
}

NormalizeStep prepender(std::string prefix) {
  return [prefix = std::move(prefix)](std::string& text) {
    if (!text.empty()) text.insert(0, prefix);
  };
}

NormalizeStep replacer(Pattern pattern, std::string replacement) {
  return [pattern = std::move(pattern), replacement = std::move(replacement)](std::string& text) {
    std::string result;
    std::size_t done = 0;
    pattern(text, [&](std::size_t begin, std::size_t end) {
      result.append(text, done, begin - done);
      result += replacement;
      done = end;
    });
    if (done == 0) return;
    result.append(text, done);
    text = std::move(result);
  };
}

NormalizeStep map_normalizer(CharacterMap map) {
  return [map = std::make_shared<const CharacterMap>(std::move(map))](std::string& text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
      const std::string_view rest = std::string_view(text).substr(at);
      if (const auto match = map->longest_prefix(rest); match.bytes != 0) {
        result += match.text;
        at += match.bytes;
      } else {
        const std::size_t bytes = read_code_point(rest.substr(0, 4)).bytes;
        result += rest.substr(0, bytes);
        at += bytes;
      }
    }
    text = well_formed(result);
  };
}

}  // namespace dragoman
