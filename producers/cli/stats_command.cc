#include "producers/cli/stats_command.h"

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/channel.h"
#include "eventlog-svc/client/event_json.h"
#include "eventlog-svc/client/json_text.h"
#include "eventlog-svc/client/log_reader.h"
#include "eventlog-svc/client/rpc_error.h"
#include "producers/cli/command_line.h"

namespace eventlog {
namespace {

const std::vector<FlagSpec>& Flags() {
  static const auto* const flags = new std::vector<FlagSpec>{
      {"log", "NAME", "the log; \"events\" when absent"},
      {"timeout_s", "SECONDS", "how long to wait for the service; 10 when absent"},
  };
  return *flags;
}

std::string ToJson(const v1::LogStats& stats) {
  std::string out = "{\"log\":";
  AppendJsonString(stats.log(), out);
  absl::StrAppend(&out, ",\"epoch\":\"", stats.epoch(), "\",\"start_offset\":", stats.start_offset(),
                  ",\"head_offset\":", stats.head_offset(), ",\"record_count\":", stats.record_count(),
                  ",\"byte_count\":", stats.byte_count());
  const auto time = [&out](absl::string_view name, const google::protobuf::Timestamp& value) {
    absl::StrAppend(&out, ",\"", name, "\":\"");
    AppendRfc3339(value, out);
    out.push_back('"');
  };
  if (stats.has_oldest_append_time()) time("oldest_append_time", stats.oldest_append_time());
  if (stats.has_newest_append_time()) time("newest_append_time", stats.newest_append_time());
  return out + "}";
}

ExitCode Run(const CommandContext& context, const CommandLine& line) {
  const auto say = [](const absl::Status& status) {
    std::fprintf(stderr, "eventlog stats: %s\n", RpcErrorText(status).c_str());
  };
  const absl::StatusOr<int64_t> timeout = line.GetNumber("timeout_s", 10, 0);
  if (!timeout.ok()) {
    say(timeout.status());
    return kExitUsage;
  }
  v1::GetLogStatsRequest request;
  request.set_log(line.Get("log"));
  const absl::StatusOr<v1::LogStats> stats =
      LogReader(NewChannel(context.server), absl::Seconds(*timeout)).GetLogStats(request);
  if (!stats.ok()) {
    say(stats.status());
    return ToExitCode(stats.status());
  }
  std::printf("%s\n", ToJson(*stats).c_str());
  return kExitOk;
}

}  // namespace

const Command& StatsCommand() {
  static constexpr Command kCommand = {
      "stats",
      "",
      "Print the bounds and size of a log",
      "",
      "  eventlog stats --log=orders\n"
      "      of one log\n",
      Flags,
      Run,
  };
  return kCommand;
}

}  // namespace eventlog
