#include "producers/session/attach_detach_key.h"

#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using ::testing::HasSubstr;

DetachKey Key(absl::string_view text = kDefaultDetachKey) {
  absl::StatusOr<DetachKey> key = DetachKey::Parse(text);
  EXPECT_THAT(key.status(), IsOk());
  return *key;
}

TEST(DetachKeyTest, TheTwoKeysDetachAndWhatFollowsIsLeftOut) {
  DetachKey key = Key();
  const DetachKey::Typed typed = key.Feed(
      "ls\r\x1c"
      "dxyz");
  EXPECT_EQ("ls\r", typed.input);
  EXPECT_TRUE(typed.detach);
}

TEST(DetachKeyTest, TheKeysMayComeOneByOne) {
  DetachKey key = Key();
  EXPECT_EQ("", key.Feed("\x1c").input);
  EXPECT_TRUE(key.Feed("d").detach);
}

TEST(DetachKeyTest, EverythingElseIsTyped) {
  DetachKey key = Key();
  EXPECT_EQ("d\x1cx", key.Feed("d\x1cx").input);
  // The prefix twice is the prefix.
  EXPECT_EQ(
      "\x1c"
      "d",
      key.Feed("\x1c\x1c"
               "d")
          .input);
  std::string all;
  for (int byte = 0; byte < 256; ++byte) {
    if (byte != 0x1c) all.push_back(static_cast<char>(byte));
  }
  const DetachKey::Typed typed = key.Feed(all);
  EXPECT_EQ(all, typed.input);
  EXPECT_FALSE(typed.detach);
}

TEST(DetachKeyTest, OthersCanBeChosen) {
  for (absl::string_view text : {"ctrl-a d", "C-a d", "^A d", "Ctrl-A d"}) {
    DetachKey key = Key(text);
    EXPECT_EQ("Ctrl-A d", key.Name());
    EXPECT_TRUE(key.Feed("\x01"
                         "d")
                    .detach)
        << text;
  }
  EXPECT_EQ("Ctrl-\\ d", Key().Name());
  EXPECT_TRUE(Key("^] q").Feed("\x1dq").detach);
}

TEST(DetachKeyTest, NoneDetachesNever) {
  DetachKey key = Key("none");
  EXPECT_EQ(
      "\x1c"
      "d",
      key.Feed("\x1c"
               "d")
          .input);
  EXPECT_EQ("", key.Name());
}

TEST(DetachKeyTest, WrongOnesAreRefused) {
  for (absl::string_view text : {"", "d", "ctrl-a", "ctrl-a  d", "ctrl-m d", "ctrl-[ d", "ctrl-1 d", "ctrl-a \x01",
                                 "a d", "ctrl-a dd", "ctrl-@ d"}) {
    EXPECT_THAT(DetachKey::Parse(text).status(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("right is")))
        << text;
  }
}

}  // namespace
}  // namespace eventlog
