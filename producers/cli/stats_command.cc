#include "producers/cli/stats_command.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/channel.h"
#include "eventlog-svc/client/event_json.h"
#include "eventlog-svc/client/json_text.h"
#include "eventlog-svc/client/log_reader.h"
#include "eventlog-svc/client/rpc_error.h"
#include "eventlog-svc/client/terminal_json.h"
#include "producers/cli/end_watch.h"
#include "producers/cli/harmless_text.h"
#include "producers/cli/human_units.h"
#include "producers/cli/service_flag_specs.h"
#include "producers/spool/spool_folder.h"

namespace eventlog {
namespace {

// To the upper left corner, and erase what is below: ECMA-48.
constexpr char kErasePage[] = "\x1b[H\x1b[J";

const std::vector<FlagSpec>& Flags() {
  static const auto* const flags = new std::vector<FlagSpec>{
      kLogFlag,
      {"watch", "", "again and again, until it is stopped"},
      {"interval_s", "SECONDS", "how long between two of --watch; 2 when absent"},
      {"timeout_s", "SECONDS", "how long to wait for the service; 10 when absent"},
  };
  return *flags;
}

double ToSeconds(const google::protobuf::Duration& duration) {
  return static_cast<double>(duration.seconds()) + static_cast<double>(duration.nanos()) / 1e9;
}

// One question, and its answer on standard output.
absl::Status PrintOnce(LogReader& reader, const CommandContext& context, const CommandLine& line) {
  v1::GetLogStatsRequest request;
  request.set_log(line.Get("log", LogFromEnvironment()));
  const absl::StatusOr<v1::LogStats> stats = reader.GetLogStats(request);
  if (!stats.ok()) return stats.status();
  const bool page = line.Has("watch") && !context.json && isatty(STDOUT_FILENO) == 1;
  const std::string text = context.json ? JsonFor(STDOUT_FILENO, StatsJson(*stats)) + "\n" : StatsTable(*stats);
  std::fputs(absl::StrCat(page ? kErasePage : "", text).c_str(), stdout);
  std::fflush(stdout);
  return absl::OkStatus();
}

ExitCode Watch(const CommandContext& context, const CommandLine& line, absl::Duration timeout,
               absl::Duration interval) {
  absl::Notification ended;
  EndWatch watch;
  LogReader reader(NewChannel(context.server), timeout);
  watch.Start(STDOUT_FILENO, [&] {
    ended.Notify();
    reader.Cancel();
  });
  const absl::Cleanup stop_watch = [&] { watch.Stop(); };
  std::string said;
  do {
    const absl::Status status = PrintOnce(reader, context, line);
    if (ended.HasBeenNotified()) break;
    if (!status.ok() && !IsTransient(status)) {
      std::fprintf(stderr, "eventlog stats: %s\n", RpcErrorText(status).c_str());
      return ToExitCode(status);
    }
    // Once for a reason, however often it is tried.
    const std::string reason = status.ok() ? "" : RpcErrorText(status);
    if (!reason.empty() && reason != said) std::fprintf(stderr, "eventlog stats: waiting: %s\n", reason.c_str());
    said = reason;
  } while (!ended.WaitForNotificationWithTimeout(interval));
  return kExitOk;
}

ExitCode Run(const CommandContext& context, const CommandLine& line) {
  const auto say = [](const absl::Status& status) {
    std::fprintf(stderr, "eventlog stats: %s\n", RpcErrorText(status).c_str());
  };
  const absl::StatusOr<int64_t> timeout = line.GetNumber("timeout_s", 10, 0);
  const absl::StatusOr<int64_t> interval = line.GetNumber("interval_s", 2, 1);
  for (const absl::Status& status : {timeout.status(), interval.status()}) {
    if (status.ok()) continue;
    say(status);
    return kExitUsage;
  }
  if (line.Has("interval_s") && !line.Has("watch")) {
    say(absl::InvalidArgumentError("--interval_s is of --watch"));
    return kExitUsage;
  }
  if (line.Has("watch")) return Watch(context, line, absl::Seconds(*timeout), absl::Seconds(*interval));
  LogReader reader(NewChannel(context.server), absl::Seconds(*timeout));
  const absl::Status status = PrintOnce(reader, context, line);
  if (!status.ok()) say(status);
  return ToExitCode(status);
}

}  // namespace

std::string StatsJson(const v1::LogStats& stats) {
  std::string out = "{\"log\":";
  AppendJsonString(stats.log(), out);
  out += ",\"epoch\":";
  AppendJsonString(stats.epoch(), out);
  absl::StrAppend(&out, ",\"start_offset\":", stats.start_offset(), ",\"head_offset\":", stats.head_offset(),
                  ",\"record_count\":", stats.record_count(), ",\"byte_count\":", stats.byte_count());
  const auto time = [&out](absl::string_view name, const google::protobuf::Timestamp& value) {
    absl::StrAppend(&out, ",\"", name, "\":\"");
    AppendRfc3339(value, out);
    out.push_back('"');
  };
  if (stats.has_oldest_append_time()) time("oldest_append_time", stats.oldest_append_time());
  if (stats.has_newest_append_time()) time("newest_append_time", stats.newest_append_time());
  out += ",\"cursors\":[";
  for (int i = 0; i < stats.cursors_size(); ++i) {
    const v1::CursorLag& cursor = stats.cursors(i);
    out += i == 0 ? "{\"cursor\":" : ",{\"cursor\":";
    AppendJsonString(cursor.cursor(), out);
    absl::StrAppend(&out, ",\"next_offset\":", cursor.next_offset(), ",\"lag_records\":", cursor.lag_records());
    absl::StrAppendFormat(&out, ",\"lag_s\":%.3f}", ToSeconds(cursor.lag_time()));
  }
  return out + "]}";
}

std::string StatsTable(const v1::LogStats& stats) {
  std::string out = absl::StrFormat("log      %s (epoch %s)\n", Harmless(stats.log()), Harmless(stats.epoch()));
  const std::string range =
      absl::StrCat(WithThousands(stats.start_offset()), " to ", WithThousands(stats.head_offset() - 1));
  absl::StrAppendFormat(&out, "offsets  %s, the next is %s\n",
                        stats.head_offset() > stats.start_offset() ? range : "none",
                        WithThousands(stats.head_offset()));
  absl::StrAppendFormat(&out, "records  %s in %s\n", WithThousands(stats.record_count()),
                        ByteSizeText(stats.byte_count()));
  if (stats.has_oldest_append_time() && stats.has_newest_append_time()) {
    out += "appended ";
    AppendRfc3339(stats.oldest_append_time(), out);
    out += " to ";
    AppendRfc3339(stats.newest_append_time(), out);
    out += "\n";
  }
  if (stats.cursors_size() == 0) return out;
  size_t width = sizeof("cursor") - 1;
  for (const v1::CursorLag& cursor : stats.cursors()) width = std::max(width, Harmless(cursor.cursor()).size());
  absl::StrAppendFormat(&out, "\n%-*s %15s %15s %12s\n", static_cast<int>(width), "cursor", "next", "behind",
                        "seconds");
  for (const v1::CursorLag& cursor : stats.cursors()) {
    absl::StrAppendFormat(&out, "%-*s %15s %15s %12.1f\n", static_cast<int>(width), Harmless(cursor.cursor()),
                          WithThousands(cursor.next_offset()), WithThousands(cursor.lag_records()),
                          ToSeconds(cursor.lag_time()));
  }
  return out;
}

const Command& StatsCommand() {
  static constexpr Command kCommand = {
      "stats",
      "",
      "Print the bounds and size of a log, and how far its cursors are",
      "JSON on a pipe, a line for each of --watch; a table on a terminal. --watch goes on while the service is away.",
      "  eventlog stats --log=orders\n"
      "      of one log\n"
      "  eventlog stats --watch --interval_s=1\n"
      "      a page that is drawn anew each second\n",
      Flags,
      Run,
  };
  return kCommand;
}

}  // namespace eventlog
