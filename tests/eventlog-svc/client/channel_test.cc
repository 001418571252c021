#include "eventlog-svc/client/channel.h"

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/support/fake_event_log.h"

namespace eventlog {
namespace {

std::chrono::system_clock::time_point SafetyNet() { return absl::ToChronoTime(absl::Now() + absl::Seconds(30)); }

TEST(ChannelTest, TheServerIsThatOfTheEnvironmentWhereItNamesOne) {
  unsetenv(kServerVariable);
  EXPECT_EQ(ServerFromEnvironment(), kDefaultServer);
  setenv(kServerVariable, "", 1);
  EXPECT_EQ(ServerFromEnvironment(), kDefaultServer);
  setenv(kServerVariable, "[::1]:5", 1);
  EXPECT_EQ(ServerFromEnvironment(), "[::1]:5");
}

TEST(ChannelTest, DoesNotConnectBeforeItIsUsed) {
  FakeEventLog log;
  EXPECT_EQ(NewChannel(log.address())->GetState(/*try_to_connect=*/false), GRPC_CHANNEL_IDLE);
}

TEST(ChannelTest, AsksNoProxy) {
  FakeEventLog log;
  for (const char* variable : {"grpc_proxy", "https_proxy", "http_proxy"}) setenv(variable, "http://127.0.0.1:1", 1);
  for (const std::string& server : {log.address(), "127.0.0.1:1," + log.address()}) {
    EXPECT_TRUE(NewChannel(server)->WaitForConnected(SafetyNet())) << server;
  }
  for (const char* variable : {"grpc_proxy", "https_proxy", "http_proxy"}) unsetenv(variable);
}

TEST(ChannelTest, ConnectsAgainAfterTheServiceCameBack) {
  FakeEventLog log;
  const auto channel = NewChannel(log.address());
  ASSERT_TRUE(channel->WaitForConnected(SafetyNet()));
  log.Stop();
  ASSERT_TRUE(channel->WaitForStateChange(GRPC_CHANNEL_READY, SafetyNet()));
  log.Start();
  EXPECT_TRUE(channel->WaitForConnected(SafetyNet()));
}

TEST(ChannelTest, OfSeveralAddressesTheFirstThatAnswersAndAfterItsEndTheNext) {
  FakeEventLog first;
  FakeEventLog second;
  const std::string port = second.address().substr(second.address().rfind(':'));
  first.Stop();
  const auto channel = NewChannel(absl::StrCat("127.0.0.1:1,", first.address(), ", localhost", port));
  ASSERT_TRUE(channel->WaitForConnected(SafetyNet()));
  second.Stop();
  ASSERT_TRUE(channel->WaitForStateChange(GRPC_CHANNEL_READY, SafetyNet()));
  first.Start();
  EXPECT_TRUE(channel->WaitForConnected(SafetyNet()));
}

}  // namespace
}  // namespace eventlog
