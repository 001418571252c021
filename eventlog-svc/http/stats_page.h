// What /stats answers: JSON with the statistics of every log.

#ifndef EVENTLOG_SVC_HTTP_STATS_PAGE_H_
#define EVENTLOG_SVC_HTTP_STATS_PAGE_H_

#include <string>

#include "absl/time/time.h"
#include "eventlog-svc/engine/engine.h"

namespace eventlog {

inline constexpr char kVersion[] = "0.1.0";

// {"messages": total, "logs": [as GetLogStats], "uptime_s", "engine", "version"}
std::string StatsPage(const Engine& engine, absl::Duration uptime);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_HTTP_STATS_PAGE_H_
