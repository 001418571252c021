#include "producers/session/session_events.h"

#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "google/protobuf/util/json_util.h"

namespace eventlog {
namespace {

using session::v1::RemovalReason;
using session::v1::SessionRemoved;

constexpr int kSizeMax = 10'000;

// `id`: what makes the event the only one of its kind; empty: there are many, and the log gives each its own.
v1::Event Make(absl::string_view type, const std::string& subject, const google::protobuf::Message& data,
               std::string id = "") {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto printed = google::protobuf::util::MessageToJsonString(data, &json, options);
  CHECK(printed.ok()) << printed.ToString();
  const int64_t now = absl::ToUnixNanos(absl::Now());
  v1::Event event;
  if (!id.empty()) event.set_id(absl::StrCat(id, ".", type));
  event.set_type(std::string(type));
  event.set_subject(subject);
  event.set_source(absl::StrCat("/session/", HostName()));
  event.mutable_time()->set_seconds(now / 1'000'000'000);
  event.mutable_time()->set_nanos(static_cast<int32_t>(now % 1'000'000'000));
  event.set_data_content_type("application/json");
  event.set_text(std::move(json));
  return event;
}

}  // namespace

v1::Event MakeEvent(const session::v1::ClientConnected& data) {
  return Make("client.connected", data.session_id(), data, absl::StrCat(data.session_id(), ".", data.client_id()));
}

v1::Event MakeEvent(const session::v1::ClientDisconnected& data) {
  return Make("client.disconnected", data.session_id(), data, absl::StrCat(data.session_id(), ".", data.client_id()));
}

v1::Event MakeEvent(const session::v1::SessionCreated& data) {
  return Make("session.created", data.session_id(), data, data.session_id());
}

v1::Event MakeEvent(const session::v1::SessionStateChanged& data) {
  return Make("session.state_changed", data.session_id(), data);
}

v1::Event MakeEvent(const session::v1::SessionOutput& data) { return Make("session.output", data.session_id(), data); }

v1::Event MakeEvent(const session::v1::SessionRemoved& data) {
  return Make("session.removed", data.session_id(), data, data.session_id());
}

v1::Event MakeEvent(const session::v1::UserInput& data) { return Make("user.input", data.session_id(), data); }

v1::Event MakeEvent(const session::v1::OwnershipTransferred& data) {
  return Make("ownership.transferred", data.session_id(), data);
}

SessionRemoved RemovedBy(absl::string_view session_id, const ProcessChange& end, bool killed) {
  SessionRemoved removed;
  removed.set_session_id(std::string(session_id));
  if (end.kind == ProcessChange::kExited) removed.set_exit_code(end.value);
  if (end.kind == ProcessChange::kSignaled) removed.set_signal(SignalName(end.value));
  removed.set_core_dumped(end.core_dumped);
  if (killed) {
    removed.set_reason(RemovalReason::REMOVAL_REASON_KILLED);
  } else if (end.kind == ProcessChange::kExited) {
    removed.set_reason(RemovalReason::REMOVAL_REASON_EXITED);
  } else {
    removed.set_reason(RemovalReason::REMOVAL_REASON_CRASHED);
  }
  return removed;
}

std::string SignalName(int signal) {
  if (const char* name = sigabbrev_np(signal)) return absl::StrCat("SIG", name);
  if (signal >= SIGRTMIN && signal <= SIGRTMAX) return absl::StrCat("SIGRTMIN+", signal - SIGRTMIN);
  return absl::StrCat("signal ", signal);
}

int SignalNumber(absl::string_view name) {
  for (int signal = 1; signal <= SIGRTMAX; ++signal) {
    if (SignalName(signal) == name) return signal;
  }
  return 0;
}

session::v1::WindowSize WindowSizeOf(const winsize& size) {
  session::v1::WindowSize message;
  message.set_rows(size.ws_row);
  message.set_columns(size.ws_col);
  return message;
}

winsize TerminalSizeOf(const session::v1::WindowSize& size) {
  winsize result{};
  if (size.rows() <= 0 || size.columns() <= 0) return result;
  result.ws_row = static_cast<unsigned short>(std::min(size.rows(), kSizeMax));
  result.ws_col = static_cast<unsigned short>(std::min(size.columns(), kSizeMax));
  return result;
}

std::string HostName() {
  char name[256] = "";
  if (gethostname(name, sizeof(name) - 1) != 0 || name[0] == '\0') return "localhost";
  return name;
}

std::string UserName(uid_t user) {
  std::vector<char> buffer(16 * 1024);
  passwd entry;
  passwd* found = nullptr;
  if (getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return absl::StrCat(user);
  }
  return entry.pw_name;
}

std::string UserName() { return UserName(geteuid()); }

}  // namespace eventlog
