#include "producers/session/output_taps.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <map>
#include <string>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using session::v1::OutputStream;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kPatienceMs = 60'000;

class OutputTapsTest : public testing::Test {
 protected:
  OutputTapsTest()
      : taps_([this](absl::string_view bytes, OutputStream stream) { absl::StrAppend(&seen_[stream], bytes); }) {
    EXPECT_EQ(pipe2(output_, O_CLOEXEC), 0);
    EXPECT_EQ(pipe2(error_, O_CLOEXEC), 0);
  }

  // A child that does this with the streams.
  pid_t Start(const std::function<void()>& work) {
    const pid_t child = fork();
    if (child == 0) {
      taps_.BecomeCommands();
      taps_.CloseCommandEnds();
      work();
      _exit(0);
    }
    taps_.CloseCommandEnds();
    return child;
  }
  static void Print(int file, absl::string_view text) {
    if (write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size())) _exit(1);
  }
  // Its end, and then what it had printed.
  void End(pid_t child) {
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    taps_.CommandEnded();
    while (!taps_.delivered()) ASSERT_TRUE(taps_.WaitAndServe(-1, kPatienceMs));
  }
  static std::string Read(int file) {
    char bytes[100];
    const ssize_t size = read(file, bytes, sizeof(bytes));
    return std::string(bytes, static_cast<size_t>(std::max<ssize_t>(0, size)));
  }

  std::map<OutputStream, std::string> seen_;
  OutputTaps taps_;
  int output_[2];
  int error_[2];
};

TEST_F(OutputTapsTest, EachStreamIsSeenByItsName) {
  taps_.Open(output_[1], error_[1]);
  End(Start([&] {
    Print(output_[1], "out");
    Print(error_[1], "error");
  }));
  EXPECT_EQ(seen_[session::v1::OUTPUT_STREAM_STDOUT], "out");
  EXPECT_EQ(seen_[session::v1::OUTPUT_STREAM_STDERR], "error");
  EXPECT_EQ(Read(output_[0]), "out");
  EXPECT_EQ(Read(error_[0]), "error");
}

TEST_F(OutputTapsTest, TwoThatAreOneStayOne) {
  const int same = dup(output_[1]);
  taps_.Open(output_[1], same);
  End(Start([&] {
    for (int i = 0; i < 3; ++i) {
      Print(output_[1], "o");
      Print(same, "e");
    }
  }));
  EXPECT_EQ(seen_[session::v1::OUTPUT_STREAM_UNSPECIFIED], "oeoeoe");
  EXPECT_EQ(Read(output_[0]), "oeoeoe");
}

TEST_F(OutputTapsTest, WhatCannotBeTappedIsLeftAlone) {
  taps_.Open(output_[0], -1);
  EXPECT_TRUE(taps_.delivered());
  EXPECT_FALSE(taps_.WaitAndServe(-1, 0));
  taps_.LeaveBehind();
  EXPECT_THAT(seen_, IsEmpty());
}

TEST_F(OutputTapsTest, WhoIsLeftInTheBackgroundGoesOnUnseenAndThenTheReaderSeesTheEnd) {
  int go[2];
  ASSERT_EQ(pipe2(go, O_CLOEXEC), 0);
  taps_.Open(output_[1], error_[1]);
  End(Start([&] {
    Print(output_[1], "soon");
    if (fork() != 0) return;
    close(go[1]);
    Read(go[0]);
    Print(output_[1], "late");
  }));
  EXPECT_EQ(Read(output_[0]), "soon");
  taps_.LeaveBehind();
  close(output_[1]);
  close(go[1]);
  close(go[0]);
  EXPECT_EQ(Read(output_[0]), "late");
  EXPECT_EQ(Read(output_[0]), "") << "the end";
  int status = 0;
  EXPECT_GT(wait(&status), 0) << "the process that was left";
  EXPECT_EQ(status, 0);
  EXPECT_EQ(seen_[session::v1::OUTPUT_STREAM_STDOUT], "soon");
}

TEST_F(OutputTapsTest, WhereNobodyIsLeftNothingIs) {
  taps_.Open(output_[1], error_[1]);
  End(Start([&] { Print(output_[1], "all"); }));
  taps_.LeaveBehind();
  EXPECT_EQ(wait(nullptr), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(OutputTapsTest, AnyStreamThatCouldNotBeWrittenIsAnError) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  const absl::Cleanup close_full = [&] { close(full); };
  taps_.Open(output_[1], full);
  End(Start([&] { Print(full, "lost"); }));
  EXPECT_THAT(taps_.status(), StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("No space left")));
}

}  // namespace
}  // namespace eventlog
