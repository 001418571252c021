#include "producers/session/session_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
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
#include "producers/session/session_id.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using session::v1::SessionEntry;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SessionRegistryTest : public testing::Test {
 protected:
  std::string Folder() {
    return absl::StrCat(testing::TempDir(), "/", testing::UnitTest::GetInstance()->current_test_info()->name(),
                        "/state/sessions");
  }
  SessionRegistry Open() {
    absl::StatusOr<SessionRegistry> registry = SessionRegistry::Open(Folder());
    EXPECT_THAT(registry.status(), IsOk());
    return *std::move(registry);
  }
  SessionEntry Entry(absl::Time created = absl::Now()) {
    SessionEntry entry;
    entry.set_session_id(NewSessionId(created));
    entry.add_command("vim");
    entry.add_client_ids("c1");
    SetHolder(entry);
    return entry;
  }
};

TEST_F(SessionRegistryTest, WhatIsWrittenIsReadUntilItIsRemoved) {
  const SessionRegistry registry = Open();
  SessionEntry entry = Entry();
  EXPECT_THAT(registry.Write(entry), IsOk());
  EXPECT_EQ(registry.Read(entry.session_id())->DebugString(), entry.DebugString());
  entry.clear_client_ids();
  EXPECT_THAT(registry.Write(entry), IsOk());
  EXPECT_EQ(registry.Read(entry.session_id())->client_ids_size(), 0);
  EXPECT_THAT(registry.Remove(entry.session_id()), IsOk());
  EXPECT_THAT(registry.Remove(entry.session_id()), IsOk());
  EXPECT_THAT(registry.Read(entry.session_id()).status(), StatusIs(absl::StatusCode::kNotFound, ::testing::_));
}

TEST_F(SessionRegistryTest, TheListIsInTheOrderOfCreationAndHasNothingElse) {
  const SessionRegistry registry = Open();
  EXPECT_THAT(*registry.List(), IsEmpty());
  const SessionEntry later = Entry(absl::FromUnixSeconds(2000));
  const SessionEntry first = Entry(absl::FromUnixSeconds(1000));
  EXPECT_THAT(registry.Write(later), IsOk());
  EXPECT_THAT(registry.Write(first), IsOk());
  std::ofstream(Folder() + "/notes.json") << "{}";
  std::ofstream(Folder() + "/." + later.session_id() + ".abcdef") << "{}";
  EXPECT_NE(registry.TryLock(), nullptr);
  EXPECT_THAT(*registry.List(), ElementsAre(first.session_id(), later.session_id()));
}

TEST_F(SessionRegistryTest, WhatAKilledWriterLeftIsRemovedWhenItIsOld) {
  const SessionRegistry registry = Open();
  const SessionEntry entry = Entry();
  EXPECT_THAT(registry.Write(entry), IsOk());
  const std::string beside = Folder() + "/." + entry.session_id(), old = beside + ".abcdef", young = beside + ".ghijkl";
  const std::string other = Folder() + "/.notes";
  const auto two_hours_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours(2);
  for (const std::string& path : {old, young, other}) std::ofstream(path) << "{";
  for (const std::string& path : {old, other, Folder() + "/" + entry.session_id() + ".json"}) {
    std::filesystem::last_write_time(path, two_hours_ago);
  }
  registry.RemoveOldDrafts();
  EXPECT_FALSE(std::filesystem::exists(old));
  EXPECT_TRUE(std::filesystem::exists(young)) << "somebody may be at it";
  EXPECT_TRUE(std::filesystem::exists(other)) << "not ours";
  EXPECT_THAT(registry.Read(entry.session_id()).status(), IsOk());
}

