#include "producers/cli/server_choice.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/fake_event_log.h"

namespace eventlog {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);

TEST(ServerChoiceTest, TheFirstThatAnswersIsTaken) {
  FakeEventLog one;
  FakeEventLog two;
  EXPECT_EQ(ChooseServer(absl::StrCat("127.0.0.1:1,", one.address(), ",", two.address()), kPatience), one.address());
  EXPECT_EQ(ChooseServer(absl::StrCat(two.address(), ",", one.address()), kPatience), two.address());
}

TEST(ServerChoiceTest, WhereNoneAnswersTheLastIsNamed) {
  EXPECT_EQ(ChooseServer("127.0.0.1:1,127.0.0.1:2", kPatience), "127.0.0.1:2");
  EXPECT_EQ(ChooseServer("127.0.0.1:1", absl::ZeroDuration()), "127.0.0.1:1");
}

}  // namespace
}  // namespace eventlog
