#include "dragoman/retrieve/question_means.h"

#include <fmt/format.h>

#include "dragoman/base/error.h"
#include "text/language_key.h"

namespace dragoman {
namespace {

// Measured on AfriQA and XQuAD (docs/language-bias.md).
constexpr float kShare = 0.75f;
constexpr double kPriorQuestions = 10;

}  // namespace

QuestionMeans::QuestionMeans(std::span<const float> vectors, std::span<const Language> languages,
                             std::size_t dimension) {
  if (languages.empty() || vectors.size() != languages.size() * dimension) {
    throw InvalidArgument(fmt::format("question means: {} values are not {} vectors of {} dimensions, at least one",
                                      vectors.size(), languages.size(), dimension));
  }
  struct Sum {
    double count = 0;
    std::vector<double> vector;
  };
  std::map<Language, Sum> sums;
  for (std::size_t i = 0; i < languages.size(); ++i) {
    Sum& sum = sums[language_key(languages[i])];
    sum.vector.resize(dimension);
    sum.count += 1;
    for (std::size_t x = 0; x < dimension; ++x) sum.vector[x] += static_cast<double>(vectors[i * dimension + x]);
  }
  std::vector<double> center(dimension);
  double all = 0;
  for (auto& [language, sum] : sums) {
    const double worth = sum.count / (sum.count + kPriorQuestions);
    all += worth;
    for (std::size_t x = 0; x < dimension; ++x) {
      sum.vector[x] /= sum.count;
      center[x] += worth * sum.vector[x];
    }
  }
  for (double& x : center) x /= all;
  center_.assign(center.begin(), center.end());
  for (const auto& [language, sum] : sums) {
    const double worth = sum.count / (sum.count + kPriorQuestions);
    auto& direction = directions_[language];
    for (std::size_t x = 0; x < dimension; ++x) {
      direction.push_back(static_cast<float>(worth * (sum.vector[x] - center[x])));
    }
  }
}

std::vector<float> QuestionMeans::common(std::span<const LanguageProbability> parts) const {
  std::vector<float> common = center_;
  for (const LanguageProbability& part : parts) {
    const auto found = directions_.find(language_key(part.language));
    if (found == directions_.end()) continue;
    for (std::size_t x = 0; x < common.size(); ++x) {
      common[x] += static_cast<float>(part.probability) * found->second[x];
    }
  }
  for (float& x : common) x *= kShare;
  return common;
}

std::vector<Language> QuestionMeans::languages() const {
  std::vector<Language> languages;
  for (const auto& [language, direction] : directions_) languages.push_back(language);
  return languages;
}

}  // namespace dragoman
