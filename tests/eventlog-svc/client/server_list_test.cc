#include "eventlog-svc/client/server_list.h"

#include "eventlog-svc/client/channel.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(ServerListTest, GoesFromOneToTheNextAndRound) {
  auto list = ServerList::Parse("a:1, [::1]:2,c:3");
  ASSERT_THAT(list, IsOk());
  EXPECT_EQ(list->size(), 3u);
  for (const char* const address : {"a:1", "[::1]:2", "c:3", "a:1"}) {
    EXPECT_EQ(list->address(), address);
    list->Next();
  }
}

TEST(ServerListTest, AChannelIsMadeOnceForEach) {
  auto list = ServerList::Parse("127.0.0.1:1,127.0.0.1:2");
  ASSERT_THAT(list, IsOk());
  const auto first = list->channel();
  EXPECT_EQ(list->channel(), first);
  list->Next();
  EXPECT_NE(list->channel(), first);
  list->Next();
  EXPECT_EQ(list->channel(), first);
}

TEST(ServerListTest, WhatIsNoAddressIsNamed) {
  for (const char* const wrong : {"", "a:1,", "a:1,,b:2", "a", "a:1,b:x"}) {
    EXPECT_THAT(ServerList::Parse(wrong), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("HOST:PORT")))
        << wrong;
  }
  EXPECT_THAT(ServerList::Parse("a:1,b"),
              StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr("\"b\""), HasSubstr("commas"))));
}

TEST(ServerListTest, AGivenChannelIsTheOnlyPlace) {
  const auto channel = NewChannel("127.0.0.1:1");
  ServerList list(channel);
  list.Next();
  EXPECT_EQ(list.channel(), channel);
  EXPECT_EQ(list.size(), 1u);
}

}  // namespace
}  // namespace eventlog
