#include "eventlog-svc/client/spool_sender_lock.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::IsNull;
using testing::NotNull;

class SpoolSenderLockTest : public testing::Test {
 protected:
  SpoolSenderLockTest() {
    std::string pattern = testing::TempDir() + "/lock-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~SpoolSenderLockTest() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
};

TEST_F(SpoolSenderLockTest, OneHoldsItAndTheNextOneMayAfterIt) {
  auto first = SpoolSenderLock::TryTake(folder_);
  ASSERT_THAT(first, IsOkAndHolds(NotNull()));
  EXPECT_THAT(SpoolSenderLock::TryTake(folder_), IsOkAndHolds(IsNull()));
  first->reset();
  EXPECT_THAT(SpoolSenderLock::TryTake(folder_), IsOkAndHolds(NotNull()));
}

TEST_F(SpoolSenderLockTest, InAFolderThatWasMadeAnewItIsNotTheOne) {
  const auto lock = SpoolSenderLock::TryTake(folder_);
  ASSERT_THAT(lock, IsOkAndHolds(NotNull()));
  EXPECT_TRUE((*lock)->Current());
  std::filesystem::remove_all(folder_);
  EXPECT_FALSE((*lock)->Current());
  std::filesystem::create_directory(folder_);
  const auto next = SpoolSenderLock::TryTake(folder_);
  ASSERT_THAT(next, IsOkAndHolds(NotNull()));
  EXPECT_TRUE((*next)->Current());
  EXPECT_FALSE((*lock)->Current());
}

TEST_F(SpoolSenderLockTest, AFolderThatIsMissingIsNotFound) {
  EXPECT_THAT(SpoolSenderLock::TryTake(folder_ + "/none"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(SpoolSenderLockTest, AProcessThatIsKilledHoldsItNoMore) {
  int said[2];
  ASSERT_EQ(pipe(said), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto lock = SpoolSenderLock::TryTake(folder_);
    const char took = lock.ok() && *lock != nullptr ? 'y' : 'n';
    if (write(said[1], &took, 1) != 1) _exit(1);
    pause();
    _exit(0);
  }
  char took = 'n';
  ASSERT_EQ(read(said[0], &took, 1), 1);
  EXPECT_EQ(took, 'y');
  EXPECT_THAT(SpoolSenderLock::TryTake(folder_), IsOkAndHolds(IsNull()));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_THAT(SpoolSenderLock::TryTake(folder_), IsOkAndHolds(NotNull()));
  close(said[0]);
  close(said[1]);
}

TEST_F(SpoolSenderLockTest, AChildThatWasForkedMeanwhileDoesNotKeepIt) {
  auto lock = SpoolSenderLock::TryTake(folder_);
  ASSERT_THAT(lock, IsOkAndHolds(NotNull()));
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  lock->reset();
  EXPECT_THAT(SpoolSenderLock::TryTake(folder_), IsOkAndHolds(NotNull()));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

}  // namespace
}  // namespace eventlog
