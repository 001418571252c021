#include "producers/session/sessiond_connection.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "producers/session/event_sink.h"
#include "producers/session/pty_process.h"
#include "producers/session/session_protocol.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using boost::asio::local::stream_protocol;
using session::v1::ClientMessage;
using session::v1::DaemonMessage;
using session::v1::DaemonReply;
using session::v1::DaemonRequest;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class SessiondConnectionTest : public ::testing::Test, public SessiondConnection::Handler {
 protected:
  SessiondConnectionTest()
      : sink_({.add =
                   [this](const std::vector<v1::Event>& events) {
                     const absl::MutexLock lock(&mutex_);
                     for (const v1::Event& event : events) events_.push_back(event.text());
                     return absl::OkStatus();
                   },
               .events_max = 1000,
               .output_bytes_max = 1000,
               .retry_interval = absl::Milliseconds(1)}) {}
  ~SessiondConnectionTest() override {
    if (client_ >= 0) close(client_);
  }

  void OnRequest(const DaemonRequest& request, std::shared_ptr<SessiondConnection> from) override {
    ++requests_;
    if (session_ != nullptr) from->Attach(session_, {});
  }
  void OnClosed(const std::shared_ptr<SessiondConnection>& connection) override { closed_ = true; }

  void Connect(SessiondConnectionOptions options = {}) {
    int sockets[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
    client_ = sockets[0];
    stream_protocol::socket socket(context_, stream_protocol(), sockets[1]);
    std::make_shared<SessiondConnection>(std::move(socket), ucred{getpid(), geteuid(), getegid()}, options, *this)
        ->Run();
  }
  void StartSession(const std::string& script, HostedSessionOptions options = {}) {
    PtyProcessOptions process;
    process.command.argv = {"/bin/bash", "-c", script};
    process.command.environment = {"PATH=/usr/bin:/bin"};
    sigemptyset(&process.command.signal_mask);
    process.size = {24, 80, 0, 0};
    absl::StatusOr<std::unique_ptr<PtyProcess>> started = PtyProcess::Start(process);
    ASSERT_THAT(started.status(), IsOk());
    session_ =
        std::make_shared<HostedSession>(context_, options, sink_, session::v1::SessionInfo(), *std::move(started));
    session_->Run();
  }
  void Send(absl::string_view bytes) {
    ASSERT_EQ(send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  void SendRequest() {
    DaemonRequest request;
    request.set_protocol_version(kSessionProtocolVersion);
    request.mutable_list();
    Send(*EncodeFrame(request));
  }
  void Until(const std::function<bool()>& condition) {
    const absl::Time deadline = absl::Now() + absl::Minutes(1);
    while (!condition()) {
      ASSERT_LT(absl::Now(), deadline);
      context_.run_one_for(std::chrono::milliseconds(10));
    }
  }
  // Whether there is one by now.
  template <typename Message>
  bool Receive(Message& message) {
    char buffer[64 * 1024];
    const ssize_t size = recv(client_, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (size > 0) reader_.Feed(absl::string_view(buffer, static_cast<size_t>(size)));
    absl::StatusOr<std::optional<std::string>> bytes = reader_.Next();
    return bytes.ok() && bytes->has_value() && message.ParseFromString(**bytes);
  }
  DaemonReply Reply() {
    DaemonReply reply;
    Until([&] { return Receive(reply); });
    return reply;
  }
  // The next one that is not output.
  DaemonMessage Message() {
    DaemonMessage message;
    Until([&] { return Receive(message) && !message.has_output(); });
    return message;
  }
  std::string LastEvent() {
    sink_.Close(absl::Now() + absl::Minutes(1));
    const absl::MutexLock lock(&mutex_);
    return events_.back();
  }

  absl::Mutex mutex_;
  std::vector<std::string> events_ ABSL_GUARDED_BY(mutex_);
  EventSink sink_;
  boost::asio::io_context context_;
  std::shared_ptr<HostedSession> session_;
  int client_ = -1;
  FrameReader reader_;
  int requests_ = 0;
  bool closed_ = false;
};

TEST_F(SessiondConnectionTest, GarbageIsAnsweredAndEndsIt) {
  Connect();
  Send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_THAT(Reply().error().message(), HasSubstr("not sessiond's protocol"));
  Until([&] { return closed_; });
  EXPECT_EQ(requests_, 0);
}

TEST_F(SessiondConnectionTest, AnotherVersionIsRefused) {
  Connect();
  DaemonRequest request;
  request.set_protocol_version(99);
  Send(*EncodeFrame(request));
  EXPECT_THAT(Reply().error().message(), HasSubstr("not 99"));
  EXPECT_EQ(requests_, 0);
}

TEST_F(SessiondConnectionTest, WhoSaysNothingIsNotWaitedFor) {
  SessiondConnectionOptions options;
  options.request_deadline = absl::Milliseconds(20);
  Connect(options);
  EXPECT_THAT(Reply().error().message(), HasSubstr("no request came"));
  Until([&] { return closed_; });
}

TEST_F(SessiondConnectionTest, OneRequestIsHandedOnAndASecondIsNot) {
  Connect();
  SendRequest();
  Until([&] { return requests_ == 1; });
  SendRequest();
  EXPECT_THAT(Reply().error().message(), HasSubstr("a second request"));
  EXPECT_EQ(requests_, 1);
}

TEST_F(SessiondConnectionTest, AnAttachedClientGetsTheAnswerFirstAndTheEndLast) {
  StartSession("echo printed; read; exit 7");
  Connect();
  SendRequest();
  EXPECT_FALSE(Reply().attached().client_id().empty());
  DaemonMessage output;
  Until([&] { return Receive(output) && output.output().find("printed") != std::string::npos; });
  ClientMessage input;
  input.set_input("\n");
  Send(*EncodeFrame(input));
  EXPECT_EQ(Message().input_taken_bytes(), 1);
  EXPECT_EQ(Message().ended().removed().exit_code(), 7);
  Until([&] { return closed_; });
}

TEST_F(SessiondConnectionTest, WhoDetachesIsToldSo) {
  StartSession("read");
  Connect();
  SendRequest();
  Reply();
  ClientMessage detach;
  detach.mutable_detach();
  Send(*EncodeFrame(detach));
  EXPECT_EQ(Message().ended().reason(), session::v1::DISCONNECT_REASON_DETACHED);
  Until([&] { return closed_; });
  EXPECT_THAT(LastEvent(), HasSubstr("DETACHED"));
}

TEST_F(SessiondConnectionTest, WhoIsGoneIsLost) {
  StartSession("read");
  Connect();
  SendRequest();
  Reply();
  close(std::exchange(client_, -1));
  Until([&] { return closed_; });
  EXPECT_THAT(LastEvent(), HasSubstr("LOST"));
}

TEST_F(SessiondConnectionTest, MoreInputThanIsAllowedEndsIt) {
  StartSession("stty raw; exec tail -f /dev/null");
  SessiondConnectionOptions options;
  options.input_bytes_max = 1000;
  Connect(options);
  SendRequest();
  EXPECT_EQ(Reply().attached().input_bytes_max(), 1000);
  ClientMessage input;
  input.set_input(std::string(1001, 'x'));
  Send(*EncodeFrame(input));
  EXPECT_THAT(Message().error().message(), HasSubstr("1000 bytes"));
  Until([&] { return closed_; });
}

TEST_F(SessiondConnectionTest, WhoTakesNothingIsEndedAndHasHeldNobody) {
  StartSession("head -c 20000000 /dev/zero; exec tail -f /dev/null");
  SessiondConnectionOptions options;
  options.slow_client_deadline = absl::Milliseconds(100);
  Connect(options);
  SendRequest();
  Until([&] { return session_->ring().end() >= 20'000'000; });
  Until([&] { return closed_; });
  EXPECT_EQ(session_->info().clients(), 0);
  EXPECT_THAT(LastEvent(), HasSubstr("SLOW"));
}

TEST_F(SessiondConnectionTest, WhoFallsBelowTheRingIsRepaintedAndSeesTheEnd) {
  HostedSessionOptions session_options;
  session_options.ring_bytes_max = 4096;
  StartSession("head -c 20000000 /dev/zero | tr '\\0' x; echo last; read", session_options);
  Connect();
  SendRequest();
  // The session is done before this client reads anything.
  Until([&] { return session_->ring().end() >= 20'000'000; });
  Reply();
  size_t bytes = 0;
  int repaints = 0;
  DaemonMessage message;
  Until([&] {
    if (!Receive(message)) return false;
    bytes += message.output().size();
    if (message.output().find("\x1b[2J") != std::string::npos) ++repaints;
    return message.output().find("last") != std::string::npos;
  });
  EXPECT_LT(bytes, 5'000'000U);
  EXPECT_GE(repaints, 2);  // at the begin, and behind each gap
}

}  // namespace
}  // namespace eventlog
