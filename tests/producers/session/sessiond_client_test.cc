#include "producers/session/sessiond_client.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "producers/session/session_protocol.h"
#include "producers/session/sessiond_socket.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using session::v1::DaemonReply;
using session::v1::DaemonRequest;
using ::testing::HasSubstr;

class SessiondClientTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(mkdtemp(folder_), nullptr);
    absl::StatusOr<std::unique_ptr<SessiondSocket>> socket = SessiondSocket::Listen(Path());
    ASSERT_THAT(socket.status(), IsOk());
    socket_ = *std::move(socket);
    listener_ = socket_->Release();
  }
  void TearDown() override {
    if (other_ >= 0) close(other_);
    close(listener_);
    socket_.reset();
    std::filesystem::remove_all(folder_);
  }
  std::string Path() const { return std::string(folder_) + "/s"; }

  // Connects, and has the other end say these bytes.
  std::unique_ptr<SessiondClient> Connect(const std::string& said, bool and_close) {
    absl::StatusOr<std::unique_ptr<SessiondClient>> client = SessiondClient::Connect(Path());
    EXPECT_THAT(client.status(), IsOk());
    int accepted = -1;
    while ((accepted = accept(listener_, nullptr, nullptr)) < 0) {
    }
    EXPECT_EQ(send(accepted, said.data(), said.size(), 0), static_cast<ssize_t>(said.size()));
    if (and_close) {
      close(accepted);
    } else {
      other_ = accepted;
    }
    return *std::move(client);
  }
  absl::StatusOr<DaemonReply> Answered(const std::string& said, bool and_close = true) {
    return Connect(said, and_close)->Ask(DaemonRequest(), and_close ? absl::Minutes(1) : absl::Milliseconds(20));
  }

  char folder_[32] = "/tmp/sessiond_clientXXXXXX";
  std::unique_ptr<SessiondSocket> socket_;
  int listener_ = -1;
  int other_ = -1;
};

TEST_F(SessiondClientTest, TheRequestSaysTheVersionAndTheAnswerIsReturned) {
  DaemonReply reply;
  reply.set_daemon_pid(42);
  const std::unique_ptr<SessiondClient> client = Connect(*EncodeFrame(reply) + *EncodeFrame(reply), false);
  const absl::StatusOr<DaemonReply> answer = client->Ask(DaemonRequest(), absl::Minutes(1));
  ASSERT_THAT(answer.status(), IsOk());
  EXPECT_EQ(answer->daemon_pid(), 42);
  // What came behind the answer is not lost.
  EXPECT_TRUE((*client->reader().Next()).has_value());
  char buffer[100];
  const ssize_t size = recv(other_, buffer, sizeof(buffer), 0);
  FrameReader reader;
  reader.Feed(absl::string_view(buffer, static_cast<size_t>(size)));
  DaemonRequest request;
  ASSERT_TRUE(request.ParseFromString(**reader.Next()));
  EXPECT_EQ(request.protocol_version(), kSessionProtocolVersion);
}

TEST_F(SessiondClientTest, EachErrorIsAStatus) {
  const std::pair<session::v1::DaemonErrorCode, absl::StatusCode> kCodes[] = {
      {session::v1::DAEMON_ERROR_CODE_NOT_FOUND, absl::StatusCode::kNotFound},
      {session::v1::DAEMON_ERROR_CODE_AMBIGUOUS, absl::StatusCode::kFailedPrecondition},
      {session::v1::DAEMON_ERROR_CODE_NAME_TAKEN, absl::StatusCode::kAlreadyExists},
      {session::v1::DAEMON_ERROR_CODE_FULL, absl::StatusCode::kResourceExhausted},
      {session::v1::DAEMON_ERROR_CODE_START_FAILED, absl::StatusCode::kAborted},
      {session::v1::DAEMON_ERROR_CODE_ENDING, absl::StatusCode::kUnavailable},
      {session::v1::DAEMON_ERROR_CODE_INVALID, absl::StatusCode::kInvalidArgument}};
  for (const auto& [code, status] : kCodes) {
    DaemonReply reply;
    reply.mutable_error()->set_code(code);
    reply.mutable_error()->set_message("why");
    EXPECT_THAT(Answered(*EncodeFrame(reply)).status(), StatusIs(status, HasSubstr("why")));
  }
}

TEST_F(SessiondClientTest, WhoGoesOrIsSilentOrIsNoSessiondIsAnError) {
  EXPECT_THAT(Answered("").status(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Answered(std::string("\0\0", 2)).status(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Answered("", false).status(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("does not answer")));
  EXPECT_THAT(Answered("HTTP/1.1 400").status(), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(SessiondClientTest, ATooLongRequestIsNotSent) {
  DaemonRequest request;
  request.mutable_start()->add_environment(std::string(kFrameBytesMax, 'x'));
  EXPECT_THAT(Connect("", false)->Ask(request, absl::Minutes(1)).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("too long")));
}

TEST_F(SessiondClientTest, WithoutASessiondNothingIsFound) {
  EXPECT_THAT(SessiondClient::Connect(Path() + "x").status(), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace eventlog
