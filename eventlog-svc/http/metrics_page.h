// What /metrics answers: the service's figures in Prometheus' text format. No label names a client; those of the lag
// name logs and cursors, which are bounded in number.

#ifndef EVENTLOG_SVC_HTTP_METRICS_PAGE_H_
#define EVENTLOG_SVC_HTTP_METRICS_PAGE_H_

#include <cstdint>
#include <map>
#include <string>

#include "eventlog-svc/engine/engine.h"
#include "eventlog-svc/engine/local_engine.h"

namespace eventlog {

// What the page takes from the RPC layer.
struct ServiceFigures {
  int64_t subscriptions = 0;
  std::map<std::string, int64_t> errors;  // by reason
};

// Reads the logs that have cursors.
std::string MetricsPage(const LocalEngine& engine, const ServiceFigures& figures);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_HTTP_METRICS_PAGE_H_
