#include "producers/session/repair_thread.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "eventlog-svc/client/spool.h"
#include "producers/session/process_identity.h"
#include "producers/session/session_id.h"
#include "producers/spool/spool_folder.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

class RepairThreadTest : public testing::Test {
 protected:
  RepairThreadTest()
      : folder_(absl::StrCat(testing::TempDir(), "/", testing::UnitTest::GetInstance()->current_test_info()->name())),
        registry_(*SessionRegistry::Open(folder_)) {
    setenv(kSpoolDirVariable, (folder_ + "/spool").c_str(), 1);
  }
  session::v1::SessionEntry Orphan(const std::string& server) {
    session::v1::SessionEntry entry;
    entry.set_session_id(NewSessionId(absl::Now()));
    entry.set_server(server);
    SetHolder(entry);
    entry.mutable_holder()->set_start_time(1);
    return entry;
  }
  int64_t SpooledFor(const std::string& server) {
    SpoolOptions options;
    options.folder = SpoolFolder(server, "");
    const absl::StatusOr<std::unique_ptr<Spool>> spool = Spool::OpenExisting(options);
    return spool.ok() ? (*spool)->Stats()->events : 0;
  }

  const std::string folder_;
  const SessionRegistry registry_;
};

TEST_F(RepairThreadTest, AnOrphansEventsGoWhereItsOwnWent) {
  ASSERT_THAT(registry_.Write(Orphan("theirs:1")), IsOk());
  ASSERT_THAT(registry_.Write(Orphan("")), IsOk());
  absl::Notification both;
  int calls = 0;
  {
    const RepairThread repair(registry_, {"ours:1", "", [&](const std::string&) {
                                            if (++calls == 2) both.Notify();
                                            return absl::OkStatus();
                                          }});
    both.WaitForNotification();
  }
  EXPECT_EQ(SpooledFor("theirs:1"), 1);
  EXPECT_EQ(SpooledFor("ours:1"), 1);
  EXPECT_TRUE(registry_.List()->empty());
}

TEST_F(RepairThreadTest, ATokenDoesNotGoToAnotherServer) {
  ASSERT_THAT(registry_.Write(Orphan("theirs:1")), IsOk());
  ASSERT_THAT(registry_.Write(Orphan("ours:1")), IsOk());
  std::vector<std::string> begun;
  {
    // Its end waits for what needs no waiting.
    const RepairThread repair(registry_, {"ours:1", "",
                                          [&](const std::string& folder) {
                                            begun.push_back(folder);
                                            return absl::OkStatus();
                                          },
                                          /*has_token=*/true});
  }
  EXPECT_THAT(begun, testing::ElementsAre(SpoolFolder("ours:1", "")));
  EXPECT_EQ(SpooledFor("theirs:1"), 1);
}

TEST_F(RepairThreadTest, ItsEndDoesNotWaitForACommandThatDoesNotEnd) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t command = fork();
  if (command == 0) {
    signal(SIGHUP, SIG_IGN);
    const ssize_t said = write(ready[1], "x", 1);
    while (said == 1) pause();
    _exit(1);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  session::v1::SessionEntry entry = Orphan("theirs:1");
  entry.mutable_command_process()->set_pid(command);
  entry.mutable_command_process()->set_start_time(StartTime(command));
  ASSERT_THAT(registry_.Write(entry), IsOk());
  { const RepairThread repair(registry_, {"ours:1", "", nullptr}); }
  EXPECT_NE(StartTime(command), 0) << "it had no time to obey";
  EXPECT_EQ(SpooledFor("theirs:1"), 0);
  EXPECT_EQ(registry_.List()->size(), 1u);
  kill(command, SIGKILL);
  waitpid(command, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
}

}  // namespace
}  // namespace eventlog
