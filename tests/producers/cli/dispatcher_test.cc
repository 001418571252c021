#include "producers/cli/dispatcher.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "producers/cli/command_line.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// What ran last.
std::string ran;
CommandContext ran_with;
std::vector<std::string> ran_words;

const std::vector<FlagSpec>& Flags() {
  static const auto* const flags = new std::vector<FlagSpec>{{"count", "N", "how many", false, 'n'}};
  return *flags;
}

template <char name>
ExitCode Run(const CommandContext& context, const CommandLine& line) {
  ran = std::string(1, name) + line.Get("count");
  ran_with = context;
  ran_words = line.words();
  return kExitRefused;
}

const std::vector<const Command*>& Commands() {
  static constexpr Command kPlain = {"tail", "", "Follow", "More of it.", "  eventlog tail\n", Flags, Run<'t'>};
  static constexpr Command kWords = {"logs create", "LOG", "Make one", "", "", Flags, Run<'c'>};
  static constexpr Command kOther = {"logs list", "", "List them", "", "", Flags, Run<'l'>};
  static constexpr Command kSoft = {
      "hook", "", "Never fail", "", "", Flags, Run<'h'>, "Exit codes: its own.\n", kExitOk, kExitRefused};
  static constexpr Command kLocal = {
      "here", "", "Call nobody", "", "", Flags, Run<'w'>, kLocalExitCodesHelp, kExitUsage, kExitUsage, false};
  static const auto* const commands = new std::vector<const Command*>{&kPlain, &kWords, &kOther, &kSoft, &kLocal};
  return *commands;
}

struct Outcome {
  ExitCode code;
  std::string out;
  std::string err;
};

Outcome Call(const std::vector<std::string>& arguments) {
  ran.clear();
  ran_words.clear();
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Outcome outcome{Dispatch(Commands(), arguments), "", ""};
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.err = testing::internal::GetCapturedStderr();
  return outcome;
}

TEST(DispatcherTest, ACommandSaysItselfHowAWrongLineEnds) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"hook", "--wrong"}, {"hook", "word"}, {"hook", "--server=none"}}) {
    const Outcome outcome = Call(arguments);
    EXPECT_EQ(outcome.code, kExitOk);
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, testing::StartsWith("eventlog hook: "));
    EXPECT_EQ(ran, "");
  }
  EXPECT_EQ(Call({"hook", "--wrong", "--strict"}).code, kExitRefused);
  EXPECT_EQ(Call({"--wrong", "hook", "--strict"}).code, kExitRefused);
  EXPECT_EQ(Call({"tail", "--strict"}).code, kExitUsage);
  // Also where the flag stands before it: with 2 the hook would block what an agent is about to do.
  EXPECT_EQ(Call({"--wrong", "hook"}).code, kExitOk);
  EXPECT_EQ(Call({"--color=blue", "hook", "--server=x"}).code, kExitOk);
  EXPECT_EQ(Call({"--wrong", "tail", "hook"}).code, kExitUsage);
  // And where the flag has taken the command for its value.
  EXPECT_EQ(Call({"--server", "hook"}).code, kExitOk);
  EXPECT_EQ(Call({"--server", "hook"}).err, "eventlog: no command is given; see --help\n");
  EXPECT_EQ(Call({"--server", "tail"}).code, kExitUsage);
  const std::string help = Call({"hook", "--help"}).out;
  EXPECT_THAT(help, testing::EndsWith("\nExit codes: its own.\n"));
  EXPECT_THAT(help, testing::Not(HasSubstr("wrong command line")));
}

TEST(DispatcherTest, AWrongConfigurationHindersNoCommandThatCallsNobody) {
  setenv("EVENTLOG_CONFIG", "/none", 1);
  for (const char* command : {"here", "hook"}) {
    EXPECT_EQ(Call({command}).code, kExitRefused) << "as it ends itself";
    EXPECT_EQ(ran, command == std::string("here") ? "w" : "h");
    EXPECT_THAT(ran_with.problems, ElementsAre(HasSubstr("cannot read /none")));
  }
  EXPECT_EQ(Call({"tail"}).code, kExitUsage);
  EXPECT_EQ(ran, "");
  EXPECT_EQ(Call({"here", "--server=none"}).code, kExitUsage) << "of a flag it is a mistake in any case";
  unsetenv("EVENTLOG_CONFIG");
}

