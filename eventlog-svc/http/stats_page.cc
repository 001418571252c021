#include "eventlog-svc/http/stats_page.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "eventlog-svc/rpc/event_log_service.h"
#include "google/protobuf/util/json_util.h"

namespace eventlog {

std::string StatsPage(const Engine& engine, absl::Duration uptime) {
  int64_t messages = 0;
  std::string logs;
  google::protobuf::util::JsonPrintOptions print;
  print.always_print_primitive_fields = true;
  print.preserve_proto_field_names = true;
  for (const std::shared_ptr<Log>& log : engine.logs()) {
    const v1::LogStats stats = ToLogStats(*log, absl::Now());
    messages += stats.record_count();
    std::string json;
    const auto printed = google::protobuf::util::MessageToJsonString(stats, &json, print);
    absl::StrAppend(&logs, logs.empty() ? "" : ",", printed.ok() ? json : "{}");
  }
  // A clock that was set back gives no time before the start.
  const int64_t uptime_s = std::max<int64_t>(0, absl::ToInt64Seconds(uptime));
  return absl::StrCat("{\"messages\":", messages, ",\"logs\":[", logs, "],\"uptime_s\":", uptime_s, ",\"engine\":\"",
                      engine.name(), "\",\"version\":\"", kVersion, "\"}\n");
}

}  // namespace eventlog
