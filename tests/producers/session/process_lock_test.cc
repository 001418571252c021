#include "producers/session/process_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

std::string Path() { return testing::TempDir() + "/" + testing::UnitTest::GetInstance()->current_test_info()->name(); }

TEST(ProcessLockTest, ItIsFreeAgainWithItsObject) {
  absl::StatusOr<std::unique_ptr<ProcessLock>> lock = ProcessLock::TryTake(Path());
  ASSERT_THAT(lock.status(), IsOk());
  ASSERT_NE(nullptr, *lock);
  EXPECT_EQ(nullptr, *ProcessLock::TryTake(Path()));
  lock->reset();
  EXPECT_NE(nullptr, *ProcessLock::Take(Path()));
}

TEST(ProcessLockTest, AChildThatWasForkedDoesNotKeepIt) {
  absl::StatusOr<std::unique_ptr<ProcessLock>> lock = ProcessLock::Take(Path());
  ASSERT_THAT(lock.status(), IsOk());
  const pid_t child = fork();
  while (child == 0) pause();
  lock->reset();
  EXPECT_NE(nullptr, *ProcessLock::TryTake(Path()));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

TEST(ProcessLockTest, AFileThatCannotBeMadeIsNamed) {
  EXPECT_THAT(ProcessLock::TryTake("/no/such/folder/lock").status(),
              StatusIs(absl::StatusCode::kNotFound, ::testing::HasSubstr("/no/such/folder/lock")));
}

}  // namespace
}  // namespace eventlog
