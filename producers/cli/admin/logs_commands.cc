#include "producers/cli/admin/logs_commands.h"

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/json_text.h"
#include "eventlog-svc/client/terminal_json.h"
#include "producers/cli/admin/admin_command.h"
#include "producers/cli/admin/confirmation.h"
#include "producers/cli/admin/log_settings.h"
#include "producers/cli/harmless_text.h"
#include "producers/cli/human_units.h"
#include "producers/cli/log_point.h"
#include "producers/cli/message_json.h"

namespace eventlog {
namespace {

constexpr FlagSpec kYesFlag = {"yes", "", "do not ask; needed where standard input is no terminal"};

const std::vector<FlagSpec>& TimeoutFlags() {
  static const auto* const flags = new std::vector<FlagSpec>{kTimeoutFlag};
  return *flags;
}

const std::vector<FlagSpec>& SettingFlags() {
  static const auto* const flags = [] {
    auto* const all = new std::vector<FlagSpec>(LogSettingFlags());
    all->push_back(kTimeoutFlag);
    return all;
  }();
  return *flags;
}

const std::vector<FlagSpec>& DeleteFlags() {
  static const auto* const flags = new std::vector<FlagSpec>{kYesFlag, kTimeoutFlag};
  return *flags;
}

const std::vector<FlagSpec>& TrimFlags() {
  static const auto* const flags = new std::vector<FlagSpec>{
      {"next_offset", "N", "keep from this offset on"},
      {"before", "TIME", "keep from the first record on that is not older: 2026-01-02T03:04:05Z, or how long ago: 2h"},
      {"keep_last", "N", "keep the last N records"},
      kYesFlag,
      kTimeoutFlag,
  };
  return *flags;
}

void PrintLog(const AdminCall& call, const v1::Log& log) {
  std::printf("%s", (call.context.json ? JsonFor(STDOUT_FILENO, LogJson(log)) + "\n" : LogText(log)).c_str());
}

absl::StatusOr<ExitCode> Create(const AdminCall& call) {
  const absl::StatusOr<std::string> name = OneWord(call.line, "LOG");
  if (!name.ok()) return name.status();
  v1::CreateLogRequest request;
  request.set_log_id(*name);
  google::protobuf::FieldMask set;
  const absl::Status read = ReadLogSettings(call.line, *request.mutable_log(), set);
  if (!read.ok()) return UsageError(read.message());
  const absl::StatusOr<v1::Log> log = call.client.CreateLog(request);
  if (!log.ok()) return log.status();
  PrintLog(call, *log);
  return kExitOk;
}

absl::StatusOr<ExitCode> Get(const AdminCall& call) {
  const absl::StatusOr<std::string> name = OneWord(call.line, "LOG");
  if (!name.ok()) return name.status();
  const absl::StatusOr<v1::Log> log = call.client.GetLog(*name);
  if (!log.ok()) return log.status();
  PrintLog(call, *log);
  return kExitOk;
}

absl::StatusOr<ExitCode> List(const AdminCall& call) {
  const absl::StatusOr<std::vector<v1::Log>> logs = call.client.ListLogs();
  if (!logs.ok()) return logs.status();
  if (!call.context.json) {
    std::printf("%s", LogsText(*logs).c_str());
    return kExitOk;
  }
  for (const v1::Log& log : *logs) std::printf("%s\n", JsonFor(STDOUT_FILENO, LogJson(log)).c_str());
  return kExitOk;
}

absl::StatusOr<ExitCode> Update(const AdminCall& call) {
  const absl::StatusOr<std::string> name = OneWord(call.line, "LOG");
  if (!name.ok()) return name.status();
  v1::UpdateLogRequest request;
  const absl::Status read = ReadLogSettings(call.line, *request.mutable_log(), *request.mutable_update_mask());
  if (!read.ok()) return UsageError(read.message());
  if (request.update_mask().paths().empty()) return UsageError("no setting is given; see --help");
  request.mutable_log()->set_log(*name);
  const absl::StatusOr<v1::Log> log = call.client.UpdateLog(request);
  if (!log.ok()) return log.status();
  PrintLog(call, *log);
  return kExitOk;
}

// OK when it may be done. The question is made only where somebody is asked.
template <typename Question>
absl::Status Confirm(const Confirmation& confirmation, const Question& question) {
  if (confirmation.given()) return absl::OkStatus();
  const absl::StatusOr<std::string> text = question();
  return text.ok() ? confirmation.Ask(*text) : text.status();
}

absl::StatusOr<ExitCode> Delete(const AdminCall& call) {
  const absl::StatusOr<std::string> name = OneWord(call.line, "LOG");
  if (!name.ok()) return name.status();
  const Confirmation confirmation(call.line.Has("yes"), STDIN_FILENO);
  const absl::Status can_ask = confirmation.CheckCanAsk();
  if (!can_ask.ok()) return UsageError(can_ask.message());
  const absl::Status confirmed = Confirm(confirmation, [&]() -> absl::StatusOr<std::string> {
    const absl::StatusOr<v1::LogStats> stats = call.client.GetLogStats(*name);
    if (!stats.ok()) return stats.status();
    return absl::StrCat("Delete log \"", *name, "\" for good (records: ", stats->record_count(),
                        ", size: ", ByteSizeText(stats->byte_count()), ", cursors: ", stats->cursors_size(), ")?");
  });
  if (!confirmed.ok()) return confirmed;
  const absl::Status deleted = call.client.DeleteLog(*name);
  if (!deleted.ok()) return deleted;
  std::string quoted;
  AppendJsonString(*name, quoted);
  std::printf(call.context.json ? "{\"deleted\":%s}\n" : "log %s is deleted\n", JsonFor(STDOUT_FILENO, quoted).c_str());
  return kExitOk;
}

// Where the flags say that the log is to begin.
absl::StatusOr<int64_t> TrimOffset(const AdminCall& call, const std::string& name) {
  const CommandLine& line = call.line;
  if (line.Has("next_offset") + line.Has("before") + line.Has("keep_last") != 1) {
    return UsageError("right is one of --next_offset, --before and --keep_last; see --help");
  }
  v1::ReadRequest start;
  start.set_log(name);
  if (line.Has("before")) {
    const absl::StatusOr<absl::Time> time = ParseTimeOrAge(line.Get("before"), absl::Now());
    if (!time.ok()) return UsageErrorOf("before", time.status());
    *start.mutable_time() = ToTimestamp(*time);
    return call.client.FindOffset(start);
  }
  const absl::StatusOr<int64_t> number = line.GetNumber(line.Has("next_offset") ? "next_offset" : "keep_last", 0, 0);
  if (!number.ok()) return UsageError(number.status().message());
  if (line.Has("next_offset")) return *number;
  start.set_tail(*number);
  return call.client.FindOffset(start);
}

absl::StatusOr<ExitCode> Trim(const AdminCall& call) {
  const absl::StatusOr<std::string> name = OneWord(call.line, "LOG");
  if (!name.ok()) return name.status();
  const Confirmation confirmation(call.line.Has("yes"), STDIN_FILENO);
  const absl::Status can_ask = confirmation.CheckCanAsk();
  if (!can_ask.ok()) return UsageError(can_ask.message());
  const absl::StatusOr<int64_t> next_offset = TrimOffset(call, *name);
  if (!next_offset.ok()) return next_offset.status();
  const absl::Status confirmed = Confirm(confirmation, [&]() -> absl::StatusOr<std::string> {
    const absl::StatusOr<v1::LogStats> stats = call.client.GetLogStats(*name);
    if (!stats.ok()) return stats.status();
    return absl::StrCat("Remove everything before offset ", *next_offset, " from log \"", *name,
                        "\" for good, which has offsets ", stats->start_offset(), " to ", stats->head_offset() - 1,
                        " now?");
  });
  if (!confirmed.ok()) return confirmed;
  const absl::StatusOr<v1::TrimLogResponse> trimmed = call.client.TrimLog(*name, *next_offset);
  if (!trimmed.ok()) return trimmed.status();
  if (call.context.json) {
    std::printf("%s\n", JsonFor(STDOUT_FILENO, MessageJson(*trimmed)).c_str());
  } else {
    std::printf("log \"%s\" begins at offset %lld\n", Harmless(*name).c_str(),
                static_cast<long long>(trimmed->start_offset()));
  }
  return kExitOk;
}

constexpr Command kCommands[] = {
    {"logs list", "", "List all logs", "", "  eventlog logs list\n      a line for each, with its settings\n",
     TimeoutFlags,
     [](const CommandContext& context, const CommandLine& line) {
       return RunAdminCommand("logs list", context, line, List);
     }},
    {"logs get", "LOG", "Show one log: its settings, and what its engine can do", "",
     "  eventlog logs get events\n      the log that is always there\n", TimeoutFlags,
     [](const CommandContext& context, const CommandLine& line) {
       return RunAdminCommand("logs get", context, line, Get);
     }},
    {"logs create", "LOG", "Create a log", "Its name has 1 to 63 characters of a-z, 0-9, _, . and -.",
     "  eventlog logs create orders --max_age=7d --max_bytes=10GiB\n"
     "      keeps a week, and 10 GiB at the most\n"
     "  eventlog logs create audit --keep_for_cursors --default_durability=fsync\n"
     "      keeps what a consumer has not done\n",
     SettingFlags,
     [](const CommandContext& context, const CommandLine& line) {
       return RunAdminCommand("logs create", context, line, Create);
     }},
    {"logs update", "LOG", "Change settings of a log: those that are given, and no other", "",
     "  eventlog logs update orders --max_age=30d\n      its other limits stay as they are\n"
     "  eventlog logs update orders --max_bytes=0\n      takes a limit away\n",
     SettingFlags,
     [](const CommandContext& context, const CommandLine& line) {
       return RunAdminCommand("logs update", context, line, Update);
     }},
    {"logs trim", "LOG", "Remove the oldest records of a log, for good",
     "No reader gets them any more, whatever cursors need them. Their bytes leave the disk with their segment.\n"
     "Asks first, on a terminal.",
     "  eventlog logs trim orders --before=7d\n      what is older than a week\n"
     "  eventlog logs trim orders --keep_last=1000 --yes\n      without a question\n",
     TrimFlags,
     [](const CommandContext& context, const CommandLine& line) {
       return RunAdminCommand("logs trim", context, line, Trim);
     }},
    {"logs delete", "LOG", "Delete a log with its events, cursors and producers, for good",
     "Its readers are told. The log \"events\" cannot be deleted. Asks first, on a terminal.",
     "  eventlog logs delete orders\n      says what would be gone, and asks\n", DeleteFlags,
     [](const CommandContext& context, const CommandLine& line) {
       return RunAdminCommand("logs delete", context, line, Delete);
     }},
};

}  // namespace

std::vector<const Command*> LogsCommands() {
  std::vector<const Command*> commands;
  for (const Command& command : kCommands) commands.push_back(&command);
  return commands;
}

}  // namespace eventlog
