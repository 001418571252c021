// What a spool is made of: where it is, how much it holds, and where its events go.

#ifndef EVENTLOG_SVC_CLIENT_SPOOL_OPTIONS_H_
#define EVENTLOG_SVC_CLIENT_SPOOL_OPTIONS_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace eventlog {

struct SpoolOptions {
  std::string folder;  // made where it is missing, for its owner alone
  // What may wait; beyond either bound nothing is added.
  int64_t events_max = 1'000'000;
  int64_t bytes_max = 1024 * 1024 * 1024;
  // When it is full, the oldest events that were not sent are taken out to make room; otherwise the new ones are
  // refused.
  bool drop_oldest = false;
  // Kept also when the machine ends, at the price of a sync for each Add.
  bool sync = false;
  // How long one call waits for others that write.
  absl::Duration busy_max = absl::Seconds(10);
};

// Where the events of a spool go: said once, when the folder is made, and kept in it.
struct SpoolTarget {
  std::string server;  // as NewChannel takes it
  std::string log;     // empty: "events"
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_SPOOL_OPTIONS_H_
