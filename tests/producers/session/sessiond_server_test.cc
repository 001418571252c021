#include "producers/session/sessiond_server.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "producers/session/event_sink.h"
#include "producers/session/session_registry.h"
#include "producers/session/sessiond_client.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using session::v1::DaemonReply;
using session::v1::DaemonRequest;
using ::testing::HasSubstr;

class SessiondServerTest : public ::testing::Test {
 protected:
  SessiondServerTest()
      : folder_(mkdtemp(name_)),
        registry_(*SessionRegistry::Open(folder_ + "/sessions")),
        sink_({.add =
                   [this](const std::vector<v1::Event>& events) {
                     kept_ += events.size();
                     return absl::OkStatus();
                   },
               .events_max = 1000,
               .output_bytes_max = 1000,
               .retry_interval = absl::Milliseconds(1)}),
        sessions_(context_, {}, registry_, sink_),
        server_(context_, Options(), *SessiondSocket::Listen(Path()), sessions_) {
    server_.Run();
    thread_ = std::thread([this] { context_.run(); });
  }
  ~SessiondServerTest() override {
    boost::asio::post(context_, [this] { server_.End([this] { context_.stop(); }); });
    thread_.join();
    std::filesystem::remove_all(folder_);
  }

  static SessiondServerOptions Options() {
    SessiondServerOptions options;
    options.connections_max = 2;
    return options;
  }
  std::string Path() const { return folder_ + "/s"; }
  absl::StatusOr<DaemonReply> Ask(DaemonRequest request) {
    absl::StatusOr<std::unique_ptr<SessiondClient>> client = SessiondClient::Connect(Path());
    if (!client.ok()) return client.status();
    return (*client)->Ask(std::move(request), absl::Minutes(1));
  }
  static DaemonRequest Start(const std::string& name) {
    DaemonRequest request;
    request.mutable_start()->set_name(name);
    request.mutable_start()->add_command("/bin/cat");
    return request;
  }
  static DaemonRequest Kill(const std::string& name, int signal = 0) {
    DaemonRequest request;
    request.mutable_kill()->set_session(name);
    request.mutable_kill()->set_signal(signal);
    return request;
  }
  static DaemonRequest List() {
    DaemonRequest request;
    request.mutable_list();
    return request;
  }

  char name_[32] = "/tmp/sessiond_serverXXXXXX";
  const std::string folder_;
  SessionRegistry registry_;
  std::atomic<size_t> kept_ = 0;
  EventSink sink_;
  boost::asio::io_context context_;
  SessiondSessions sessions_;
  SessiondServer server_;
  std::thread thread_;
};

TEST_F(SessiondServerTest, SessionsAreStartedListedAndKilled) {
  const absl::StatusOr<DaemonReply> started = Ask(Start("one"));
  ASSERT_THAT(started.status(), IsOk());
  EXPECT_EQ(started->daemon_pid(), getpid());
  EXPECT_GT(started->started().pid(), 0);
  const absl::StatusOr<DaemonReply> list = Ask(List());
  ASSERT_THAT(list.status(), IsOk());
  ASSERT_EQ(list->sessions().sessions_size(), 1);
  EXPECT_EQ(list->sessions().sessions(0).session_id(), started->started().session_id());
  const absl::StatusOr<DaemonReply> killed = Ask(Kill("one", SIGTERM));
  ASSERT_THAT(killed.status(), IsOk());
  EXPECT_EQ(killed->killed().removed().signal(), "SIGTERM");
}

TEST_F(SessiondServerTest, WhatIsNotThereIsRefusedAndAppendsNothing) {
  EXPECT_THAT(Ask(Kill("none")).status(), StatusIs(absl::StatusCode::kNotFound));
  DaemonRequest attach;
  attach.mutable_attach()->set_session("none");
  EXPECT_THAT(Ask(attach).status(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Ask(DaemonRequest()).status(), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_THAT(Ask(Start("one")).status(), IsOk());
  EXPECT_THAT(Ask(Start("one")).status(), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(Ask(Kill("one", 1000)).status(), StatusIs(absl::StatusCode::kInvalidArgument));
  sink_.Close(absl::InfiniteFuture());
  EXPECT_EQ(kept_, 1U);
}

TEST_F(SessiondServerTest, TooManyClientsAreToldSo) {
  absl::StatusOr<std::unique_ptr<SessiondClient>> one = SessiondClient::Connect(Path());
  absl::StatusOr<std::unique_ptr<SessiondClient>> two = SessiondClient::Connect(Path());
  ASSERT_THAT(one.status(), IsOk());
  ASSERT_THAT(two.status(), IsOk());
  EXPECT_THAT(Ask(List()).status(), StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("2 clients")));
  EXPECT_THAT((*one)->Ask(List(), absl::Minutes(1)).status(), IsOk());
}

TEST_F(SessiondServerTest, WhoAskedForAnEndMayGoBeforeIt) {
  ASSERT_THAT(Ask(Start("one")).status(), IsOk());
  {
    absl::StatusOr<std::unique_ptr<SessiondClient>> client = SessiondClient::Connect(Path());
    ASSERT_THAT(client.status(), IsOk());
    EXPECT_THAT((*client)->Ask(Kill("one"), absl::ZeroDuration()).status(), StatusIs(absl::StatusCode::kUnavailable));
  }
  for (;;) {
    const absl::StatusOr<DaemonReply> list = Ask(List());
    ASSERT_THAT(list.status(), IsOk());
    if (list->sessions().sessions(0).has_removed()) break;
  }
}

}  // namespace
}  // namespace eventlog
