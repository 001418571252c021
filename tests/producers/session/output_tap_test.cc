#include "producers/session/output_tap.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using ::testing::HasSubstr;

constexpr int kPatienceMs = 60'000;

class OutputTapTest : public testing::Test {
 protected:
  OutputTapTest() {
    signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(pipe(target_), 0);
  }
  ~OutputTapTest() override {
    for (const int file : target_) {
      if (file >= 0) close(file);
    }
  }

  void Open(int target) {
    absl::StatusOr<std::unique_ptr<OutputTap>> tap = OutputTap::Open(target);
    ASSERT_THAT(tap.status(), IsOk());
    tap_ = *std::move(tap);
  }
  // Waits for something to do, and does it.
  bool Serve() {
    std::array<pollfd, 2> ready = tap_->Wanted();
    return poll(ready.data(), ready.size(), kPatienceMs) > 0 &&
           tap_->Serve(ready.data(), [this](absl::string_view bytes) { absl::StrAppend(&seen_, bytes); });
  }
  // Does what can be done at once, all of it.
  void ServeAll() {
    while (true) {
      std::array<pollfd, 2> ready = tap_->Wanted();
      if (poll(ready.data(), ready.size(), 0) <= 0) return;
      if (!tap_->Serve(ready.data(), [this](absl::string_view bytes) { absl::StrAppend(&seen_, bytes); })) return;
    }
  }
  void Print(absl::string_view bytes) {
    ASSERT_EQ(write(tap_->command_end(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  // What has arrived, which there must be.
  std::string Arrived() {
    std::string bytes(1 << 20, '\0');
    bytes.resize(static_cast<size_t>(std::max<ssize_t>(0, read(target_[0], bytes.data(), bytes.size()))));
    return bytes;
  }

  int target_[2] = {-1, -1};
  std::unique_ptr<OutputTap> tap_;
  std::string seen_;
};

TEST_F(OutputTapTest, WhatPassesArrivesAndIsSeen) {
  Open(target_[1]);
  const std::string bytes("a\0\xff\n", 4);
  Print(bytes);
  ServeAll();
  Print("more");
  ServeAll();
  EXPECT_EQ(Arrived(), bytes + "more");
  EXPECT_EQ(seen_, bytes + "more");
  EXPECT_FALSE(tap_->done());
  tap_->CloseCommandEnd();
  ServeAll();
  EXPECT_TRUE(tap_->done()) << "nobody can write any more";
}

TEST_F(OutputTapTest, AReaderThatReadsNothingIsWaitedForAndItsPipeStaysAsItWas) {
  Open(target_[1]);
  const std::string piece(32 * 1024, 'x');
  for (int i = 0; i < 4; ++i) {
    Print(piece);
    ServeAll();
  }
  EXPECT_EQ(fcntl(target_[1], F_GETFL) & O_NONBLOCK, 0);
  tap_->LimitToWritten();
  EXPECT_FALSE(tap_->done());
  size_t arrived = 0;
  while (arrived < 4 * piece.size()) {
    const std::string more = Arrived();
    ASSERT_FALSE(more.empty());
    arrived += more.size();
    ServeAll();
  }
  EXPECT_TRUE(tap_->done());
}

TEST_F(OutputTapTest, AReaderThatIsGoneIsSeenThoughNothingIsWrittenAndTakesThePipeWithIt) {
  Open(target_[1]);
  close(std::exchange(target_[0], -1));
  EXPECT_TRUE(Serve());
  EXPECT_EQ(write(tap_->command_end(), "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  EXPECT_TRUE(tap_->done());
  EXPECT_THAT(tap_->status(), IsOk()) << "as the command itself, nobody else hears of it";
}

TEST_F(OutputTapTest, WhatCannotBeWrittenIsAnError) {
  const int full = open("/dev/full", O_WRONLY);
  const absl::Cleanup close_full = [&] { close(full); };
  Open(full);
  Print("lost");
  EXPECT_TRUE(Serve());
  EXPECT_THAT(tap_->status(), StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("No space left")));
  EXPECT_EQ(write(tap_->command_end(), "x", 1), -1);
}

TEST_F(OutputTapTest, AtTheEndOnlyWhatIsThereIsTakenUntilItIsToGoOn) {
  Open(target_[1]);
  Print("of the command");
  tap_->LimitToWritten();
  Print(", of others");
  ServeAll();
  EXPECT_TRUE(tap_->done());
  EXPECT_EQ(seen_, "of the command");
  tap_->CloseCommandEnd();
  EXPECT_TRUE(tap_->HasWriters()) << "there is more of them";
  tap_->Unlimit();
  EXPECT_FALSE(tap_->done());
  ServeAll();
  EXPECT_EQ(Arrived(), "of the command, of others");
  EXPECT_FALSE(tap_->HasWriters());
}

TEST_F(OutputTapTest, SomebodyWhoHasTheCommandsEndIsAWriter) {
  Open(target_[1]);
  const int other = dup(tap_->command_end());
  tap_->CloseCommandEnd();
  EXPECT_TRUE(tap_->HasWriters());
  close(other);
  EXPECT_FALSE(tap_->HasWriters());
}

TEST_F(OutputTapTest, AStreamSocketIsNotMadeToBlockNorNotTo) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const absl::Cleanup close_end = [&] { close(ends[1]); };
  Open(ends[1]);
  Print("hello");
  ServeAll();
  char bytes[8];
  EXPECT_EQ(read(ends[0], bytes, sizeof(bytes)), 5);
  EXPECT_EQ(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
  close(ends[0]);
  EXPECT_TRUE(Serve());
  EXPECT_TRUE(tap_->done());
}

TEST_F(OutputTapTest, ATerminalAndWhatIsNoStreamStayTheCommandsOwn) {
  EXPECT_TRUE(OutputTap::CanTap(target_[1]));
  EXPECT_FALSE(OutputTap::CanTap(target_[0])) << "for reading alone";
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_EQ(grantpt(master), 0);
  ASSERT_EQ(unlockpt(master), 0);
  const int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
  EXPECT_FALSE(OutputTap::CanTap(terminal));
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
  EXPECT_FALSE(OutputTap::CanTap(ends[0]));
  for (const int file : {master, terminal, ends[0], ends[1]}) close(file);
  EXPECT_FALSE(OutputTap::CanTap(terminal)) << "not open";
}

TEST_F(OutputTapTest, OneStreamIsWhatKeepsTheOrderOfItsWrites) {
  const std::string path = testing::TempDir() + "/file";
  const auto open_file = [&](int flags) { return open(path.c_str(), O_WRONLY | O_CREAT | flags, 0600); };
  const int files[] = {open_file(0), open_file(0), open_file(O_APPEND), open_file(O_APPEND)};
  const int twice = dup(files[0]);
  const int again = open(absl::StrCat("/proc/self/fd/", target_[1]).c_str(), O_WRONLY);
  EXPECT_TRUE(OutputTap::IsOneStream(files[0], twice));
  EXPECT_FALSE(OutputTap::IsOneStream(files[0], files[1])) << "each has a position of its own";
  EXPECT_FALSE(OutputTap::IsOneStream(files[0], files[2]));
  EXPECT_TRUE(OutputTap::IsOneStream(files[2], files[3]));
  EXPECT_TRUE(OutputTap::IsOneStream(target_[1], again)) << "a pipe has no positions";
  EXPECT_FALSE(OutputTap::IsOneStream(target_[1], files[0]));
  for (const int file : files) close(file);
  close(twice);
  close(again);
}

}  // namespace
}  // namespace eventlog
