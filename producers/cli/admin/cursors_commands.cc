#include "producers/cli/admin/cursors_commands.h"

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/json_text.h"
#include "eventlog-svc/client/terminal_json.h"
#include "producers/cli/admin/admin_command.h"
#include "producers/cli/human_units.h"
#include "producers/cli/message_json.h"
#include "producers/cli/service_flag_specs.h"
#include "producers/cli/start_text.h"
#include "producers/cli/text_table.h"
#include "producers/spool/spool_folder.h"

namespace eventlog {
namespace {

const std::vector<FlagSpec>& PlainFlags() {
  static const auto* const flags = new std::vector<FlagSpec>{kLogFlag, kTimeoutFlag};
  return *flags;
}

const std::vector<FlagSpec>& CommitFlags() {
  static const auto* const flags = new std::vector<FlagSpec>{
      {"next_offset", "N", "the first offset that is not done"},
      {"generation", "N", "the cursor's, as the subscription got it that holds it; 0, when absent: none holds it"},
      kLogFlag,
      kTimeoutFlag,
  };
  return *flags;
}

const std::vector<FlagSpec>& ResetFlags() {
  static const auto* const flags = new std::vector<FlagSpec>{{"to", "START", kStartTextHelp}, kLogFlag, kTimeoutFlag};
  return *flags;
}

// As tail, whose cursors they are.
std::string LogOf(const AdminCall& call) { return call.line.Get("log", LogFromEnvironment()); }

using Lags = std::map<std::string, v1::CursorLag>;

absl::StatusOr<Lags> FindLags(const AdminCall& call) {
  const absl::StatusOr<v1::LogStats> stats = call.client.GetLogStats(LogOf(call));
  if (!stats.ok()) return stats.status();
  Lags lags;
  for (const v1::CursorLag& lag : stats->cursors()) lags[lag.cursor()] = lag;
  return lags;
}

// A cursor and what the service says of its lag, where it does, in one object.
std::string CursorJson(const v1::Cursor& cursor, const Lags& lags) {
  std::string json = MessageJson(cursor);
  const auto lag = lags.find(cursor.cursor());
  if (lag == lags.end()) return json;
  json.pop_back();
  absl::StrAppend(&json, ",\"lag_records\":", lag->second.lag_records());
  if (lag->second.has_lag_time()) absl::StrAppend(&json, ",\"lag_s\":", SecondsText(lag->second.lag_time()));
  return json + "}";
}

void Print(const AdminCall& call, const std::vector<v1::Cursor>& cursors, const Lags& lags) {
  if (call.context.json) {
    for (const v1::Cursor& cursor : cursors) {
      std::printf("%s\n", JsonFor(STDOUT_FILENO, CursorJson(cursor, lags)).c_str());
    }
    return;
  }
  TextTable table({"CURSOR", "NEXT_OFFSET>", "LAG_RECORDS>", "LAG_TIME>", "GENERATION>", "COMMITTED"});
  for (const v1::Cursor& cursor : cursors) {
    const auto found = lags.find(cursor.cursor());
    const bool known = found != lags.end();
    std::string age = "-";
    if (known && found->second.has_lag_time()) {
      const google::protobuf::Duration& time = found->second.lag_time();
      age = DurationText(absl::Seconds(time.seconds()) + absl::Nanoseconds(time.nanos()));
    }
    table.Add({cursor.cursor(), absl::StrCat(cursor.next_offset()),
               known ? absl::StrCat(found->second.lag_records()) : "-", age, absl::StrCat(cursor.generation()),
               TimestampText(cursor.commit_time())});
  }
  std::printf("%s", table.Text().c_str());
}

// With its lag.
absl::StatusOr<ExitCode> PrintOne(const AdminCall& call, const absl::StatusOr<v1::Cursor>& cursor) {
  if (!cursor.ok()) return cursor.status();
  const absl::StatusOr<Lags> lags = FindLags(call);
  if (!lags.ok()) return lags.status();
  Print(call, {*cursor}, *lags);
  return kExitOk;
}

absl::StatusOr<ExitCode> List(const AdminCall& call) {
  const absl::StatusOr<std::vector<v1::Cursor>> cursors = call.client.ListCursors(LogOf(call));
  if (!cursors.ok()) return cursors.status();
  const absl::StatusOr<Lags> lags = FindLags(call);
  if (!lags.ok()) return lags.status();
  Print(call, *cursors, *lags);
  return kExitOk;
}

absl::StatusOr<ExitCode> Get(const AdminCall& call) {
  const absl::StatusOr<std::string> name = OneWord(call.line, "CURSOR");
  if (!name.ok()) return name.status();
  return PrintOne(call, call.client.GetCursor(LogOf(call), *name));
}

absl::StatusOr<ExitCode> Commit(const AdminCall& call) {
  const absl::StatusOr<std::string> name = OneWord(call.line, "CURSOR");
  if (!name.ok()) return name.status();
  if (!call.line.Has("next_offset")) return UsageError("--next_offset is missing; see --help");
  const absl::StatusOr<int64_t> next_offset = call.line.GetNumber("next_offset", 0, 0);
  if (!next_offset.ok()) return UsageError(next_offset.status().message());
  const absl::StatusOr<int64_t> generation = call.line.GetNumber("generation", 0, 0);
  if (!generation.ok()) return UsageError(generation.status().message());
  v1::CommitCursorRequest request;
  request.set_log(LogOf(call));
  request.set_cursor(*name);
  request.set_next_offset(*next_offset);
  request.set_generation(*generation);
  const absl::StatusOr<v1::Cursor> cursor = call.client.CommitCursor(request);
  if (cursor.ok() && cursor->next_offset() != *next_offset) {
    std::fprintf(stderr,
                 "eventlog cursors commit: the cursor is at %lld: a commit moves it neither back nor below the start "
                 "of the log; `eventlog cursors reset` puts it anywhere\n",
                 static_cast<long long>(cursor->next_offset()));
  }
  return PrintOne(call, cursor);
}

absl::StatusOr<ExitCode> Reset(const AdminCall& call) {
  const absl::StatusOr<std::string> name = OneWord(call.line, "CURSOR");
  if (!name.ok()) return name.status();
  if (!call.line.Has("to")) return UsageError("--to is missing; see --help");
  v1::ReadRequest start;
  start.set_log(LogOf(call));
  const absl::Status valid = SetStart("to", call.line.Get("to"), absl::Now(), start);
  if (!valid.ok()) return UsageError(valid.message());
  v1::ResetCursorRequest request;
  request.set_log(start.log());
  request.set_cursor(*name);
  request.set_next_offset(start.offset());
  // An offset is taken as it is: whether it is one of the log's is the service's to say.
  if (!start.has_offset()) {
    const absl::StatusOr<int64_t> found = call.client.FindOffset(start);
    if (!found.ok()) return found.status();
    request.set_next_offset(*found);
  }
  return PrintOne(call, call.client.ResetCursor(request));
}

absl::StatusOr<ExitCode> Delete(const AdminCall& call) {
  const absl::StatusOr<std::string> name = OneWord(call.line, "CURSOR");
  if (!name.ok()) return name.status();
  const absl::Status deleted = call.client.DeleteCursor(LogOf(call), *name);
  if (!deleted.ok()) return deleted;
  std::string quoted;
  AppendJsonString(*name, quoted);
  std::printf(call.context.json ? "{\"deleted\":%s}\n" : "cursor %s is deleted\n",
              JsonFor(STDOUT_FILENO, quoted).c_str());
  return kExitOk;
}

constexpr Command kCommands[] = {
    {"cursors list", "", "List the cursors of a log, and how far each is behind", "",
     "  eventlog cursors list --log=orders\n      a line for each\n", PlainFlags,
     [](const CommandContext& context, const CommandLine& line) {
       return RunAdminCommand("cursors list", context, line, List);
     }},
    {"cursors get", "CURSOR", "Show one cursor, and how far it is behind", "",
     "  eventlog cursors get indexer\n      of the log \"events\"\n", PlainFlags,
     [](const CommandContext& context, const CommandLine& line) {
       return RunAdminCommand("cursors get", context, line, Get);
     }},
    {"cursors commit", "CURSOR", "Move a cursor forward: what lies before is done",
     "Makes it where there is none. Never moves it back.",
     "  eventlog cursors commit indexer --next_offset=4200\n      the consumer has done everything up to 4199\n",
     CommitFlags,
     [](const CommandContext& context, const CommandLine& line) {
       return RunAdminCommand("cursors commit", context, line, Commit);
     }},
    {"cursors reset", "CURSOR", "Put a cursor anywhere, forward or back",
     "Makes it where there is none, and ends the subscription that holds it.",
     "  eventlog cursors reset indexer --to=earliest\n      its consumer does everything again\n"
     "  eventlog cursors reset indexer --to=time:2h\n      what came in the last two hours\n",
     ResetFlags,
     [](const CommandContext& context, const CommandLine& line) {
       return RunAdminCommand("cursors reset", context, line, Reset);
     }},
    {"cursors delete", "CURSOR", "Forget a cursor", "Ends the subscription that holds it.",
     "  eventlog cursors delete indexer\n      nobody knows any more how far its consumer was\n", PlainFlags,
     [](const CommandContext& context, const CommandLine& line) {
       return RunAdminCommand("cursors delete", context, line, Delete);
     }},
};

}  // namespace

std::vector<const Command*> CursorsCommands() {
  std::vector<const Command*> commands;
  for (const Command& command : kCommands) commands.push_back(&command);
  return commands;
}

}  // namespace eventlog
