#include "producers/hook/payload_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "absl/synchronization/notification.h"
#include "eventlog-svc/client/json_text.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

class PayloadReaderTest : public testing::Test {
 protected:
  PayloadReaderTest() {
    EXPECT_EQ(0, pipe(pipe_));
    options_.timeout = absl::Seconds(60);
    options_.pause = absl::Seconds(60);
  }
  ~PayloadReaderTest() override {
    Close();
    close(pipe_[0]);
  }

  void Write(const std::string& text) {
    EXPECT_EQ(static_cast<ssize_t>(text.size()), write(pipe_[1], text.data(), text.size()));
  }
  void Close() {
    if (pipe_[1] >= 0) close(pipe_[1]);
    pipe_[1] = -1;
  }
  Payload Read() { return ReadPayload(pipe_[0], options_, IsJson); }

  int pipe_[2];
  PayloadReaderOptions options_;
};

TEST_F(PayloadReaderTest, EverythingUpToTheEndIsRead) {
  const std::string text(1'000'000, 'x');
  std::thread writer([&] {
    Write(text);
    Close();
  });
  const Payload payload = Read();
  writer.join();
  EXPECT_EQ(text, payload.bytes);
  EXPECT_EQ(1'000'000, payload.bytes_read);
  EXPECT_FALSE(payload.unfinished);
}

TEST_F(PayloadReaderTest, NothingIsNothing) {
  Close();
  const Payload payload = Read();
  EXPECT_EQ("", payload.bytes);
  EXPECT_FALSE(payload.unfinished);
}

TEST_F(PayloadReaderTest, WhatIsAboveTheBoundIsReadAndCountedButNotKept) {
  options_.bytes_max = 10;
  std::thread writer([&] {
    Write(std::string(1'000'000, 'x'));
    Close();
  });
  const Payload payload = Read();
  writer.join();
  EXPECT_EQ("xxxxxxxxxx", payload.bytes);
  EXPECT_EQ(1'000'000, payload.bytes_read);
  EXPECT_FALSE(payload.unfinished);
}

TEST_F(PayloadReaderTest, InputWithoutEndThatIsWholeIsEnough) {
  options_.pause = absl::Milliseconds(1);
  Write("{\"a\":1}");
  const Payload payload = Read();
  EXPECT_EQ("{\"a\":1}", payload.bytes);
  EXPECT_FALSE(payload.unfinished);
}

TEST_F(PayloadReaderTest, InputThatPausesIsWaitedFor) {
  options_.pause = absl::Milliseconds(1);
  absl::Notification asked;
  std::thread writer([&] {
    asked.WaitForNotification();
    Write("1}");
    Close();
  });
  Write("{\"a\":");
  const Payload payload = ReadPayload(pipe_[0], options_, [&](absl::string_view text) {
    if (!asked.HasBeenNotified()) asked.Notify();
    return IsJson(text);
  });
  writer.join();
  EXPECT_EQ("{\"a\":1}", payload.bytes);
  EXPECT_FALSE(payload.unfinished);
}

TEST_F(PayloadReaderTest, InputWithoutEndIsGivenUp) {
  options_.timeout = absl::Milliseconds(20);
  options_.pause = absl::Milliseconds(1);
  Write("{\"a\":");
  const Payload payload = Read();
  EXPECT_EQ("{\"a\":", payload.bytes);
  EXPECT_TRUE(payload.unfinished);
  EXPECT_THAT(payload.status, IsOk());
  EXPECT_TRUE(Read().unfinished) << "nothing at all";
}

TEST_F(PayloadReaderTest, InputThatNeverPausesIsGivenUp) {
  const int zeros = open("/dev/zero", O_RDONLY);
  options_.timeout = absl::Milliseconds(20);
  options_.bytes_max = 1000;
  const Payload payload = ReadPayload(zeros, options_, IsJson);
  close(zeros);
  EXPECT_EQ(1000u, payload.bytes.size());
  EXPECT_TRUE(payload.unfinished);
}

TEST_F(PayloadReaderTest, DescriptorThatCannotBeReadIsSaid) {
  constexpr int kClosed = 1000;
  const Payload payload = ReadPayload(kClosed, options_, IsJson);
  EXPECT_TRUE(payload.unfinished);
  EXPECT_FALSE(payload.status.ok());
  const int folder = open("/", O_RDONLY);
  EXPECT_FALSE(ReadPayload(folder, options_, IsJson).status.ok());
  close(folder);
}

TEST_F(PayloadReaderTest, DescriptorThatDoesNotBlockIsWaitedFor) {
  ASSERT_EQ(0, fcntl(pipe_[0], F_SETFL, O_NONBLOCK));
  std::thread writer([&] {
    Write("{}");
    Close();
  });
  EXPECT_EQ("{}", Read().bytes);
  writer.join();
}

}  // namespace
}  // namespace eventlog