TEST(DispatcherTest, RunsTheCommandWithFlagsFromBothSidesAndGivesItsExitCode) {
  EXPECT_EQ(Call({"--server", "a:1", "--json", "tail", "-n", "3"}).code, kExitRefused);
  EXPECT_EQ(ran, "t3");
  EXPECT_EQ(ran_with.server, "a:1");
  EXPECT_TRUE(ran_with.json);
  EXPECT_EQ(Call({"tail", "--server=b:2", "-n3"}).code, kExitRefused);
  EXPECT_EQ(ran_with.server, "b:2");
}

TEST(DispatcherTest, AGroupHasCommandsOfTwoWords) {
  Call({"logs", "create", "x", "--", "-n"});
  EXPECT_EQ(ran, "c");
  EXPECT_THAT(ran_words, ElementsAre("x", "-n"));
  Call({"logs", "list"});
  EXPECT_EQ(ran, "l");
  const Outcome alone = Call({"logs"});
  EXPECT_EQ(alone.code, kExitUsage);
  EXPECT_THAT(alone.err, HasSubstr("logs create"));
  const Outcome asked = Call({"logs", "--help"});
  EXPECT_EQ(asked.code, kExitOk);
  EXPECT_THAT(asked.out, HasSubstr("logs list"));
  EXPECT_THAT(asked.out, testing::Not(HasSubstr("\n  tail ")));
}

TEST(DispatcherTest, AnUnknownWordGetsTheNearestOnes) {
  EXPECT_EQ(Call({"tial"}).code, kExitUsage);
  EXPECT_THAT(Call({"tial"}).err, HasSubstr("\"tial\" is not a command; did you mean \"tail\"?"));
  EXPECT_THAT(Call({"log"}).err, HasSubstr("did you mean \"logs\""));
  EXPECT_THAT(Call({"logs", "crate"}).err, HasSubstr("\"logs crate\" is not a command; did you mean \"logs create\""));
  EXPECT_THAT(Call({"help", "tial"}).err, HasSubstr("\"tail\""));
  EXPECT_THAT(Call({"zzz"}).err, testing::Not(HasSubstr("did you mean")));
}

TEST(DispatcherTest, HelpIsTheSameByEachWay) {
  const std::string help = CommandHelp(*Commands()[0]);
  EXPECT_THAT(help, HasSubstr("-n, --count=N"));
  EXPECT_THAT(help, HasSubstr("More of it.\n"));
  EXPECT_THAT(help, HasSubstr("Examples:\n  eventlog tail\n"));
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"tail", "--help"}, {"tail", "-h"}, {"help", "tail"}}) {
    const Outcome outcome = Call(arguments);
    EXPECT_EQ(outcome.code, kExitOk);
    EXPECT_EQ(outcome.out, help);
    EXPECT_EQ(ran, "");
  }
  EXPECT_EQ(Call({"--help"}).out, Call({"help"}).out);
  EXPECT_EQ(Call({"-h"}).code, kExitOk);
}

TEST(DispatcherTest, HelpOfAGroupIsItsCommands) {
  const Outcome outcome = Call({"help", "logs"});
  EXPECT_EQ(outcome.code, kExitOk);
  EXPECT_EQ(outcome.out, Call({"logs", "--help"}).out);
  EXPECT_THAT(outcome.out, HasSubstr("logs create"));
}

TEST(DispatcherTest, NoCommandIsHelpAndAWrongCommandLine) {
  const Outcome outcome = Call({});
  EXPECT_EQ(outcome.code, kExitUsage);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("  tail "));
}

TEST(DispatcherTest, WrongCommandLinesRunNothing) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{{"--x", "tail"},
                                                                                         {"tail", "--x"},
                                                                                         {"tail", "-x"},
                                                                                         {"tail", "word"},
                                                                                         {"tail", "--color=red"},
                                                                                         {"--count=1", "tail"}}) {
    const Outcome outcome = Call(arguments);
    EXPECT_EQ(outcome.code, kExitUsage) << testing::PrintToString(arguments);
    EXPECT_EQ(ran, "");
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, HasSubstr("eventlog"));
  }
  EXPECT_THAT(Call({"tail", "--color=red"}).err, HasSubstr("right is one of auto, always, never"));
}

TEST(DispatcherTest, ACommandCanBeRunByItself) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(RunCommand(*Commands()[1], {"d:4", "", true, false}, {"x"}), kExitRefused);
  EXPECT_EQ(ran_with.server, "d:4");
  EXPECT_EQ(RunCommand(*Commands()[0], {"d:4", "", true, false}, {"x"}), kExitUsage);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("eventlog tail: unexpected argument \"x\""));
}

}  // namespace
}  // namespace eventlog
