#include "producers/cli/end_watch.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);

TEST(EndWatchTest, ASignalEndsInsteadOfTheProcess) {
  for (const int number : {SIGINT, SIGTERM}) {
    absl::Notification ended;
    EndWatch watch;
    watch.Start(STDOUT_FILENO, [&] { ended.Notify(); });
    EXPECT_FALSE(ended.HasBeenNotified());
    kill(getpid(), number);
    EXPECT_TRUE(ended.WaitForNotificationWithTimeout(kPatience)) << number;
  }
}

TEST(EndWatchTest, AReaderThatLeavesEndsAlsoWhenNothingIsWritten) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  absl::Notification ended;
  {
    EndWatch watch;
    watch.Start(ends[1], [&] { ended.Notify(); });
    EXPECT_FALSE(ended.HasBeenNotified());
    close(ends[0]);
    EXPECT_TRUE(ended.WaitForNotificationWithTimeout(kPatience));
  }
  // And a write says so, instead of killing.
  EXPECT_EQ(write(ends[1], "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  close(ends[1]);
}

TEST(EndWatchTest, WithoutAReasonItIsSilentAndItsEndDoesNotWait) {
  const int file = open("/dev/null", O_WRONLY);
  bool ended = false;
  {
    EndWatch watch;
    watch.Start(file, [&] { ended = true; });
  }
  EXPECT_FALSE(ended);
  close(file);
}

TEST(EndWatchDeathTest, TheSecondSignalIsTheUsualOne) {
  EXPECT_EXIT(
      {
        absl::Notification ended;
        EndWatch watch;
        watch.Start(STDOUT_FILENO, [&] { ended.Notify(); });
        kill(getpid(), SIGTERM);
        ended.WaitForNotification();
        kill(getpid(), SIGTERM);
        while (true) pause();
      },
      testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace eventlog
