#include "dragoman/translate/translator.h"

#include <gmock/gmock.h>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

class GermanToEnglish final : public Translator {
 public:
  std::string_view name() const override { return "example"; }
  const std::string& stamp() const override { return stamp_; }
  bool serves(const Language& from, const Language& to) const override {
    return from.primary() == "de" && to.primary() == "en";
  }
  std::vector<std::optional<std::string>> translate(std::span<const std::string> texts, const Language& from,
                                                    const Language& to) override {
    require_pair(*this, from, to);
    return std::vector<std::optional<std::string>>(texts.size());
  }

 private:
  std::string stamp_ = "1";
};

TEST(Translator, NamesThePairItCannotServe) {
  GermanToEnglish translator;
  EXPECT_NO_THROW(require_pair(translator, Language::parse("de-AT"), Language::parse("en")));
  try {
    require_pair(translator, Language::parse("sw"), Language::parse("th"));
    FAIL() << "no error";
  } catch (const InvalidArgument& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("example cannot translate from 'sw' to 'th'"));
  }
}

}  // namespace
}  // namespace dragoman
