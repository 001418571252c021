#include "producers/config/config_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(ConfigFileTest, LinesAreSettingsAndComments) {
  const ConfigFile config = ParseConfigFile(
      "c", "# of mine\n\n server = a:1, b:2 \r\n\ttoken=x=y\n  # more\ncolor   =   never\ninsecure = true");
  EXPECT_THAT(config.problems, IsEmpty());
  EXPECT_EQ(config.server, "a:1, b:2");
  EXPECT_EQ(config.token, "x=y");
  EXPECT_EQ(config.token_file, "");
  EXPECT_EQ(config.insecure, "true");
  EXPECT_EQ(config.color, "never");
  EXPECT_THAT(ParseConfigFile("c", "").problems, IsEmpty());
}

TEST(ConfigFileTest, AWrongLineIsNamedWithWhatIsRight) {
  const auto wrong = [](const char* text) { return ParseConfigFile("dir/c", text).problems; };
  EXPECT_THAT(wrong("\nserver\n"), ElementsAre(AllOf(HasSubstr("dir/c:2: the line is no setting; right is key = value"),
                                                     Not(HasSubstr("server")))));
  EXPECT_THAT(wrong("serve = a:1\n"),
              ElementsAre(HasSubstr("dir/c:1: \"serve\" is not known; right are server, token")));
  EXPECT_THAT(wrong("c2VjcmV0\nc2VjcmV0MQ==\n"), ElementsAre(HasSubstr("dir/c:1: the line is no setting"),
                                                             HasSubstr("dir/c:2: the key is not known; right")));
  EXPECT_THAT(wrong("server = a:1\n\nserver = b:1"),
              ElementsAre(HasSubstr("dir/c:3: server was given in line 1 already")));
  EXPECT_THAT(wrong("server =\n"), ElementsAre(HasSubstr("dir/c:1: server has no value")));
  EXPECT_THAT(wrong("color = red\n"), ElementsAre(HasSubstr("right is auto, always or never")));
  EXPECT_THAT(wrong("insecure = 1\n"), ElementsAre(HasSubstr("insecure = 1: right is true or false")));
  EXPECT_THAT(wrong("token = a\ntoken_file = b\n"), ElementsAre(HasSubstr("dir/c:2: there is a token already")));
  EXPECT_THAT(wrong("token_file = b\ntoken = a\n"), ElementsAre(HasSubstr("dir/c:2: there is a token_file already")));
  EXPECT_THAT(wrong("= x\n"), ElementsAre(HasSubstr("\"\" is not known")));
}

TEST(ConfigFileTest, TheOtherLinesStandBesideWrongOnes) {
  const ConfigFile config = ParseConfigFile("c", "sevrer = a:1\ntoken = t\ncolor = red\nserver = b:2\nserver = c:3\n");
  EXPECT_EQ(config.problems.size(), 3U);
  EXPECT_EQ(config.token, "t");
  EXPECT_EQ(config.color, "");
  EXPECT_EQ(config.server, "b:2");
}

TEST(ConfigFileTest, OfManyWrongLinesTheFirstAreToldAndTheOthersCounted) {
  std::string text;
  for (int line = 1; line <= 1000; ++line) text += "x\n";
  const ConfigFile config = ParseConfigFile("c", text + "server = a:1\n");
  EXPECT_EQ(config.problems.size(), 9U);
  EXPECT_EQ(config.problems.back(), "c: 992 more lines are wrong");
  EXPECT_EQ(config.server, "a:1");
}

TEST(ConfigFileTest, ATokenFileIsLookedForBesideTheFileThatNamesIt) {
  EXPECT_EQ(ParseConfigFile("/etc/e/config", "token_file = secret").token_file, "/etc/e/secret");
  EXPECT_EQ(ParseConfigFile("config", "token_file = secret").token_file, "secret");
  EXPECT_EQ(ParseConfigFile("/etc/e/config", "token_file = /run/secret").token_file, "/run/secret");
}

TEST(ConfigFileTest, IsFoundWhereTheXdgSpecificationSays) {
  setenv("HOME", "/h", 1);
  setenv("XDG_CONFIG_HOME", "/x", 1);
  EXPECT_EQ(DefaultConfigPath(), "/x/eventlog/config");
  setenv("XDG_CONFIG_HOME", "relative", 1);
  EXPECT_EQ(DefaultConfigPath(), "/h/.config/eventlog/config");
  unsetenv("XDG_CONFIG_HOME");
  EXPECT_EQ(DefaultConfigPath(), "/h/.config/eventlog/config");
  unsetenv("HOME");
  EXPECT_EQ(DefaultConfigPath(), "");
}

TEST(ConfigFileTest, AFileThatIsNotThereIsNotFound) {
  const std::string folder = testing::TempDir();
  EXPECT_THAT(ReadSmallFile(folder + "/none"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("none")));
  EXPECT_THAT(ReadSmallFile(folder + "/none/x"), StatusIs(absl::StatusCode::kNotFound));
  std::ofstream(folder + "/small") << "a\nb";
  EXPECT_THAT(ReadSmallFile(folder + "/small"), IsOkAndHolds("a\nb"));
  std::ofstream(folder + "/big") << std::string(1024 * 1024 + 1, 'x');
  EXPECT_THAT(ReadSmallFile(folder + "/big"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("more than")));
  EXPECT_THAT(ReadSmallFile(folder + "/big", 2 * 1024 * 1024), IsOk());
}

TEST(ConfigFileTest, AFolderIsAnErrorAndNoCrash) {
  EXPECT_THAT(ReadSmallFile(testing::TempDir()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("Is a directory")));
}

// A hook, and the command of a session, would wait for it; a pipe may be the hook's own input.
TEST(ConfigFileTest, IsNotWaitedForWhereItIsNoFile) {
  const std::string pipe = testing::TempDir() + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string& path : {pipe, std::string("/dev/zero")}) {
    EXPECT_THAT(ReadSmallFile(path),
                StatusIs(absl::StatusCode::kInvalidArgument, path + " is a pipe or a device; right is a file"));
  }
  EXPECT_THAT(ReadSmallFile("/dev/null"), IsOkAndHolds(""));
}

// As the shell's <(COMMAND), which a payload may be.
TEST(ConfigFileTest, AnInputIsReadToItsEndAndBound) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  ASSERT_EQ(write(pipe_ends[1], "a\0b", 3), 3);
  close(pipe_ends[1]);
  EXPECT_THAT(ReadSmallInput(absl::StrCat("/dev/fd/", pipe_ends[0]), 3), IsOkAndHolds(std::string("a\0b", 3)));
  close(pipe_ends[0]);
  EXPECT_THAT(ReadSmallInput("/dev/zero", 3), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("more than 3")));
  EXPECT_THAT(ReadSmallInput("/none", 3), StatusIs(absl::StatusCode::kNotFound));
}

TEST(ConfigFileTest, WarnsOfASecretThatOthersMayOpen) {
  const std::string path = testing::TempDir() + "/secret";
  std::ofstream(path) << "x";
  chmod(path.c_str(), 0600);
  EXPECT_EQ(SecrecyWarning(path), "");
  for (const int mode : {0640, 0604, 0620, 0666}) {
    chmod(path.c_str(), static_cast<mode_t>(mode));
    EXPECT_THAT(SecrecyWarning(path), HasSubstr("chmod 600")) << mode;
  }
  EXPECT_EQ(SecrecyWarning(path + "/none"), "");
}

}  // namespace
}  // namespace eventlog
