#include "producers/session/pty_leader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <string>

namespace eventlog {
namespace {

constexpr int kPatienceMs = 60'000;

// A leader with its command, seen from the holder's side.
class PtyLeaderTest : public testing::Test {
 protected:
  void Start(const std::string& script) {
    SessionCommand command{{"sh", "-c", script}, OwnEnvironment(), "", {}};
    sigemptyset(&command.signal_mask);
    const CommandExec exec(command);
    master_ = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    ASSERT_EQ(grantpt(master_), 0);
    ASSERT_EQ(unlockpt(master_), 0);
    char name[100];
    ASSERT_EQ(ptsname_r(master_, name, sizeof(name)), 0);
    const int slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    int sockets[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), 0);
    int errors[2];
    ASSERT_EQ(pipe2(errors, O_CLOEXEC), 0);
    leader_ = fork();
    if (leader_ == 0) {
      sigset_t all;
      sigfillset(&all);
      sigprocmask(SIG_SETMASK, &all, nullptr);
      RunPtyLeader({&exec, slave, sockets[1], errors[1], {}, true});
    }
    close(slave);
    close(sockets[1]);
    close(errors[1]);
    socket_ = sockets[0];
    PtyLeaderHello hello{0, 0};
    ASSERT_EQ(recv(socket_, &hello, sizeof(hello), 0), static_cast<ssize_t>(sizeof(hello)));
    command_ = hello.command;
    EXPECT_TRUE(exec.StartStatus(errors[0]).ok());
    close(errors[0]);
  }
  void WaitForOutput() {
    pollfd ready[] = {{master_, POLLIN, 0}};
    ASSERT_GT(poll(ready, 1, kPatienceMs), 0);
  }
  ProcessChange Next() {
    ProcessChange change{ProcessChange::kLost, -1, false};
    EXPECT_EQ(recv(socket_, &change, sizeof(change), 0), static_cast<ssize_t>(sizeof(change)));
    return change;
  }
  // The leader's exit code, once it has ended.
  int LeaderEnd() {
    int status = 0;
    EXPECT_EQ(waitpid(leader_, &status, 0), leader_);
    return WEXITSTATUS(status);
  }

  int master_ = -1;
  int socket_ = -1;
  pid_t leader_ = 0;
  pid_t command_ = 0;
};

TEST_F(PtyLeaderTest, ItOutlivesTheCommandUntilNobodyHoldsTheTerminal) {
  Start("exit 3");
  EXPECT_EQ(Next().value, 3);
  EXPECT_EQ(waitpid(leader_, nullptr, WNOHANG), 0);
  close(socket_);
  EXPECT_EQ(LeaderEnd(), 0);
  close(master_);
}

TEST_F(PtyLeaderTest, ACommandWhoseHolderIsGoneIsHungUp) {
  Start("echo ready; while :; do read line; done");
  WaitForOutput();
  close(socket_);
  close(master_);
  EXPECT_EQ(LeaderEnd(), 0);
  EXPECT_EQ(kill(command_, 0), -1);
}

TEST_F(PtyLeaderTest, AStoppedCommandWhoseHolderIsGoneIsHungUpToo) {
  Start("echo ready; kill -STOP $$; while :; do read line; done");
  EXPECT_EQ(Next().kind, ProcessChange::kStopped);
  close(socket_);
  close(master_);
  EXPECT_EQ(LeaderEnd(), 0);
  EXPECT_EQ(kill(command_, 0), -1);
}

TEST_F(PtyLeaderTest, ATerminalThatGoesTakesTheCommandWithItAndTheHolderHearsOfIt) {
  Start("echo ready; while read line; do :; done; while :; do read line </dev/zero; done");
  WaitForOutput();
  close(master_);
  const ProcessChange end = Next();
  EXPECT_EQ(end.kind, ProcessChange::kSignaled);
  EXPECT_EQ(end.value, SIGHUP);
  close(socket_);
  EXPECT_EQ(LeaderEnd(), 0);
}

TEST_F(PtyLeaderTest, WhoContinuesTheCommandContinuesAHolderThatHasStopped) {
  // A holder that has stopped itself: a process between the test and the leader.
  int said[2];
  ASSERT_EQ(pipe(said), 0);
  const pid_t holder = fork();
  if (holder == 0) {
    Start("kill -STOP $$; exit 9");
    if (Next().kind != ProcessChange::kStopped) _exit(1);
    const ssize_t size = write(said[1], &command_, sizeof(command_));
    raise(SIGSTOP);
    ProcessChange change = Next();
    if (change.kind == ProcessChange::kContinued) change = Next();
    _exit(size == sizeof(command_) && change.kind == ProcessChange::kExited ? change.value : 2);
  }
  pid_t command = 0;
  ASSERT_EQ(read(said[0], &command, sizeof(command)), static_cast<ssize_t>(sizeof(command)));
  int status = 0;
  ASSERT_EQ(waitpid(holder, &status, WUNTRACED), holder);
  ASSERT_TRUE(WIFSTOPPED(status));
  kill(command, SIGCONT);
  ASSERT_EQ(waitpid(holder, &status, 0), holder);
  EXPECT_EQ(WEXITSTATUS(status), 9);
  close(said[0]);
  close(said[1]);
}

}  // namespace
}  // namespace eventlog
