#include "producers/session/sessiond_session.h"

#include <signal.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "producers/session/event_sink.h"
#include "producers/session/pty_process.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using session::v1::DisconnectReason;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Viewer : public SessionViewer {
 public:
  void OnOutput() override { ++outputs; }
  void OnInputTaken(int64_t bytes) override { taken += bytes; }
  void OnEnded(const session::v1::SessionRemoved& how) override { removed = how; }

  int outputs = 0;
  int64_t taken = 0;
  session::v1::SessionRemoved removed;
};

SessionClient Client(const std::string& id, unsigned short rows = 0) { return {id, 1, "somebody", {rows, rows, 0, 0}}; }

class HostedSessionTest : public ::testing::Test {
 protected:
  HostedSessionTest()
      : sink_({.add =
                   [this](const std::vector<v1::Event>& events) {
                     const absl::MutexLock lock(&mutex_);
                     for (const v1::Event& event : events) events_.push_back(event.type());
                     return absl::OkStatus();
                   },
               .events_max = 1000,
               .output_bytes_max = 1000,
               .retry_interval = absl::Milliseconds(1)}) {}

  std::shared_ptr<HostedSession> Start(const std::string& script, HostedSessionOptions options = {}) {
    PtyProcessOptions process;
    process.command.argv = {"/bin/bash", "-c", script};
    process.command.environment = {"PATH=/usr/bin:/bin"};
    sigemptyset(&process.command.signal_mask);
    process.size = {24, 80, 0, 0};
    absl::StatusOr<std::unique_ptr<PtyProcess>> started = PtyProcess::Start(process);
    EXPECT_THAT(started.status(), IsOk());
    session::v1::SessionInfo info;
    info.set_session_id("s");
    info.mutable_window_size()->set_rows(24);
    info.mutable_window_size()->set_columns(80);
    auto session = std::make_shared<HostedSession>(context_, options, sink_, std::move(info), *std::move(started));
    session->Run();
    return session;
  }
  // Runs what is due until it is so.
  void Until(const std::function<bool()>& condition) {
    const absl::Time deadline = absl::Now() + absl::Minutes(1);
    while (!condition()) {
      ASSERT_LT(absl::Now(), deadline);
      context_.run_one_for(std::chrono::milliseconds(10));
    }
  }
  void UntilPrinted(const HostedSession& session, const std::string& text) {
    Until([&] {
      return std::string(session.ring().From(session.ring().start(), 1 << 20)).find(text) != std::string::npos;
    });
  }
  std::vector<std::string> Events() {
    sink_.Close(absl::Now() + absl::Minutes(1));
    const absl::MutexLock lock(&mutex_);
    return events_;
  }

  absl::Mutex mutex_;
  std::vector<std::string> events_ ABSL_GUARDED_BY(mutex_);
  EventSink sink_;
  boost::asio::io_context context_;
};

TEST_F(HostedSessionTest, WhatIsPrintedBeforeTheEndIsInTheRing) {
  const auto session = Start("printf '%10000s' x; echo last; exit 7");
  Until([&] { return session->ended(); });
  EXPECT_EQ(session->info().removed().exit_code(), 7);
  EXPECT_THAT(std::string(session->ring().From(session->ring().start(), 1 << 20)), HasSubstr("last"));
  EXPECT_THAT(Events(), ElementsAre("session.removed"));
}

TEST_F(HostedSessionTest, ClientsAreToldOfOutputInputAndTheEnd) {
  const auto session = Start("stty -echo; echo ready; read line; echo \"got $line\"; exit 3");
  UntilPrinted(*session, "ready");
  Viewer one, two;
  session->Attach(one, Client("c1"));
  session->Attach(two, Client("c2"));
  session->Type(one, "word\n");
  Until([&] { return session->ended(); });
  EXPECT_EQ(one.taken, 5);
  EXPECT_EQ(two.taken, 0);
  EXPECT_GT(two.outputs, 0);
  EXPECT_EQ(one.removed.exit_code(), 3);
  EXPECT_EQ(two.removed.exit_code(), 3);
  EXPECT_THAT(Events(), ElementsAre("client.connected", "client.connected", "ownership.transferred", "session.removed",
                                    "client.disconnected", "client.disconnected"));
}

