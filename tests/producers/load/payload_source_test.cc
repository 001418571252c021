#include "producers/load/payload_source.h"

#include <algorithm>
#include <vector>

#include "eventlog-svc/client/json_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

std::vector<std::string> Fill(const std::string& sizes, bool binary, uint64_t seed, uint64_t stream, int count) {
  PayloadSource source(*ParsePayloadSizes(sizes), binary, seed, stream);
  std::vector<std::string> filled;
  for (int i = 0; i < count; ++i) {
    v1::Event event;
    const int64_t bytes = source.Fill(event);
    EXPECT_EQ(event.has_binary(), binary);
    filled.push_back(binary ? event.binary() : event.text());
    EXPECT_EQ(bytes, static_cast<int64_t>(filled.back().size()));
  }
  return filled;
}

TEST(PayloadSourceTest, JsonIsValidInEverySize) {
  for (const std::string& text : Fill("1-300", false, 1, 0, 2'000)) EXPECT_TRUE(IsJson(text)) << text;
  const std::string large = Fill("200000", false, 1, 0, 1)[0];
  EXPECT_EQ(large.size(), 200'000u);
  EXPECT_TRUE(IsJson(large));
}

TEST(PayloadSourceTest, SameSeedAndStreamGiveTheSame) {
  for (const bool binary : {false, true}) {
    const auto first = Fill("lognormal:300", binary, 7, 2, 50);
    EXPECT_EQ(first, Fill("lognormal:300", binary, 7, 2, 50));
    EXPECT_NE(first, Fill("lognormal:300", binary, 8, 2, 50));
    EXPECT_NE(first, Fill("lognormal:300", binary, 7, 3, 50));
  }
}

TEST(PayloadSourceTest, SizesAreOfTheDistribution) {
  const auto sizes = [](const std::string& spec) {
    std::vector<size_t> sizes;
    for (const std::string& data : Fill(spec, true, 3, 0, 4'001)) sizes.push_back(data.size());
    std::sort(sizes.begin(), sizes.end());
    return sizes;
  };
  EXPECT_EQ(sizes("77").front(), 77u);
  EXPECT_EQ(sizes("77").back(), 77u);
  const auto uniform = sizes("100-200");
  EXPECT_EQ(uniform.front(), 100u);
  EXPECT_EQ(uniform.back(), 200u);
  EXPECT_NEAR(static_cast<double>(uniform[2'000]), 150, 5);
  const auto lognormal = sizes("lognormal:300");
  EXPECT_NEAR(static_cast<double>(lognormal[2'000]), 300, 30);
  EXPECT_GT(lognormal.back(), 3'000u);
  const auto session = sizes("session");
  EXPECT_NEAR(static_cast<double>(session[2'000]), 180, 20);
  EXPECT_LE(session.back(), 65'536u);
}

TEST(PayloadSourceTest, WrongSizesAreRefused) {
  for (const char* text : {"", "0", "-5", "x", "5-4", "1-2-3", "lognormal:", "lognormal:x", "2000000", "normal:7"}) {
    EXPECT_THAT(ParsePayloadSizes(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("right is"))) << text;
  }
}

}  // namespace
}  // namespace eventlog
