#include "gateway-svc/websocket/close_code.h"

#include <string>

#include "gtest/gtest.h"

namespace gateway {
namespace {

TEST(CloseCodeTest, CodesThatMayBeOnTheWire) {
  for (int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999}) {
    EXPECT_TRUE(IsCloseCodeOnWire(code)) << code;
  }
  for (int code : {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
    EXPECT_FALSE(IsCloseCodeOnWire(code)) << code;
  }
}

TEST(CloseCodeTest, HundredsSayWhetherToComeBack) {
  for (const CloseCode& code : {kCloseBadRequest, kCloseWrongEpoch, kCloseBeyondHead, kCloseNoUpstream, kCloseSlow,
                                kCloseNoPong, kCloseRestart, kCloseInflateRatio, kCloseOverloaded}) {
    EXPECT_TRUE(IsCloseCodeOnWire(code.code)) << code.name;
    const int hundreds = code.code / 100;
    const Comeback expected = hundreds == 40   ? Comeback::kNever
                              : hundreds == 41 ? Comeback::kBackOff
                              : hundreds == 42 ? Comeback::kResume
                                               : code.comeback;
    EXPECT_EQ(code.comeback, expected) << code.name;
  }
}

TEST(CloseCodeTest, ReasonKeepsTheCursorAndCutsTheText) {
  const std::string cursor = "0123456789abcdef:9223372036854775807";
  EXPECT_EQ(CloseReason("bye", ""), "bye");
  EXPECT_EQ(CloseReason("bye", cursor), "bye cursor=" + cursor);
  const std::string reason = CloseReason(std::string(500, 'x'), cursor);
  EXPECT_EQ(reason.size(), kCloseReasonBytesMax);
  EXPECT_EQ(reason.substr(reason.size() - cursor.size() - 8), " cursor=" + cursor);
}

TEST(CloseCodeTest, ReasonIsCutBetweenCharacters) {
  // 61 characters of two bytes are 122; one ASCII byte first shifts the cut into a character.
  std::string text = "a";
  for (int i = 0; i < 100; ++i) text += "é";
  EXPECT_EQ(CloseReason(text, ""), text.substr(0, 123));
  EXPECT_EQ(CloseReason(text.substr(1), ""), text.substr(1, 122));
}

}  // namespace
}  // namespace gateway
