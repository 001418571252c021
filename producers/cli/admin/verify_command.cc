#include "producers/cli/admin/verify_command.h"

#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/client/json_text.h"
#include "eventlog-svc/client/terminal_json.h"
#include "producers/cli/admin/admin_command.h"
#include "producers/cli/admin/stored_log_commands.h"
#include "producers/cli/harmless_text.h"
#include "producers/cli/message_json.h"

namespace eventlog {
namespace {

const std::vector<FlagSpec>& OfflineFlags() {
  static const auto* const flags = new std::vector<FlagSpec>{
      {"data_dir", "FOLDER", "check the data folder of a stopped service, or a backup, instead of a running service"},
      {"log", "NAME", "the log; all when absent"},
  };
  return *flags;
}

const std::vector<FlagSpec>& Flags() {
  static const auto* const flags = [] {
    auto* const all = new std::vector<FlagSpec>(OfflineFlags());
    all->push_back(kTimeoutFlag);
    return all;
  }();
  return *flags;
}

// As eventlog-admin prints it.
std::string Text(const std::string& log, const v1::VerifyLogResponse& message) {
  if (message.has_summary()) {
    const v1::VerifyLogResponse::Summary& all = message.summary();
    return absl::StrCat("log=", Harmless(log), " segments=", all.segment_count(), " records=", all.record_count(),
                        " bytes=", all.byte_count(), " damaged_segments=", all.damaged_segment_count(),
                        " lost_records=", all.lost_record_count(), "\n");
  }
  const v1::VerifyLogResponse::Segment& one = message.segment();
  const bool sound = one.gaps().empty() && one.problems().empty();
  std::string text =
      absl::StrCat(Harmless(one.file()), " base_offset=", one.base_offset(), " next_offset=", one.next_offset(),
                   " records=", one.record_count(), " bytes=", one.byte_count(), sound ? " sound\n" : " DAMAGED\n");
  for (const v1::Gap& gap : one.gaps()) {
    absl::StrAppend(&text, "  lost: offsets ", gap.start_offset(), " to ", gap.next_offset() - 1, "\n");
  }
  for (const std::string& problem : one.problems()) {
    absl::StrAppend(&text, "  ", Harmless(problem), "\n");
  }
  return text;
}

std::string Json(const std::string& log, const v1::VerifyLogResponse& message) {
  std::string json = "{\"log\":";
  AppendJsonString(log, json);
  return absl::StrCat(json, ",", MessageJson(message).substr(1), "\n");
}

// Whether there is no damage.
absl::StatusOr<bool> VerifyOne(const AdminCall& call, const std::string& log) {
  bool whole = false;
  bool sound = true;
  const absl::Status ended = call.client.VerifyLog(log, [&](const v1::VerifyLogResponse& message) {
    whole = message.has_summary();
    if (whole) sound = message.summary().damaged_segment_count() == 0;
    // A newer service may say more than this program knows.
    if (!whole && !message.has_segment()) return;
    std::printf("%s", (call.context.json ? JsonFor(STDOUT_FILENO, Json(log, message)) : Text(log, message)).c_str());
    std::fflush(stdout);
  });
  if (!ended.ok()) return ended;
  if (!whole) return absl::InternalError("the check ended without a summary; right is to ask again");
  return sound;
}

absl::StatusOr<ExitCode> Verify(const AdminCall& call) {
  std::vector<std::string> logs = {call.line.Get("log")};
  if (!call.line.Has("log")) {
    const absl::StatusOr<std::vector<v1::Log>> all = call.client.ListLogs();
    if (!all.ok()) return all.status();
    logs.clear();
    for (const v1::Log& log : *all) logs.push_back(log.log());
  }
  // All of them, also behind one that cannot be checked. Damage is the worst that can be said.
  absl::Status failed;
  bool sound = true;
  for (const std::string& log : logs) {
    const absl::StatusOr<bool> one = VerifyOne(call, log);
    if (one.ok()) {
      sound = sound && *one;
    } else {
      std::fprintf(stderr, "eventlog verify: log \"%s\": %s\n", Harmless(log).c_str(),
                   AdminErrorText(one.status(), call.context.server).c_str());
      failed.Update(one.status());
    }
  }
  if (!sound) return kExitDamaged;
  return failed.ok() ? kExitOk : AdminExitCode(failed);
}

ExitCode Run(const CommandContext& context, const CommandLine& line) {
  if (line.Has("data_dir")) return RunAdminProgram("verify", context, line, OfflineFlags());
  return RunAdminCommand("verify", context, line, Verify);
}

}  // namespace

const Command& VerifyCommand() {
  static constexpr Command kCommand = {
      "verify",
      "",
      "Hold every stored byte of a log against its checksum",
      "A line for each segment as it is read, then one for the log. Of a running service, or, with --data_dir, of the\n"
      "folder of a stopped one. Changes nothing. Ends with 4 when there is damage.",
      "  eventlog verify\n      all logs of the running service\n"
      "  eventlog verify --data_dir=/backups/monday\n      a backup\n",
      Flags,
      Run,
      "Exit codes: 0 done and sound, 1 refused by the service, 2 wrong command line, 3 service not reached in time "
      "or,\n"
      "with --data_dir, not done, 4 done, and there is damage.\n",
  };
  return kCommand;
}

}  // namespace eventlog
