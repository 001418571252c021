#include "producers/cli/command_context.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

CommandLine Line(const std::vector<std::string>& arguments) {
  const auto line = CommandLine::Parse(arguments, ContextFlags());
  EXPECT_THAT(line, IsOk());
  return line.ok() ? *line : CommandLine();
}

// Each test has an environment and a home of its own.
class CommandContextTest : public testing::Test {
 protected:
  CommandContextTest() {
    for (const char* name : {"EVENTLOG_SERVER", "EVENTLOG_TOKEN", "EVENTLOG_CONFIG", "NO_COLOR", "HOME"})
      unsetenv(name);
    setenv("XDG_CONFIG_HOME", testing::TempDir().c_str(), 1);
    mkdir((testing::TempDir() + "/eventlog").c_str(), 0700);
    unlink(home_path_.c_str());
  }
  std::string Write(const std::string& path, const std::string& text, int mode = 0600) {
    std::ofstream(path) << text;
    chmod(path.c_str(), static_cast<mode_t>(mode));
    return path;
  }
  absl::StatusOr<CommandContext> Resolve(const std::vector<std::string>& leading,
                                         const std::vector<std::string>& line = {}) {
    return ResolveContext(nullptr, Line(leading), Line(line));
  }
  std::string Server(const std::vector<std::string>& leading, const std::vector<std::string>& line = {}) {
    const auto context = Resolve(leading, line);
    EXPECT_THAT(context, IsOk());
    return context.ok() ? context->server : "";
  }
  std::string Token(const std::vector<std::string>& leading) {
    const auto context = Resolve(leading);
    EXPECT_THAT(context, IsOk());
    return context.ok() ? context->token : "";
  }

  const std::string home_path_ = testing::TempDir() + "/eventlog/config";
};

TEST_F(CommandContextTest, EachPlaceIsBeforeTheNext) {
  Write(home_path_, "server = h:5\n");
  const std::string named = Write(testing::TempDir() + "/named", "server = d:4\n");
  const std::string flagged = Write(testing::TempDir() + "/flagged", "server = g:6\n");
  setenv("EVENTLOG_SERVER", "c:3", 1);
  setenv("EVENTLOG_CONFIG", named.c_str(), 1);
  EXPECT_EQ(Server({"--server=b:2"}, {"--server=a:1"}), "a:1");
  EXPECT_EQ(Server({"--server=b:2"}), "b:2");
  EXPECT_EQ(Server({}), "c:3");
  unsetenv("EVENTLOG_SERVER");
  EXPECT_EQ(Server({"--config", flagged}), "g:6");
  EXPECT_EQ(Server({}), "d:4");
  unsetenv("EVENTLOG_CONFIG");
  EXPECT_EQ(Server({}), "h:5");
  unlink(home_path_.c_str());
  EXPECT_EQ(Server({}), "127.0.0.1:7431");
}

TEST_F(CommandContextTest, SoHasTheToken) {
  const std::string secret = Write(testing::TempDir() + "/secret", "of-file\n");
  Write(home_path_, "token_file = " + secret + "\n");
  setenv("EVENTLOG_TOKEN", "of-environment", 1);
  EXPECT_EQ(Token({"--token=of-flag"}), "of-flag");
  EXPECT_EQ(Token({"--token="}), "");
  EXPECT_EQ(Token({}), "of-environment");
  unsetenv("EVENTLOG_TOKEN");
  EXPECT_EQ(Token({}), "of-file");
  Write(home_path_, "token = of-config\n");
  EXPECT_EQ(Token({}), "of-config");
}

TEST_F(CommandContextTest, ATokenThatOthersMayReadIsWarnedOf) {
  Write(home_path_, "token = x\n", 0644);
  testing::internal::CaptureStderr();
  EXPECT_EQ(Token({}), "x");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("warning: " + home_path_));
  testing::internal::CaptureStderr();
  EXPECT_EQ(Token({"--token=y"}), "y");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(CommandContextTest, ATokenIsNotSentToAnotherMachineUnlessThatIsWanted) {
  EXPECT_THAT(Resolve({"--token=x", "--server=log.example:7431"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("log.example:7431: the connection has no TLS")));
  EXPECT_THAT(Resolve({"--token=x", "--server=127.0.0.1:1,10.0.0.1:1"}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Resolve({"--token=x", "--server=log.example:7431", "--insecure"}), IsOk());
  EXPECT_THAT(Resolve({"--server=log.example:7431"}), IsOk());
  EXPECT_THAT(Resolve({"--token=a b"}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--token: ")));
}

TEST_F(CommandContextTest, WhatIsWrongIsSaidWithItsPlace) {
  EXPECT_THAT(Resolve({"--server=here"}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--server=here: ")));
  setenv("EVENTLOG_SERVER", "there", 1);
  EXPECT_THAT(Resolve({}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("EVENTLOG_SERVER=there: ")));
  unsetenv("EVENTLOG_SERVER");
  Write(home_path_, "server = a:1\nsevrer = b:2\n");
  EXPECT_THAT(Resolve({}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(home_path_ + ":2: \"sevrer\"")));
  // Who asks for a file means it.
  EXPECT_THAT(Resolve({"--config=/no/file"}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("/no/file")));
  setenv("EVENTLOG_CONFIG", "/none", 1);
  EXPECT_THAT(Resolve({}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("/none")));
}

TEST_F(CommandContextTest, SeveralServersStandWithoutSpaces) {
  EXPECT_EQ(Server({"--server=a:1, [::1]:2 ,unix:/run/x"}), "a:1,[::1]:2,unix:/run/x");
  EXPECT_THAT(Resolve({"--server=a:1,,b:2"}), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(CommandContextTest, ColourAndFormAreTheTerminalSUnlessAskedFor) {
  // The test's standard output is no terminal.
  EXPECT_TRUE(Resolve({})->json);
  EXPECT_FALSE(Resolve({})->color);
  EXPECT_FALSE(Resolve({"--color=always"})->json);
  EXPECT_TRUE(Resolve({"--color=always"})->color);
  EXPECT_TRUE(Resolve({"--color=always", "--json"})->json);
  Write(home_path_, "color = always\n");
  EXPECT_TRUE(Resolve({})->json);
  EXPECT_TRUE(Resolve({})->color);
  setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(Resolve({})->color);
  EXPECT_TRUE(Resolve({"--color=always"})->color);
}

TEST_F(CommandContextTest, AGivenContextStandsForTheEnvironment) {
  setenv("EVENTLOG_SERVER", "c:3", 1);
  const CommandContext context = {"127.0.0.1:4", "secret", false, true};
  const auto plain = ResolveContext(&context, Line({}), Line({}));
  ASSERT_THAT(plain, IsOk());
  EXPECT_EQ(plain->server, "127.0.0.1:4");
  EXPECT_FALSE(plain->json);
  EXPECT_TRUE(plain->color);
  const auto changed = ResolveContext(&context, Line({"--json"}), Line({"--color=never"}));
  ASSERT_THAT(changed, IsOk());
  EXPECT_TRUE(changed->json);
  EXPECT_FALSE(changed->color);
}

}  // namespace
}  // namespace eventlog
