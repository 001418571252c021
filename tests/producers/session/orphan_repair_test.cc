#include "producers/session/orphan_repair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "producers/session/process_identity.h"
#include "producers/session/session_id.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using session::v1::SessionEntry;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class OrphanRepairTest : public testing::Test {
 protected:
  OrphanRepairTest() : registry_(*SessionRegistry::Open(Folder())) {
    options_.add = [this](const SessionEntry& entry, const std::vector<v1::Event>& events) {
      if (!answer_.ok()) return answer_;
      for (const v1::Event& event : events) kept_.push_back(absl::StrCat(event.type(), " ", event.text()));
      servers_.push_back(entry.server());
      return absl::OkStatus();
    };
  }
  std::string Folder() {
    return absl::StrCat(testing::TempDir(), "/", testing::UnitTest::GetInstance()->current_test_info()->name());
  }
  // A session whose holder was killed.
  SessionEntry Orphan() {
    SessionEntry entry;
    entry.set_session_id(NewSessionId(absl::Now()));
    entry.set_server("log.example:7431");
    entry.add_client_ids("c1");
    SetHolder(entry);
    entry.mutable_holder()->set_start_time(entry.holder().start_time() + 1);
    return entry;
  }
  // A process that says that it is ready, of a group of its own.
  pid_t Start(SessionEntry& entry, bool ignores_hangup) {
    int ready[2];
    EXPECT_EQ(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
      setpgid(0, 0);
      signal(SIGHUP, ignores_hangup ? SIG_IGN : SIG_DFL);
      const ssize_t said = write(ready[1], "x", 1);
      while (said == 1) pause();
      _exit(1);
    }
    char byte = 0;
    EXPECT_EQ(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    entry.mutable_command_process()->set_pid(child);
    entry.mutable_command_process()->set_start_time(StartTime(child));
    entry.set_command_group(true);
    return child;
  }
  int SignalThatEnded(pid_t child) {
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }

  SessionRegistry registry_;
  OrphanRepairOptions options_;
  absl::Status answer_;
  std::vector<std::string> kept_;
  std::vector<std::string> servers_;
};

TEST_F(OrphanRepairTest, WhatWasNotSeenToBeKeptIsKeptFirst) {
  SessionEntry entry = Orphan();
  v1::Event created;
  created.set_type("session.created");
  entry.add_unkept_events(created.SerializeAsString());
  ASSERT_TRUE(registry_.Write(entry).ok());
  ASSERT_TRUE(RepairOrphans(registry_, options_).ok());
  ASSERT_EQ(kept_.size(), 3U);
  EXPECT_EQ(kept_[0], "session.created ");
  EXPECT_THAT(kept_[1], HasSubstr("client.disconnected"));
}

TEST_F(OrphanRepairTest, AFifoWithTheNameOfAnEntryIsLeftAloneAndHoldsNobodyUp) {
  const std::string path = absl::StrCat(Folder(), "/", NewSessionId(absl::FromUnixSeconds(1000)), ".json");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  ASSERT_THAT(registry_.Write(Orphan()), IsOk());
  const absl::StatusOr<OrphanRepairCounts> counts = RepairOrphans(registry_, options_);
  EXPECT_EQ(counts->repaired, 1) << "the one behind it";
  EXPECT_EQ(counts->left, 0);
  EXPECT_EQ(kept_.size(), 2u);
  EXPECT_EQ(access(path.c_str(), F_OK), 0);
}

TEST_F(OrphanRepairTest, AnOrphanIsEndedOnceAndForgotten) {
  const SessionEntry entry = Orphan();
  ASSERT_THAT(registry_.Write(entry), IsOk());
  EXPECT_EQ(RepairOrphans(registry_, options_)->repaired, 1);
  EXPECT_THAT(kept_, ElementsAre(absl::StrCat(R"(client.disconnected {"session_id":")", entry.session_id(),
                                              R"(","client_id":"c1","reason":"DISCONNECT_REASON_LOST"})"),
                                 absl::StrCat(R"(session.removed {"session_id":")", entry.session_id(),
                                              R"(","reason":"REMOVAL_REASON_ORPHANED"})")));
  EXPECT_THAT(servers_, ElementsAre("log.example:7431"));
  EXPECT_THAT(*registry_.List(), IsEmpty());
  EXPECT_EQ(RepairOrphans(registry_, options_)->repaired, 0);
  EXPECT_EQ(kept_.size(), 2u);
}

TEST_F(OrphanRepairTest, WhatAKilledWriterLeftGoesToo) {
  const std::string left = absl::StrCat(Folder(), "/.", NewSessionId(absl::FromUnixSeconds(1000)), ".abcdef");
  std::ofstream(left) << "{";
  std::filesystem::last_write_time(left, std::filesystem::file_time_type::clock::now() - std::chrono::hours(2));
  ASSERT_TRUE(RepairOrphans(registry_, options_).ok());
  EXPECT_FALSE(std::filesystem::exists(left));
}

TEST_F(OrphanRepairTest, ASessionThatIsHeldIsLeftAlone) {
  SessionEntry entry = Orphan();
  SetHolder(entry);
  ASSERT_THAT(registry_.Write(entry), IsOk());
  SessionEntry elsewhere = Orphan();
  elsewhere.set_host("another.machine");
  ASSERT_THAT(registry_.Write(elsewhere), IsOk());
  const absl::StatusOr<OrphanRepairCounts> counts = RepairOrphans(registry_, options_);
  EXPECT_EQ(counts->repaired + counts->left, 0);
  EXPECT_THAT(kept_, IsEmpty());
  EXPECT_EQ(registry_.List()->size(), 2u);
}

