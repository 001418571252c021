#include "producers/session/reopen_output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

namespace eventlog {
namespace {

void ExpectOfItsOwn(int file, int original) {
  ASSERT_GE(file, 0);
  EXPECT_NE(fcntl(file, F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQ(fcntl(original, F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(fcntl(file, F_GETFD) & FD_CLOEXEC, 0);
}

TEST(ReopenOutputTest, WhatIsReopenedIsTheSameTerminalAndDoesNotBlockForUsAlone) {
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_EQ(grantpt(master), 0);
  ASSERT_EQ(unlockpt(master), 0);
  const int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
  const int file = ReopenOutput(slave);
  ExpectOfItsOwn(file, slave);
  EXPECT_STREQ(ttyname(file), ptsname(master));
  for (const int one : {file, slave, master}) close(one);
}

TEST(ReopenOutputTest, WhatIsWrittenToAReopenedPipeArrivesThere) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const int file = ReopenOutput(ends[1]);
  ExpectOfItsOwn(file, ends[1]);
  EXPECT_EQ(write(file, "x", 1), 1);
  char byte = 0;
  EXPECT_EQ(read(ends[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
  for (const int one : {file, ends[0], ends[1]}) close(one);
}

TEST(ReopenOutputTest, AFifoThatNobodyReadsIsNotReopened) {
  const std::string path = testing::TempDir() + "/fifo";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const int reader = open(path.c_str(), O_RDONLY | O_NONBLOCK);
  const int writer = open(path.c_str(), O_WRONLY);
  const int file = ReopenOutput(writer);
  ExpectOfItsOwn(file, writer);
  close(file);
  close(reader);
  EXPECT_LT(ReopenOutput(writer), 0);
  close(writer);
}

TEST(ReopenOutputTest, WhatIsNotOpenIsNotReopened) { EXPECT_LT(ReopenOutput(-1), 0); }

}  // namespace
}  // namespace eventlog
