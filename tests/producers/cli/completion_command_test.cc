#include "producers/cli/completion_command.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "producers/cli/dispatcher.h"

namespace eventlog {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Outcome {
  ExitCode code;
  std::string out;
};

Outcome Call(const std::vector<std::string>& arguments) {
  static auto* const commands = new std::vector<const Command*>;
  if (commands->empty()) commands->push_back(&CompletionCommand(*commands));
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  // Nobody listens there.
  Outcome outcome{RunCommand(*commands->front(), {"127.0.0.1:1", "", true, false}, arguments), ""};
  outcome.out = testing::internal::GetCapturedStdout();
  testing::internal::GetCapturedStderr();
  return outcome;
}

TEST(CompletionCommandTest, PrintsTheScriptOfAShell) {
  EXPECT_THAT(Call({"bash"}).out, HasSubstr("complete -F _eventlog eventlog"));
  EXPECT_THAT(Call({"zsh"}).out, StartsWith("#compdef eventlog"));
  EXPECT_EQ(Call({"fish"}).code, kExitOk);
  for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{{}, {"csh"}, {"bash", "zsh"}}) {
    EXPECT_EQ(Call(wrong).code, kExitUsage);
    EXPECT_EQ(Call(wrong).out, "");
  }
}

TEST(CompletionCommandTest, PrintsCandidatesWithTheirDescription) {
  EXPECT_EQ(Call({"candidates", "--", "completion", "z"}).out, "zsh\t\n");
  EXPECT_THAT(Call({"candidates", "--", "comp"}).out, StartsWith("completion\tPrint what"));
  EXPECT_THAT(Call({"candidates", "--", "--config="}).out, ":\n");
  EXPECT_EQ(Call({"candidates"}).code, kExitOk);
}

TEST(CompletionCommandTest, AServiceThatIsAwayHasNoNamesAndIsNoFailure) {
  const Outcome outcome = Call({"candidates", "--", "completion", "--log="});
  EXPECT_EQ(outcome.code, kExitOk);
  EXPECT_EQ(outcome.out, "");
}

}  // namespace
}  // namespace eventlog