TEST_F(OrphanRepairTest, ItsCommandIsHungUpFirst) {
  SessionEntry entry = Orphan();
  const pid_t command = Start(entry, false);
  ASSERT_THAT(registry_.Write(entry), IsOk());
  options_.hangup_patience = absl::InfiniteDuration();
  EXPECT_EQ(RepairOrphans(registry_, options_)->repaired, 1);
  EXPECT_EQ(SignalThatEnded(command), SIGHUP);
}

TEST_F(OrphanRepairTest, ACommandThatIgnoresThatIsKilled) {
  SessionEntry entry = Orphan();
  const pid_t command = Start(entry, true);
  ASSERT_THAT(registry_.Write(entry), IsOk());
  options_.hangup_patience = absl::Milliseconds(1);
  EXPECT_EQ(RepairOrphans(registry_, options_)->repaired, 1);
  EXPECT_EQ(SignalThatEnded(command), SIGKILL);
}

TEST_F(OrphanRepairTest, WhoeverHasTheCommandsNumberNowIsLeftAlone) {
  SessionEntry entry = Orphan();
  const pid_t stranger = Start(entry, false);
  entry.mutable_command_process()->set_start_time(entry.command_process().start_time() - 1);
  ASSERT_THAT(registry_.Write(entry), IsOk());
  SessionEntry rebooted = Orphan();
  rebooted.set_boot_id("another boot");
  *rebooted.mutable_command_process() = entry.command_process();
  rebooted.mutable_command_process()->set_start_time(StartTime(stranger));
  ASSERT_THAT(registry_.Write(rebooted), IsOk());
  EXPECT_EQ(RepairOrphans(registry_, options_)->repaired, 2);
  EXPECT_NE(StartTime(stranger), 0);
  kill(stranger, SIGTERM);
  EXPECT_EQ(SignalThatEnded(stranger), SIGTERM);
}

TEST_F(OrphanRepairTest, WhatCouldNotBeKeptIsRepairedLater) {
  ASSERT_THAT(registry_.Write(Orphan()), IsOk());
  answer_ = absl::ResourceExhaustedError("full");
  EXPECT_EQ(RepairOrphans(registry_, options_)->left, 1);
  EXPECT_EQ(registry_.List()->size(), 1u);
  answer_ = absl::OkStatus();
  EXPECT_EQ(RepairOrphans(registry_, options_)->repaired, 1);
}

TEST_F(OrphanRepairTest, WhoIsToldToStopDoesNotTryToKeepTheEventsOfEach) {
  for (int i = 0; i < 3; ++i) ASSERT_THAT(registry_.Write(Orphan()), IsOk());
  int stop[2];
  ASSERT_EQ(pipe(stop), 0);
  options_.stop = stop[0];
  ASSERT_EQ(write(stop[1], "x", 1), 1);
  int tries = 0;
  options_.add = [&](const SessionEntry&, const std::vector<v1::Event>&) {
    ++tries;
    return absl::UnavailableError("others have the spool");
  };
  EXPECT_EQ(RepairOrphans(registry_, options_)->left, 1);
  EXPECT_EQ(tries, 1);
  EXPECT_EQ(registry_.List()->size(), 3u);
  close(stop[0]);
  close(stop[1]);
}

TEST_F(OrphanRepairTest, WhatTheHolderKnewOfTheEndIsSaid) {
  SessionEntry entry = Orphan();
  entry.mutable_removed()->set_reason(session::v1::REMOVAL_REASON_EXITED);
  entry.mutable_removed()->set_exit_code(3);
  ASSERT_THAT(registry_.Write(entry), IsOk());
  EXPECT_EQ(RepairOrphans(registry_, options_)->repaired, 1);
  EXPECT_THAT(kept_, ElementsAre(HasSubstr(R"("reason":"REMOVAL_REASON_EXITED","exit_code":3})"),
                                 HasSubstr(R"("reason":"DISCONNECT_REASON_SESSION_REMOVED"})")));
}

TEST_F(OrphanRepairTest, AnEmptyFileIsASessionToo) {
  const std::string id = NewSessionId(absl::Now());
  std::ofstream(absl::StrCat(Folder(), "/", id, ".json")).flush();
  EXPECT_EQ(RepairOrphans(registry_, options_)->repaired, 1);
  EXPECT_THAT(kept_, ElementsAre(HasSubstr(id)));
  EXPECT_THAT(*registry_.List(), IsEmpty());
}

TEST_F(OrphanRepairTest, WhoIsNotFirstLeavesTheWorkToTheOther) {
  ASSERT_THAT(registry_.Write(Orphan()), IsOk());
  const std::unique_ptr<ProcessLock> lock = registry_.TryLock();
  const absl::StatusOr<OrphanRepairCounts> counts = RepairOrphans(registry_, options_);
  EXPECT_EQ(counts->repaired + counts->left, 0);
  EXPECT_THAT(kept_, IsEmpty());
}

TEST_F(OrphanRepairTest, WhoIsToldToStopHasNotKilledInHaste) {
  SessionEntry entry = Orphan();
  const pid_t command = Start(entry, true);
  ASSERT_THAT(registry_.Write(entry), IsOk());
  int stop[2];
  ASSERT_EQ(pipe(stop), 0);
  ASSERT_EQ(write(stop[1], "x", 1), 1);
  options_.stop = stop[0];
  options_.hangup_patience = absl::InfiniteDuration();
  EXPECT_EQ(RepairOrphans(registry_, options_)->left, 1);
  EXPECT_NE(StartTime(command), 0);
  EXPECT_THAT(kept_, IsEmpty());
  kill(command, SIGKILL);
  SignalThatEnded(command);
  close(stop[0]);
  close(stop[1]);
}

}  // namespace
}  // namespace eventlog
