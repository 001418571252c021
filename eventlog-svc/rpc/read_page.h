// One bounded page of a log, in either direction, as the Read call answers it.

#ifndef EVENTLOG_SVC_RPC_READ_PAGE_H_
#define EVENTLOG_SVC_RPC_READ_PAGE_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventlog-svc/engine/log.h"
#include "eventlog-svc/rpc/request_validator.h"
#include "proto/eventlog/v1/event_log.pb.h"

namespace eventlog {

struct FilteredPage {
  std::string records;    // record fields in the direction of the read
  v1::ReadResponse rest;  // everything else
};

// Asked before each step of a scan: OK, or why nobody wants it any more.
using ScanGuard = absl::FunctionRef<absl::Status()>;

// Scans a bounded stretch, so that a page may come back empty under a filter; its next_offset leads on. Reads the disk.
// An error of `may_go_on` ends it.
absl::StatusOr<FilteredPage> ReadFilteredPage(const Log& log, const ReadPlan& plan, ScanGuard may_go_on);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_READ_PAGE_H_
