#include "producers/session/sessiond_list_text.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "eventlog-svc/client/json_text.h"
#include "producers/cli/text_table.h"
#include "producers/session/session_events.h"

namespace eventlog {
namespace {

using session::v1::RemovalReason;
using session::v1::SessionInfo;
using session::v1::SessionList;
using session::v1::SessionRemoved;

constexpr size_t kCommandColumnsMax = 60;
constexpr int kExitSignalled = 128;

absl::Time CreateTime(const SessionInfo& session) { return absl::FromUnixMillis(session.create_time_ms()); }

// "5s", "3m", "2h", "4d": the largest unit that is there.
std::string AgeText(absl::Duration age) {
  const int64_t seconds = std::max<int64_t>(0, absl::ToInt64Seconds(age));
  if (seconds < 60) return absl::StrCat(seconds, "s");
  if (seconds < 60 * 60) return absl::StrCat(seconds / 60, "m");
  if (seconds < 24 * 60 * 60) return absl::StrCat(seconds / (60 * 60), "h");
  return absl::StrCat(seconds / (24 * 60 * 60), "d");
}

// As a person would type it, more or less; never what a terminal takes as an order.
std::string CommandText(const SessionInfo& session) {
  std::string text = absl::CHexEscape(absl::StrJoin(session.command(), " "));
  if (text.size() > kCommandColumnsMax) text = text.substr(0, kCommandColumnsMax - 3) + "...";
  return text;
}

std::string JsonString(const std::string& text) {
  std::string out;
  AppendJsonString(text, out);
  return out;
}

}  // namespace

std::string RemovedText(const SessionRemoved& removed) {
  const std::string signal = removed.signal().empty() ? "" : absl::StrCat(" by ", removed.signal());
  if (removed.reason() == RemovalReason::REMOVAL_REASON_KILLED) return absl::StrCat("killed", signal);
  if (!signal.empty()) return absl::StrCat("crashed", signal);
  if (removed.has_exit_code()) return absl::StrCat("exited ", removed.exit_code());
  return "lost";
}

std::string SessionStatusText(const SessionInfo& session) {
  if (session.has_removed()) return RemovedText(session.removed());
  switch (session.state()) {
    case session::v1::SESSION_STATE_STOPPED:
      return "stopped";
    case session::v1::SESSION_STATE_IDLE:
      return "idle";
    default:
      return "running";
  }
}

int RemovedExitCode(const SessionRemoved& removed) {
  if (removed.has_exit_code()) return removed.exit_code();
  if (const int signal = SignalNumber(removed.signal()); signal > 0) return kExitSignalled + signal;
  return 1;
}

std::string SessionTable(const SessionList& sessions, absl::Time now) {
  TextTable table({"ID", "NAME", "STATUS", "AGE", "CLIENTS", "PID", "COMMAND"});
  for (const SessionInfo& session : sessions.sessions()) {
    table.Add({session.session_id(), session.name().empty() ? "-" : session.name(), SessionStatusText(session),
               AgeText(now - CreateTime(session)), absl::StrCat(session.clients()), absl::StrCat(session.pid()),
               CommandText(session)});
  }
  return table.Text();
}

std::string SessionJsonLines(const SessionList& sessions, absl::Time now) {
  std::string text;
  for (const SessionInfo& session : sessions.sessions()) {
    const auto quoted = [](std::string* out, const std::string& word) { AppendJsonString(word, *out); };
    absl::StrAppend(&text, "{\"session_id\":", JsonString(session.session_id()),
                    ",\"name\":", JsonString(session.name()), ",\"status\":", JsonString(SessionStatusText(session)),
                    ",\"command\":[", absl::StrJoin(session.command(), ",", quoted),
                    "],\"cwd\":", JsonString(session.cwd()), ",\"pid\":", session.pid(),
                    ",\"clients\":", session.clients(), ",\"output\":", session.output() ? "true" : "false");
    absl::StrAppend(&text, ",\"rows\":", session.window_size().rows(), ",\"columns\":", session.window_size().columns(),
                    ",\"create_time\":",
                    JsonString(absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", CreateTime(session), absl::UTCTimeZone())),
                    ",\"age_s\":", std::max<int64_t>(0, absl::ToInt64Seconds(now - CreateTime(session))));
    if (session.has_removed()) {
      absl::StrAppend(&text, ",\"reason\":", JsonString(RemovalReason_Name(session.removed().reason())));
      if (session.removed().has_exit_code()) absl::StrAppend(&text, ",\"exit_code\":", session.removed().exit_code());
      if (!session.removed().signal().empty())
        absl::StrAppend(&text, ",\"signal\":", JsonString(session.removed().signal()));
    }
    text += "}\n";
  }
  return text;
}

}  // namespace eventlog
