#include "producers/session/session_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>
#include <vector>

namespace eventlog {
namespace {

using ::testing::ElementsAre;

TEST(SessionEnvironmentTest, ItReplacesWhatASessionAroundItSays) {
  const std::vector<std::string> around = {
      "A=1", "EVENTLOG_SESSION_ID=outer", "EVENTLOG_LOG=outer", "EVENTLOG_LOGS=x", "EVENTLOG_SERVER=outer", "B="};
  EXPECT_THAT(SessionEnvironment(around, "id", "h:1", "mine"),
              ElementsAre("A=1", "EVENTLOG_LOGS=x", "B=", "EVENTLOG_SESSION_ID=id", "EVENTLOG_SERVER=h:1",
                          "EVENTLOG_LOG=mine"));
}

TEST(SessionEnvironmentTest, HooksOfASessionOfTheStandardLogDoNotSayTheirsInTheOneAroundIt) {
  EXPECT_THAT(SessionEnvironment({"EVENTLOG_LOG=outer"}, "id", "h:1", ""),
              ElementsAre("EVENTLOG_SESSION_ID=id", "EVENTLOG_SERVER=h:1"));
}

TEST(SessionEnvironmentTest, TheTokenIsThatOfTheProcessWhoseServerItIs) {
  setenv("EVENTLOG_TOKEN", "mine", 1);
  unsetenv("EVENTLOG_INSECURE");
  setenv("EVENTLOG_CONFIG", "/mine", 1);
  EXPECT_THAT(
      SessionEnvironment({"EVENTLOG_TOKEN=of-another", "EVENTLOG_INSECURE=1", "EVENTLOG_CONFIG=/other"}, "id", "h:1",
                         ""),
      ElementsAre("EVENTLOG_SESSION_ID=id", "EVENTLOG_SERVER=h:1", "EVENTLOG_TOKEN=mine", "EVENTLOG_CONFIG=/mine"));
  unsetenv("EVENTLOG_TOKEN");
  unsetenv("EVENTLOG_CONFIG");
}

}  // namespace
}  // namespace eventlog
