#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

#include "dragoman/dense/flat_index.h"

namespace dragoman::test {

using Found = std::vector<std::vector<DenseMatch>>;

/// Of every query the same passages with the same scores, to the bit.
inline void expect_equal(const Found& found, const Found& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t q = 0; q < found.size(); ++q) {
    ASSERT_EQ(found[q].size(), expected[q].size()) << q;
    for (std::size_t i = 0; i < found[q].size(); ++i) {
      ASSERT_EQ(found[q][i].passage.document, expected[q][i].passage.document) << q << " " << i;
      ASSERT_EQ(found[q][i].passage.range, expected[q][i].passage.range) << q << " " << i;
      ASSERT_EQ(found[q][i].score, expected[q][i].score) << q << " " << i;
    }
  }
}

}  // namespace dragoman::test
