#include "producers/config/service_settings.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

ServiceFlags NoFlags() { return {}; }

ServiceFlags ServerFlag(const std::string& server) {
  ServiceFlags flags;
  flags.server = server;
  return flags;
}

ServiceFlags TokenFlag(const std::string& token) {
  ServiceFlags flags;
  flags.token = token;
  return flags;
}

// Each test has an environment and a file of its own.
class ServiceSettingsTest : public testing::Test {
 protected:
  ServiceSettingsTest() {
    for (const char* name :
         {"EVENTLOG_SERVER", "EVENTLOG_TOKEN", "EVENTLOG_CONFIG", "EVENTLOG_INSECURE", "XDG_CONFIG_HOME", "HOME"}) {
      unsetenv(name);
    }
    setenv("XDG_CONFIG_HOME", testing::TempDir().c_str(), 1);
    mkdir((testing::TempDir() + "/eventlog").c_str(), 0700);
    unlink(path_.c_str());
  }
  void Write(const std::string& text) {
    std::ofstream(path_) << text;
    chmod(path_.c_str(), 0600);
  }
  static ServiceSettings Find(const ServiceFlags& flags) {
    const absl::StatusOr<ServiceSettings> found = FindServiceSettings(flags);
    EXPECT_THAT(found, IsOk());
    return found.ok() ? *found : ServiceSettings();
  }

  const std::string path_ = testing::TempDir() + "/eventlog/config";
};

TEST_F(ServiceSettingsTest, TheFlagIsBeforeTheEnvironmentBeforeTheFileBeforeTheUsual) {
  EXPECT_EQ(Find(NoFlags()).server, "127.0.0.1:7431");
  EXPECT_EQ(Find(NoFlags()).token, "");
  Write("server = f:1\ntoken = of-file\ninsecure = true\n");
  EXPECT_EQ(Find(NoFlags()).server, "f:1");
  EXPECT_EQ(Find(NoFlags()).token, "of-file");
  EXPECT_TRUE(Find(NoFlags()).insecure);
  setenv("EVENTLOG_SERVER", "e:1", 1);
  setenv("EVENTLOG_TOKEN", "of-environment", 1);
  setenv("EVENTLOG_INSECURE", "0", 1);
  EXPECT_EQ(Find(NoFlags()).server, "e:1");
  EXPECT_EQ(Find(NoFlags()).token, "of-environment");
  EXPECT_FALSE(Find(NoFlags()).insecure);
  ServiceFlags flags = ServerFlag("g:1");
  flags.token = "of-flag";
  flags.insecure = true;
  EXPECT_EQ(Find(flags).server, "g:1");
  EXPECT_EQ(Find(flags).token, "of-flag");
  EXPECT_TRUE(Find(flags).insecure);
  EXPECT_EQ(Find(TokenFlag("")).token, "");
}

TEST_F(ServiceSettingsTest, WhatIsWrongIsLeftOutAndTheRestIsUsed) {
  Write("server = f:1\nsevrer = x\ntoken = of-file\n");
  setenv("EVENTLOG_SERVER", "here", 1);
  setenv("EVENTLOG_INSECURE", "1", 1);
  const ServiceSettings found = Find(NoFlags());
  EXPECT_EQ(found.server, "f:1");
  EXPECT_EQ(found.token, "of-file");
  EXPECT_THAT(found.problems, ElementsAre(StartsWith(path_ + ":2: \"sevrer\" is not known"),
                                          StartsWith("EVENTLOG_SERVER=here: \"here\" is no address")));
  EXPECT_THAT(CheckServiceSettings(NoFlags()),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith(path_ + ":2: \"sevrer\" is not known")));
}

