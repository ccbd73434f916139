#include <gtest/gtest.h>

#include <vector>

#include "encode/golden.h"

namespace dragoman {
namespace {

// 600 tokens do not go through the model in one batch, neither do the 540 that are shared.
TEST(LongPrompt, GivesTheSameBitsWithTheSharedPrefixKeptOrNot) {
  const auto& shared = test::shared_language_model();
  if (!shared.model) GTEST_SKIP() << shared.installed.missing;
  std::vector<TokenId> prompt;
  for (TokenId i = 0; i < 600; ++i) prompt.push_back(1000 + i * 7 % 900);
  const auto fresh = shared.model->next_token_logits(prompt, 540);
  EXPECT_EQ(shared.model->next_token_logits(prompt, 540), fresh);
  EXPECT_EQ(shared.model->usage().tokens_reused, 540u);
}

}  // namespace
}  // namespace dragoman
