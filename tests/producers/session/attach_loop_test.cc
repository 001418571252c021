#include "producers/session/attach_loop.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using session::v1::ClientMessage;
using session::v1::DaemonMessage;
using session::v1::Ended;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class AttachLoopTest : public ::testing::Test {
 protected:
  void SetUp() override {
    int sockets[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
    ASSERT_EQ(pipe(typed_), 0);
    ASSERT_EQ(pipe(printed_), 0);
    options_.socket = sockets[0];
    daemon_ = sockets[1];
    options_.input = typed_[0];
    options_.output = printed_[1];
    options_.detach_key = *DetachKey::Parse(kDefaultDetachKey);
    options_.input_bytes_max = 10;
  }
  void TearDown() override {
    for (int descriptor : {options_.socket, daemon_, typed_[0], typed_[1], printed_[0], printed_[1]}) {
      if (descriptor >= 0) close(descriptor);
    }
  }
  void Type(const std::string& text) {
    ASSERT_EQ(write(typed_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void Say(const DaemonMessage& message) {
    const std::string frame = *EncodeFrame(message);
    ASSERT_EQ(send(daemon_, frame.data(), frame.size(), MSG_NOSIGNAL), static_cast<ssize_t>(frame.size()));
  }
  void SayOutput(const std::string& text) {
    DaemonMessage message;
    message.set_output(text);
    Say(message);
  }
  void SayEnded(int exit_code) {
    DaemonMessage message;
    message.mutable_ended()->set_reason(session::v1::DISCONNECT_REASON_SESSION_REMOVED);
    message.mutable_ended()->mutable_removed()->set_exit_code(exit_code);
    Say(message);
  }
  // What the client says next; waits for it.
  ClientMessage Heard() {
    for (;;) {
      absl::StatusOr<std::optional<std::string>> bytes = reader_.Next();
      ClientMessage message;
      if (bytes.ok() && bytes->has_value() && message.ParseFromString(**bytes)) return message;
      char buffer[1000];
      const ssize_t size = recv(daemon_, buffer, sizeof(buffer), 0);
      if (size <= 0) return message;
      reader_.Feed(absl::string_view(buffer, static_cast<size_t>(size)));
    }
  }
  std::string Printed() {
    std::string text(100'000, '\0');
    fcntl(printed_[0], F_SETFL, O_NONBLOCK);
    const ssize_t size = read(printed_[0], text.data(), text.size());
    text.resize(static_cast<size_t>(std::max<ssize_t>(0, size)));
    return text;
  }
  absl::StatusOr<Ended> Run() {
    AttachLoop loop(options_, FrameReader());
    absl::StatusOr<Ended> ended = loop.Run([] {});
    loop.UndoModes();
    return ended;
  }

  AttachLoopOptions options_;
  int daemon_ = -1;
  int typed_[2] = {-1, -1};
  int printed_[2] = {-1, -1};
  FrameReader reader_;
};

TEST_F(AttachLoopTest, OutputIsPrintedAndTheEndReturnedAndModesUndone) {
  SayOutput("\x1b[?1049hhello");
  SayEnded(7);
  const absl::StatusOr<Ended> ended = Run();
  ASSERT_THAT(ended.status(), IsOk());
  EXPECT_EQ(ended->removed().exit_code(), 7);
  EXPECT_EQ(Printed(), "\x1b[?1049hhello\x1b[?1049l\x1b[m");
}

TEST_F(AttachLoopTest, NoMoreInputIsSentThanIsTaken) {
  Type("0123456789abcdef");
  std::thread daemon([&] {
    EXPECT_EQ(Heard().input(), "0123456789");
    DaemonMessage taken;
    taken.set_input_taken_bytes(4);
    Say(taken);
    EXPECT_EQ(Heard().input(), "abcd");
    SayEnded(0);
  });
  EXPECT_THAT(Run().status(), IsOk());
  daemon.join();
}

TEST_F(AttachLoopTest, TheDetachKeyIsHeardAlsoWhenInputIsNotTaken) {
  Type(
      "0123456789 not taken\x1c"
      "d");
  std::thread daemon([&] {
    EXPECT_EQ(Heard().input(), "0123456789");
    EXPECT_TRUE(Heard().has_detach());
    DaemonMessage message;
    message.mutable_ended()->set_reason(session::v1::DISCONNECT_REASON_DETACHED);
    Say(message);
  });
  const absl::StatusOr<Ended> ended = Run();
  daemon.join();
  ASSERT_THAT(ended.status(), IsOk());
  EXPECT_EQ(ended->reason(), session::v1::DISCONNECT_REASON_DETACHED);
}

TEST_F(AttachLoopTest, ASessiondThatDoesNotAnswerADetachIsNotWaitedFor) {
  options_.detach_patience = absl::Milliseconds(20);
  Type(
      "\x1c"
      "d");
  EXPECT_THAT(Run().status(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("does not answer")));
}

TEST_F(AttachLoopTest, ASessiondThatIsGoneAndOneThatIsWrongAreErrors) {
  SayOutput("last words");
  close(std::exchange(daemon_, -1));
  EXPECT_THAT(Run().status(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("gone")));
  EXPECT_THAT(Printed(), HasSubstr("last words"));
}

TEST_F(AttachLoopTest, AnErrorOfSessiondsIsReturned) {
  DaemonMessage message;
  message.mutable_error()->set_message("why");
  Say(message);
  EXPECT_THAT(Run().status(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("why")));
}

TEST_F(AttachLoopTest, ATerminalThatIsGoneEndsIt) {
  close(std::exchange(typed_[1], -1));
  EXPECT_THAT(Run().status(), StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(AttachLoopTest, ATerminalThatTakesNothingDoesNotKeepADetach) {
  for (int i = 0; i < 3; ++i) SayOutput(std::string(60'000, 'x'));
  Type(
      "\x1c"
      "d");
  std::thread daemon([&] {
    EXPECT_TRUE(Heard().has_detach());
    DaemonMessage message;
    message.mutable_ended()->set_reason(session::v1::DISCONNECT_REASON_DETACHED);
    Say(message);
  });
  const absl::StatusOr<Ended> ended = Run();
  daemon.join();
  ASSERT_THAT(ended.status(), IsOk());
  EXPECT_EQ(ended->reason(), session::v1::DISCONNECT_REASON_DETACHED);
}

}  // namespace
}  // namespace eventlog
