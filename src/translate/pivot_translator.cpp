#include <fmt/format.h>

#include <algorithm>

#include "dragoman/translate/translator_registry.h"

namespace dragoman {
namespace {

class PivotTranslator final : public Translator {
 public:
  PivotTranslator(std::unique_ptr<Translator> first, std::unique_ptr<Translator> second, const Language& over)
      : first_(std::move(first)),
        second_(std::move(second)),
        over_(over),
        name_(fmt::format("{}+{}", first_->name(), second_->name())),
        stamp_(fmt::format("{} > {} > {}", first_->stamp(), over_.tag(), second_->stamp())) {}

  std::string_view name() const override { return name_; }
  const std::string& stamp() const override { return stamp_; }
  std::size_t batch_texts() const override { return std::min(first_->batch_texts(), second_->batch_texts()); }
  bool serves(const Language& from, const Language& to) const override {
    return first_->serves(from, over_) && second_->serves(over_, to);
  }
  std::vector<std::string> notices() const override {
    std::vector<std::string> all = first_->notices();
    for (std::string& notice : second_->notices()) all.push_back(std::move(notice));
    return all;
  }

  std::vector<std::optional<std::string>> translate(std::span<const std::string> texts, const Language& from,
                                                    const Language& to) override {
    require_pair(*this, from, to);
    const auto between = first_->translate(texts, from, over_);
    std::vector<std::string> known;
    for (const auto& text : between) {
      if (text) known.push_back(*text);
    }
    auto said = second_->translate(known, over_, to);
    std::vector<std::optional<std::string>> translations;
    std::size_t next = 0;
    for (const auto& text : between) translations.push_back(text ? std::move(said[next++]) : std::nullopt);
    return translations;
  }

 private:
  std::unique_ptr<Translator> first_, second_;
  Language over_;
  std::string name_, stamp_;
};

}  // namespace

std::unique_ptr<Translator> make_pivot_translator(std::unique_ptr<Translator> first, std::unique_ptr<Translator> second,
                                                  const Language& over) {
  return std::make_unique<PivotTranslator>(std::move(first), std::move(second), over);
}

}  // namespace dragoman
