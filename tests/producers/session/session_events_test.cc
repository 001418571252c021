#include "producers/session/session_events.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "absl/strings/str_cat.h"

namespace eventlog {
namespace {

using session::v1::SessionRemoved;

TEST(SessionEventsTest, TheDataHasTheNamesOfTheProtoFileAndEnumsAsStrings) {
  session::v1::SessionCreated created;
  created.set_session_id("s1");
  created.set_name("build");
  created.add_command("make");
  created.add_command("all the things");
  created.set_cwd("/x");
  created.set_pid(12);
  created.mutable_window_size()->set_rows(24);
  created.mutable_window_size()->set_columns(80);
  const v1::Event event = MakeEvent(created);
  EXPECT_EQ(event.type(), "session.created");
  EXPECT_EQ(event.subject(), "s1");
  EXPECT_EQ(event.source(), absl::StrCat("/session/", HostName()));
  EXPECT_EQ(event.data_content_type(), "application/json");
  EXPECT_EQ(event.text(),
            R"({"session_id":"s1","name":"build","command":["make","all the things"],"cwd":"/x","pid":"12",)"
            R"("window_size":{"rows":24,"columns":80}})");
  EXPECT_GT(event.time().seconds(), 0);

  session::v1::SessionStateChanged changed;
  changed.set_session_id("s1");
  changed.set_old_state(session::v1::SESSION_STATE_RUNNING);
  changed.set_new_state(session::v1::SESSION_STATE_STOPPED);
  EXPECT_EQ(MakeEvent(changed).text(),
            R"({"session_id":"s1","old_state":"SESSION_STATE_RUNNING","new_state":"SESSION_STATE_STOPPED"})");
}

TEST(SessionEventsTest, EachKindHasItsTypeAndTheSessionAsSubject) {
  session::v1::ClientConnected connected;
  connected.set_session_id("s1");
  connected.set_client_id("c1");
  EXPECT_EQ(MakeEvent(connected).type(), "client.connected");
  EXPECT_EQ(MakeEvent(connected).id(), "s1.c1.client.connected");
  session::v1::ClientDisconnected disconnected;
  disconnected.set_session_id("s1");
  disconnected.set_client_id("c1");
  EXPECT_EQ(MakeEvent(disconnected).type(), "client.disconnected");
  EXPECT_EQ(MakeEvent(disconnected).id(), "s1.c1.client.disconnected");
  session::v1::SessionOutput output;
  output.set_session_id("s1");
  output.set_text("a\x1b[0m");
  EXPECT_EQ(MakeEvent(output).type(), "session.output");
  EXPECT_EQ(MakeEvent(output).id(), "");
  EXPECT_EQ(MakeEvent(output).subject(), "s1");
  session::v1::UserInput input;
  EXPECT_EQ(MakeEvent(input).type(), "user.input");
  session::v1::OwnershipTransferred transferred;
  EXPECT_EQ(MakeEvent(transferred).type(), "ownership.transferred");
}

TEST(SessionEventsTest, TheEndSaysTheCodeOrTheSignalAndWhy) {
  const SessionRemoved exited = RemovedBy("s1", {ProcessChange::kExited, 0, false}, false);
  EXPECT_EQ(MakeEvent(exited).text(), R"({"session_id":"s1","reason":"REMOVAL_REASON_EXITED","exit_code":0})");
  EXPECT_EQ(MakeEvent(exited).id(), "s1.session.removed");
  EXPECT_EQ(MakeEvent(RemovedBy("s1", {ProcessChange::kSignaled, SIGSEGV, true}, false)).text(),
            R"({"session_id":"s1","reason":"REMOVAL_REASON_CRASHED","signal":"SIGSEGV","core_dumped":true})");
  EXPECT_EQ(MakeEvent(RemovedBy("s1", {ProcessChange::kSignaled, SIGKILL, false}, true)).text(),
            R"({"session_id":"s1","reason":"REMOVAL_REASON_KILLED","signal":"SIGKILL"})");
  EXPECT_EQ(MakeEvent(RemovedBy("s1", {ProcessChange::kLost, 0, false}, false)).text(),
            R"({"session_id":"s1","reason":"REMOVAL_REASON_CRASHED"})");
}

TEST(SessionEventsTest, SignalsHaveTheirNames) {
  EXPECT_EQ(SignalName(SIGTSTP), "SIGTSTP");
  EXPECT_EQ(SignalName(SIGRTMIN + 3), "SIGRTMIN+3");
  EXPECT_EQ(SignalName(9999), "signal 9999");
  for (const int signal : {SIGHUP, SIGRTMIN, SIGRTMAX}) EXPECT_EQ(SignalNumber(SignalName(signal)), signal);
  for (const char* name : {"", "SIG", "HUP", "signal 9999"}) EXPECT_EQ(SignalNumber(name), 0) << name;
}

TEST(SessionEventsTest, ASizeIsTheSameInAMessageAndOutOfIt) {
  const session::v1::WindowSize size = WindowSizeOf({24, 80, 0, 0});
  EXPECT_EQ(size.rows(), 24);
  EXPECT_EQ(size.columns(), 80);
  EXPECT_EQ(TerminalSizeOf(size).ws_row, 24);
  EXPECT_EQ(TerminalSizeOf(size).ws_col, 80);
}

TEST(SessionEventsTest, ASizeThatNoTerminalHasIsNoneOrTheLargest) {
  session::v1::WindowSize size;
  size.set_rows(-1);
  size.set_columns(80);
  EXPECT_EQ(TerminalSizeOf(size).ws_row, 0);
  EXPECT_EQ(TerminalSizeOf(size).ws_col, 0);
  size.set_rows(70'000);
  EXPECT_EQ(TerminalSizeOf(size).ws_row, 10'000);
  EXPECT_EQ(TerminalSizeOf(size).ws_col, 80);
}

TEST(SessionEventsTest, AUserWithoutANameIsANumber) {
  EXPECT_EQ(UserName(0), "root");
  EXPECT_EQ(UserName(4'000'000'000), "4000000000");
}

}  // namespace
}  // namespace eventlog
