#include "dragoman/encode/calibrate_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/encode/encoder.h"
#include "encode/huggingface_support.h"

namespace dragoman {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class CalibrateModel : public testing::Test {
 protected:
  CalibrateModel() : store_(folder_.path()) {
    Model model;
    model.file = test::golden_folder("bert");
    model_ = store_.add(model);
    for (const char* text : {"habari ya asubuhi", "доброе утро", "صباح الخير", "สวัสดีตอนเช้า", "早上好", "おはよう"}) {
      texts_.emplace_back(text);
      texts_.push_back(texts_.back() + " " + texts_.back());
    }
    views_.assign(texts_.begin(), texts_.end());
  }

  test::TemporaryFolder folder_;
  ModelStore store_;
  Model model_;
  std::vector<std::string> texts_;
  std::vector<std::string_view> views_;
};

TEST_F(CalibrateModel, MeasuresAndIsKeptInTheManifest) {
  const Calibration result = calibrate_model(model_, views_);
  EXPECT_EQ(result.texts, 9u);
  EXPECT_EQ(result.held_out, 3u);
  EXPECT_GT(result.tokens, 2 * result.texts);
  EXPECT_GT(result.before.mean, 0.99);
  EXPECT_GT(result.after.least, 0.99);

  model_.input_statistics = result.input_statistics;
  store_.update(model_);
  const Model kept = store_.find(model_.name);
  EXPECT_EQ(kept.input_statistics, result.input_statistics);
  EXPECT_EQ(kept.sha256, model_.sha256);
}

TEST_F(CalibrateModel, GivesTheSameNumbersEachTime) {
  EXPECT_EQ(calibrate_model(model_, views_).input_statistics, calibrate_model(model_, views_).input_statistics);
}

TEST_F(CalibrateModel, ChangesWhatIsEncodedInInt8AndNothingElse) {
  Model calibrated = model_;
  calibrated.input_statistics = calibrate_model(model_, views_).input_statistics;
  for (const Precision precision : {Precision::f32, Precision::int8}) {
    const auto before = open_encoder(model_, {.precision = precision});
    const auto after = open_encoder(calibrated, {.precision = precision});
    const bool same = precision == Precision::f32;
    EXPECT_EQ(before->encode(views_, EncodeAs::passage) == after->encode(views_, EncodeAs::passage), same);
    EXPECT_EQ(before->stamp() == after->stamp(), same) << after->stamp();
  }
}

TEST_F(CalibrateModel, NeedsTextsAndAnEncoderOfTheBertFamily) {
  EXPECT_THAT([&] { calibrate_model(model_, std::span(views_).first(9)); },
              ThrowsMessage<InvalidArgument>(HasSubstr("9 texts to calibrate a model on; at least 10 are needed")));
  Model far;
  far.name = "far";
  far.endpoint = "http://127.0.0.1:1/v1";
  EXPECT_THAT([&] { calibrate_model(far, views_); },
              ThrowsMessage<InvalidArgument>(HasSubstr("model 'far' has no int8 of ours to calibrate")));
}

TEST_F(CalibrateModel, StatisticsOfAnotherModelAreRefused) {
  model_.input_statistics = R"({"layers":[]})";
  EXPECT_THAT([&] { open_encoder(model_, {.precision = Precision::int8}); },
              ThrowsMessage<InvalidData>(HasSubstr("\"layers\" must be an array of 2; make them again with: dragoman "
                                                   "model calibrate")));
  EXPECT_NO_THROW(open_encoder(model_, {.precision = Precision::f32}));
}

TEST_F(CalibrateModel, OnlyAnInstalledModelIsUpdated) {
  model_.name = "another";
  EXPECT_THROW(store_.update(model_), NotFound);
}

}  // namespace
}  // namespace dragoman
