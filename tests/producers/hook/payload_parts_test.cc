#include "producers/hook/payload_parts.h"

#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "eventlog-svc/client/json_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::ElementsAre;

TEST(PayloadPartsTest, PartsAreFullAndInOrder) {
  EXPECT_THAT(PayloadParts("abcdefghij", 4), ElementsAre("abcd", "efgh", "ij"));
  EXPECT_THAT(PayloadParts("abcdefgh", 4), ElementsAre("abcd", "efgh"));
  EXPECT_THAT(PayloadParts("abcd", 4), ElementsAre("abcd"));
  EXPECT_THAT(PayloadParts("", 4), ElementsAre(""));
}

TEST(PayloadPartsTest, NoCharacterIsCut) {
  // 1, 2, 3 and 4 bytes.
  const std::string characters = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
  std::string text;
  for (int i = 0; i < 50; ++i) text += characters + std::string(static_cast<size_t>(i % 3), 'x');
  for (int bytes_max = 0; bytes_max < 40; ++bytes_max) {
    const std::vector<absl::string_view> parts = PayloadParts(text, bytes_max);
    EXPECT_EQ(text, absl::StrJoin(parts, ""));
    for (const absl::string_view part : parts) {
      EXPECT_LE(part.size(), static_cast<size_t>(std::max(4, bytes_max)));
      EXPECT_TRUE(IsJson("\"" + std::string(part) + "\"")) << "no UTF-8: " << part;
    }
  }
}

}  // namespace
}  // namespace eventlog
