#include "gateway-svc/hub/frame_spec.h"

#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/gateway-svc/hub/hub_fixture.h"

namespace gateway {
namespace {

TEST(FrameSpecTest, ModesHaveTheNamesOfTheProtocol) {
  EXPECT_STREQ(DeliveryModeName(DeliveryMode::kLossless), "lossless");
  EXPECT_STREQ(DeliveryModeName(DeliveryMode::kConflate), "conflate");
  EXPECT_STREQ(DeliveryModeName(DeliveryMode::kSample), "sample");
}

TEST(FrameSpecTest, EqualSpecsHaveEqualKeys) {
  TextFormat format;
  EXPECT_EQ(FrameSpecKey(SpecOf(format, {{"b", "a", "b"}, {}, {}, {}})),
            FrameSpecKey(SpecOf(format, {{"a", "b"}, {}, {}, {}})));
}

TEST(FrameSpecTest, EachFieldTellsSpecsApart) {
  TextFormat format, other_format;
  std::vector<FrameSpec> specs(9, SpecOf(format));
  specs[1].format = &other_format;
  specs[2].mode = DeliveryMode::kConflate;
  specs[3].batch_max = 7;
  specs[4].until_offset = 7;
  specs[5].until_time = absl::FromUnixSeconds(7);
  specs[6].filter.types = {"7"};
  specs[7].filter.attributes["k"] = {"7"};
  // A nanosecond is a difference: the log's times are as fine.
  specs[8].until_time = specs[5].until_time + absl::Nanoseconds(1);
  std::set<std::string> keys;
  for (const FrameSpec& spec : specs) keys.insert(FrameSpecKey(spec));
  EXPECT_EQ(keys.size(), specs.size());
}

}  // namespace
}  // namespace gateway
