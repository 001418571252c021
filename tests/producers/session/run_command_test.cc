#include "producers/session/run_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/client/spool.h"
#include "producers/spool/spool_folder.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(RunCommandTest, FlagsEndWhereTheCommandBegins) {
  const absl::StatusOr<RunOptions> options =
      ParseRunArguments({"--name=build", "--output", "--server", "h:1", "--", "make", "--name=other", "--", "-j2"});
  ASSERT_THAT(options.status(), IsOk());
  EXPECT_EQ(options->name, "build");
  EXPECT_EQ(options->server, "h:1");
  EXPECT_TRUE(options->output);
  EXPECT_THAT(options->command, ElementsAre("make", "--name=other", "--", "-j2"));
  EXPECT_THAT(ParseRunArguments({"ls", "-l"})->command, ElementsAre("ls", "-l"));
}

TEST(RunCommandTest, AWrongLineSaysWhatWouldBeRight) {
  EXPECT_THAT(ParseRunArguments({}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("right is session run [FLAGS] -- COMMAND")));
  EXPECT_THAT(ParseRunArguments({"--nmae=x", "--", "ls"}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--nmae")));
  EXPECT_THAT(ParseRunArguments({"--output_bytes_per_second_max=0", "--", "ls"}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1 or more")));
  EXPECT_THAT(ParseRunArguments({"--idle_after_s=0", "--", "ls"}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1 or more")));
  EXPECT_TRUE(ParseRunArguments({"--help"})->help);
}

TEST(RunCommandTest, TheServerAndTheLogAreThoseOfTheEnvironmentWhereNoFlagNamesThem) {
  setenv("EVENTLOG_SERVER", "e:1", 1);
  setenv("EVENTLOG_LOG", "other", 1);
  EXPECT_EQ(ParseRunArguments({"ls"})->server, "e:1");
  EXPECT_EQ(ParseRunArguments({"ls"})->log, "other");
  EXPECT_EQ(ParseRunArguments({"--server=f:1", "--log=mine", "ls"})->server, "f:1");
  EXPECT_EQ(ParseRunArguments({"--server=f:1", "--log=mine", "ls"})->log, "mine");
  unsetenv("EVENTLOG_SERVER");
  unsetenv("EVENTLOG_LOG");
}

TEST(RunCommandTest, AConfigurationThatIsWrongIsRemarkedOfAndHindersNothing) {
  const std::string path = testing::TempDir() + "/config";
  std::ofstream(path) << "server = c:1\nsevrer = c:2\n";
  const absl::StatusOr<RunOptions> options = ParseRunArguments({"--config", path, "ls"});
  ASSERT_THAT(options.status(), IsOk());
  EXPECT_EQ(options->server, "c:1");
  EXPECT_THAT(options->remarks, ElementsAre(HasSubstr("left out: " + path + ":2: \"sevrer\" is not known")));
  EXPECT_STREQ(std::getenv("EVENTLOG_CONFIG"), path.c_str()) << "for the command's hooks, and the sender";
  EXPECT_THAT(ParseRunArguments({"--server=here", "ls"}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--server=here: ")));
  unsetenv("EVENTLOG_CONFIG");
}

// Repairs must not begin a sender for another server then: it would find that token.
TEST(RunCommandTest, ATokenIsKnownOfWhereverItIs) {
  const std::string path = testing::TempDir() + "/config_with_token";
  std::ofstream(path) << "token = secret\n";
  EXPECT_FALSE(ParseRunArguments({"ls"})->has_token);
  EXPECT_TRUE(ParseRunArguments({"--config", path, "ls"})->has_token);
  unsetenv("EVENTLOG_CONFIG");
  setenv("EVENTLOG_TOKEN", "secret", 1);
  EXPECT_TRUE(ParseRunArguments({"ls"})->has_token);
  unsetenv("EVENTLOG_TOKEN");
}

TEST(RunCommandTest, TheCommandsCodeIsOursAndItsLifeIsInTheSpool) {
  const std::string folder = testing::TempDir() + "/life";
  setenv(kSpoolDirVariable, (folder + "/spool").c_str(), 1);
  setenv("EVENTLOG_SESSION_DIR", (folder + "/sessions").c_str(), 1);
  int senders = 0;
  const auto count = [&senders](const std::string&) {
    ++senders;
    return absl::OkStatus();
  };
  const std::string script = "test -n \"$EVENTLOG_SESSION_ID\" && test \"$EVENTLOG_SERVER\" = h:1 && exit 7";
  EXPECT_EQ(RunSession({"--server=h:1", "--", "sh", "-c", script}, count), 7);
  EXPECT_GE(senders, 1);
  SpoolOptions options;
  options.folder = SpoolFolder("h:1", "");
  EXPECT_EQ((*Spool::OpenExisting(options))->Stats()->events, 4);
  EXPECT_EQ(RunSession({"--server=h:1", "--", "no-such-command-anywhere"}, count), 127);
  EXPECT_EQ((*Spool::OpenExisting(options))->Stats()->events, 7);
  EXPECT_EQ(RunSession({"--no_such_flag", "--", "true"}, count), 2);
}

TEST(RunCommandTest, ASpoolThatCannotBeWrittenChangesNothing) {
  setenv(kSpoolDirVariable, "/proc/no/such/place", 1);
  setenv("EVENTLOG_SESSION_DIR", "/proc/no/such/place", 1);
  EXPECT_EQ(RunSession({"--", "sh", "-c", "exit 9"}, nullptr), 9);
}

TEST(RunCommandTest, TheHelpNamesEveryFlagAndTheExitCodes) {
  for (const char* text : {"--name", "--server", "--log", "--output", "--output_bytes_per_second_max", "--idle_after_s",
                           "--token", "--config", "--insecure", "Examples:", "Exit code:", "EVENTLOG_SESSION_ID"}) {
    EXPECT_THAT(RunHelp(), HasSubstr(text));
  }
}

}  // namespace
}  // namespace eventlog