TEST_F(ServiceSettingsTest, AFileThatCannotBeReadIsAProblemAndNoEnd) {
  ServiceFlags flags;
  flags.config = "/no/file";
  EXPECT_THAT(Find(flags).problems, ElementsAre(HasSubstr("cannot read /no/file")));
  EXPECT_EQ(Find(flags).server, "127.0.0.1:7431");
  Write("token_file = none\n");
  EXPECT_THAT(Find(NoFlags()).problems, ElementsAre(HasSubstr("token_file: cannot read " + testing::TempDir())));
  Write("token = a b\n");
  EXPECT_THAT(Find(NoFlags()).problems, ElementsAre(StartsWith(path_ + ": the token has a space")));
  EXPECT_EQ(Find(NoFlags()).token, "");
}

TEST_F(ServiceSettingsTest, AnEmptyTokenFileIsAProblem) {
  Write("token_file = token\n");
  const std::string token_path = testing::TempDir() + "/eventlog/token";
  std::ofstream(token_path) << " \n";
  EXPECT_THAT(Find(NoFlags()).problems, ElementsAre(token_path + " is empty; right is a token"));
  EXPECT_EQ(Find(NoFlags()).token, "");
}

TEST_F(ServiceSettingsTest, AWrongFlagIsAnErrorAlways) {
  EXPECT_THAT(FindServiceSettings(ServerFlag("here")),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("--server=here: ")));
  EXPECT_THAT(FindServiceSettings(TokenFlag("a b")),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("--token: ")));
}

TEST_F(ServiceSettingsTest, ATokenForAnotherMachineIsAProblem) {
  Write("server = log.example:7431\ntoken = secret\n");
  EXPECT_THAT(Find(NoFlags()).problems, ElementsAre(HasSubstr("log.example:7431: the connection has no TLS")));
  Write("server = log.example:7431\ntoken = secret\ninsecure = true\n");
  EXPECT_THAT(Find(NoFlags()).problems, IsEmpty());
}

TEST_F(ServiceSettingsTest, AnInsecureThatIsNeitherYesNorNoIsNoForWhatGoesOn) {
  setenv("EVENTLOG_INSECURE", "maybe", 1);
  EXPECT_THAT(Find(NoFlags()).problems, IsEmpty());
  EXPECT_THAT(CheckServiceSettings(NoFlags()),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("EVENTLOG_INSECURE=maybe: right is 1, true")));
  ServiceFlags flags;
  flags.insecure = true;
  EXPECT_THAT(CheckServiceSettings(flags), IsOk()) << "the flag is before it";
  Write("server = log.example:7431\ntoken = secret\ninsecure = true\n");
  EXPECT_FALSE(Find(NoFlags()).insecure) << "no guess sends a token away";
  EXPECT_THAT(Find(NoFlags()).problems, ElementsAre(HasSubstr("log.example:7431: the connection has no TLS")));
  setenv("EVENTLOG_INSECURE", "true", 1);
  EXPECT_THAT(CheckServiceSettings(NoFlags()), IsOk());
}

TEST_F(ServiceSettingsTest, WhoIsStartedFindsTheSameInAnotherFolder) {
  const std::filesystem::path folder = testing::TempDir();
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder);
  std::ofstream("mine") << "server = m:1\n";
  ServiceFlags flags = TokenFlag("secret");
  flags.config = "mine";
  flags.insecure = true;
  PutIntoEnvironment(Find(flags).config_path, *flags.token, flags.insecure);
  std::filesystem::current_path("/");
  const ServiceSettings found = Find(NoFlags());
  std::filesystem::current_path(before);
  EXPECT_EQ(found.server, "m:1");
  EXPECT_EQ(found.token, "secret");
  EXPECT_TRUE(found.insecure);
}

TEST_F(ServiceSettingsTest, TheEnvironmentHasNothingThatNoFlagSays) {
  Write("token = of-file\n");
  PutIntoEnvironment(Find(NoFlags()).config_path, "", /*insecure=*/false);
  for (const char* name : {"EVENTLOG_TOKEN", "EVENTLOG_CONFIG", "EVENTLOG_INSECURE"}) {
    EXPECT_EQ(std::getenv(name), nullptr) << name;
  }
}

}  // namespace
}  // namespace eventlog