TEST_F(HostedSessionTest, AClientThatWentIsToldNothingAndSaidOnce) {
  const auto session = Start("read line; exit 0");
  Viewer viewer;
  session->Attach(viewer, Client("c1"));
  session->Detach(viewer, DisconnectReason::DISCONNECT_REASON_LOST);
  session->Detach(viewer, DisconnectReason::DISCONNECT_REASON_DETACHED);
  session->Type(viewer, "x");
  session->Kill(SIGKILL);
  Until([&] { return session->ended(); });
  EXPECT_FALSE(viewer.removed.has_exit_code());
  EXPECT_EQ(viewer.removed.reason(), session::v1::REMOVAL_REASON_UNSPECIFIED);
  EXPECT_THAT(Events(), ElementsAre("client.connected", "client.disconnected", "session.removed"));
}

TEST_F(HostedSessionTest, TheSizeIsThatOfTheClientThatWasActiveLast) {
  const auto session = Start("read line");
  Viewer one, two;
  session->Attach(one, Client("c1", 30));
  session->Attach(two, Client("c2", 40));
  EXPECT_EQ(session->info().window_size().rows(), 40);
  session->Type(one, "x");
  EXPECT_EQ(session->info().window_size().rows(), 30);
  session->Resize(two, {50, 50, 0, 0});
  EXPECT_EQ(session->info().window_size().rows(), 50);
  Viewer without_terminal;
  session->Attach(without_terminal, Client("c3"));
  EXPECT_EQ(session->info().window_size().rows(), 50);
}

TEST_F(HostedSessionTest, WhatDoesNotEndIsKilled) {
  HostedSessionOptions options;
  options.kill_patience = absl::Milliseconds(50);
  const auto session = Start("trap '' HUP; echo deaf; while :; do read; done", options);
  UntilPrinted(*session, "deaf");
  bool told = false;
  session->Kill(SIGHUP);
  session->WhenEnded([&] { told = true; });
  Until([&] { return session->ended(); });
  EXPECT_TRUE(told);
  EXPECT_EQ(session->info().removed().signal(), "SIGKILL");
  EXPECT_EQ(session->info().removed().reason(), session::v1::REMOVAL_REASON_KILLED);
}

TEST_F(HostedSessionTest, InputBeyondWhatTheTerminalTakesWaits) {
  const auto session = Start("stty raw -echo; echo ready; read -n 1; cat > /dev/null");
  UntilPrinted(*session, "ready");
  Viewer viewer;
  session->Attach(viewer, Client("c1"));
  constexpr int64_t kBytes = 1'000'000;
  session->Type(viewer, std::string(kBytes, 'x'));
  EXPECT_LT(viewer.taken, kBytes);
  Until([&] { return viewer.taken == kBytes; });
}

TEST_F(HostedSessionTest, WhatIsPrintedIsToldOnlyWhereItIsAskedFor) {
  HostedSessionOptions options;
  options.output.emplace();
  options.idle_after = absl::Hours(1);  // what waits for that is not told in time
  // The first is told while the command goes on, the last before the end.
  const auto session = Start("echo first; read line; echo last; exit 0", options);
  Until([&] {
    const absl::MutexLock lock(&mutex_);
    return events_.size() == 1;
  });
  Viewer viewer;
  session->Attach(viewer, Client("c1"));
  session->Type(viewer, "\n");
  Until([&] { return session->ended(); });
  EXPECT_THAT(Events(), ElementsAre("session.output", "client.connected", "ownership.transferred", "session.output",
                                    "session.removed", "client.disconnected"));
}

TEST_F(HostedSessionTest, ItIsIdleAfterAWhileAndThenNot) {
  HostedSessionOptions options;
  options.idle_after = absl::Milliseconds(20);
  const auto session = Start("read line; echo again; read line", options);
  Until([&] { return session->info().state() == session::v1::SESSION_STATE_IDLE; });
  Viewer viewer;
  session->Attach(viewer, Client("c1"));
  session->Type(viewer, "\n");
  Until([&] { return viewer.outputs > 0 && session->info().state() == session::v1::SESSION_STATE_IDLE; });
  EXPECT_THAT(Events(), ElementsAre("session.state_changed", "client.connected", "ownership.transferred",
                                    "session.state_changed", "session.state_changed"));
}

}  // namespace
}  // namespace eventlog
