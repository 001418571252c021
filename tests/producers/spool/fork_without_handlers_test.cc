#include "producers/spool/fork_without_handlers.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/base/config.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

int ExitCode(pid_t child) {
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ForkWithoutHandlersTest, TheChildIsAProcessOfItsOwn) {
  const pid_t parent = getpid();
  const pid_t child = ForkWithoutHandlers();
  if (child == 0) _exit(getpid() != parent && getppid() == parent ? 7 : 1);
  EXPECT_EQ(ExitCode(child), 7);
}

// Under ThreadSanitizer with _Fork some of these children never end.
TEST(ForkWithoutHandlersTest, ItsChildrenEndWhateverOtherThreadsDo) {
  std::atomic<bool> over{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&over] {
      while (!over) close(dup(0));
    });
  }
  for (int i = 0; i < 200; ++i) {
    const pid_t child = ForkWithoutHandlers();
    if (child == 0) {
      const int copy = dup(0);
      close(copy);
      _exit(3);
    }
    EXPECT_EQ(ExitCode(child), 3);
  }
  over = true;
  for (std::thread& thread : threads) thread.join();
}

#ifndef ABSL_HAVE_THREAD_SANITIZER
std::atomic<int> handlers_run{0};

TEST(ForkWithoutHandlersTest, NoHandlerRunsBeforeOrAfterIt) {
  ASSERT_EQ(pthread_atfork([] { ++handlers_run; }, [] { ++handlers_run; }, [] { ++handlers_run; }), 0);
  const pid_t child = ForkWithoutHandlers();
  if (child == 0) _exit(handlers_run);
  EXPECT_EQ(ExitCode(child), 0);
  EXPECT_EQ(handlers_run, 0);
}
#endif

}  // namespace
}  // namespace eventlog
