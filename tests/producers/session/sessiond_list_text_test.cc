#include "producers/session/sessiond_list_text.h"

#include <signal.h>

#include <string>

#include "absl/time/time.h"
#include "eventlog-svc/client/json_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kCreated = 1'800'000'000'000;

session::v1::SessionInfo* Add(session::v1::SessionList& list, const std::string& id, const std::string& command) {
  session::v1::SessionInfo* session = list.add_sessions();
  session->set_session_id(id);
  session->add_command(command);
  session->set_pid(42);
  session->set_create_time_ms(kCreated);
  session->set_state(session::v1::SESSION_STATE_RUNNING);
  return session;
}

TEST(SessiondListTextTest, ColumnsStandBelowTheirTitles) {
  session::v1::SessionList list;
  Add(list, "a1", "bash")->set_name("build");
  Add(list, "b2345", "top")->set_clients(2);
  EXPECT_EQ(
      "ID     NAME   STATUS   AGE  CLIENTS  PID  COMMAND\n"
      "a1     build  running  2m   0        42   bash\n"
      "b2345  -      running  2m   2        42   top\n",
      SessionTable(list, absl::FromUnixMillis(kCreated) + absl::Seconds(125)));
}

TEST(SessiondListTextTest, ACommandCannotGiveOrdersToTheTerminal) {
  session::v1::SessionList list;
  Add(list, "a1", "x\x1b[2J\n" + std::string(1000, 'y'));
  const std::string table = SessionTable(list, absl::FromUnixMillis(kCreated));
  EXPECT_THAT(table, Not(HasSubstr("\x1b")));
  EXPECT_THAT(table, HasSubstr("x\\x1b[2J\\n"));
  EXPECT_LT(table.size(), 250U);
}

TEST(SessiondListTextTest, ANameCannotGiveOrdersToTheTerminal) {
  session::v1::SessionList list;
  Add(list, "a1", "bash")
      ->set_name(
          "\x1b]0;stolen\x07\xc2\x9b"
          "31m\xc3\xbc");
  EXPECT_EQ(
      "ID  NAME                         STATUS   AGE  CLIENTS  PID  COMMAND\n"
      "a1  \\x1b]0;stolen\\x07\\u009b31m\xc3\xbc  running  0s   0        42   bash\n",
      SessionTable(list, absl::FromUnixMillis(kCreated)));
}

TEST(SessiondListTextTest, EachLineIsAJsonObject) {
  session::v1::SessionList list;
  Add(list, "a1", "say \"hi\"\x1b");
  session::v1::SessionInfo* ended = Add(list, "b2", "x");
  ended->mutable_removed()->set_reason(session::v1::REMOVAL_REASON_EXITED);
  ended->mutable_removed()->set_exit_code(0);
  const std::string text = SessionJsonLines(list, absl::FromUnixMillis(kCreated) + absl::Seconds(5));
  const size_t line = text.find('\n');
  EXPECT_TRUE(IsJson(text.substr(0, line))) << text;
  EXPECT_TRUE(IsJson(text.substr(line + 1))) << text;
  EXPECT_THAT(text, HasSubstr("\"create_time\":\"2027-01-15T08:00:00.000Z\",\"age_s\":5}\n"));
  EXPECT_THAT(text, HasSubstr("\"status\":\"exited 0\""));
  EXPECT_THAT(text, HasSubstr("\"output\":false"));
  EXPECT_THAT(text, HasSubstr("\"reason\":\"REMOVAL_REASON_EXITED\",\"exit_code\":0}\n"));
  EXPECT_EQ("", SessionJsonLines({}, absl::UnixEpoch()));
}

TEST(SessiondListTextTest, EachEndHasItsWordsAndItsExitCode) {
  session::v1::SessionRemoved removed;
  removed.set_reason(session::v1::REMOVAL_REASON_EXITED);
  removed.set_exit_code(7);
  EXPECT_EQ("exited 7", RemovedText(removed));
  EXPECT_EQ(7, RemovedExitCode(removed));
  removed.clear_exit_code();
  removed.set_signal("SIGSEGV");
  removed.set_reason(session::v1::REMOVAL_REASON_CRASHED);
  EXPECT_EQ("crashed by SIGSEGV", RemovedText(removed));
  EXPECT_EQ(128 + SIGSEGV, RemovedExitCode(removed));
  removed.set_signal("SIGRTMIN+30");
  EXPECT_EQ(128 + 64, RemovedExitCode(removed));
  removed.set_reason(session::v1::REMOVAL_REASON_KILLED);
  removed.set_signal("SIGHUP");
  EXPECT_EQ("killed by SIGHUP", RemovedText(removed));
  removed.clear_signal();
  EXPECT_EQ("killed", RemovedText(removed));
  EXPECT_EQ(1, RemovedExitCode(removed));
}

TEST(SessiondListTextTest, TheStateIsSaidInAWord) {
  session::v1::SessionInfo session;
  EXPECT_EQ("running", SessionStatusText(session));
  session.set_state(session::v1::SESSION_STATE_STOPPED);
  EXPECT_EQ("stopped", SessionStatusText(session));
  session.set_state(session::v1::SESSION_STATE_IDLE);
  EXPECT_EQ("idle", SessionStatusText(session));
}

}  // namespace
}  // namespace eventlog
