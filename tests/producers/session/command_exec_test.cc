#include "producers/session/command_exec.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using ::testing::HasSubstr;

struct Outcome {
  absl::Status started;
  std::string printed;
  int status = 0;
};

SessionCommand Shell(const std::string& script) {
  SessionCommand command{{"sh", "-c", script}, OwnEnvironment(), "", {}};
  sigemptyset(&command.signal_mask);
  return command;
}

// Runs it with its standard output in a pipe.
Outcome RunIt(SessionCommand command) {
  const CommandExec exec(std::move(command));
  int errors[2];
  int output[2];
  EXPECT_EQ(pipe2(errors, O_CLOEXEC), 0);
  EXPECT_EQ(pipe2(output, O_CLOEXEC), 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(output[1], STDOUT_FILENO);
    exec.Run(errors[1]);
  }
  close(errors[1]);
  close(output[1]);
  Outcome outcome;
  outcome.started = exec.StartStatus(errors[0]);
  char chunk[4096];
  for (ssize_t size = 0; (size = read(output[0], chunk, sizeof(chunk))) > 0;) {
    outcome.printed.append(chunk, static_cast<size_t>(size));
  }
  close(errors[0]);
  close(output[0]);
  EXPECT_EQ(waitpid(child, &outcome.status, 0), child);
  return outcome;
}

TEST(CommandExecTest, TheCommandHasItsArgumentsEnvironmentAndFolder) {
  SessionCommand command = Shell("printf '%s|%s|%s' \"$0\" \"$GREETING\" \"$PWD\"; exit 7");
  command.argv.push_back("an argument with 'quotes'");
  command.environment.push_back("GREETING=hello=there");
  command.folder = "/";
  const Outcome outcome = RunIt(command);
  EXPECT_THAT(outcome.started, IsOk());
  EXPECT_EQ(outcome.printed, "an argument with 'quotes'|hello=there|/");
  EXPECT_EQ(WEXITSTATUS(outcome.status), 7);
}

TEST(CommandExecTest, ACommandThatIsNotThereIsNotFound) {
  SessionCommand command = Shell("");
  command.argv = {"no-such-command-anywhere"};
  const absl::Status started = RunIt(command).started;
  EXPECT_THAT(started, StatusIs(absl::StatusCode::kNotFound, HasSubstr("\"no-such-command-anywhere\": No such file")));
  EXPECT_EQ(ShellExitCode(started), 127);
}

TEST(CommandExecTest, AFileThatIsNoProgramIsRefused) {
  SessionCommand command = Shell("");
  command.argv = {"/etc/passwd"};
  const absl::Status started = RunIt(command).started;
  EXPECT_THAT(started, StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("Permission denied")));
  EXPECT_EQ(ShellExitCode(started), 126);
}

TEST(CommandExecTest, AFolderThatIsNotThereIsNamed) {
  SessionCommand command = Shell("");
  command.folder = "/no/such/folder";
  const absl::Status started = RunIt(command).started;
  EXPECT_THAT(started, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("\"/no/such/folder\"")));
  EXPECT_EQ(ShellExitCode(started), 126);
}

TEST(CommandExecTest, WhatIsPlainlyNotThereIsSaidWithoutTrying) {
  const auto check = [](const std::string& program, std::vector<std::string> environment) {
    return CommandExec({{program}, std::move(environment), "", {}}).CheckFound();
  };
  EXPECT_THAT(check("sh", OwnEnvironment()), IsOk());
  EXPECT_THAT(check("/bin/sh", {}), IsOk());
  EXPECT_THAT(check("sh", {}), IsOk()) << "without a PATH only trying says";
  EXPECT_THAT(check("no-such-command-anywhere", OwnEnvironment()),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("No such file")));
  EXPECT_THAT(check("/no/such/command", {}), StatusIs(absl::StatusCode::kNotFound, HasSubstr("No such file")));
  EXPECT_THAT(check("/etc/passwd", {}), StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("denied")));
  EXPECT_THAT(check("/etc", {}), StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("denied")));
  EXPECT_THAT(check("passwd", {"PATH=/nowhere:/etc"}), StatusIs(absl::StatusCode::kPermissionDenied, ::testing::_));
}

TEST(CommandExecTest, ACommandWhoseParentIsGoneAtTheGateDoesNotRun) {
  const CommandExec exec(Shell("exit 7"));
  int gate[2];
  ASSERT_EQ(pipe2(gate, O_CLOEXEC), 0);
  const pid_t child = fork();
  if (child == 0) exec.Run(STDERR_FILENO, {gate[0], gate[1]});
  close(gate[0]);
  close(gate[1]);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 126);
}

TEST(CommandExecTest, TheCommandIsFoundInThePathOfItsOwnEnvironment) {
  SessionCommand command = Shell("printf found");
  command.environment = {"PATH=/no/such/folder"};
  EXPECT_THAT(RunIt(command).started, StatusIs(absl::StatusCode::kNotFound, ::testing::_));
}

TEST(CommandExecTest, TheCommandHasTheSignalMaskThatItIsGiven) {
  SessionCommand command = Shell("");
  command.argv = {"grep", "SigBlk:", "/proc/self/status"};
  sigaddset(&command.signal_mask, SIGUSR1);
  EXPECT_EQ(RunIt(command).printed, "SigBlk:\t0000000000000200\n");
}

}  // namespace
}  // namespace eventlog
