#include "eventlog-svc/client/standard_output.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>

#include "gtest/gtest.h"

namespace eventlog {
namespace {

// Prints into `descriptor`, which it closes.
bool PrintsAllInto(int descriptor) {
  std::fflush(stdout);
  const int before = dup(STDOUT_FILENO);
  dup2(descriptor, STDOUT_FILENO);
  close(descriptor);
  std::puts("something");
  const bool all = FlushStandardOutput();
  dup2(before, STDOUT_FILENO);
  close(before);
  std::clearerr(stdout);
  return all;
}

TEST(StandardOutputTest, WhatIsTakenIsAll) { EXPECT_TRUE(PrintsAllInto(open("/dev/null", O_WRONLY))); }

TEST(StandardOutputTest, AFullDiskIsAFailure) { EXPECT_FALSE(PrintsAllInto(open("/dev/full", O_WRONLY))); }

TEST(StandardOutputTest, SoIsWhatCannotBeWrittenTo) { EXPECT_FALSE(PrintsAllInto(open("/dev/null", O_RDONLY))); }

TEST(StandardOutputTest, AReaderThatHasEnoughIsNone) {
  signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  EXPECT_TRUE(PrintsAllInto(ends[1]));
}

}  // namespace
}  // namespace eventlog
