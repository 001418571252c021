#include "producers/cli/admin/admin_command.h"

#include <cstdint>
#include <cstdio>
#include <map>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/channel.h"
#include "eventlog-svc/client/rpc_error.h"

namespace eventlog {
namespace {

constexpr char kUsagePayload[] = "eventlog/wrong-command-line";
constexpr int64_t kTimeoutDefaultSeconds = 10;

struct Advice {
  absl::string_view reason;
  absl::string_view text;
};

// Where a command is what is right: the service knows nothing of them.
constexpr Advice kAdvice[] = {
    {"LOG_NOT_FOUND", "`eventlog logs list` names those that are there"},
    {"LOG_EXISTS", "`eventlog logs update` changes it"},
    {"LOG_REQUIRED", "`eventlog logs trim` empties it"},
    {"CURSOR_NOT_FOUND", "`eventlog cursors list` names those that are there, and `eventlog cursors reset` makes one"},
    {"CURSOR_FENCED", "`eventlog cursors get` says its generation"},
    {"OFFSET_OUT_OF_RANGE", "`eventlog stats` says where the log begins and ends"},
    {"QUOTA_EXCEEDED", "what is not needed any more can be deleted"},
};

bool IsUsageError(const absl::Status& status) { return status.GetPayload(kUsagePayload).has_value(); }

}  // namespace

absl::Status UsageError(absl::string_view message) {
  absl::Status status = absl::InvalidArgumentError(message);
  status.SetPayload(kUsagePayload, absl::Cord());
  return status;
}

absl::Status UsageErrorOf(absl::string_view flag, const absl::Status& status) {
  return status.ok() ? status : UsageError(absl::StrCat("--", flag, ": ", status.message()));
}

absl::StatusOr<std::string> OneWord(const CommandLine& line, absl::string_view what) {
  if (line.words().empty()) return UsageError(absl::StrCat(what, " is missing; see --help"));
  if (line.words().size() > 1) {
    return UsageError(absl::StrCat("unexpected argument \"", line.words()[1], "\"; right is one ", what));
  }
  if (line.words()[0].empty()) return UsageError(absl::StrCat(what, " is empty; right is a name"));
  return line.words()[0];
}

std::string AdminErrorText(const absl::Status& status, absl::string_view server) {
  const std::string reason = RpcErrorReason(status);
  std::string text = RpcErrorText(status);
  if (reason.empty() && AdminExitCode(status) == kExitUnreachable) {
    return absl::StrCat("no answer from ", server, ": ", text,
                        "; right is --server or EVENTLOG_SERVER with the HOST:PORT of a running service");
  }
  const char* separator = " (";
  for (const auto& [key, value] : RpcErrorMetadata(status)) {
    absl::StrAppend(&text, separator, key, "=", value);
    separator = ", ";
  }
  if (*separator == ',') text.push_back(')');
  for (const Advice& advice : kAdvice) {
    if (advice.reason == reason) absl::StrAppend(&text, "; ", advice.text);
  }
  return text;
}

ExitCode AdminExitCode(const absl::Status& status) { return IsUsageError(status) ? kExitUsage : ToExitCode(status); }

ExitCode RunAdminCommand(absl::string_view name, const CommandContext& context, const CommandLine& line,
                         absl::StatusOr<ExitCode> (*body)(const AdminCall& call)) {
  const auto run = [&]() -> absl::StatusOr<ExitCode> {
    const absl::StatusOr<int64_t> timeout_s = line.GetNumber("timeout_s", kTimeoutDefaultSeconds, 0);
    if (!timeout_s.ok()) return UsageError(timeout_s.status().message());
    const absl::Duration timeout = absl::Seconds(*timeout_s);
    AdminClient client(NewChannel(context.server), timeout);
    return body(AdminCall{context, line, client});
  };
  const absl::StatusOr<ExitCode> code = run();
  if (code.ok()) return *code;
  std::fprintf(stderr, "eventlog %s: %s\n", std::string(name).c_str(),
               AdminErrorText(code.status(), context.server).c_str());
  return AdminExitCode(code.status());
}

}  // namespace eventlog
