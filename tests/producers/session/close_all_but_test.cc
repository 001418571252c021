#include "producers/session/close_all_but.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "absl/types/span.h"

namespace eventlog {
namespace {

constexpr int kFiles = 20;

// In a child that has descriptors 0 to 19: the first that is open and not kept, or kept and not open; 100: none.
int FirstWrong(std::vector<int> kept) {
  const pid_t child = fork();
  if (child == 0) {
    for (int file = 0; file < kFiles; ++file) {
      if (fcntl(file, F_GETFD) < 0 && dup2(STDERR_FILENO, file) < 0) _exit(101);
    }
    CloseAllBut(absl::MakeSpan(kept));
    for (int file = 0; file < kFiles; ++file) {
      const bool wanted = std::find(kept.begin(), kept.end(), file) != kept.end();
      if (wanted != (fcntl(file, F_GETFD) >= 0)) _exit(file);
    }
    _exit(100);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(CloseAllButTest, WhatIsKeptStaysAndNothingElse) {
  EXPECT_EQ(FirstWrong({}), 100);
  EXPECT_EQ(FirstWrong({0, 1, 2}), 100);
  EXPECT_EQ(FirstWrong({11, 5}), 100) << "in any order";
  EXPECT_EQ(FirstWrong({7, 7, 8, 0}), 100) << "twice, and two in a row";
  EXPECT_EQ(FirstWrong({6, 4}), 100) << "one between them";
  EXPECT_EQ(FirstWrong({-1, 3, -1, 19}), 100) << "some that are none";
}

}  // namespace
}  // namespace eventlog