TEST_F(SessionRegistryTest, WhatIsNoRegularFileOfThisUserIsNoEntryAndKeepsNobody) {
  const SessionRegistry registry = Open();
  const SessionEntry entry = Entry();
  const std::string path = absl::StrCat(Folder(), "/", entry.session_id(), ".json");
  // Neither one that is missing nor one that is damaged, which would be repaired.
  const auto is_no_entry = [&] {
    const absl::Status read = registry.Read(entry.session_id()).status();
    return !read.ok() && !absl::IsNotFound(read) && !absl::IsDataLoss(read);
  };
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_TRUE(is_no_entry()) << "a FIFO";
  ASSERT_EQ(unlink(path.c_str()), 0);
  ASSERT_EQ(mkdir(path.c_str(), 0700), 0);
  EXPECT_TRUE(is_no_entry()) << "a folder";
  ASSERT_EQ(rmdir(path.c_str()), 0);
  ASSERT_THAT(registry.Write(entry), IsOk());
  const std::string elsewhere = Folder() + "/elsewhere";
  ASSERT_EQ(rename(path.c_str(), elsewhere.c_str()), 0);
  ASSERT_EQ(symlink(elsewhere.c_str(), path.c_str()), 0);
  EXPECT_TRUE(is_no_entry()) << "a link";
  ASSERT_EQ(rename(elsewhere.c_str(), path.c_str()), 0);
  EXPECT_THAT(registry.Read(entry.session_id()).status(), IsOk());
  // Root alone can give a file away; where we are not, it is still our own.
  constexpr uid_t kNobody = 65534;
  const bool others = chown(path.c_str(), kNobody, static_cast<gid_t>(-1)) == 0 && geteuid() != kNobody;
  EXPECT_EQ(others, is_no_entry());
}

TEST_F(SessionRegistryTest, ItIsForItsOwnerAloneAndNoNameLeadsOut) {
  const SessionRegistry registry = Open();
  struct stat status;
  ASSERT_EQ(stat(Folder().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
  SessionEntry entry = Entry();
  entry.set_session_id("../outside");
  EXPECT_THAT(registry.Write(entry), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
  std::ofstream(Folder() + "/../outside.json") << R"({"session_id":"../outside"})";
  EXPECT_THAT(registry.Read("../outside").status(), StatusIs(absl::StatusCode::kNotFound, ::testing::_));
}

TEST_F(SessionRegistryTest, AnEmptyFileIsNoEntry) {
  const SessionRegistry registry = Open();
  const std::string id = NewSessionId(absl::Now());
  std::ofstream(Folder() + "/" + id + ".json").flush();
  EXPECT_THAT(registry.Read(id).status(), StatusIs(absl::StatusCode::kDataLoss, ::testing::_));
}

TEST_F(SessionRegistryTest, AFolderThatCannotBeWrittenIsNamed) {
  EXPECT_THAT(SessionRegistry::Open("/proc/nothing/here").status(),
              StatusIs(absl::StatusCode::kNotFound, ::testing::HasSubstr("\"/proc/nothing/here\"")));
}

TEST_F(SessionRegistryTest, AHolderIsKnownByMoreThanItsNumber) {
  SessionEntry entry = Entry();
  EXPECT_TRUE(IsHeld(entry));
  SessionEntry other = entry;
  other.mutable_holder()->set_start_time(entry.holder().start_time() + 1);
  EXPECT_FALSE(IsHeld(other)) << "another process has the number now";
  other = entry;
  other.set_boot_id("another boot");
  EXPECT_FALSE(IsHeld(other));
  EXPECT_FALSE(IsElsewhere(other));
  other.set_host("another.machine");
  EXPECT_TRUE(IsElsewhere(other));
  EXPECT_TRUE(IsHeld(other)) << "nobody here knows better";
}

TEST_F(SessionRegistryTest, OneRepairsAtATime) {
  const SessionRegistry registry = Open();
  std::unique_ptr<ProcessLock> lock = registry.TryLock();
  ASSERT_NE(lock, nullptr);
  EXPECT_EQ(registry.TryLock(), nullptr);
  const pid_t child = fork();
  if (child == 0) _exit(Open().TryLock() == nullptr ? 7 : 0);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 7);
  lock.reset();
  EXPECT_NE(registry.TryLock(), nullptr);
}

TEST_F(SessionRegistryTest, TheFolderIsThatOfTheEnvironment) {
  setenv("EVENTLOG_SESSION_DIR", "/a", 1);
  EXPECT_EQ(SessionRegistryFolder(), "/a");
  unsetenv("EVENTLOG_SESSION_DIR");
  setenv("XDG_STATE_HOME", "/b", 1);
  EXPECT_EQ(SessionRegistryFolder(), "/b/eventlog-sessions");
  unsetenv("XDG_STATE_HOME");
  setenv("HOME", "/c", 1);
  EXPECT_EQ(SessionRegistryFolder(), "/c/.local/state/eventlog-sessions");
}

}  // namespace
}  // namespace eventlog
